"""What is known of an EKS cluster before it exists."""

from ...catalogue.eks_registries import eks_registries
from ...settings.eks import EksCluster
from ..facts import ClusterFacts

STORAGE_CLASS = "gp3"
"""The name of the default class for volumes, which the cluster brings: encrypted gp3 volumes."""


def facts(settings: EksCluster) -> ClusterFacts:
    """The facts of a cluster.

    Both node images bring the GPU driver and the container toolkit; Bottlerocket's brings the device plugin too.
    Source: Amazon EKS user guide, "EKS-optimized accelerated AMIs" and "Manage NVIDIA GPU devices".
    """
    return ClusterFacts(
        kind="eks",
        kubernetes=settings.version,
        gpu_driver="image",
        device_plugin="image" if settings.image == "bottlerocket" else "operator",
        autoscaler="karpenter",
        network_policy="vpc-cni",
        workload_identity="pod-identity",
        cards_by_allotment=True,  # of Bottlerocket by itself, of Amazon Linux by its user data
        restarts_nodes=True,
        storage_class=STORAGE_CLASS,
        registry=eks_registries().registry(settings.region),
    )
