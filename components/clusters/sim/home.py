"""Where a sim keeps its files."""

from pathlib import Path
from typing import ClassVar

from ..home import ClusterHome


class SimHome(ClusterHome):
    """The places of one sim; kwokctl's own folder among them is rebuilt at each start."""

    __slots__ = ()
    kind: ClassVar[str] = "sim"

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
