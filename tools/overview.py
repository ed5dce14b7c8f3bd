"""A stack that is up, as its outputs tell: what both pictures of it, in the terminal and as SVG, are drawn from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LANES = ("gpu-inference", "batch", "platform")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """A node pool.

    machine, bought: empty where its nodes are no machines of a cloud.
    parts: how many pods one of its GPUs serves.
    """

    name: str
    lane: str
    machine: str
    nodes: str
    bought: str
    gpu: str
    gpus_per_node: int
    shared: str
    parts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A workload of a tenant; ``pods`` is how many, ``gpu`` what each holds, ``url`` where other pods reach it."""

    name: str
    kind: str
    tenant: str
    lane: str
    pools: tuple[str, ...]
    pods: str
    gpu: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A team, what it may hold at once and who belongs to it."""

    name: str
    quota: str
    gpus: str
    borrows: str
    groups: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """A whole stack."""

    pools: tuple[Pool, ...]
    workloads: tuple[Workload, ...]
    tenants: tuple[Tenant, ...]
    api: str
    kubeconfig: str

    @property
    def lanes(self) -> tuple[str, ...]:
        """The lanes that have pools."""
        return tuple(lane for lane in LANES if any(pool.lane == lane for pool in self.pools))

    def pools_of(self, lane: str) -> tuple[Pool, ...]:
        """The pools of a lane."""
        return tuple(pool for pool in self.pools if pool.lane == lane)


def overview(outputs: Mapping[str, Any]) -> Overview:
    """The overview of a stack, from its outputs (``components/exports.py``)."""
    endpoints: Mapping[str, str] = outputs.get("endpoints", {})
    return Overview(
        pools=tuple(_pool(name, row) for name, row in sorted(outputs.get("pools", {}).items())),
        workloads=tuple(
            _workload(name, row, endpoints.get(name, "")) for name, row in sorted(outputs.get("workloads", {}).items())
        ),
        tenants=tuple(_tenant(name, row) for name, row in sorted(outputs.get("tenants", {}).items())),
        api=endpoints.get("kubernetes", ""),
        kubeconfig=outputs.get("kubeconfig_path", ""),
    )


def _pool(name: str, row: Mapping[str, Any]) -> Pool:
    return Pool(
        name=name,
        lane=row["lane"],
        machine=row.get("machine", ""),
        nodes=row["nodes"],
        bought=row.get("bought as", ""),
        gpu=row.get("gpu", ""),
        gpus_per_node=int(row.get("gpus per node", 0)),
        shared=row.get("shared", ""),
        parts=int(row.get("parts of a gpu", 1)),
    )


def _workload(name: str, row: Mapping[str, Any], url: str) -> Workload:
    return Workload(
        name=name,
        kind=row["kind"],
        tenant=row["tenant"],
        lane=row["lane"],
        pools=tuple(row["pools"].split(", ")),
        pods=row["pods"],
        gpu=row.get("gpu", ""),
        url=url,
    )


def _tenant(name: str, row: Mapping[str, Any]) -> Tenant:
    return Tenant(
        name=name,
        quota=f"{row['cpu']} CPU, {row['memory']}",
        gpus=_counts(row["gpu"]),
        borrows=_counts(row["may borrow"]),
        groups=", ".join(f"{group} ({role})" for group, role in sorted(row["groups"].items())),
    )


def _counts(gpus: Mapping[str, int]) -> str:
    return ", ".join(f"{int(count)} {name}" for name, count in sorted(gpus.items()))
