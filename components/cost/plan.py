"""What a stack takes and costs, before anything of it exists."""

from dataclasses import dataclass
from datetime import date

from ..catalogue.prices import NOTHING, Between, price_table
from ..pools.plan import PoolPlan
from ..pools.planner import plan_pools
from ..settings.eks import EksCluster
from ..settings.gke import GkeCluster
from ..settings.scalars import Span
from ..settings.settings import Settings
from .around import Around
from .nodes import PoolCost, cost_of
from .place import Place, place_of


@dataclass(frozen=True, slots=True, kw_only=True)
class StackPlan:
    """Everything that is known of a stack's size and price.

    place: where it is bought; None where its nodes are nobody's that we know prices of.
    costs: its pools with their prices; empty without a place.
    around: what there is beside the pools.
    """

    settings: Settings
    place: Place | None
    pools: tuple[PoolPlan, ...]
    costs: tuple[PoolCost, ...]
    around: Around

    @property
    def nodes(self) -> Span:
        """The nodes of all pools."""
        return Span(sum(pool.size.min for pool in self.pools), sum(pool.size.max for pool in self.pools))

    @property
    def cards(self) -> Span:
        """The GPUs of all pools."""
        each = [(pool.size, pool.gpu.per_node) for pool in self.pools if pool.gpu]
        return Span(sum(size.min * cards for size, cards in each), sum(size.max * cards for size, cards in each))

    @property
    def hourly(self) -> Between:
        """USD per hour for all whose price is known."""
        known = [cost.hourly for cost in self.costs if cost.hourly]
        return sum([*known, *(part.hourly for part in self.around.parts)], NOTHING)

    @property
    def unpriced(self) -> tuple[str, ...]:
        """What no price is known for: ``b200: a4-highgpu-8g as spot``."""
        return tuple(
            f"{cost.pool.name}: {cost.pool.machine.name} as {way.name}" for cost in self.costs for way in cost.unpriced
        )

    @property
    def sources(self) -> tuple[tuple[date, str], ...]:
        """Where the prices are from, each source once, the newest first."""
        table = price_table()
        ways = [way for cost in self.costs for way in cost.ways]
        found = {source for way in ways for name in way.machines for source in table.sources(name, way.market)}
        if self.place and self.around.parts:
            groups = (group for (cloud, _), group in table.services.items() if cloud == self.place.cloud)
            found |= {(group.as_of, group.source) for group in groups}
        return tuple(sorted(found, reverse=True))


def plan_stack(settings: Settings) -> StackPlan:
    """The plan of checked settings.

    Raises InvalidSettingsError where a GKE cluster's range is too small for its pools.
    """
    pools, place = plan_pools(settings), place_of(settings.cluster)
    costs = tuple(cost_of(pool, place) for pool in pools) if place else ()
    return StackPlan(settings=settings, place=place, pools=pools, costs=costs, around=_around(settings, costs))


def _around(settings: Settings, costs: tuple[PoolCost, ...]) -> Around:
    match settings.cluster:
        case EksCluster() as cluster:
            from .eks import around_eks

            return around_eks(cluster, settings.environment, costs)
        case GkeCluster() as cluster:
            from .gke import around_gke

            return around_gke(cluster, costs)
        case _:
            return Around()
