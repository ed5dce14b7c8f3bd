"""The GPU stack of a cluster, decided: all its parts stand in `PARTS`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...clusters.facts import ClusterFacts
from ...objects import Object
from ...pools.plan import PoolPlan
from ...settings.settings import Settings
from ..networks.efa import plan_efa_device_plugin
from ..networks.gke import plan_gke_fast_networks
from ..networks.infiniband import plan_network_operator
from ..plan import AddonPlan
from .advertising.admission import plan_advertiser_guard
from .dcgm_exporter import plan_dcgm_exporter
from .dra_driver import plan_dra_driver
from .gke_driver_installer import plan_gke_driver_installer
from .idle import without_effect
from .nvidia_device_plugin import plan_nvidia_device_plugin
from .operator.plan import plan_gpu_operator
from .vendor_plugins import plan_vendor_plugins

Planner = Callable[[Settings, ClusterFacts, Sequence[PoolPlan], Path], AddonPlan | Sequence[Object] | None]
"""Plans one part: a chart, plain manifests, or nothing where the part is not wanted."""

PARTS: tuple[Planner, ...] = (
    plan_advertiser_guard,
    plan_gke_driver_installer,
    plan_gpu_operator,
    plan_nvidia_device_plugin,
    plan_dcgm_exporter,
    plan_dra_driver,
    plan_vendor_plugins,
    plan_efa_device_plugin,
    plan_gke_fast_networks,
    plan_network_operator,
)
"""Every part of the stack. All are installed at once: what needs another one waits for it on its own node."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuStackPlan:
    """The GPU stack of one cluster.

    addons: charts.
    objects: what no chart holds: daemons, and policies of the API server.
    idle: settings that have no effect on this cluster, by path, with the reason.
    """

    addons: tuple[AddonPlan, ...] = ()
    objects: tuple[Object, ...] = ()
    idle: tuple[tuple[str, str], ...] = ()

    @property
    def parts(self) -> tuple[AddonPlan | Object, ...]:
        """Everything that is installed; nothing on a cluster without accelerators to serve."""
        return (*self.addons, *self.objects)


def plan_gpu_stack(settings: Settings, facts: ClusterFacts, pools: Sequence[PoolPlan], mirror: Path) -> GpuStackPlan:
    """What serves the accelerators of ``pools``; nothing where no pool has any, or where they are simulated.

    Raises ChartError where a chart cannot be had, or does not support the cluster's Kubernetes.
    """
    simulated = facts.device_plugin == "simulated" or not any(pool.gpu for pool in pools)
    planned = [] if simulated else [plan(settings, facts, pools, mirror) for plan in PARTS]
    addons = tuple(part for part in planned if isinstance(part, AddonPlan))
    return GpuStackPlan(
        addons=addons,
        objects=tuple(item for part in planned if part and not isinstance(part, AddonPlan) for item in part),
        idle=tuple(without_effect(settings, facts, [each.name for each in addons])),
    )
