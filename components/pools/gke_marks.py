"""What becomes different about a pool because GKE makes it: marks that pods and queues have to know as well."""

from dataclasses import replace

from ..settings.gke import GkeCluster
from ..settings.pools import Lane
from .compute_class import class_label, class_taints
from .plan import PoolPlan

QUEUED = "cloud.google.com/gke-queued"
"""The key of the taint that GKE itself puts on nodes of queued provisioning; its value is ``true``."""

FLEX_START = "cloud.google.com/gke-flex-start"
"""The key of the label that GKE puts on flex-start nodes, and that it asks of a ProvisioningRequest for them.

Source: GKE, "Run a large-scale workload with flex-start with queued provisioning".
"""


def on_gke(pool: PoolPlan, cluster: GkeCluster) -> PoolPlan:
    """The plan of a pool as this cluster carries it out.

    A ladder's nodes carry its ComputeClass. In the batch lane, flex-start nodes are queued for. And GKE's own device
    plugin advertises partitions like whole cards, under one name: GKE, "Running multi-instance GPUs".
    """
    single = pool.gpu is not None and bool(pool.gpu.share.mig) and cluster.gpu_driver == "gke"
    return replace(
        pool,
        gpu=replace(pool.gpu, mig_strategy="single") if pool.gpu and single else pool.gpu,
        queued=pool.lane is Lane.BATCH and "flex-start" in pool.capacity,
        labels={**pool.labels, **class_label(pool.name, pool.capacity)},
        taints=(*pool.taints, *class_taints(pool.name, pool.capacity)),
    )
