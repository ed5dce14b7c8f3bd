"""A GKE cluster with everything that it stands on."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_gcp as gcp
import pulumi_kubernetes as kubernetes
from pulumi_gcp import container

from ...pools.gke import NodePoolContext
from ...pools.plan import PoolPlan
from ...settings.environment import Environment
from ...settings.gke import GkeCluster as GkeSettings
from ..cluster import Cluster
from .control_plane import cluster_inputs
from .facts import facts
from .foundation import GkeFoundation
from .inside import GkeInside
from .kubeconfig import kubeconfig
from .node_pools import register_pools
from .zones import zones_of

_PATIENCE = pulumi.CustomTimeouts(create="60m", update="90m", delete="60m")
"""A regional cluster takes 10 to 20 minutes, an upgrade of its control plane the same for each of its copies."""


class GkeCluster(Cluster):
    """A cluster of kind ``gke``: a private VPC-native Standard cluster.

    Upgrades come by the release channel, in the maintenance windows: control plane first, then pool by pool.
    """

    def __init__(
        self,
        name: str,
        settings: GkeSettings,
        pools: Sequence[PoolPlan],
        opts: pulumi.ResourceOptions | None = None,
        *,
        environment: Environment,
    ) -> None:
        super().__init__("kubelanes:clusters:GkeCluster", name, {}, opts)
        self.facts, self.pools = facts(settings), tuple(pools)
        labels = {"managed-by": "kubelanes", "cluster": settings.name, "environment": environment.value}
        cloud = gcp.Provider(
            name,
            project=settings.project,
            region=settings.region,
            default_labels=labels,
            opts=pulumi.ResourceOptions(parent=self),
        )
        base = GkeFoundation(
            name,
            settings=settings,
            pools=pools,
            environment=environment,
            opts=pulumi.ResourceOptions(parent=self, providers=[cloud]),
        )
        control_plane = container.Cluster(
            name,
            **cluster_inputs(settings, environment, labels, base.context),
            opts=pulumi.ResourceOptions(
                parent=self,
                provider=cloud,
                depends_on=base.complete,
                protect=environment.preset.protect,
                # It reports the configuration of its first pool; that of the one removed at once would replace it.
                ignore_changes=["nodeConfig"],
                custom_timeouts=_PATIENCE,
            ),
        )
        address, authority = _way_in(settings, control_plane)
        self.endpoint = pulumi.Output.concat("https://", address)
        known = pulumi.Output.all(address, authority)
        self.kubeconfig = pulumi.Output.secret(known.apply(lambda reached: kubeconfig(settings.name, *reached)))
        # No file is written: nothing in it is secret or lasting, and the stack's output has it.
        self.kubeconfig_path = pulumi.Output.from_input("")
        self.provider = kubernetes.Provider(
            name,
            kubeconfig=self.kubeconfig,
            # Without it, a new kubeconfig of the same cluster would replace everything inside.
            cluster_identifier=control_plane.id,
            enable_config_map_mutable=True,  # a new configuration of a controller is no new ConfigMap
            opts=pulumi.ResourceOptions(parent=self),
        )
        platform = register_pools(pools, _context(settings, pools, labels, base, control_plane), self, cloud)
        self.ready = GkeInside(
            name,
            cluster=settings.name,
            kms_key=base.context.kms_key,
            fast=base.interfaces,
            pools=pools,
            nodes=platform,
            opts=pulumi.ResourceOptions(parent=self, providers=[self.provider]),
        )
        self.register_outputs({"endpoint": self.endpoint})


def _context(
    settings: GkeSettings,
    pools: Sequence[PoolPlan],
    labels: Mapping[str, str],
    base: GkeFoundation,
    control_plane: container.Cluster,
) -> NodePoolContext:
    return NodePoolContext(
        cluster=control_plane.id,
        location=settings.region,
        project=settings.project,
        zones=zones_of(settings.region)[: settings.network.zones],
        service_account=base.context.service_account,
        kms_key=base.context.kms_key,
        gpu_driver=settings.gpu_driver,
        image=settings.image,
        labels=labels,
        interfaces={pool.name: base.interfaces_of(pool) for pool in pools},
    )


def _way_in(
    settings: GkeSettings, control_plane: container.Cluster
) -> tuple[pulumi.Output[str], pulumi.Output[str | None]]:
    """Where the API is reached, and who signed its certificate; None is an authority that everybody trusts."""
    if settings.api.dns:
        return control_plane.control_plane_endpoints_config.dns_endpoint_config.endpoint, pulumi.Output.from_input(None)
    return control_plane.endpoint, control_plane.master_auth.cluster_ca_certificate
