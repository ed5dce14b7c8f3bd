"""What becomes different about a pool because GKE makes it: marks that pods and queues have to know as well."""

from dataclasses import replace

from ..settings.gke import GkeCluster
from ..settings.pools import Lane
from .compute_class import class_label, class_taints
from .plan import GpuPlan, PoolPlan

QUEUED = "cloud.google.com/gke-queued"
"""The key of the taint that GKE itself puts on nodes of queued provisioning; its value is ``true``."""

FLEX_START = "cloud.google.com/gke-flex-start"
"""The key of the label that GKE puts on flex-start nodes, and that it asks of a ProvisioningRequest for them.

Source: GKE, "Run a large-scale workload with flex-start with queued provisioning".
"""


def on_gke(pool: PoolPlan, cluster: GkeCluster) -> PoolPlan:
    """The plan of a pool as this cluster carries it out.

    A ladder's nodes carry its ComputeClass. In the batch lane, flex-start nodes are queued for.
    """
    return replace(
        pool,
        gpu=_handed_out(pool.gpu, cluster) if pool.gpu else None,
        queued=pool.lane is Lane.BATCH and "flex-start" in pool.capacity,
        labels={**pool.labels, **class_label(pool.name, pool.capacity)},
        taints=(*pool.taints, *class_taints(pool.name, pool.capacity)),
    )


def _handed_out(gpu: GpuPlan, cluster: GkeCluster) -> GpuPlan:
    """Cards as the cluster's device plugin hands them out; GKE's own advertises partitions like whole cards.

    Sources: GKE, "Running multi-instance GPUs"; GoogleCloudPlatform/container-engine-accelerators, cmd/nvidia_gpu
    (``-host-path``, ``-container-path``).
    """
    if cluster.gpu_driver == "operator":
        return replace(gpu, libraries="injected")
    return replace(gpu, mig_strategy="single" if gpu.share.mig else gpu.mig_strategy, libraries="mounted")
