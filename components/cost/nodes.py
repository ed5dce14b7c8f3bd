"""What the nodes of each pool cost by the hour, at least and at most."""

from dataclasses import dataclass

from ..catalogue.prices import Between, Market, price_table
from ..pools.ec2 import instance_types
from ..pools.plan import PoolPlan
from ..pools.rungs import Rung, rungs
from ..settings.pools import Capacity, Reserved
from ..settings.scalars import Span
from .place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class WayCost:
    """One way of buying a pool's nodes.

    name: as the stack file says it: ``spot``, ``reserved cr-0123``.
    market: its price list.
    machines: the types that may be bought; more than one where the first may be short.
    size: how many nodes may be bought so.
    node: USD per hour for one node; None where no price is known.
    """

    name: str
    market: Market
    machines: tuple[str, ...]
    size: Span
    node: Between | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolCost:
    """One pool.

    hourly: USD per hour: at least its least size, bought the first way; at most its largest size, bought the dearest
        way. None where no price is known for any way.
    """

    pool: PoolPlan
    ways: tuple[WayCost, ...]
    hourly: Between | None

    @property
    def ceiling(self) -> float:
        """USD per hour if every way of buying were full at once.

        Each is a node pool of its own, on GKE as with Karpenter, and what one holds counts in no other's limit.
        """
        return sum(way.node.high * way.size.max for way in self.ways if way.node)

    @property
    def unpriced(self) -> tuple[WayCost, ...]:
        """The ways for which no price is known; ``hourly`` leaves them out."""
        return tuple(way for way in self.ways if way.node is None)


def cost_of(pool: PoolPlan, place: Place) -> PoolCost:
    """What a pool costs in ``place``."""
    ways = tuple(_way(pool, rung, place) for rung in rungs(pool))
    least = sum(way.node.low * way.size.min for way in ways[:1] if way.node)
    dearest = max((way.node.high for way in ways if way.node), default=None)
    hourly = None if dearest is None else Between(least, dearest * pool.size.max)
    return PoolCost(pool=pool, ways=ways, hourly=hourly)


def market(way: Capacity) -> Market:
    """The price list of a way of buying."""
    if isinstance(way, Reserved):
        return "block" if way.block else "reserved"
    return way


def _way(pool: PoolPlan, rung: Rung, place: Place) -> WayCost:
    way, bought = rung.way, market(rung.way)
    named = instance_types(pool) if (bought, place.cloud) == ("spot", "aws") else (pool.machine.name,)
    prices = [price for name in named if (price := price_table().node(name, bought, place.region))]
    return WayCost(
        name=f"reserved {way.reserved}" if isinstance(way, Reserved) else way,
        market=bought,
        machines=named,
        size=rung.size,
        node=Between(min(each.low for each in prices), max(each.high for each in prices)) if prices else None,
    )
