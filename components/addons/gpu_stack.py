"""The GPU stack: everything that makes the accelerators of a cluster's nodes usable, decided and carried out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pulumi

from ..clusters.cluster import Cluster, ClusterFacts
from ..objects import Object, register
from ..pools.plan import PoolPlan
from ..settings.settings import Settings
from .addon import Addon
from .advertiser_check import AdvertiserCheck
from .advertiser_guard import plan_advertiser_guard
from .amd_device_plugin import plan_amd_device_plugin
from .dcgm_exporter import plan_dcgm_exporter
from .dra_driver import plan_dra_driver
from .efa_device_plugin import plan_efa_device_plugin
from .gke_driver_installer import plan_gke_driver_installer
from .gke_fast_networks import plan_gke_fast_networks
from .gpu_operator.plan import plan_gpu_operator
from .network_operator import plan_network_operator
from .neuron_device_plugin import plan_neuron_device_plugin
from .nvidia_device_plugin import plan_nvidia_device_plugin
from .plan import AddonPlan

Planner = Callable[[Settings, ClusterFacts, Sequence[PoolPlan], Path], AddonPlan | Sequence[Object] | None]
"""Plans one part: a chart, plain manifests, or nothing where the part is not wanted."""

PARTS: tuple[Planner, ...] = (
    plan_advertiser_guard,
    plan_gke_driver_installer,
    plan_gpu_operator,
    plan_nvidia_device_plugin,
    plan_dcgm_exporter,
    plan_dra_driver,
    plan_neuron_device_plugin,
    plan_amd_device_plugin,
    plan_efa_device_plugin,
    plan_gke_fast_networks,
    plan_network_operator,
)
"""Every part of the stack, in the order in which it is installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuStackPlan:
    """The GPU stack of one cluster.

    addons: charts, each in a namespace of its own.
    daemons: manifests without a chart; nothing waits for them, since all that needs them waits on its own node.
    """

    addons: tuple[AddonPlan, ...] = ()
    daemons: tuple[Object, ...] = ()

    @property
    def parts(self) -> tuple[AddonPlan | Object, ...]:
        """Everything that is installed; nothing on a cluster without accelerators to serve."""
        return (*self.addons, *self.daemons)


def plan_gpu_stack(settings: Settings, facts: ClusterFacts, pools: Sequence[PoolPlan], mirror: Path) -> GpuStackPlan:
    """What serves the accelerators of ``pools``; nothing where no pool has any, or where they are simulated.

    Raises ChartError where a chart cannot be had, or does not support the cluster's Kubernetes.
    """
    if facts.device_plugin == "simulated" or not any(pool.gpu for pool in pools):
        return GpuStackPlan()
    planned = [plan(settings, facts, pools, mirror) for plan in PARTS]
    return GpuStackPlan(
        addons=tuple(part for part in planned if isinstance(part, AddonPlan)),
        daemons=tuple(item for part in planned if part and not isinstance(part, AddonPlan) for item in part),
    )


class GpuStack(pulumi.ComponentResource):
    """The GPU stack in a cluster. The provider of ``opts`` is the cluster's."""

    addons: dict[str, Addon]
    """The charts, by name."""

    def __init__(
        self, name: str, plan: GpuStackPlan, cluster: Cluster, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("kubelanes:addons:GpuStack", name, {}, opts)
        for each in plan.daemons:
            register(each, self, depends_on=[cluster.ready])
        self.addons = {each.name: Addon(each, cluster, pulumi.ResourceOptions(parent=self)) for each in plan.addons}
        served = [addon.ready for addon in self.addons.values()]
        AdvertiserCheck(
            "advertisers",
            cluster.pools,
            kubeconfig=cluster.kubeconfig,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[cluster.ready, *served]),
        )
        self.register_outputs({})
