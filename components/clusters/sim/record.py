"""What is remembered of a complete sim."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .files import write_private


@dataclass(frozen=True, slots=True, kw_only=True)
class SimRecord:
    """The marker of a complete sim.

    uid: made with the sim's data; another sim of the same name has another one.
    digest: of the spec that it was last started with.
    version: of its Kubernetes, in full (``1.36.3``).
    ports: by listener, the same from start to start as long as nobody else takes one.
    """

    uid: str
    digest: str
    version: str
    ports: dict[str, int]

    def write(self, path: Path) -> None:
        """Marks the sim as complete."""
        write_private(path, json.dumps(asdict(self), indent=2))

    @classmethod
    def read(cls, path: Path) -> "SimRecord | None":
        """The record, or None where the sim is half made or absent."""
        try:
            content: dict[str, Any] = json.loads(path.read_text())
            return cls(**content)
        except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError, TypeError):
            return None
