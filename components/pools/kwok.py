"""A pool as simulated nodes: Node objects that KWOK keeps alive and that look like the cloud's to everyone else."""

from ..catalogue.machines import Cloud, Machine
from ..objects import Manifest, manifest
from ..quantities import mebibytes, millicores
from ..settings.scalars import amount
from .labels import node_labels
from .place import digest, node_name, place
from .plan import PoolPlan
from .shares import core_resources, extended_resources

_IMAGES: dict[Cloud, str] = {"aws": "Amazon Linux 2023", "gcp": "Container-Optimized OS from Google"}
_HUGE_PAGES = 5128 * 2
"""MiB of huge pages that the EKS image sets aside where there is EFA. Source: Amazon EKS user guide, "Run machine
learning training on Amazon EKS with Elastic Fabric Adapter"."""
_EVICTION = 100
"""MiB of memory that the kubelet keeps free. Source: kubernetes.io, "Node-pressure Eviction" (memory.available)."""
_CPU_RESERVED = ((1000, 600), (1000, 100), (2000, 50), (None, 25))
"""Of each further band of millicores, so many ten-thousandths. Source: EKS's nodeadm and GKE, "Node sizes", alike."""
_GKE_MEMORY_RESERVED = ((4096, 2500), (4096, 2000), (8192, 1000), (114688, 600), (None, 200))
"""The same of MiB of memory. Source: Google Kubernetes Engine documentation, "Plan node sizes"."""


def kwok_nodes(pool: PoolPlan, cloud: Cloud, size: int, kubernetes: str) -> list[Manifest]:
    """The first ``size`` nodes of a pool, the same on every run.

    kubernetes: the minor version that their kubelets report, such as ``1.36``.
    """
    status = _status(pool, cloud, kubernetes)
    return [
        manifest(
            "v1",
            "Node",
            node_name(pool, index),
            labels=dict(sorted(node_labels(pool, index, cloud).items())),
            annotations={"kwok.x-k8s.io/node": "fake"},
            spec={"providerID": _provider_id(pool, index, cloud), "taints": _taints(pool)},
            status=status,
        )
        for index in range(size)
    ]


def _taints(pool: PoolPlan) -> list[Manifest]:
    return [{"key": taint.key, "value": taint.value, "effect": taint.effect} for taint in pool.taints]


def _provider_id(pool: PoolPlan, index: int, cloud: Cloud) -> str:
    """The machine's name in its cloud. Source: cloud-provider-aws and cloud-provider-gcp, ``providerID``."""
    zone, name = place(pool, index, cloud).zone, node_name(pool, index)
    return f"aws:///{zone}/i-{digest(zone, name)}" if cloud == "aws" else f"gce://kubelanes/{zone}/{name}"


def _status(pool: PoolPlan, cloud: Cloud, kubernetes: str) -> Manifest:
    return {
        "capacity": capacity(pool, cloud),
        "allocatable": allocatable(pool, cloud),
        "nodeInfo": {
            "architecture": pool.machine.arch,
            "bootID": "",
            "containerRuntimeVersion": "containerd://2.1.5",
            "kernelVersion": "6.12.0",
            "kubeProxyVersion": f"v{kubernetes}.0",  # left empty, KWOK would fill it, and that reads as drift
            "kubeletVersion": f"v{kubernetes}.0",
            "machineID": "",
            "operatingSystem": "linux",
            "osImage": _IMAGES[cloud],
            "systemUUID": "",
        },
    }


def capacity(pool: PoolPlan, cloud: Cloud) -> dict[str, str]:
    """What a node has."""
    return {
        "cpu": str(pool.machine.vcpu),
        "memory": mebibytes(pool.machine.memory * 1024),
        "ephemeral-storage": mebibytes(_disk(pool)),
        **_undivided(pool, cloud),
    }


def allocatable(pool: PoolPlan, cloud: Cloud) -> dict[str, str]:
    """What a node has for pods: its capacity less what the kubelet reserves and keeps free.

    Source: kubernetes.io, "Reserve Compute Resources for System Daemons"; storage as on EKS: 1 GiB and a tenth.
    """
    machine = pool.machine
    memory = machine.memory * 1024 - _memory_reserved(machine, cloud) - _EVICTION - _huge_pages(pool)
    return {
        "cpu": millicores(machine.vcpu * 1000 - _banded(machine.vcpu * 1000, _CPU_RESERVED)),
        "memory": mebibytes(memory),
        "ephemeral-storage": mebibytes(_disk(pool) * 9 // 10 - 1024),
        **_undivided(pool, cloud),
    }


def _undivided(pool: PoolPlan, cloud: Cloud) -> dict[str, str]:
    """What the kubelet takes nothing of."""
    gpus = {**extended_resources(pool.gpu), **core_resources(pool.gpu)} if pool.gpu else {}
    efa = {"vpc.amazonaws.com/efa": pool.machine.interfaces} if pool.network == "efa" else {}
    counted = {"pods": _pods(pool.machine, cloud), **gpus, **efa}
    pages = {"hugepages-1Gi": "0", "hugepages-2Mi": mebibytes(_huge_pages(pool))}
    return pages | {name: str(count) for name, count in counted.items()}


def _pods(machine: Machine, cloud: Cloud) -> int:
    """The most pods on a node. Source: Amazon EKS best practices, "Prefix Mode for Linux"; GKE, "Quotas and limits"."""
    return 250 if cloud == "aws" and machine.vcpu >= 30 else 110


def _memory_reserved(machine: Machine, cloud: Cloud) -> int:
    """MiB for the system's daemons. Source: EKS's nodeadm (255 MiB and 11 MiB a pod); GKE, "Plan node sizes"."""
    if cloud == "aws":
        return 255 + 11 * _pods(machine, cloud)
    return _banded(machine.memory * 1024, _GKE_MEMORY_RESERVED)


def _banded(total: int, bands: tuple[tuple[int | None, int], ...]) -> int:
    """What is taken of ``total``, each band of it at its own rate in ten-thousandths; the last band has no end."""
    taken, left = 0, total
    for width, rate in bands:
        part = left if width is None else min(left, width)
        taken, left = taken + part * rate // 10_000, left - part
    return taken


def _huge_pages(pool: PoolPlan) -> int:
    return _HUGE_PAGES if pool.network == "efa" else 0


def _disk(pool: PoolPlan) -> int:
    """MiB of ephemeral storage: the local NVMe disks as one volume where there are any and they are wanted."""
    local = pool.machine.local_nvme * 1024 if pool.disk.local_nvme == "raid0" else 0
    return local or int(amount(pool.disk.size) // 2**20)
