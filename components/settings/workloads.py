"""The workloads of all lanes in one row, for rules that hold for more than one lane."""

from collections.abc import Iterator
from dataclasses import dataclass

from .draft import Draft
from .lanes import Demand, Replicas, Training, Workload
from .pools import Lane
from .tenants import TenantSettings
from .wording import Path

LANES: dict[str, tuple[Lane, ...]] = {
    "online": (Lane.GPU_INFERENCE,),
    "workers": (Lane.GPU_INFERENCE, Lane.BATCH),
    "apis": (),
    "training": (Lane.BATCH,),
}
"""The lanes whose GPUs each sort of workload may use."""


VARIABLES: dict[str, tuple[str, ...]] = {
    "online": ("HOME", "USER"),
    "workers": (),
    "apis": ("PORT",),
    "training": ("MASTER_ADDR", "MASTER_PORT", "NNODES", "NODE_RANK"),
}
"""The environment variables that each lane sets and needs as it sets them; those of training on several nodes."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One workload: its sort (``online``), its name and what its tenant is."""

    sort: str
    name: str
    workload: Workload
    owner: TenantSettings | None

    @property
    def path(self) -> Path:
        """Where it stands."""
        return ("lanes", self.sort, self.name)

    @property
    def demand(self) -> Demand | None:
        """The accelerators that one replica or node uses."""
        return getattr(self.workload, "accelerator", None)

    @property
    def replicas(self) -> Replicas | None:
        """How many copies run; None for what is no service."""
        return getattr(self.workload, "replicas", None)

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that are the lane's to set."""
        alone = isinstance(self.workload, Training) and self.workload.nodes == 1
        return () if alone else VARIABLES[self.sort]

    @property
    def least(self) -> int:
        """The pods that run at once, at the least."""
        if isinstance(self.workload, Training):
            return self.workload.nodes
        return self.replicas.range.min if self.replicas else 1


def workloads(draft: Draft) -> Iterator[Placed]:
    """Every valid workload of a stack file."""
    for sort in LANES:
        for name, workload in getattr(draft.lanes, sort).items():
            yield Placed(sort, name, workload, draft.tenants.get(workload.tenant))
