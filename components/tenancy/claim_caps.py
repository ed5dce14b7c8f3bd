"""How many devices of each DeviceClass a tenant may claim."""

from collections import Counter
from collections.abc import Mapping, Sequence

from ..pools.compute_domain import CHANNEL_CLASS, DAEMON_CLASS, in_domains
from ..pools.plan import PoolPlan
from ..pools.shares import GPU_CLASS, MIG_CLASS, VFIO_CLASS, device_class, is_divisible, partition_class


def claim_caps(pools: Sequence[PoolPlan], cards: Mapping[str, int]) -> Mapping[str, int]:
    """The caps of a tenant that may hold so many cards of each pool, by class; none where there is nothing to claim.

    A partition counts as one device whatever its size: a class of partitions is capped at the number of the smallest
    that the tenant's cards hold, and what it takes of the cards' memory is counted by Kueue alone, for batch jobs.
    A pod has one channel of an NVLink domain, and one card at least.
    """
    caps = Counter[str]()
    for pool in pools:
        held = cards.get(pool.name, 0)
        if pool.gpu and pool.gpu.share.dra:
            caps.update({device_class(pool.gpu.accelerator.name): held, GPU_CLASS: 0, MIG_CLASS: 0, VFIO_CLASS: 0})
        if pool.gpu and (mig := pool.gpu.accelerator.mig) and is_divisible(pool.gpu):
            smallest = max(profile.instances for profile in mig.profiles.values())
            caps.update({partition_class(pool.gpu.accelerator.name): held * smallest})
    for pool in in_domains(pools):
        caps.update({CHANNEL_CLASS: cards.get(pool.name, 0), DAEMON_CLASS: 0})
    return caps
