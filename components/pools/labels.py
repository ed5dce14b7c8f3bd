"""The labels of a node, as its consumers find them on a real one: Kubernetes', the cloud's, NVIDIA's and ours."""

from collections.abc import Callable, Mapping
from uuid import NAMESPACE_DNS, uuid5

from ..catalogue.machines import Cloud
from ..settings.pools import Capacity, Reserved
from .compute_domain import CLIQUE_LABEL, domain_size
from .gpu_labels import gpu_labels
from .place import Place, node_name, place
from .plan import GpuPlan, PoolPlan
from .rungs import rung_names
from .shares import partition_label, partitions, replicas

_AWS_CAPACITY = {
    "on-demand": {"eks.amazonaws.com/capacityType": "ON_DEMAND", "karpenter.sh/capacity-type": "on-demand"},
    "spot": {"eks.amazonaws.com/capacityType": "SPOT", "karpenter.sh/capacity-type": "spot"},
    "reserved": {"eks.amazonaws.com/capacityType": "ON_DEMAND", "karpenter.sh/capacity-type": "reserved"},
}
_GCP_CAPACITY = {
    "on-demand": {"cloud.google.com/gke-provisioning": "standard"},
    "spot": {"cloud.google.com/gke-provisioning": "spot", "cloud.google.com/gke-spot": "true"},
    "flex-start": {"cloud.google.com/gke-flex-start": "true"},
    "reserved": {"cloud.google.com/gke-provisioning": "standard", "cloud.google.com/reservation-affinity": "specific"},
}


def node_labels(pool: PoolPlan, index: int, cloud: Cloud) -> dict[str, str]:
    """The labels of the pool's node ``index`` on ``cloud``. Nothing a user sets overrides what the platform relies on.

    Source: kubernetes.io, "Well-Known Labels, Annotations and Taints".
    """
    where = place(pool, index, cloud)
    known = {
        "kubernetes.io/arch": pool.machine.arch,
        "kubernetes.io/hostname": node_name(pool, index),
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": pool.machine.name,
        "topology.kubernetes.io/region": where.region,
        "topology.kubernetes.io/zone": where.zone,
    }
    theirs = _aws(pool, where) if cloud == "aws" else _gcp(pool, where, index)
    return {**pool.labels, **known, **theirs, **discovered(pool), **_nvlink(pool, index)}


def discovered(pool: PoolPlan) -> dict[str, str]:
    """What a vendor's own discovery says of the pool's nodes: NVIDIA's alone, for other vendors' there is none on them.

    TPU and Trainium nodes are told apart by their cloud's labels.
    """
    return gpu_labels(pool.gpu, pool.machine.name) if pool.gpu and pool.gpu.accelerator.is_nvidia else {}


def _nvlink(pool: PoolPlan, index: int) -> dict[str, str]:
    """The NVLink partition of a node whose cards reach those of others: racks are filled one after the other."""
    size = domain_size(pool)
    return {CLIQUE_LABEL: f"{uuid5(NAMESPACE_DNS, f'{index // size}.{pool.name}')}.0"} if size else {}


def _aws(pool: PoolPlan, where: Place) -> dict[str, str]:
    """Labels of EKS and Karpenter.

    Source: Amazon EKS user guide, "Target AI/ML workloads to specific nodes with labels" and "Place distributed AI/ML
    workloads with network topology labels"; Karpenter, "Well-Known Labels".
    """
    layers = (where.fabric, where.block, where.rack) if pool.gpu else ()
    return {
        "eks.amazonaws.com/nodegroup": pool.name,
        **_bought(pool.capacity[0], _AWS_CAPACITY, _aws_reservation),
        **{f"topology.k8s.aws/network-node-layer-{at}": f"nn-{layer}" for at, layer in enumerate(layers, 1)},
    }


def _gcp(pool: PoolPlan, where: Place, index: int) -> dict[str, str]:
    """Labels of GKE.

    Source: Google Kubernetes Engine documentation, "About GPUs", "About TPUs in GKE", "Share GPUs with multiple
    workloads using GPU time-sharing", "About Spot VMs", "Consume reserved zonal resources", "About Local SSD for GKE"
    and "Schedule GKE workloads with Topology Aware Scheduling"; the labels of nodes in public reports of 2024 to 2026.
    """
    scratch = pool.machine.local_disks and pool.disk.local_nvme == "raid0"
    return {
        "cloud.google.com/gke-nodepool": rung_names(pool.name, pool.capacity)[0],
        "cloud.google.com/machine-family": pool.machine.name.partition("-")[0],
        "topology.gke.io/zone": where.zone,
        **_bought(pool.capacity[0], _GCP_CAPACITY, _gcp_reservation),
        **({"cloud.google.com/gke-ephemeral-storage-local-ssd": "true"} if scratch else {}),
        **(_gke_accelerators(pool.gpu, pool, where, index) if pool.gpu else {}),
    }


def _bought(
    way: Capacity, labels: Mapping[str, Mapping[str, str]], reservation: Callable[[str], dict[str, str]]
) -> dict[str, str]:
    """How the node was bought, the first of the pool's ways; ``reservation`` makes labels of a reservation's name."""
    if isinstance(way, Reserved):
        return {**labels["reserved"], **reservation(way.reserved)}
    return dict(labels[way])


def _aws_reservation(name: str) -> dict[str, str]:
    return {"karpenter.k8s.aws/capacity-reservation-id": name}


def _gcp_reservation(name: str) -> dict[str, str]:
    """Name and project apart: ``projects/PROJECT/reservations/NAME`` is no label's value."""
    match name.split("/"):
        case ["projects", project, "reservations", short]:
            return {"cloud.google.com/reservation-name": short, "cloud.google.com/reservation-project": project}
        case _:
            return {"cloud.google.com/reservation-name": name}


def _gke_accelerators(gpu: GpuPlan, pool: PoolPlan, where: Place, index: int) -> dict[str, str]:
    labels = {
        "cloud.google.com/gke-accelerator-count": str(gpu.per_node),
        "cloud.google.com/gce-topology-block": where.block,
        "cloud.google.com/gce-topology-subblock": where.rack,
        "cloud.google.com/gce-topology-host": f"{where.rack}-{index}",
    }
    called = pool.machine.gke_accelerator or gpu.accelerator.name
    if pool.topology:
        return {
            **labels,
            "cloud.google.com/gke-tpu-accelerator": called,
            "cloud.google.com/gke-tpu-topology": pool.topology,
        }
    labels |= {"cloud.google.com/gke-accelerator": called, "cloud.google.com/gke-gpu": "true"}
    if replicas(gpu) > 1:
        labels |= {
            "cloud.google.com/gke-gpu-sharing-strategy": "mps" if gpu.share.mps else "time-sharing",
            "cloud.google.com/gke-max-shared-clients-per-gpu": str(replicas(gpu)),
        }
    match list(partitions(gpu)):
        case [profile]:
            return {**labels, "cloud.google.com/gke-gpu-partition-size": partition_label(profile)}
        case _:
            return labels
