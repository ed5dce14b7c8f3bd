"""What is remembered of a complete kind cluster."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..sim.files import write_private


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRecord:
    """The marker of a complete cluster.

    uid: of its namespace ``kube-system``: another cluster of the same name has another one.
    digest: of the configuration that it was made from.
    """

    uid: str
    digest: str

    def write(self, path: Path) -> None:
        """Marks the cluster as complete."""
        write_private(path, json.dumps(asdict(self), indent=2))

    @classmethod
    def read(cls, path: Path) -> "KindRecord | None":
        """The record, or None where the cluster is half made or absent."""
        try:
            content: dict[str, Any] = json.loads(path.read_text())
            return cls(**content)
        except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError, TypeError):
            return None
