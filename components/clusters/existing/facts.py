"""What is declared of an existing cluster."""

from ...settings.existing import ExistingCluster as ExistingSettings
from ..cluster import ClusterFacts


def facts(settings: ExistingSettings) -> ClusterFacts:
    """The cluster's facts, as the stack file declares them; `ClusterCheck` verifies them before anything is built."""
    declared = settings.facts
    return ClusterFacts(
        kind="existing",
        kubernetes=declared.kubernetes,
        gpu_driver=declared.gpu_driver,
        device_plugin=declared.device_plugin,
        # A Karpenter that runs there is somebody else's: one of ours beside it would fight over the same nodes.
        autoscaler="cloud" if declared.autoscaler == "karpenter" else declared.autoscaler,
        network_policy=declared.network_policy,
        workload_identity="none",
        storage_class=declared.storage_class,
        load_balancer_class=declared.load_balancer_class,
    )
