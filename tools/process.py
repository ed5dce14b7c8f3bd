"""Programs run in the foreground, which end in their own way when the user interrupts."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from threading import Thread
from types import FrameType


def run_in_foreground(
    command: Sequence[str | Path],
    folder: Path,
    environment: Mapping[str, str],
    keep: Callable[[str], bool] | None = None,
) -> int:
    """Run ``command`` on this terminal and return its exit status; with ``keep``, only those lines of its output.

    An interrupt reaches the program too. It is waited for, since it may need time to end well: Pulumi writes its state.
    """
    output = subprocess.PIPE if keep else None
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=output, encoding="utf-8", errors="replace"
    ) as program:
        relay = Thread(target=_relay, args=(program.stdout or (), keep))
        relay.start()

        def interrupt(_signal: int, _frame: FrameType | None) -> None:
            program.send_signal(signal.SIGINT)

        before = signal.signal(signal.SIGTERM, interrupt)
        try:
            while True:
                try:
                    code = program.wait()
                    relay.join()
                except KeyboardInterrupt:
                    continue
                return code
        finally:
            signal.signal(signal.SIGTERM, before)


def _relay(lines: Iterable[str], keep: Callable[[str], bool] | None) -> None:
    for line in lines:
        if keep is None or keep(line):
            sys.stdout.write(line)
            sys.stdout.flush()
