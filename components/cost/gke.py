"""What a GKE cluster has around its pools."""

from collections.abc import Iterator, Sequence
from math import ceil

from ..catalogue.prices import price_table
from ..clusters.gke.addresses import AddressPlan, plan_addresses
from ..settings.gke import GkeCluster
from ..settings.scalars import amount
from .addresses import AddressRow, ranges
from .around import Around
from .nodes import PoolCost
from .parts import Part, disks
from .quotas import quota_needs

_NAT_NODES = 32
"""Nodes beyond which Cloud NAT costs no more. Source: Virtual Private Cloud pricing, "Cloud NAT"."""


def around_gke(cluster: GkeCluster, pools: Sequence[PoolCost]) -> Around:
    """What there is around the pools of a GKE cluster."""
    network = cluster.network
    plan = plan_addresses(network.cidr, network.services, [cost.pool for cost in pools])
    return Around(
        tuple(_rows(plan)),
        tuple(_parts(pools)),
        quota_needs("gcp", pools, _counts(cluster, plan, pools)),
        tuple(_left_out()),
    )


def _rows(plan: AddressPlan) -> Iterator[AddressRow]:
    fast = set(plan.fast.values())
    for load in plan.loads:
        if load.range not in fast:
            yield AddressRow(load.purpose, str(load.range), load.has, load.needs or None)
    if alike := [load for load in plan.loads if load.range in fast]:
        fullest = max(alike, key=lambda load: load.needs / load.has)
        where = ranges(str(load.range) for load in alike)
        yield AddressRow("GPU interfaces, each subnet", where, fullest.has, fullest.needs)


def _parts(pools: Sequence[PoolCost]) -> Iterator[Part]:
    price = price_table().service
    least, most = sum(cost.pool.size.min for cost in pools), sum(cost.pool.size.max for cost in pools)
    nat = min(least, _NAT_NODES), min(most, _NAT_NODES)
    yield Part("GKE cluster management", 1, 1, price("gcp", "cluster"))
    yield Part("Cloud NAT", *nat, price("gcp", "nat-node"), f"by the node, no more beyond {_NAT_NODES}")
    yield Part("public address of NAT", 1, 1, price("gcp", "public-address"))
    yield disks("gcp", pools, [_disk(cost) for cost in pools])


def _counts(cluster: GkeCluster, plan: AddressPlan, pools: Sequence[PoolCost]) -> dict[str, int]:
    zones = [len(cost.pool.zones) or cluster.network.zones for cost in pools]
    return {
        **plan.demands,
        "public-addresses": 1,
        "nodes": sum(cost.pool.size.max for cost in pools),
        "nodes-of-largest-group": max(
            ceil(cost.pool.size.max / count) for cost, count in zip(pools, zones, strict=True)
        ),
        "disk-gigabytes": sum(cost.pool.size.max * _disk(cost) for cost in pools),
    }


def _left_out() -> Iterator[str]:
    traffic = price_table().service("gcp", "nat-traffic").usd
    yield f"traffic: {traffic:g} USD a GB through NAT, and what goes between zones and to the internet"
    yield "volumes of workloads, load balancers, logs and metrics in Cloud Logging and Monitoring, keys, images"


def _disk(cost: PoolCost) -> int:
    return ceil(amount(cost.pool.disk.size) / 2**30)
