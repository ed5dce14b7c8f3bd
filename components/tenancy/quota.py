"""The most that a tenant may hold: ResourceQuotas, and the LimitRange that makes every container countable.

GPUs are capped per lane. A pod holds them only under its lane's PriorityClass, which is how a quota can tell the lanes
apart; under any other class its cap is zero. A quota counts ``nvidia.com/gpu`` without regard to the model of card:
where a lane has several models, the sum of the tenant's cards is what is capped, and Kueue tells them apart.

Claims (DRA) are capped per device class, over all lanes: a ResourceClaim has no priority, and a quota that has a scope
never counts one. The classes that NVIDIA's driver brings are closed: through them the same cards would be held twice.
Each class is capped under two names. ``<class>.deviceclass...`` counts claims, those too that the scheduler makes for
pods that ask for a class as an extended resource; ``requests.deviceclass.../<class>`` refuses such a pod at once, which
would otherwise be admitted and wait for ever.

Where a class answers to ``nvidia.com/gpu`` (`shares.answering_class`), its cards are in the lanes' caps as well, and
one more cap without a scope counts pods and claims together: cards are not held once by asking and once by claiming.
Source: k8s.io/kubernetes/pkg/quota/v1/evaluator/core/resource_claims.go and pods.go.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ..objects import Object, manifest
from ..pools.plan import PoolPlan
from ..pools.shares import GPU_RESOURCE, answering_class, core_resources, split, units
from ..quantities import canonical
from ..settings.pools import Lane
from ..settings.scalars import amount
from ..settings.tenants import TenantSettings
from .claim_caps import claim_caps
from .priorities import PRIORITY_CLASSES, SYSTEM_PRIORITIES

_PER_POD = {"count/configmaps": 4, "count/secrets": 2, "count/services": 1, "persistentvolumeclaims": 2}
"""Objects for each pod of the quota: far above real use, far below what burdens the API server."""


def quotas(
    namespace: str, tenant: TenantSettings, pools: Sequence[PoolPlan], owned: Mapping[str, int], kubernetes: str
) -> tuple[Object, ...]:
    """All ResourceQuotas of a tenant.

    owned: how many cards of each pool are its own.
    kubernetes: the minor version, such as ``1.36``.
    """
    cards = cards_by_pool(tenant, pools, owned)
    answering = answering_class(pools, kubernetes) is not None
    found = [_compute(namespace, tenant), _system_priorities(namespace)]
    caps = {lane: _units(pools, cards, lane, answering) for lane in _GPU_LANES}
    if resources := sorted({name for pool in pools for name in (*_asked(pool, 1, answering), *_cores(pool))}):
        found += [_gpus(namespace, lane, caps[lane], resources) for lane in _GPU_LANES]
        found.append(_laneless(namespace, resources))
    if classes := claim_caps(pools, cards):
        requested = sum(cap.get(GPU_RESOURCE, 0) for cap in caps.values()) if answering else None
        found.append(_claims(namespace, classes, requested))
    return tuple(found)


def cards_by_pool(tenant: TenantSettings, pools: Sequence[PoolPlan], owned: Mapping[str, int]) -> Mapping[str, int]:
    """The most whole cards of each pool that the tenant may hold, what it may borrow in the batch lane included."""
    total = Counter(owned)
    for accelerator, count in tenant.queue.borrow.items():
        lenders = [p for p in pools if p.lane is Lane.BATCH and p.gpu and p.gpu.accelerator.name == accelerator]
        total.update(split(count, lenders))
    return total


def limit_range(namespace: str, tenant: TenantSettings, pools: Sequence[PoolPlan]) -> Object:
    """Defaults for containers that name no requests, and the largest that can run at all.

    There is no maximum of CPU: it would give every container a CPU limit, and with it throttling.
    """
    largest = max((f"{pool.machine.memory}Gi" for pool in pools), key=amount)
    container = {
        "type": "Container",
        "default": {"memory": "512Mi"},
        "defaultRequest": {"cpu": "100m", "memory": "512Mi"},
        "max": {"memory": canonical(min(tenant.quota.memory, largest, key=amount))},
    }
    claim = {
        "type": "PersistentVolumeClaim",
        "min": {"storage": "1Gi"},
        "max": {"storage": canonical(tenant.quota.storage)},
    }
    return Object(manifest("v1", "LimitRange", "defaults", namespace, spec={"limits": [container, claim]}), keep=True)


_GPU_LANES = (Lane.GPU_INFERENCE, Lane.BATCH)


def _compute(namespace: str, tenant: TenantSettings) -> Object:
    quota = tenant.quota
    hard = {
        "requests.cpu": quota.cpu,
        "requests.memory": quota.memory,
        "limits.memory": quota.memory,
        "requests.storage": quota.storage,
        "pods": quota.pods,
        # The way in is the gateway: a load balancer or node port of a tenant's own would pass it by.
        "services.loadbalancers": 0,
        "services.nodeports": 0,
        **{resource: quota.pods * each for resource, each in _PER_POD.items()},
    }
    return _quota(namespace, "compute", hard)


def _system_priorities(namespace: str) -> Object:
    return _quota(namespace, "system-priorities", {"pods": 0}, ("In", SYSTEM_PRIORITIES))


def _units(pools: Iterable[PoolPlan], cards: Mapping[str, int], lane: Lane, answering: bool) -> Mapping[str, int]:
    total = Counter[str]()
    for pool in pools:
        if pool.lane is lane:
            total.update(_asked(pool, cards.get(pool.name, 0), answering))
    return total


def _asked(pool: PoolPlan, cards: int, answering: bool) -> Mapping[str, int]:
    """The extended resources as which so many cards of the pool are asked for; of claimed cards, where they answer."""
    return {GPU_RESOURCE: cards} if answering and pool.gpu and pool.gpu.share.dra else units(pool, cards)


def _cores(pool: PoolPlan) -> Iterable[str]:
    return core_resources(pool.gpu) if pool.gpu else ()


def _gpus(namespace: str, lane: Lane, caps: Mapping[str, int], resources: Sequence[str]) -> Object:
    hard = {f"requests.{resource}": caps.get(resource, 0) for resource in resources}
    return _quota(namespace, f"gpus-{lane}", hard, ("In", [PRIORITY_CLASSES[lane].name]))


def _laneless(namespace: str, resources: Sequence[str]) -> Object:
    hard = {f"requests.{resource}": 0 for resource in resources}
    return _quota(namespace, "gpus-elsewhere", hard, ("NotIn", [PRIORITY_CLASSES[lane].name for lane in _GPU_LANES]))


def _claims(namespace: str, caps: Mapping[str, int], requested: int | None) -> Object:
    hard: dict[str, int] = {}
    for name, most in caps.items():
        hard[f"{name}.deviceclass.resource.k8s.io/devices"] = most
        hard[f"requests.deviceclass.resource.kubernetes.io/{name}"] = most
    if requested is not None:
        hard[f"requests.{GPU_RESOURCE}"] = requested
    return _quota(namespace, "claims", hard)


def _quota(
    namespace: str, name: str, hard: Mapping[str, str | int], priority: tuple[str, Sequence[str]] | None = None
) -> Object:
    spec: dict[str, object] = {"hard": {resource: canonical(str(most)) for resource, most in hard.items()}}
    if priority:
        operator, values = priority
        term = {"scopeName": "PriorityClass", "operator": operator, "values": list(values)}
        spec["scopeSelector"] = {"matchExpressions": [term]}
    return Object(manifest("v1", "ResourceQuota", name, namespace, spec=spec), keep=True)
