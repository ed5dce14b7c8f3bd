"""An EKS cluster with everything that it stands on."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from ...pools.eks import NodeGroupContext
from ...pools.plan import PoolPlan
from ...settings.eks import EksCluster as EksSettings
from ...settings.environment import Environment
from ...settings.pools import Lane
from ..cluster import Cluster
from .access import AccessEntries
from .addons import before_nodes, on_nodes, plan_addons
from .addresses import plan_addresses
from .arns import managed_policy
from .control_plane import ControlPlane
from .endpoints import is_isolated
from .facts import facts
from .iam import Home, node_trust
from .karpenter import KarpenterFoundation
from .managed_addons import ManagedAddons
from .network import Network
from .node_groups import NodeGroups, PlacementGroups
from .node_security import NodeSecurity
from .role import Role
from .services import NodeServices

_NODE_POLICIES = (
    "AmazonEKSWorkerNodePolicy",
    "AmazonEC2ContainerRegistryPullOnly",
    "AmazonSSMManagedInstanceCore",
)
"""What a node may do: join, pull images, be entered through Systems Manager.

Source: EKS user guide, "Amazon EKS node IAM role"."""


class EksCluster(Cluster):
    """A cluster of kind ``eks``: a VPC of its own, a control plane, managed add-ons, and the nodes that always stand.

    An upgrade goes by the dependencies: control plane, then add-ons, then pools. The platform pool comes between the
    add-ons that nodes need and those that need nodes.
    """

    nodes: NodeGroupContext
    """What all nodes have in common, whoever starts them."""
    karpenter: KarpenterFoundation
    """What Karpenter stands on."""

    def __init__(
        self,
        name: str,
        settings: EksSettings,
        pools: Sequence[PoolPlan],
        opts: pulumi.ResourceOptions | None = None,
        *,
        environment: Environment,
    ) -> None:
        super().__init__("kubelanes:clusters:EksCluster", name, {}, opts)
        self.facts, self.pools = facts(settings), tuple(pools)
        # What it makes is called after the cluster, for in an account there are the resources of many.
        self._name, self._settings, self._environment = settings.name, settings, environment
        self._cloud = self._aws_provider()
        plan = plan_addresses(settings.network.cidr, settings.zones, pools)
        network = Network(self._name, settings.network, plan, environment, settings.region, opts=self._below())
        account = settings.account or network.account
        home = Home(region=settings.region, account=account, cluster=settings.name)
        control_plane = ControlPlane(self._name, settings, environment, home, network, opts=self._below())
        self.kubeconfig, self.endpoint = control_plane.kubeconfig, control_plane.endpoint
        self.kubeconfig_path = pulumi.Output.from_input("")  # nothing is written: the kubeconfig holds no credentials
        self.provider = kubernetes.Provider(
            self._name,
            kubeconfig=self.kubeconfig,
            # Without it, a new kubeconfig of the same cluster would replace everything inside.
            cluster_identifier=control_plane.arn,
            enable_config_map_mutable=True,  # a new configuration of a controller is no new ConfigMap
            opts=pulumi.ResourceOptions(parent=self),
        )
        AccessEntries(self._name, control_plane.cluster_name, settings.access, settings.region, opts=self._below())
        self.karpenter = KarpenterFoundation(
            self._name,
            home,
            control_plane.cluster_name,
            self._node_policies,
            control_plane.key,
            opts=self._below(),
        )
        self.ready = self._nodes_and_addons(home, network, control_plane)
        self.node_classes = self.karpenter.node_classes(pools, self.nodes)
        self.register_outputs({"endpoint": self.endpoint})

    def _nodes_and_addons(self, home: Home, network: Network, control_plane: ControlPlane) -> pulumi.Resource:
        """The node groups with the add-ons before and after the platform's; returns what the rest waits for."""
        addons = plan_addons(self._settings.version, self._settings.name, self._environment)
        first = ManagedAddons(self._name, home, control_plane.cluster_name, before_nodes(addons), opts=self._below())
        self.nodes, needed = self._node_context(network, control_plane)
        platform = [pool for pool in self.pools if pool.lane is Lane.PLATFORM]
        places = PlacementGroups(self._name, self.pools, self.nodes, opts=self._below())
        standing = NodeGroups(self._name, platform, self.nodes, opts=self._below(network, *needed, first, places))
        ready = NodeServices(
            f"{self._name}-on-nodes",
            home,
            control_plane.cluster_name,
            on_nodes(addons),
            control_plane.key,
            standing,
            opts=pulumi.ResourceOptions(
                parent=self, providers=[self._cloud, self.provider], depends_on=[self.karpenter]
            ),
        )
        others = [pool for pool in self.pools if pool.lane is not Lane.PLATFORM]
        NodeGroups(f"{self._name}-pools", others, self.nodes, opts=self._below(network, *needed, ready))
        return ready

    def _node_context(
        self, network: Network, control_plane: ControlPlane
    ) -> tuple[NodeGroupContext, Sequence[pulumi.Resource]]:
        """What nodes have in common, and what has to stand before one can join."""
        settings = self._settings
        security = NodeSecurity(
            self._name,
            network.vpc_id,
            network.blocks,
            network.s3_prefix_list,
            control_plane.group,
            (settings.network.cidr, *settings.api.joined),
            isolated=is_isolated(settings.network, self._environment),
            opts=self._below(),
        )
        role = Role(
            f"{self._name}-nodes",
            f"Nodes of the EKS cluster {settings.name}",
            node_trust(settings.region),
            managed=self._node_policies,
            opts=self._below(),
        )
        where = NodeGroupContext(
            cluster=settings.name,
            version=settings.version,
            image=settings.image,
            subnets=network.node_subnets,
            node_role_arn=role.arn,
            security_groups=[security.group],
            kms_key_arn=control_plane.key,
            tags=self._tags,
        )
        return where, (security, role)

    @property
    def _node_policies(self) -> list[str]:
        return [managed_policy(self._settings.region, policy) for policy in _NODE_POLICIES]

    @property
    def _tags(self) -> dict[str, str]:
        return {
            "kubelanes.dev/cluster": self._settings.name,
            "kubelanes.dev/environment": self._environment.value,
            "kubelanes.dev/stack": f"{pulumi.get_project()}/{pulumi.get_stack()}",
        }

    def _aws_provider(self) -> aws.Provider:
        account = self._settings.account
        return aws.Provider(
            self._name,
            region=self._settings.region,
            allowed_account_ids=[account] if account else None,
            default_tags={"tags": self._tags},
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _below(self, *depends_on: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, providers=[self._cloud], depends_on=list(depends_on))
