"""Where a cluster that runs on this machine keeps its files."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ClusterHome:
    """The places of one cluster, all below ``<home>/<kind>/<name>``.

    home: the folder of all clusters on this machine, absolute.
    name: the cluster's name.
    """

    kind: ClassVar[str]
    """The cluster kind, which is the folder of all clusters of it."""

    home: Path
    name: str

    @property
    def root(self) -> Path:
        """Everything of this cluster but its lock; a sim's processes are marked with it."""
        return self.home / self.kind / self.name

    @property
    def lock(self) -> Path:
        """What a run holds while it changes the cluster; beside the root, which comes and goes."""
        return self.home / self.kind / f"{self.name}.lock"

    @property
    def record(self) -> Path:
        """The marker of a complete cluster: written last, so a cluster without one is half made."""
        return self.root / "record.json"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig, certificates embedded."""
        return self.root / "kubeconfig"
