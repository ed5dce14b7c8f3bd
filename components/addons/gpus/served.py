"""Which pools a part of the GPU stack serves: by whose cards their nodes carry, and who hands these out."""

from collections.abc import Sequence

from ...pools.plan import PoolPlan


def nvidia(pools: Sequence[PoolPlan]) -> tuple[PoolPlan, ...]:
    """The pools whose nodes carry NVIDIA's cards."""
    return tuple(pool for pool in pools if pool.gpu and pool.gpu.accelerator.is_nvidia)


def claimed(pools: Sequence[PoolPlan]) -> tuple[PoolPlan, ...]:
    """Those whose cards DRA hands out."""
    return tuple(pool for pool in pools if pool.gpu and pool.gpu.share.dra)


def plugged(pools: Sequence[PoolPlan]) -> tuple[PoolPlan, ...]:
    """Those whose cards a device plugin hands out: all others with cards."""
    return tuple(pool for pool in pools if pool.gpu and not pool.gpu.share.dra)
