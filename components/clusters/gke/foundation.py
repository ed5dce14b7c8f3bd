"""What a GKE cluster stands on: services that are on, an identity for its nodes, a key, a network."""

from collections.abc import Sequence

import pulumi

from ...catalogue.gke_networks import FastSubnet
from ...pools.gke import NodeInterface
from ...pools.plan import PoolPlan
from ...settings.environment import Environment
from ...settings.gke import GkeCluster
from .addresses import plan_addresses
from .apis import ProjectApis
from .control_plane import ClusterContext
from .encryption import ClusterKey
from .iam import NodeIdentity
from .network import GkeNetwork


class GkeFoundation(pulumi.ComponentResource):
    """Everything in the cloud that is there before the cluster. The provider of ``opts`` is Google Cloud's."""

    context: ClusterContext
    """What the cluster is told of it."""
    complete: list[pulumi.Resource]
    """What has to be there too, though the cluster does not name it."""
    interfaces: dict[FastSubnet, NodeInterface]
    """The networks of GPU interfaces, by name."""

    def __init__(
        self,
        name: str,
        *,
        settings: GkeCluster,
        pools: Sequence[PoolPlan],
        environment: Environment,
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("kubelanes:clusters:GkeFoundation", name, {}, opts)
        below = pulumi.ResourceOptions(parent=self)
        # Handed on, for what a component depends on is not what its children depend on.
        on = [ProjectApis(name, project=settings.project, opts=below)]
        identity = NodeIdentity(f"{name}-nodes", project=settings.project, cluster=settings.name, after=on, opts=below)
        key = ClusterKey(name, settings=settings, environment=environment, after=on, opts=below)
        addresses = plan_addresses(settings.network.cidr, settings.network.services, pools)
        network = GkeNetwork(name, settings=settings, plan=addresses, node_account=identity.email, after=on, opts=below)
        self.context = ClusterContext(
            network=network.network,
            subnetwork=network.nodes,
            control_plane_subnetwork=network.control_plane,
            kms_key=key.key,
            service_account=identity.email,
        )
        self.complete = [*network.complete, *key.grants, *identity.grants]
        self.interfaces = network.interfaces
        self.register_outputs({})

    def interfaces_of(self, pool: PoolPlan) -> list[NodeInterface]:
        """The further networks of a pool's nodes, in the order of their interfaces."""
        return [interface for subnet, interface in self.interfaces.items() if subnet.serves(pool)]
