"""How the accelerators of a pool are counted: as extended resources by the device plugin, or as devices by DRA."""

from collections import Counter
from collections.abc import Mapping, Sequence

from ..catalogue.mig import MigProfile
from ..settings import holdings
from ..settings.holdings import apportion
from ..settings.pools import Lane
from ..versions import minor
from .plan import GpuPlan, PoolPlan

GPU_RESOURCE = "nvidia.com/gpu"
"""What NVIDIA's device plugin calls a whole card or a turn on one."""
GPU_CLASS = "gpu.nvidia.com"
"""The DeviceClass of whole cards, as the NVIDIA DRA driver's chart names it."""
MIG_CLASS = "mig.nvidia.com"
"""The DeviceClass of MIG partitions, as the NVIDIA DRA driver's chart names it."""
VFIO_CLASS = "vfio.gpu.nvidia.com"
"""The DeviceClass of cards for virtual machines, as the NVIDIA DRA driver's chart names it."""
EXTENDED_RESOURCES_FROM = (1, 36)
"""From which Kubernetes on a device of DRA can be had as an extended resource without any flag (KEP-5004, beta)."""


def replicas(gpu: GpuPlan) -> int:
    """How many pods share one card by turns or through MPS; 1 where a card is not shared so."""
    return gpu.share.time_slicing or gpu.share.mps or 1


def partitions(gpu: GpuPlan) -> dict[MigProfile, int]:
    """The MIG partitions that each card is cut into beforehand, and how many of each; empty without MIG."""
    if not (gpu.share.mig and gpu.accelerator.mig):
        return {}
    return {gpu.accelerator.mig.profiles[name]: many for name, many in Counter(gpu.share.mig).items()}


def partition_resource(gpu: GpuPlan, profile: MigProfile) -> str:
    """What the device plugin calls such a partition.

    Source: NVIDIA/k8s-device-plugin, README, ``MIG_STRATEGY``; with ``single``, each node has one profile only.
    """
    return profile.resource if gpu.mig_strategy == "mixed" else GPU_RESOURCE


def partition_label(profile: MigProfile) -> str:
    """A profile's name as a label may hold it: ``1g.10gb.me`` for ``1g.10gb+me``."""
    return profile.name.replace("+", ".")


def extended_resources(gpu: GpuPlan) -> dict[str, int]:
    """What one node advertises to the scheduler; nothing where DRA serves its cards.

    Source: NVIDIA/k8s-device-plugin, README ("Shared Access to GPUs") and internal/rm/rm.go (MIG strategy ``mixed``).
    """
    return _resources(gpu, gpu.per_node)


def core_resources(gpu: GpuPlan) -> dict[str, int]:
    """What one node advertises beside `extended_resources`: the cores of the same devices, where they are counted too.

    Nobody holds a quota of these: through them the same devices would be had a second time.
    """
    name = gpu.accelerator.vendor.core_resource
    return {name: gpu.per_node * gpu.accelerator.cores} if name else {}


def units(pool: PoolPlan, cards: int) -> dict[str, int]:
    """The extended resources that ``cards`` whole cards of this pool are; none where DRA serves them or it has none."""
    return _resources(pool.gpu, cards) if pool.gpu else {}


def split(cards: int, pools: Sequence[PoolPlan]) -> dict[str, int]:
    """So many cards over the pools that carry them, by pool name; see `apportion`."""
    return apportion(cards, {pool.name: pool.cards for pool in pools})


def allot(quotas: Mapping[str, Mapping[str, int]], pools: Sequence[PoolPlan]) -> dict[str, dict[str, int]]:
    """The cards of each pool that each tenant owns, by tenant and pool name, where ``quotas`` counts them by model."""
    carriers: dict[str, dict[str, int]] = {}
    for pool in pools:
        if pool.gpu:
            carriers.setdefault(pool.gpu.accelerator.name, {})[pool.name] = pool.cards
    return holdings.allot(quotas, carriers)


def device_class(accelerator: str) -> str:
    """The DeviceClass of one model of card, by which quota and queues count it: ``h200.gpu.kubelanes.dev``."""
    return f"{accelerator}.gpu.kubelanes.dev"


def partition_class(accelerator: str) -> str:
    """The DeviceClass of the partitions of one model of card: ``h200.mig.kubelanes.dev``."""
    return f"{accelerator}.mig.kubelanes.dev"


def is_divisible(gpu: GpuPlan) -> bool:
    """Whether a claim may take a part of a card."""
    return gpu.share.dra == "dynamic-mig" and gpu.accelerator.mig is not None


def device_classes_of(pools: Sequence[PoolPlan]) -> dict[str, str]:
    """The DeviceClass of the whole cards of each accelerator that DRA serves, by the accelerator's name."""
    return {name: device_class(name) for name in sorted({gpu.accelerator.name for gpu in _claimed(pools)})}


def partition_classes_of(pools: Sequence[PoolPlan]) -> dict[str, str]:
    """The DeviceClass of the partitions of each accelerator that claims cut, by the accelerator's name."""
    divisible = {gpu.accelerator.name for gpu in _claimed(pools) if is_divisible(gpu)}
    return {name: partition_class(name) for name in sorted(divisible)}


def answering_class(pools: Sequence[PoolPlan], kubernetes: str) -> str | None:
    """The one DeviceClass whose cards are also had by asking for ``nvidia.com/gpu``; None where none may be.

    Manifests written for the device plugin run on its cards unchanged: the scheduler makes the claim. It is the class
    of one model, so that what is had under either name is counted in the same quota. Each of these forbids it:

    - Kubernetes before `EXTENDED_RESOURCES_FROM`: the API server would drop the field.
    - DRA serves several models: two classes with one name are not both reached, and which one is hangs on their age.
    - Its cards may be cut when they are claimed: Kueue counts those by memory, which such a request does not tell it.
    - The batch lane has ``nvidia.com/gpu`` from the device plugin as well: Kueue would take a request for either as
      one for this class, and admit to its quota what runs on other cards.

    Where it is None, and for every other class, a pod may ask for ``deviceclass.resource.kubernetes.io/<class>``.

    Source: k8s.io/api/resource/v1 (``extendedResourceName``); k8s.io/dynamic-resource-allocation, deviceclass/
    extendedresourcecache; Kueue v0.19, pkg/dra/extended_resources.go.
    """
    classes = device_classes_of(pools)
    batch = [pool.gpu for pool in pools if pool.gpu and pool.lane is Lane.BATCH]
    advertised = any(GPU_RESOURCE in extended_resources(gpu) for gpu in batch)
    forbidden = (
        minor(kubernetes) < EXTENDED_RESOURCES_FROM
        or len(classes) != 1
        or partition_classes_of(pools)
        or (advertised and any(gpu.share.dra for gpu in batch))
    )
    return None if forbidden else next(iter(classes.values()))


def _claimed(pools: Sequence[PoolPlan]) -> list[GpuPlan]:
    return [pool.gpu for pool in pools if pool.gpu and pool.gpu.share.dra]


def _resources(gpu: GpuPlan, cards: int) -> dict[str, int]:
    if gpu.share.dra:
        return {}
    if gpu.share.mig:
        return {partition_resource(gpu, profile): many * cards for profile, many in partitions(gpu).items()}
    return {gpu.accelerator.vendor.resource: cards * replicas(gpu)}
