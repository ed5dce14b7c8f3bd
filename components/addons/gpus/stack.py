"""The GPU stack: everything that makes the accelerators of a cluster's nodes usable."""

import pulumi

from ...clusters.cluster import Cluster
from ...registration import register
from ..addon import Addon
from .advertising.check import AdvertiserCheck
from .plan import GpuStackPlan


class GpuStack(pulumi.ComponentResource):
    """The GPU stack in a cluster. The provider of ``opts`` is the cluster's."""

    def __init__(
        self, name: str, plan: GpuStackPlan, cluster: Cluster, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("kubelanes:addons:GpuStack", name, {}, opts)
        for each in plan.objects:
            register(each, self, depends_on=[cluster.ready])
        installed = [Addon(each, cluster, pulumi.ResourceOptions(parent=self)).ready for each in plan.addons]
        AdvertiserCheck(
            "advertisers",
            cluster.pools,
            kubeconfig=cluster.kubeconfig,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[cluster.ready, *installed]),
        )
        self.register_outputs({})
