"""The parts of a stack around its nodes: what there is of each, and what it costs by the hour."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..catalogue.machines import Cloud
from ..catalogue.prices import Between, Unit, price_table
from .nodes import PoolCost


@dataclass(frozen=True, slots=True)
class Part:
    """So many of one thing.

    least, most: how many; of disks, GB. detail: what that counts; empty where the title says it.
    """

    title: str
    least: int
    most: int
    price: Unit
    detail: str = ""

    @property
    def hourly(self) -> Between:
        """USD per hour."""
        return Between(self.price.hourly * self.least, self.price.hourly * self.most)


def disks(cloud: Cloud, pools: Sequence[PoolCost], sizes: Sequence[int]) -> Part:
    """The disks that nodes boot from; ``sizes``: GB for a node of each pool."""
    each = list(zip(pools, sizes, strict=True))
    least = sum(cost.pool.size.min * size for cost, size in each)
    most = sum(cost.pool.size.max * size for cost, size in each)
    return Part("disks of the nodes", least, most, price_table().service(cloud, "boot-disk"), "GB")
