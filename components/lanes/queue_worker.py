"""A worker that empties a queue."""

from collections.abc import Sequence

import pulumi

from ..settings.lanes import Worker
from .component import LaneComponent
from .context import LaneContext
from .worker import plan_worker


class QueueWorker(LaneComponent):
    """Replicas without a Service on the first lane that serves them. See ``plan_worker`` for what it is made of."""

    def __init__(
        self,
        name: str,
        worker: Worker,
        context: LaneContext,
        guards: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("QueueWorker", plan_worker(name, worker, context), guards, opts)
