"""How a queue is emptied: replicas that finish what they have begun before they end."""

from math import ceil

from ..settings.lanes import Worker
from ..settings.options import Uses
from ..settings.pools import Lane
from ..settings.scalars import seconds
from ..settings.workloads import USES
from .context import LaneContext
from .placement import place
from .pod import Container, shared_memory
from .workload import Identity, LanePlan, plan_replicas


def plan_worker(name: str, worker: Worker, context: LaneContext) -> LanePlan:
    """Plans the queue worker ``name``. It has no probes: a worker listens to its queue, and nobody to it.

    Raises InvalidSettingsError where no pool can serve it.
    """
    uses = USES["workers"] if worker.accelerator else Uses(lanes=(Lane.PLATFORM,))
    placement = place(("lanes", "workers", name), worker.accelerator, uses, context.pools)
    identity = Identity(name=name, tenant=worker.tenant, component="queue-worker")
    container = Container(
        mounts=shared_memory(placement),
        grace=ceil(seconds(worker.shutdown)),
    )
    return plan_replicas(identity, worker, container, placement, context)
