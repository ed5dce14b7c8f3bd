"""All workloads that a stack brings up."""

from collections.abc import Mapping, Sequence

import pulumi

from ..settings.lanes import LaneSettings
from .component import LaneComponent
from .context import LaneContext
from .online_inference import OnlineInference
from .platform_api import PlatformApi
from .queue_worker import QueueWorker
from .training_job import TrainingJob


class Lanes(pulumi.ComponentResource):
    """The workloads of ``kubelanes:lanes``.

    workloads: each by ``<tenant>/<name>``.
    """

    def __init__(
        self,
        name: str,
        settings: LaneSettings,
        context: LaneContext,
        guards: Mapping[str, Sequence[pulumi.Resource]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """``guards`` holds, by tenant, what must stand before any workload of it."""
        super().__init__("kubelanes:lanes:Lanes", name, {}, opts)
        inside = pulumi.ResourceOptions(parent=self)
        made: list[LaneComponent] = [
            *(OnlineInference(n, w, context, guards[w.tenant], inside) for n, w in settings.online.items()),
            *(QueueWorker(n, w, context, guards[w.tenant], inside) for n, w in settings.workers.items()),
            *(PlatformApi(n, w, context, guards[w.tenant], inside) for n, w in settings.apis.items()),
            *(TrainingJob(n, w, context, guards[w.tenant], inside) for n, w in settings.training.items()),
        ]
        self.workloads = {f"{item.plan.identity.tenant}/{item.plan.identity.name}": item for item in made}
        self.urls = {key: item.url for key, item in self.workloads.items() if item.url}
        self.register_outputs({"urls": self.urls})
