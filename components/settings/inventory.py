"""What the pools of a stack file hold: their machines and cards, as far as the catalogue knows them."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from ..catalogue.accelerators import Accelerator, accelerators
from ..catalogue.machines import Cloud, Machine, machine_for, machines
from .cluster import Cluster
from .draft import Draft
from .lanes import Demand
from .pools import Lane, PoolSettings

CLOUDS: dict[str, Cloud] = {"eks": "aws", "gke": "gcp"}
"""Whose machines each kind of cluster is made of; the other kinds know no machine types."""


def cloud_of(cluster: Cluster | None) -> Cloud | None:
    """The cloud whose machine types a cluster has, or on the sim imitates; None where machine types mean nothing."""
    if cluster is None:
        return None
    return CLOUDS.get(cluster.imitates if cluster.kind == "sim" else cluster.kind)


@dataclass(frozen=True, slots=True)
class Stock:
    """One pool with what the catalogue knows of it; None stands for what it does not.

    per_node: the cards of one node.
    """

    name: str
    pool: PoolSettings
    accelerator: Accelerator | None
    machine: Machine | None
    per_node: int | None

    @property
    def cards(self) -> int | None:
        """The most cards that the pool can hold."""
        return None if self.per_node is None else self.pool.size.max * self.per_node

    def units(self, demand: Demand) -> int | None:
        """How often one card holds what ``demand`` counts in; None where the pool does not offer that."""
        share = self.pool.share
        if demand.share not in (None, share.way):
            return None
        if share.dra == "dynamic-mig" and demand.profile and self.accelerator and self.accelerator.mig:
            profile = self.accelerator.mig.profiles.get(demand.profile)
            return profile and profile.instances
        if share.mig or demand.profile:
            return (share.mig or ()).count(demand.profile or "") or None
        return share.time_slicing or share.mps or 1

    def cards_for(self, demand: Demand) -> Fraction:
        """The cards, or the part of one, that ``demand`` takes; none where the pool does not offer it."""
        return Fraction(demand.count, self.units(demand) or 1) if self.units(demand) else Fraction(0)


def stocks(draft: Draft) -> Iterator[Stock]:
    """Every valid pool with what the catalogue knows of it."""
    cloud = cloud_of(draft.cluster)
    for name, pool in draft.pools.items():
        accelerator = accelerators().get(pool.accelerator) if pool.accelerator else None
        machine = _machine(pool, cloud)
        per_node = machine.count or None if machine else pool.per_node if cloud is None else None
        yield Stock(name, pool, accelerator, machine, per_node)


def _machine(pool: PoolSettings, cloud: Cloud | None) -> Machine | None:
    if cloud is None:
        return None
    if pool.machine:
        return machines().get(pool.machine)
    return machine_for(pool.accelerator, pool.per_node, cloud, pool.network) if pool.accelerator else None


def surveyed(draft: Draft) -> bool:
    """Whether it is known of every pool which accelerator it carries, so that one that is nowhere is really nowhere."""
    return draft.intact("pools") and all(
        pool.accelerator in accelerators() if pool.accelerator else pool.lane is not Lane.GPU_INFERENCE
        for pool in draft.pools.values()
    )


def carried(draft: Draft) -> list[str]:
    """The accelerators that the pools carry."""
    return list(dict.fromkeys(stock.accelerator.name for stock in stocks(draft) if stock.accelerator))


def cards(draft: Draft, accelerator: str) -> int | None:
    """The most cards of ``accelerator`` that the pools hold; None where that is not known."""
    counts = [stock.cards for stock in stocks(draft) if stock.pool.accelerator == accelerator]
    return sum(count for count in counts if count is not None) if draft.intact("pools") and None not in counts else None
