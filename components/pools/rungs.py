"""A ladder of ways to buy nodes, rung by rung: each is a node pool of its own where the cloud makes pools."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..settings.pools import Capacity, Reserved
from ..settings.scalars import Span

if TYPE_CHECKING:  # the rules of the stack file call this module, and plans need the settings
    from .plan import PoolPlan


@dataclass(frozen=True, slots=True)
class Rung:
    """One way of buying a pool's nodes.

    name: the pool's, and with several rungs the way behind it: ``l4-spot``.
    size: only the best rung holds the pool's least size; any rung may have to hold all of it.
    """

    name: str
    way: Capacity
    size: Span


def rungs(pool: "PoolPlan") -> tuple[Rung, ...]:
    """The pool's rungs, the best one first."""
    names = rung_names(pool.name, pool.capacity)
    least = (pool.size.min, *([0] * len(names)))
    return tuple(
        Rung(name, way, Span(low, pool.size.max)) for name, way, low in zip(names, pool.capacity, least, strict=False)
    )


def rung_names(pool: str, ways: Sequence[Capacity]) -> tuple[str, ...]:
    """What the node pools of ``pool`` are called: as it is with one way of buying, else each after its way as well."""
    if len(ways) == 1:
        return (pool,)
    seen = Counter[str]()
    names: list[str] = []
    for way in ways:
        called = way_name(way)
        seen[called] += 1
        names.append(f"{pool}-{called}" + (f"-{seen[called]}" if seen[called] > 1 else ""))
    return tuple(names)


def way_name(way: Capacity) -> str:
    """A way of buying without its reservation: ``reserved``, ``on-demand``, ``spot`` or ``flex-start``."""
    return "reserved" if isinstance(way, Reserved) else way
