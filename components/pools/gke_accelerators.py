"""The GPUs of a GKE node pool: who installs the driver, and how GKE's device plugin hands them out.

There are two coherent states. GKE owns driver and device plugin; or the GPU Operator does, and the label that keeps
GKE's device plugin away stands on the nodes. With the label and GKE's driver, nodes come up without either.
Source: NVIDIA/aicr docs/integrator/gke-gpu-setup.md; GKE, "Manage the GPU stack with the NVIDIA GPU Operator".
"""

from typing import TYPE_CHECKING, Literal

from .plan import GpuPlan, PoolPlan
from .shares import partitions, replicas

if TYPE_CHECKING:
    from pulumi_gcp import container as gke

Owner = Literal["gke", "operator"]
NO_PLUGIN = {"gke-no-default-nvidia-gpu-device-plugin": "true"}
"""The label that keeps GKE's device plugin away."""
CLAIMED = {"nvidia.com/gpu.present": "true", "cloud.google.com/gke-nvidia-gpu-dra-driver": "true"}
"""Where the NVIDIA DRA driver runs; by the second, the autoscaler knows the devices of a pool without nodes.

Source: GKE, "Prepare GKE infrastructure for DRA workloads"; modelplaneai/modelplane#345.
"""
_MANAGED = "LATEST"
"""The newest driver that the node's version knows: engines are built with newer CUDA than ``DEFAULT`` always has."""
NOT_MANAGED = "INSTALLATION_DISABLED"
"""GKE installs no driver, and no device plugin that would need one."""


def accelerators(pool: PoolPlan, gpu: GpuPlan, owner: Owner) -> "gke.NodePoolNodeConfigGuestAcceleratorArgsDict":
    """The cards of one node. Whoever owns the driver also shares the cards: with the Operator, GKE is told nothing.

    Source: GKE, "Running multi-instance GPUs" and "Share GPUs with multiple workloads using GPU time-sharing".
    """
    card: gke.NodePoolNodeConfigGuestAcceleratorArgsDict = {
        "type": pool.machine.gke_accelerator or gpu.accelerator.name,
        "count": gpu.per_node,
        "gpu_driver_installation_config": {"gpu_driver_version": _MANAGED if owner == "gke" else NOT_MANAGED},
    }
    if owner == "operator":
        return card
    if cut := list(partitions(gpu)):
        card["gpu_partition_size"] = cut[0].name  # one for all cards: mixes are refused before
    elif replicas(gpu) > 1:
        strategy = "MPS" if gpu.share.mps else "TIME_SHARING"
        card["gpu_sharing_config"] = {
            "gpu_sharing_strategy": strategy,
            "max_shared_clients_per_gpu": replicas(gpu),
        }
    return card


def is_tpu(pool: PoolPlan) -> bool:
    """Whether the pool's accelerators are TPUs: GKE alone owns these, on Container-Optimized OS.

    Source: GKE, "About TPUs in GKE".
    """
    return pool.gpu is not None and pool.gpu.accelerator.vendor.name == "google"


def driver_labels(pool: PoolPlan, owner: Owner) -> dict[str, str]:
    """The labels that the pool's nodes carry for whoever owns the driver."""
    if pool.gpu is None or is_tpu(pool) or owner == "gke":
        return {}
    return {**NO_PLUGIN, **(CLAIMED if pool.gpu.share.dra else {})}
