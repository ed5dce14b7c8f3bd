"""In which pools the cards of a tenant lie: a quota counts them by model, and nodes, lanes and queues by pool."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .draft import Draft
from .inventory import Stock, stocks
from .pools import Lane

Carriers = Mapping[str, Mapping[str, int]]
"""By accelerator, the most cards that each of its pools holds."""


def apportion(cards: int, pools: Mapping[str, int], after: int = 0) -> dict[str, int]:
    """So many cards over pools that hold so many each: in proportion to capacity (Webster's method).

    after: cards that were apportioned over the same pools before. What is apportioned one after the other is, together,
    what the sum would be, so that no pool is promised twice; only what all pools together do not hold is left out.
    """
    order = sorted(((at + 0.5) / room, name) for name, room in pools.items() for at in range(room))
    taken = Counter(name for _, name in order[after : after + cards])
    return {name: taken[name] for name in pools}


def allot(quotas: Mapping[str, Mapping[str, int]], carriers: Carriers) -> dict[str, dict[str, int]]:
    """The cards of each pool that each tenant owns, by tenant and pool, where ``quotas`` counts them by model."""
    owned = {tenant: {pool: 0 for pools in carriers.values() for pool in pools} for tenant in quotas}
    given = Counter[str]()
    for tenant, quota in quotas.items():
        for accelerator, cards in quota.items():
            owned[tenant] |= apportion(cards, carriers.get(accelerator, {}), after=given[accelerator])
            given[accelerator] += cards
    return owned


@dataclass(frozen=True, slots=True)
class Holdings:
    """The cards of each pool that each tenant owns, and those that its jobs may borrow, by tenant and pool."""

    owned: Mapping[str, Mapping[str, int]]
    borrowed: Mapping[str, Mapping[str, int]]

    def room(self, tenant: str, pools: Iterable[str], *, borrowing: bool) -> int:
        """The most cards of ``pools`` that a tenant may hold together."""
        lent = self.borrowed[tenant] if borrowing else dict[str, int]()
        return sum(self.owned[tenant].get(pool, 0) + lent.get(pool, 0) for pool in pools)


def holdings(draft: Draft) -> Holdings | None:
    """Who holds what; None while not all pools and tenants are known, for what one has leaves less to the others."""
    pools = [stock for stock in stocks(draft) if stock.accelerator]
    if not (draft.intact("pools") and draft.intact("tenants")) or any(stock.cards is None for stock in pools):
        return None
    tenants = draft.tenants.items()
    lending = _carriers(stock for stock in pools if stock.pool.lane is Lane.BATCH)
    return Holdings(
        allot({name: tenant.quota.gpu for name, tenant in tenants}, _carriers(pools)),
        {name: allot({name: tenant.queue.borrow}, lending)[name] for name, tenant in tenants},
    )


def _carriers(pools: Iterable[Stock]) -> Carriers:
    found: dict[str, dict[str, int]] = {}
    for stock in pools:
        found.setdefault(str(stock.pool.accelerator), {})[stock.name] = stock.cards or 0
    return found
