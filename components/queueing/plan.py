"""From tenants and pools to what each tenant may hold, borrow and lend in the batch lane, in the terms of Kueue.

Two things are counted, and each once. A tenant's cores, memory and pods are one quota over the whole lane: the flavor
`COMPUTE` covers them and says no more than "in the batch lane". Its GPUs are quotas per pool: each pool with GPUs is a
flavor of its own. A job with GPUs gets both flavors, and so the pool's node labels; a job without GPUs gets `COMPUTE`
alone, does not tolerate the taint of GPU nodes, and so runs in pools without GPUs. Were cores covered by each pool's
flavor, a tenant would hold its quota of them once per pool.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..catalogue.accelerators import Accelerator
from ..catalogue.mig import MigGeometry
from ..pools.compute_class import class_selector
from ..pools.compute_domain import CHANNELS
from ..pools.gke_marks import FLEX_START, QUEUED
from ..pools.plan import LANE_LABEL, POOL_LABEL, GpuPlan, PoolPlan, Taint
from ..pools.shares import allot, is_divisible, split, units
from ..quantities import canonical
from ..settings.pools import Capacity, Lane
from ..settings.queues import QueueSettings
from ..settings.settings import Settings
from ..settings.tenants import TenantSettings

LOCAL_QUEUE = "default"
"""The queue of each tenant's namespace. Kueue puts jobs there that name none (LocalQueueDefaulting)."""
COMPUTE = "lane.batch"
"""The flavor of cores, memory and pods; no pool can have this name."""
DEFAULT_PRIORITY = "default"
"""The class of a job that names none (WorkloadPriorityClassDefaulting)."""


@dataclass(frozen=True, slots=True)
class Flavor:
    """A kind of capacity: the nodes that carry ``labels``; jobs admitted to it tolerate ``taints``."""

    name: str
    labels: Mapping[str, str]
    taints: tuple[Taint, ...]


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may be held of one resource of one flavor: ``nominal`` of one's own, ``borrow`` beyond it while it is idle.

    Both are canonical quantities; ``borrow`` is None for a cohort, which borrows from nobody.
    """

    resource: str
    nominal: str
    borrow: str | None = "0"


@dataclass(frozen=True, slots=True)
class Supply:
    """One flavor's allowances."""

    flavor: str
    allowances: tuple[Allowance, ...]


@dataclass(frozen=True, slots=True)
class ResourceGroup:
    """Flavors that serve the same resources, in the order in which they are tried."""

    supplies: tuple[Supply, ...]

    @property
    def resources(self) -> tuple[str, ...]:
        """The resources that every flavor of the group has an allowance for."""
        return tuple(allowance.resource for allowance in self.supplies[0].allowances)


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantQueue:
    """A tenant's ClusterQueue. Its name is the tenant's, and only the namespace of this name may use it.

    weight: its share of what nobody owns, relative to the others', a canonical quantity.
    reclaims: whether it takes back at once what others borrowed; else it waits until their jobs end.
    """

    tenant: str
    weight: str
    groups: tuple[ResourceGroup, ...]
    reclaims: bool


@dataclass(frozen=True, slots=True)
class Provisioning:
    """The flavors whose nodes are asked for job by job, all that a job needs at once, before it is admitted.

    resources: the extended resources by which it is seen that a job needs such nodes.
    """

    flavors: tuple[str, ...]
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePlan:
    """Everything that Kueue has to be told.

    provisioning: what is asked for through ProvisioningRequests; None where no pool is queued for.
    cohort: its name.
    unowned: what no tenant's quota covers; tenants may borrow it.
    strict: whether a job that does not fit holds up those behind it.
    """

    flavors: tuple[Flavor, ...]
    provisioning: Provisioning | None
    cohort: str
    unowned: tuple[ResourceGroup, ...]
    strict: bool
    priorities: Mapping[str, int]
    queues: tuple[TenantQueue, ...]


def plan_queues(settings: Settings, pools: Sequence[PoolPlan]) -> QueuePlan:
    """The queues of ``settings.tenants`` over the batch pools among ``pools``."""
    batch = sorted((pool for pool in pools if pool.lane is Lane.BATCH), key=_preference)
    gpu = [pool for pool in batch if pool.gpu]
    owned = allot({tenant: each.quota.gpu for tenant, each in settings.tenants.items()}, pools)
    unowned = {pool.name: max(0, pool.cards - sum(cards[pool.name] for cards in owned.values())) for pool in gpu}
    return QueuePlan(
        flavors=(_compute(batch), *(_flavor(pool) for pool in gpu)),
        provisioning=_provisioning(gpu),
        cohort=settings.queues.cohort,
        unowned=_groups([pool for pool in gpu if unowned[pool.name]], unowned, None),
        strict=settings.queues.order == "strict-fifo",
        priorities=_priorities(settings.queues),
        queues=tuple(
            _queue(name, tenant, gpu, owned[name], _reclaims(name, settings.tenants))
            for name, tenant in settings.tenants.items()
        ),
    )


def device_resource(gpu: GpuPlan) -> str:
    """What Kueue calls a GPU that is claimed through DRA.

    ``kubelanes.dev/h200`` counts whole cards. Where cards are cut when they are claimed, ``kubelanes.dev/h200-memory``
    counts what a claim takes of a card's memory: a card and its partitions come out of one quota.
    """
    return f"kubelanes.dev/{gpu.accelerator.name}{'-memory' if is_divisible(gpu) else ''}"


def _queue(
    name: str, tenant: TenantSettings, gpu: Sequence[PoolPlan], owned: Mapping[str, int], reclaims: bool
) -> TenantQueue:
    borrow = _by_pool(tenant.queue.borrow, gpu)
    usable = [pool for pool in gpu if owned[pool.name] or borrow[pool.name]]
    quota = {"cpu": tenant.quota.cpu, "memory": tenant.quota.memory, "pods": str(tenant.quota.pods)}
    compute = Supply(COMPUTE, tuple(Allowance(resource, canonical(limit)) for resource, limit in quota.items()))
    return TenantQueue(
        tenant=name,
        weight=canonical(f"{tenant.queue.weight:f}"),
        groups=(ResourceGroup((compute,)), *_groups(usable, owned, borrow)),
        reclaims=reclaims,
    )


def _by_pool(cards: Mapping[str, int], pools: Sequence[PoolPlan]) -> Mapping[str, int]:
    """How many cards fall to each of ``pools`` where so many are meant per accelerator."""
    shares = dict.fromkeys((pool.name for pool in pools), 0)
    for accelerator, count in cards.items():
        shares |= split(count, [pool for pool in pools if pool.gpu and pool.gpu.accelerator.name == accelerator])
    return shares


def _groups(
    pools: Sequence[PoolPlan], nominal: Mapping[str, int], borrow: Mapping[str, int] | None
) -> tuple[ResourceGroup, ...]:
    """One group for each set of pools that have resources in common: Kueue allows a resource in one group only."""
    return tuple(
        ResourceGroup(tuple(_supply(pool, resources, nominal, borrow) for pool in alike))
        for alike, resources in _alike(pools)
    )


def _alike(pools: Iterable[PoolPlan]) -> Iterator[tuple[list[PoolPlan], list[str]]]:
    sets: list[tuple[list[PoolPlan], list[str]]] = []
    for pool in pools:
        resources = list(_countable(pool, 1))
        joined = [each for each in sets if set(each[1]) & set(resources)]
        sets = [each for each in sets if each not in joined]
        members = [*(member for each in joined for member in each[0]), pool]
        sets.append((members, sorted({*resources, *(name for each in joined for name in each[1])})))
    yield from sets


def _supply(
    pool: PoolPlan, resources: Iterable[str], nominal: Mapping[str, int], borrow: Mapping[str, int] | None
) -> Supply:
    held = _countable(pool, nominal[pool.name])
    more = None if borrow is None else _countable(pool, borrow[pool.name])
    return Supply(
        pool.name,
        tuple(
            Allowance(resource, held.get(resource, "0"), None if more is None else more.get(resource, "0"))
            for resource in resources
        ),
    )


def _countable(pool: PoolPlan, cards: int) -> Mapping[str, str]:
    """What so many cards of the pool are to Kueue, as canonical quantities.

    A job on cards with NVLink between nodes claims a channel for each pod too. Kueue counts every claim; channels are
    given with the cards, as many as pods can have cards.
    """
    channels = {CHANNELS: canonical(str(cards))} if pool.gpu and pool.gpu.accelerator.nvlink_domain else {}
    return {**_devices(pool, cards), **channels}


def _devices(pool: PoolPlan, cards: int) -> Mapping[str, str]:
    match pool.gpu:
        case GpuPlan(accelerator=Accelerator(mig=MigGeometry() as geometry)) as gpu if is_divisible(gpu):
            return {device_resource(gpu): canonical(f"{cards * geometry.amounts[0]}Mi")}
        case GpuPlan() as gpu if gpu.share.dra:
            return {device_resource(gpu): canonical(str(cards))}
        case _:
            return {resource: canonical(str(count)) for resource, count in units(pool, cards).items()}


def _compute(batch: Sequence[PoolPlan]) -> Flavor:
    """Cores, memory and pods anywhere in the lane; of the taints, those that are not for GPU nodes."""
    taints = {taint: None for pool in batch if not pool.gpu for taint in pool.taints}
    lane = Taint(LANE_LABEL, Lane.BATCH.value)
    return Flavor(COMPUTE, {LANE_LABEL: Lane.BATCH.value}, tuple({lane: None} | taints))


def _flavor(pool: PoolPlan) -> Flavor:
    queued = (Taint(QUEUED, "true"),) if pool.queued else ()
    selector = {POOL_LABEL: pool.name, **class_selector(pool), **({FLEX_START: "true"} if pool.queued else {})}
    return Flavor(pool.name, selector, (*pool.taints, *queued))


def _provisioning(pools: Sequence[PoolPlan]) -> Provisioning | None:
    queued = [pool for pool in pools if pool.queued]
    resources = {resource for pool in queued for resource in units(pool, 1)}
    return Provisioning(tuple(pool.name for pool in queued), tuple(sorted(resources))) if queued else None


_LADDER = ("reserved", "spot", "flex-start", "on-demand")
"""Ways of buying, the one to use up first in front: what is paid for anyway, then by price."""


def _preference(pool: PoolPlan) -> int:
    return min(_LADDER.index(_bought(capacity)) for capacity in pool.capacity)


def _bought(capacity: Capacity) -> str:
    return capacity if isinstance(capacity, str) else "reserved"


def _priorities(queues: QueueSettings) -> Mapping[str, int]:
    return {**queues.priorities, DEFAULT_PRIORITY: queues.priorities[queues.default_priority]}


def _reclaims(name: str, tenants: Mapping[str, TenantSettings]) -> bool:
    """Whether ``name`` may preempt borrowers.

    Kueue asks the tenant that takes back, not the one that borrowed. So where one tenant's borrowed GPUs must not be
    preempted, the tenants that it may borrow them from, or compete with for them, wait for all borrowers of theirs.
    """
    tenant = tenants[name]
    uses = {accelerator for accelerator, cards in (*tenant.quota.gpu.items(), *tenant.queue.borrow.items()) if cards}
    return not any(
        uses & {accelerator for accelerator, cards in other.queue.borrow.items() if cards}
        for other_name, other in tenants.items()
        if other_name != name and not other.queue.may_be_preempted
    )
