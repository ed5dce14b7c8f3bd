"""The labels that NVIDIA's discovery puts on a GPU node.

Source: NVIDIA/k8s-device-plugin v0.19, docs/gpu-feature-discovery/README.md ("Generated Labels") and internal/lm;
node-feature-discovery's label for NVIDIA's PCI vendor id; the GPU Operator's ``nvidia.com/gpu.present``.
``nvidia.com/gfd.timestamp`` is left out: it would differ on every run.
"""

from bisect import bisect

from ..catalogue.accelerators import Accelerator
from ..catalogue.mig import MigProfile
from .plan import GpuPlan
from .shares import partition_label, partition_resource, partitions, replicas

_CUDA = (
    (0, "12.0"),
    (530, "12.1"),
    (535, "12.2"),
    (545, "12.3"),
    (550, "12.4"),
    (555, "12.5"),
    (560, "12.6"),
    (565, "12.7"),
    (570, "12.8"),
    (575, "12.9"),
    (580, "13.0"),
    (590, "13.1"),
    (595, "13.2"),
)
"""The CUDA version of each driver branch. Source: NVIDIA CUDA Toolkit release notes, table of driver versions."""


def cuda_version(driver: str) -> str:
    """The CUDA version that a driver supports: ``13.2`` for ``595.91.07``."""
    branch = int(driver.partition(".")[0])
    return _CUDA[bisect(_CUDA, branch, key=lambda row: row[0]) - 1][1]


def gpu_labels(gpu: GpuPlan, machine: str) -> dict[str, str]:
    """The NVIDIA labels of a node that carries ``gpu`` and is of the machine type ``machine``."""
    card = gpu.accelerator
    return {
        "feature.node.kubernetes.io/pci-10de.present": "true",
        "nvidia.com/gpu.present": "true",
        "nvidia.com/gpu.machine": machine,
        "nvidia.com/gpu.mode": "compute",
        "nvidia.com/gpu.family": card.family,
        "nvidia.com/gpu.memory": str(card.memory),
        "nvidia.com/gpu.count": str(gpu.per_node),
        "nvidia.com/mig.capable": _bool(card.mig_capable),
        "nvidia.com/mps.capable": _bool(gpu.share.mps is not None),
        "nvidia.com/vgpu.present": "false",
        **_versions(gpu.driver, card.compute_capability),
        **_sharing(gpu),
        **(_mig(gpu, card) if gpu.share.mig else {}),
    }


def _versions(driver: str, compute_capability: str) -> dict[str, str]:
    """Driver, CUDA and compute capability; the first two also under the names that discovery calls deprecated."""
    major, minor, *revision = driver.split(".")
    cuda = cuda_version(driver)
    cuda_major, cuda_minor = cuda.split(".")
    compute_major, compute_minor = compute_capability.split(".")
    return {
        "nvidia.com/cuda.driver-version.full": driver,
        "nvidia.com/cuda.driver-version.major": major,
        "nvidia.com/cuda.driver-version.minor": minor,
        "nvidia.com/cuda.driver-version.revision": "".join(revision),
        "nvidia.com/cuda.driver.major": major,
        "nvidia.com/cuda.driver.minor": minor,
        "nvidia.com/cuda.driver.rev": "".join(revision),
        "nvidia.com/cuda.runtime-version.full": cuda,
        "nvidia.com/cuda.runtime-version.major": cuda_major,
        "nvidia.com/cuda.runtime-version.minor": cuda_minor,
        "nvidia.com/cuda.runtime.major": cuda_major,
        "nvidia.com/cuda.runtime.minor": cuda_minor,
        "nvidia.com/gpu.compute.major": compute_major,
        "nvidia.com/gpu.compute.minor": compute_minor,
    }


def _sharing(gpu: GpuPlan) -> dict[str, str]:
    """Product, replicas and strategy: a card cut by MIG reports no replicas of itself, a shared one is marked so."""
    shared = replicas(gpu) > 1
    strategy = "mps" if gpu.share.mps else "time-slicing"
    return {
        "nvidia.com/gpu.product": f"{gpu.accelerator.product}-SHARED" if shared else gpu.accelerator.product,
        "nvidia.com/gpu.replicas": "0" if gpu.share.mig else str(replicas(gpu)),
        "nvidia.com/gpu.sharing-strategy": strategy if shared else "none",
    }


def _mig(gpu: GpuPlan, card: Accelerator) -> dict[str, str]:
    """The labels of each kind of partition; under the strategy ``single`` they take the place of the card's own."""
    labels = {"nvidia.com/mig.strategy": gpu.mig_strategy}
    for profile, many in partitions(gpu).items():
        figures = _partition(profile, card, many * gpu.per_node)
        labels |= {f"{partition_resource(gpu, profile)}.{key}": str(value) for key, value in figures.items()}
    return labels


def _partition(profile: MigProfile, card: Accelerator, count: int) -> dict[str, int | str]:
    return {
        "count": count,
        "product": f"{card.product}-MIG-{partition_label(profile)}",
        "replicas": 1,
        "sharing-strategy": "none",
        "memory": profile.memory,
        "multiprocessors": profile.multiprocessors,
        "slices.gi": profile.compute,
        "slices.ci": profile.compute,
        "engines.copy": profile.copy_engines,
        "engines.decoder": profile.decoders,
        "engines.encoder": profile.encoders,
        "engines.jpeg": profile.jpeg_engines,
        "engines.ofa": profile.ofa_engines,
    }


def _bool(value: bool) -> str:
    return str(value).lower()
