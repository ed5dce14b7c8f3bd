"""What the user sees while programs are built: a live board on a terminal, one line per event elsewhere."""

import asyncio
import re
import sys
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TextIO

HEARTBEAT_S = 30
FRAME_S = 0.5
CLEAR_TO_END = "\x1b[J"
UNDER_WAY = re.compile(r"@ |\s*\S+\s+\S+ \S+ (?:creating|updating|deleting|replacing|reading|refreshing) \(")


@dataclass(slots=True)
class Board:
    """What is being built; ``clock`` gives seconds, from anywhere."""

    total: int
    clock: Callable[[], float] = time.monotonic
    done: int = 0
    running: dict[str, float] = field(default_factory=dict[str, float])
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.clock()

    def start(self, name: str) -> str:
        """Note that ``name`` is being built, and say so."""
        self.running[name] = self.clock()
        return f"building {name} ({self.done + len(self.running)} of {self.total})"

    def finish(self, name: str) -> str:
        """Note that ``name`` is built, and say so."""
        seconds = self.clock() - self.running.pop(name)
        self.done += 1
        return f"built {name} in {duration(seconds)}, {self.total - self.done} left"

    def summary(self) -> str:
        """Count done, count left, time so far."""
        elapsed = duration(self.clock() - self.started)
        return f"{self.done} of {self.total} built, {self.total - self.done} left, {elapsed} so far"

    def frame(self) -> list[str]:
        """The live board: a line per running build, then the summary."""
        now = self.clock()
        rows = [f"  {name:<28}{duration(now - since):>12}" for name, since in self.running.items()]
        return [*rows, f"  {self.summary()}"]

    def heartbeat(self) -> str:
        """The same in one line."""
        now = self.clock()
        running = ", ".join(f"{name} ({duration(now - since)})" for name, since in self.running.items())
        return f"still building {running}; {self.summary()}"


def duration(seconds: float) -> str:
    """Seconds as a reader says them: ``7 s``, ``3 min 20 s``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def is_news(line: str) -> bool:
    """Whether a line of Pulumi's output belongs in a log: not that a step is still under way, only that it is done."""
    return UNDER_WAY.match(line) is None


class Display:
    """Writes a board: redrawn in place on a terminal, otherwise as lines with a heartbeat."""

    def __init__(self, board: Board, out: TextIO = sys.stdout) -> None:
        self._board = board
        self._out = out
        self._live = out.isatty()
        self._drawn = 0

    def start(self, name: str) -> None:
        """A build begins."""
        line = self._board.start(name)
        if self._live:
            self._draw()
        else:
            self._write(line)

    def finish(self, name: str) -> None:
        """A build has ended well."""
        line = self._board.finish(name)
        if self._live:
            self._erase()
        self._write(line)

    @asynccontextmanager
    async def shown(self) -> AsyncGenerator[None, None]:
        """Keep the display alive while the body runs."""
        ticker = asyncio.create_task(self._tick())
        try:
            yield
        finally:
            ticker.cancel()
            if self._live:
                self._erase()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(FRAME_S if self._live else HEARTBEAT_S)
            if self._live:
                self._draw()
            elif self._board.running:
                self._write(self._board.heartbeat())

    def _draw(self) -> None:
        self._erase()
        frame = self._board.frame()
        self._write("\n".join(frame))
        self._drawn = len(frame)

    def _erase(self) -> None:
        if self._drawn:
            self._out.write(f"\x1b[{self._drawn}F{CLEAR_TO_END}")
            self._out.flush()
            self._drawn = 0

    def _write(self, text: str) -> None:
        self._out.write(f"{text}\n")
        self._out.flush()
