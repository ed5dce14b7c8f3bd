"""Where the daemons of the GPU stack run: on the nodes of NVIDIA's pools, whatever keeps other pods away from them."""

from collections.abc import Iterable, Sequence
from typing import Any

from ..pools.gke_marks import QUEUED
from ..pools.plan import POOL_LABEL, PoolPlan


def nvidia(pools: Sequence[PoolPlan]) -> tuple[PoolPlan, ...]:
    """The pools whose nodes carry NVIDIA's cards."""
    return tuple(pool for pool in pools if pool.gpu and pool.gpu.accelerator.is_nvidia)


def claimed(pools: Sequence[PoolPlan]) -> tuple[PoolPlan, ...]:
    """Those whose cards DRA hands out."""
    return tuple(pool for pool in pools if pool.gpu and pool.gpu.share.dra)


def plugged(pools: Sequence[PoolPlan]) -> tuple[PoolPlan, ...]:
    """Those whose cards a device plugin hands out: all others with cards."""
    return tuple(pool for pool in pools if pool.gpu and not pool.gpu.share.dra)


def tolerations(pools: Sequence[PoolPlan]) -> list[dict[str, str]]:
    """What lets a daemon onto the nodes of ``pools``: their taints by key, and what GKE adds to queued nodes.

    Not every taint there may be: a kind cluster's control plane sees the same cards as its workers, and is tainted.
    """
    own = {(taint.key, taint.effect) for pool in pools for taint in pool.taints}
    queued = {(QUEUED, "NoSchedule")} if any(pool.queued for pool in pools) else set[tuple[str, str]]()
    return [{"key": key, "operator": "Exists", "effect": effect} for key, effect in sorted(own | queued)]


def on_pools(names: Iterable[str]) -> dict[str, Any]:
    """The affinity of a daemon for the nodes of these pools only."""
    wanted = {"matchExpressions": [{"key": POOL_LABEL, "operator": "In", "values": sorted(names)}]}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [wanted]}}}
