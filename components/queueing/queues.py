"""The component that tells Kueue who may use what."""

from collections.abc import Mapping

import pulumi

from ..objects import Object
from ..registration import register
from . import manifests
from .plan import QueuePlan
from .provisioning import provisioning


class Queues(pulumi.ComponentResource):
    """Flavors, cohort, priority classes, and each tenant's queues. The provider of ``opts`` is the cluster's."""

    def __init__(
        self,
        name: str,
        plan: QueuePlan,
        *,
        kueue: pulumi.Resource,
        namespaces: Mapping[str, pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the plan.

        kueue: what to wait for: Kueue's webhooks answer.
        namespaces: the tenants' namespaces, by tenant.
        """
        super().__init__("kubelanes:queueing:Queues", name, {}, opts)
        # Kueue keeps a flavor until no queue uses it: what a queue names is created before it and deleted after it.
        named = [
            register(Object(each), self, depends_on=[kueue])
            for each in (*manifests.flavors(plan), manifests.cohort(plan), *provisioning(plan))
        ]
        for priority in manifests.priorities(plan):
            register(Object(priority), self, depends_on=[kueue])
        for queue in plan.queues:
            cluster_queue = register(Object(manifests.cluster_queue(plan, queue)), self, depends_on=named)
            local_queue = Object(manifests.local_queue(queue))
            register(local_queue, self, depends_on=[cluster_queue, namespaces[queue.tenant]])
        self.register_outputs({})
