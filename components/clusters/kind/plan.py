"""From pools to the configuration of a kind cluster: nodes with labels and taints, the image, addresses, GPUs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from ...catalogue.kind_images import KindImage, kind_images
from ...pools.plan import PoolPlan
from ...problems import InvalidSettingsError, Problem
from ...settings.kind import KindCluster as KindSettings
from .gpus import Source

Document = dict[str, Any]

_MOST_NVKIND_WORKERS = 9
"""nvkind pairs nodes and their GPUs in the order of names, in which worker10 comes before worker2.

Upstream: NVIDIA/nvkind, pkg/nvkind/cluster.go, GetNodes.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindPlan:
    """A kind cluster, decided.

    config: its configuration, ``kind.x-k8s.io/v1alpha4``.
    nodes: the names of all its nodes, the control plane first.
    nvkind: whether nvkind makes it, with this machine's GPUs.
    """

    name: str
    config: Document
    nodes: tuple[str, ...]
    nvkind: bool

    @property
    def text(self) -> str:
        """The configuration as kind reads it."""
        return yaml.safe_dump(self.config, sort_keys=False)


def plan_kind(settings: KindSettings, pools: Sequence[PoolPlan], source: Source, gpus: int) -> KindPlan:
    """Plans the cluster: one control plane, and a worker for each node of each pool at its largest size.

    source: where GPUs come from.
    gpus: how many this machine has.
    Raises InvalidSettingsError for what this machine cannot carry out.
    """
    real = source == "nvkind" and any(pool.gpu for pool in pools)
    if real and (problems := list(_beyond(pools, gpus))):
        raise InvalidSettingsError(problems)
    image = kind_images()[settings.version]
    workers = list(_workers(settings, pools, image.reference, real=real))
    simulated = source == "simulated" and any(pool.gpu for pool in pools)
    return KindPlan(
        name=settings.name,
        config={
            "kind": "Cluster",
            "apiVersion": "kind.x-k8s.io/v1alpha4",
            "name": settings.name,
            "networking": {
                "ipFamily": "ipv4",
                "apiServerAddress": "127.0.0.1",
                "podSubnet": settings.network.cidr,
                "serviceSubnet": settings.network.services,
            },
            **(_simulation(image) if simulated else {}),
            "nodes": [_control_plane(settings, image.reference), *workers],
        },
        nodes=(f"{settings.name}-control-plane", *_names(settings.name, len(workers))),
        nvkind=real,
    )


def _beyond(pools: Sequence[PoolPlan], gpus: int) -> Iterator[Problem]:
    """What nvkind cannot do on this machine."""
    for pool in pools:
        if pool.gpu and (pool.gpu.share.mig or pool.gpu.share.dra == "dynamic-mig"):
            text = "cuts cards, and nvkind hands out whole ones only. Share them another way, or set gpus: simulated."
            yield Problem(f"pools.{pool.name}.share", pool.gpu.share.way, text)
    wanted = sum(pool.cards for pool in pools)
    if wanted > gpus:
        text = (
            f"hands {wanted} GPUs to the nodes of all pools, and this machine shows {gpus}. "
            "Lower size or per_node, or set gpus: simulated."
        )
        yield Problem("cluster.gpus", "nvkind", text)
    nodes = sum(pool.size.max for pool in pools)
    if nodes > _MOST_NVKIND_WORKERS:
        text = (
            f"would mix up the GPUs of {nodes} workers: nvkind tells at most {_MOST_NVKIND_WORKERS} apart. "
            "Lower the sizes of the pools, or set gpus: simulated."
        )
        yield Problem("cluster.gpus", "nvkind", text)


def _simulation(image: KindImage) -> Document:
    """What the DRA example driver needs. Upstream: its demo/scripts/kind-cluster-config.yaml."""
    gates = {"featureGates": dict.fromkeys(image.feature_gates, True)} if image.feature_gates else {}
    cdi = '[plugins."io.containerd.grpc.v1.cri"]\n  enable_cdi = true\n'
    return {**gates, "containerdConfigPatches": [cdi]}


def _control_plane(settings: KindSettings, image: str) -> Document:
    # On the loopback address only: kind's default is every address of this machine.
    ports = [
        {"containerPort": port.node, "hostPort": port.host, "listenAddress": "127.0.0.1", "protocol": "TCP"}
        for port in settings.ports
    ]
    return {"role": "control-plane", "image": image, **({"extraPortMappings": ports} if ports else {})}


def _workers(settings: KindSettings, pools: Sequence[PoolPlan], image: str, *, real: bool) -> Iterator[Document]:
    mounts = [
        {"hostPath": mount.host, "containerPath": mount.node, "readOnly": mount.read_only} for mount in settings.mounts
    ]
    card = 0
    for pool in pools:
        cards = pool.gpu.per_node if pool.gpu and real else 0
        present = {"nvidia.com/gpu.present": "true"} if cards else {}
        for _ in range(pool.size.max):
            handed = [_gpu_mount(index) for index in range(card, card + cards)]
            card += cards
            yield {
                "role": "worker",
                "image": image,
                "labels": dict(sorted({**pool.labels, **present}.items())),
                **({"extraMounts": [*mounts, *handed]} if mounts or handed else {}),
                **({"kubeadmConfigPatches": [_registration(pool)]} if pool.taints else {}),
            }


def _gpu_mount(index: int) -> Document:
    """How a node asks the NVIDIA container toolkit for one GPU. Upstream: nvkind, README ("Setup") and its examples."""
    return {"hostPath": "/dev/null", "containerPath": f"/var/run/nvidia-container-devices/{index}"}


def _registration(pool: PoolPlan) -> str:
    """A merge patch of what kubeadm joins the node with: tainted from its first moment, so that nothing slips in.

    Upstream: kubeadm.k8s.io/v1beta4, JoinConfiguration, nodeRegistration.taints.
    """
    taints = [{"key": taint.key, "value": taint.value, "effect": taint.effect} for taint in pool.taints]
    patch = {"kind": "JoinConfiguration", "nodeRegistration": {"taints": taints}}
    return yaml.safe_dump(patch, sort_keys=False)


def _names(cluster: str, workers: int) -> list[str]:
    """The names that kind gives workers: worker, worker2, worker3. Upstream: providers/common/namer.go."""
    return [f"{cluster}-worker{index if index > 1 else ''}" for index in range(1, workers + 1)]
