"""Pulumi's local file backend, as far as a killed run leaves traces in it."""

import json
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class LocalState:
    """One stack's part of the file backend in ``folder``."""

    folder: Path
    stack: str

    def exists(self) -> bool:
        """Whether the stack exists."""
        return self._checkpoint() is not None

    def any_stack(self) -> bool:
        """Whether any stack exists."""
        return any(self._stacks().glob("*/*.json"))

    def lock_holder(self) -> str | None:
        """Who holds the stack's lock and may be alive; nobody where the lock is that of a dead process of this host."""
        for lock in filter(None, map(_read, self._locks())):
            if lock["hostname"] != socket.gethostname():
                return f"process {lock['pid']} on {lock['hostname']}"
            if _is_pulumi(lock["pid"]):
                return f"process {lock['pid']}"
        return None

    def is_locked(self) -> bool:
        """Whether a lock lies there, be its holder alive or dead."""
        return bool(self._locks())

    def was_interrupted(self) -> bool:
        """Whether a run ended while operations were under way."""
        checkpoint = self._checkpoint()
        if checkpoint is None:
            return False
        latest: dict[str, Any] | None = json.loads(checkpoint.read_text())["checkpoint"]["latest"]
        return latest is not None and bool(latest.get("pending_operations"))

    def _stacks(self) -> Path:
        return self.folder / ".pulumi" / "stacks"

    def _checkpoint(self) -> Path | None:
        return next(self._stacks().glob(f"*/{self.stack}.json"), None)

    def _locks(self) -> list[Path]:
        return list((self.folder / ".pulumi" / "locks").glob(f"*/*/{self.stack}/*.json"))


def _read(path: Path) -> dict[str, Any] | None:
    """The content of a file; None where there is none or a killed run left half of it."""
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None


def _is_pulumi(pid: int) -> bool:
    """Whether the process lives and is Pulumi: its id may be another's by now, or its end not be noticed."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    return status.startswith("Name:\tpulumi\n") and "\nState:\tZ" not in status
