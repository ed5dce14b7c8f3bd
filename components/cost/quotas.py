"""Which quotas of the account a stack needs, and which have to be raised before it can grow to its largest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..catalogue.account_quotas import AccountQuota, account_quotas
from ..catalogue.machines import Cloud
from .nodes import PoolCost


@dataclass(frozen=True, slots=True)
class QuotaNeed:
    """What a stack takes of one quota with all pools at their largest."""

    quota: AccountQuota
    needed: int

    @property
    def enough(self) -> bool | None:
        """Whether a new account has enough; None where that depends on the account."""
        return None if self.quota.default is None else self.quota.default >= self.needed


def quota_needs(cloud: Cloud, pools: Sequence[PoolCost], counts: Mapping[str, int]) -> tuple[QuotaNeed, ...]:
    """Every quota that the stack takes something of: first what has to be raised, then what may have to be.

    counts: what the stack has of all that is counted neither in vCPUs nor in accelerators, by the name in
        account_quotas.yaml.
    """
    needs = [QuotaNeed(quota, _needed(quota, pools, counts)) for quota in account_quotas() if quota.cloud == cloud]
    order = (False, None, True)
    return tuple(sorted((need for need in needs if need.needed), key=lambda need: order.index(need.enough)))


def _needed(quota: AccountQuota, pools: Sequence[PoolCost], counts: Mapping[str, int]) -> int:
    match quota.counts:
        case "vcpus":
            return sum(_nodes(quota, cost) * cost.pool.machine.vcpu for cost in pools)
        case "gpus" | "tpus":
            return sum(_nodes(quota, cost) * _cards(quota, cost) for cost in pools)
        case counted:
            return counts.get(counted, 0)


def _cards(quota: AccountQuota, cost: PoolCost) -> int:
    """The accelerators of one node, of the kind that is counted."""
    gpu = cost.pool.gpu
    return gpu.per_node if gpu and (gpu.accelerator.vendor.name == "google") is (quota.counts == "tpus") else 0


def _nodes(quota: AccountQuota, cost: PoolCost) -> int:
    """The nodes of a pool that may count at a time; with several ways of buying, each may have to buy all of them."""
    counted = not quota.markets or any(way.market in quota.markets for way in cost.ways)
    return cost.pool.size.max if counted and quota.concerns(cost.pool.machine) else 0
