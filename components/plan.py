"""Everything that is decided before the first resource is registered: settings in, plans out, all problems at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from .addons.gpus.plan import GpuStackPlan, plan_gpu_stack
from .addons.karpenter import KarpenterPlan, plan_karpenter
from .addons.kueue import plan_kueue
from .addons.plan import AddonPlan
from .catalogue.charts import chart_mirror
from .clusters.facts import ClusterFacts
from .clusters.kinds import plan_facts
from .clusters.scaling import karpenter_cluster
from .lanes.context import LaneContext
from .lanes.plan import plan_lanes
from .objects import Manifest
from .pools.dra import device_classes
from .pools.plan import PoolPlan
from .pools.planner import plan_pools
from .problems import InvalidSettingsError, Problem
from .queueing.plan import QueuePlan, plan_queues
from .settings.settings import Settings
from .tenancy.plan import TenantPlan
from .tenancy.tenants import plan_tenants

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformPlan:
    """A whole platform, decided."""

    facts: ClusterFacts
    pools: tuple[PoolPlan, ...]
    gpu_stack: GpuStackPlan
    kueue: AddonPlan
    karpenter: KarpenterPlan | None
    device_classes: tuple[Manifest, ...]
    queues: QueuePlan
    tenants: tuple[TenantPlan, ...]
    lanes: LaneContext


def plan_platform(settings: Settings) -> PlatformPlan:
    """Plans all parts.

    Raises InvalidSettingsError with what every part found, not only the first.
    """
    problems: list[Problem] = []

    def gather(plan: Callable[[], T]) -> T | None:
        try:
            return plan()
        except InvalidSettingsError as error:
            problems.extend(error.problems)
            return None

    facts, pools = gather(lambda: plan_facts(settings.cluster)), gather(lambda: plan_pools(settings))
    if facts is None or pools is None:
        raise InvalidSettingsError(problems)
    lanes = LaneContext(
        environment=settings.environment,
        pools=pools,
        default_priority=settings.queues.default_priority,
        has_domains=facts.device_plugin != "simulated",
    )
    tenants = gather(lambda: plan_tenants(settings, pools, facts))
    gather(lambda: plan_lanes(settings.lanes, lanes))
    if tenants is None or problems:
        raise InvalidSettingsError(problems)
    scaled = karpenter_cluster(settings.cluster, settings.environment)
    mirror = chart_mirror()
    return PlatformPlan(
        facts=facts,
        pools=pools,
        gpu_stack=plan_gpu_stack(settings, facts, pools, mirror),
        kueue=plan_kueue(settings.environment, facts, pools, mirror),
        karpenter=plan_karpenter(settings.environment, facts, pools, mirror, scaled) if scaled else None,
        # Simulated devices come with classes of their own.
        device_classes=() if facts.device_plugin == "simulated" else tuple(device_classes(pools, facts.kubernetes)),
        queues=plan_queues(settings, pools),
        tenants=tenants,
        lanes=lanes,
    )
