"""The machine under examination: its programs, its environment, its home folder."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_PATIENCE = 30
"""Seconds that a program may take to answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program said; ``status`` is None where it did not answer in time."""

    status: int | None
    said: str
    complaint: str

    @property
    def good(self) -> bool:
        """Whether it succeeded."""
        return self.status == 0

    @property
    def reason(self) -> str:
        """The last line of its complaint, for people."""
        lines = [line for line in (self.complaint or self.said).splitlines() if line.strip()]
        return lines[-1].strip() if lines else f"it ended with status {self.status}"


@dataclass(frozen=True, slots=True)
class ThisMachine:
    """The machine that the command runs on.

    environment: the environment variables. home: the user's home folder.
    """

    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    home: Path = field(default_factory=Path.home)

    def has(self, program: str) -> bool:
        """Whether a program is on PATH."""
        return shutil.which(program, path=self.environment.get("PATH")) is not None

    def ask(self, *command: str) -> Answer:
        """Runs a program that is on PATH and waits for its answer."""
        found = shutil.which(command[0], path=self.environment.get("PATH"))
        if found is None:
            return Answer(127, "", f"{command[0]} is not on PATH")
        try:
            ran = subprocess.run(  # noqa: S603 - a program that the check names, found on the user's own PATH
                [found, *command[1:]],
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Answer(None, "", f"{command[0]} did not answer in {_PATIENCE} seconds")
        except OSError as error:
            return Answer(126, "", str(error))
        return Answer(ran.returncode, ran.stdout, ran.stderr)

    def given(self, *names: str) -> str | None:
        """The first of these environment variables that is set."""
        return next((name for name in names if self.environment.get(name)), None)
