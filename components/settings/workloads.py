"""The workloads of all lanes in one row, for rules that hold for more than one lane."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .choices import choose
from .draft import Draft
from .lanes import Demand, Replicas, Training, Workload
from .offers import Offer
from .options import Choice, RefusedError, Uses
from .pools import Lane
from .tenants import TenantSettings
from .wording import Path

USES: dict[str, Uses] = {
    "online": Uses(lanes=(Lane.GPU_INFERENCE,), joined=True),
    "workers": Uses(lanes=(Lane.GPU_INFERENCE, Lane.BATCH)),
    "apis": Uses(lanes=()),
    "training": Uses(lanes=(Lane.BATCH,), queued=True),
}
"""How each sort of workload uses accelerators."""

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

    def choice(self, offers: Sequence[Offer]) -> Choice | RefusedError | None:
        """What serves its demand, or why nothing does; None where it asks for no accelerators."""
        try:
            return choose(self.demand, USES[self.sort], offers, self.together) if self.demand else None
        except RefusedError as error:
            return error.below(self.path)

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
    def together(self) -> int:
        """The pods that start at once or not at all."""
        return self.workload.nodes if isinstance(self.workload, Training) else 1

    @property
    def least(self) -> int:
        """The pods that run at once, at the least."""
        if isinstance(self.workload, Training):
            return self.workload.nodes
        return self.replicas.range.min if self.replicas else 1


def workloads(draft: Draft) -> Iterator[Placed]:
    """Every valid workload of a stack file."""
    for sort in USES:
        for name, workload in getattr(draft.lanes, sort).items():
            yield Placed(sort, name, workload, draft.tenants.get(workload.tenant))
