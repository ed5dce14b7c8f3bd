"""Where a kind cluster's files lie."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class KindHome:
    """The places of one kind cluster, all below ``<home>/kind/<name>``.

    home: the folder of all clusters on this machine, absolute.
    name: the cluster's name.
    """

    home: Path
    name: str

    @property
    def root(self) -> Path:
        """Everything of this cluster but its lock."""
        return self.home / "kind" / self.name

    @property
    def lock(self) -> Path:
        """What a run holds while it changes the cluster."""
        return self.home / "kind" / f"{self.name}.lock"

    @property
    def config(self) -> Path:
        """What kind creates the cluster from; there from before its first node on, so it marks the cluster as ours."""
        return self.root / "kind.yaml"

    @property
    def record(self) -> Path:
        """The marker of a complete cluster: written last, so a cluster without one is half made."""
        return self.root / "record.json"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig."""
        return self.root / "kubeconfig"

    @property
    def log(self) -> Path:
        """What kind said when it made the cluster."""
        return self.root / "kind.log"
