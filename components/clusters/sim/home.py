"""Where a sim keeps its files."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SimHome:
    """The places of one sim, all below ``<home>/sim/<name>``; kwokctl's own folder among them is rebuilt at each start.

    home: the folder of all sims, absolute.
    name: the sim's name.
    """

    home: Path
    name: str

    @property
    def root(self) -> Path:
        """Everything of this sim but its lock. Its path is also what marks the sim's processes."""
        return self.home / "sim" / self.name

    @property
    def lock(self) -> Path:
        """What a run holds while it changes the sim; beside the root, which comes and goes."""
        return self.home / "sim" / f"{self.name}.lock"

    @property
    def record(self) -> Path:
        """The marker of a complete sim: written last, so a sim without one is half made."""
        return self.root / "record.json"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig, certificates embedded."""
        return self.root / "kubeconfig"

    @property
    def pki(self) -> Path:
        """The cluster's certificate authority and certificates."""
        return self.root / "pki"

    @property
    def etcd(self) -> Path:
        """The cluster's data."""
        return self.root / "etcd"

    @property
    def encryption(self) -> Path:
        """How the API server encrypts Secrets at rest."""
        return self.root / "encryption.yaml"

    @property
    def logs(self) -> Path:
        """One log per process, begun anew when the process is started."""
        return self.root / "logs"

    @property
    def temporary(self) -> Path:
        """What its processes leave lying: they outlive the run that starts them, and the temporary folder it has."""
        return self.root / "tmp"

    @property
    def kwok(self) -> Path:
        """Kwokctl's working folder."""
        return self.root / "kwok"

    @property
    def kwok_cluster(self) -> Path:
        """The folder that kwokctl gives the cluster."""
        return self.kwok / "clusters" / self.name

    @property
    def kwok_config(self) -> Path:
        """What kwokctl creates the cluster from."""
        return self.kwok / "kwokctl.yaml"

    def hosted(self, controller: str) -> Path:
        """The folder of a hosted controller."""
        return self.root / "hosted" / controller
