"""Where a kind cluster's files lie."""

from pathlib import Path
from typing import ClassVar

from ..home import ClusterHome


class KindHome(ClusterHome):
    """The places of one kind cluster."""

    __slots__ = ()
    kind: ClassVar[str] = "kind"

    @property
    def config(self) -> Path:
        """What kind creates the cluster from; there from before its first node on, so it marks the cluster as ours."""
        return self.root / "kind.yaml"

    @property
    def log(self) -> Path:
        """What kind said when it made the cluster."""
        return self.root / "kind.log"
