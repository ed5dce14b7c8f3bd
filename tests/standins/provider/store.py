"""What the cloud holds: one file per resource in a folder, so that it outlives the provider's process."""

import fcntl
import hashlib
import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .wire import Properties


@dataclass(slots=True, kw_only=True)
class Stored:
    """One resource of the cloud.

    token: its type.
    id: as the cloud names it.
    name: its name in the program. urn: its whole name there.
    inputs, outputs: what was asked for, and what it has.
    gone: it was deleted, and only its name is still taken.
    """

    token: str
    id: str
    name: str
    urn: str
    inputs: Properties
    outputs: Properties
    gone: bool = False


class Store:
    """All resources of one cloud."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "state"
        self._folder.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def alone(self) -> Generator[None, None, None]:
        """Nothing else changes the cloud meanwhile, no other provider's process either."""
        with (self._folder.parent / "state.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def get(self, token: str, identity: str) -> Stored | None:
        """The resource of this type and id."""
        path = self._path(token, identity)
        return Stored(**json.loads(path.read_text())) if path.is_file() else None

    def put(self, stored: Stored) -> None:
        """Makes or changes it."""
        path = self._path(stored.token, stored.id)
        staged = path.with_suffix(f".{os.getpid()}.new")
        staged.write_text(json.dumps(asdict(stored), indent=1, sort_keys=True))
        staged.rename(path)

    def remove(self, stored: Stored) -> None:
        """Takes it away."""
        self._path(stored.token, stored.id).unlink(missing_ok=True)

    def every(self, token: str = "") -> list[Stored]:
        """All resources, or those of one type."""
        files = sorted(self._folder.glob(f"{_file(token)}.*.json" if token else "*.json"))
        return [Stored(**json.loads(file.read_text())) for file in files]

    def _path(self, token: str, identity: str) -> Path:
        digest = hashlib.sha256(identity.encode()).hexdigest()[:16]
        return self._folder / f"{_file(token)}.{digest}.json"


def _file(token: str) -> str:
    return token.replace(":", "-").replace("/", "-")


class Journal:
    """Every call, in order, a line each."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "log.jsonl"

    def write(self, **entry: Any) -> None:
        """Adds a line."""
        line = json.dumps(entry, sort_keys=True) + "\n"
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line)  # one write of one line: processes that append at the same time do not mix
