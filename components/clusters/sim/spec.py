"""What a sim is asked to be."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from .binaries import CONTROL_PLANE
from .home import SimHome
from .hosted import HostedController

KUBERNETES = "1.36"
"""The minor version of Kubernetes that a sim runs unless it is asked for another."""

COMPONENTS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok-controller")
"""The processes of every sim, as kwokctl names them."""

LISTENERS = (*COMPONENTS, "etcd-peer")
"""What every sim listens on."""

STAGES = Path(__file__).with_name("stages.yaml")
"""How simulated nodes and pods behave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimSpec:
    """A sim: a control plane on this machine, and the controllers that it hosts.

    name: unique among the sims of one home.
    home: the folder of all sims, absolute.
    kubernetes: the minor version of the control plane.
    feature_gates: Kubernetes feature gates that differ from the version's defaults.
    runtime_config: API versions that differ from the version's defaults (``resource.k8s.io/v1alpha3: true``).
    hosted: the controllers that run as host processes.
    """

    name: str
    home: Path
    kubernetes: str = KUBERNETES
    feature_gates: Mapping[str, bool] = field(default_factory=dict[str, bool])
    runtime_config: Mapping[str, bool] = field(default_factory=dict[str, bool])
    hosted: tuple[HostedController, ...] = ()

    @property
    def place(self) -> SimHome:
        """Where its files lie."""
        return SimHome(self.home, self.name)

    @property
    def listeners(self) -> tuple[str, ...]:
        """The names of everything that listens on a port."""
        return (*LISTENERS, *(name for row in self.hosted for name in row.listeners))

    @property
    def programs(self) -> tuple[str, ...]:
        """The programs that must be on PATH."""
        return (*CONTROL_PLANE, *(row.name for row in self.hosted))

    @property
    def digest(self) -> str:
        """Changes whenever a running sim would have to be started again to be what is asked for."""
        content = asdict(self) | {"home": str(self.home), "stages": STAGES.read_text()}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
