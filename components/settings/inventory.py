"""What the pools of a stack file hold: their machines and cards, as far as the catalogue knows them."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..catalogue.accelerators import Accelerator, accelerators
from ..catalogue.machines import Cloud, Machine, machine_for, machines
from .cluster import Cluster
from .draft import Draft
from .offers import Offer, offers
from .pools import Lane, PoolSettings

CLOUDS: dict[str, Cloud] = {"eks": "aws", "gke": "gcp"}
"""Whose machines each kind of cluster is made of; the other kinds know no machine types."""


def cloud_of(cluster: Cluster | None) -> Cloud | None:
    """The cloud whose machine types a cluster has, or on the sim imitates; None where machine types mean nothing."""
    if cluster is None:
        return None
    return CLOUDS.get(cluster.imitates if cluster.kind == "sim" else cluster.kind)


def obtainable(cluster: Cluster | None) -> list[str]:
    """The accelerators that a cluster's machines may carry: its cloud's, or all where nodes are no cloud's."""
    cloud = cloud_of(cluster)
    carried = {machine.accelerator for machine in machines().values() if cloud in (None, machine.cloud)}
    return [name for name in accelerators() if cloud is None or name in carried]


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

    @property
    def _slice_of(self) -> int:
        topology, machine = self.pool.topology, self.machine
        return machine.makes_up(topology) if topology and machine and machine.makes(topology) else 1

    @property
    def offers(self) -> tuple[Offer, ...]:
        """What it hands out; nothing where it has no accelerator that the catalogue knows."""
        if self.accelerator is None:
            return ()
        return tuple(
            offers(
                self.name,
                self.pool.lane,
                self.accelerator,
                self.pool.share,
                cards=self.per_node,
                nodes=self.pool.size.max,
                per_root=self.machine and self.machine.cards_per_root,
                slice_of=self._slice_of,
            )
        )


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
    if not pool.accelerator:
        return None
    return machine_for(pool.accelerator, pool.per_node, cloud, pool.network, pool.topology)


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
