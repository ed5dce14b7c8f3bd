"""The simulated cluster: a real control plane on this machine, with nodes that only say that they run their pods."""

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as kubernetes

from ...pools.karpenter import kwok_node_classes
from ...pools.nodes import KwokNodes
from ...pools.plan import PoolPlan
from ...pools.planner import cloud_of
from ...settings.cluster import SimCluster as SimSettings
from ..cluster import Cluster, HostedEndpoint
from .facts import facts
from .resource import KwokctlCluster


class SimCluster(Cluster):
    """A cluster of kind ``sim``."""

    def __init__(
        self,
        name: str,
        settings: SimSettings,
        pools: Sequence[PoolPlan],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("kubelanes:clusters:SimCluster", name, {}, opts)
        self.facts, self.pools = facts(settings), tuple(pools)
        control_plane = KwokctlCluster(
            name,
            name=settings.name,
            hosted=sorted(self.facts.hosts),
            kubernetes=self.facts.kubernetes,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.vessel = control_plane
        self.kubeconfig = pulumi.Output.secret(control_plane.kubeconfig)
        self.kubeconfig_path, self.endpoint = control_plane.kubeconfig_path, control_plane.endpoint
        self.hosted = {each: _endpoint(control_plane, each) for each in self.facts.hosts}
        self.provider = kubernetes.Provider(
            name,
            kubeconfig=self.kubeconfig,
            # Without it, a new kubeconfig of the same cluster would replace everything inside.
            cluster_identifier=control_plane.uid,
            delete_unreachable=True,  # what was in a sim that has vanished is gone, not in the way
            enable_config_map_mutable=True,  # a new configuration of a controller is no new ConfigMap
            opts=pulumi.ResourceOptions(parent=self, deleted_with=control_plane),
        )
        self.ready = KwokNodes(
            name,
            pools,
            cloud=cloud_of(settings) or "aws",
            autoscaler=self.facts.autoscaler,
            kubernetes=self.facts.kubernetes,
            opts=pulumi.ResourceOptions(parent=self, providers=[self.provider], deleted_with=control_plane),
        )
        if self.facts.autoscaler == "karpenter":
            self.node_classes = kwok_node_classes(pools)
        self.register_outputs({"endpoint": self.endpoint, "kubeconfig_path": self.kubeconfig_path})


def _endpoint(control_plane: KwokctlCluster, controller: str) -> HostedEndpoint:
    reached = control_plane.endpoints.apply(lambda endpoints: endpoints[controller])
    return HostedEndpoint(
        webhook_url=reached.apply(lambda each: each["webhook_url"]),
        ca_bundle=reached.apply(lambda each: each["ca_bundle"]),
    )
