"""What a stack tells its users when it is up: where things are, what the pools are, what each tenant may use."""

from collections.abc import Iterable, Mapping, Sequence

from .catalogue.machines import Cloud
from .lanes.workload import LanePlan, Scaled
from .pools.plan import GpuPlan, PoolPlan
from .pools.shares import extended_resources, partitions, replicas
from .settings.lanes import Training
from .settings.pools import Capacity, Share
from .settings.settings import Settings

Row = Mapping[str, str | int]


def pool_table(pools: Sequence[PoolPlan], cloud: Cloud | None) -> dict[str, Row]:
    """One row for each pool: lane, nodes, and the GPUs of each node with what they are counted as.

    cloud: whose machines the nodes are; with one, the row says which, and how they are bought.
    """
    return {pool.name: _pool(pool, bought=cloud is not None) for pool in pools}


def tenant_table(settings: Settings) -> dict[str, Mapping[str, object]]:
    """One row for each tenant: namespace, queue, and what it may hold at once."""
    return {
        name: {
            "namespace": name,
            "contact": tenant.contact,
            "cpu": tenant.quota.cpu,
            "memory": tenant.quota.memory,
            "gpu": dict(tenant.quota.gpu),
            "may borrow": dict(tenant.queue.borrow),
            "groups": {group: role.value for group, role in tenant.groups.items()},
        }
        for name, tenant in settings.tenants.items()
    }


def workload_table(settings: Settings, plans: Iterable[LanePlan]) -> dict[str, Row]:
    """One row for each workload of the stack's lanes: kind, tenant, lane, pools, pods, and the GPUs of each pod."""
    made = {f"{plan.identity.tenant}/{plan.identity.name}": plan for plan in plans}
    return {
        f"{workload.tenant}/{name}": _workload(kind, workload, made[f"{workload.tenant}/{name}"])
        for sort, kind in _KINDS.items()
        for name, workload in getattr(settings.lanes, sort).items()
    }


_KINDS = {"online": "OnlineInference", "workers": "QueueWorker", "apis": "PlatformApi", "training": "TrainingJob"}


def _workload(kind: str, workload: Scaled | Training, plan: LanePlan) -> Row:
    placement = plan.placement
    gpu = {"gpu": ", else ".join(option.name for option in placement.options)} if placement.accelerated else {}
    network = {"network": plan.network} if plan.network else {}
    return {
        "kind": kind,
        "tenant": workload.tenant,
        "lane": placement.lane.value,
        "pools": ", ".join(pool.name for pool in placement.pools),
        "pods": str(workload.nodes if isinstance(workload, Training) else workload.replicas.range),
        **gpu,
        **network,
    }


def _pool(pool: PoolPlan, *, bought: bool) -> Row:
    row: dict[str, str | int] = {"lane": pool.lane.value, "nodes": str(pool.size)}
    if bought:
        row |= {"machine": pool.machine.name, "bought as": ", ".join(map(_bought, pool.capacity))}
    if not pool.gpu:
        return row
    resources = extended_resources(pool.gpu) or {"DRA (gpu.nvidia.com)": pool.gpu.per_node}
    return row | {
        "gpu": pool.gpu.accelerator.name,
        "gpus per node": pool.gpu.per_node,
        "shared": _shared(pool.gpu.share),
        "parts of a gpu": _parts(pool.gpu),
        "each node offers": ", ".join(f"{count} {resource}" for resource, count in resources.items()),
    }


def _parts(gpu: GpuPlan) -> int:
    """How many pods one card serves, as it was cut or shared beforehand."""
    return sum(partitions(gpu).values()) or replicas(gpu)


def _bought(capacity: Capacity) -> str:
    return capacity if isinstance(capacity, str) else f"reserved {capacity.reserved}"


def _shared(share: Share) -> str:
    match share:
        case Share(time_slicing=int(turns)):
            return f"time-slicing, {turns} pods take turns"
        case Share(mps=int(clients)):
            return f"MPS, {clients} pods at once"
        case Share(mig=tuple(profiles)):
            return f"MIG {' + '.join(profiles)}"
        case Share(dra=str(kind)):
            return f"DRA, {kind}"
        case _:
            return "whole"
