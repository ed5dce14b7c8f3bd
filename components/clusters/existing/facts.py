"""What is declared of an existing cluster."""

from ...settings.existing import ExistingCluster as ExistingSettings
from ..facts import AMD_PLUGIN, NEURON_PLUGIN, OPERATOR_DRIVER_ROOT, ClusterFacts


def facts(settings: ExistingSettings) -> ClusterFacts:
    """The cluster's facts, as the stack file declares them; `ClusterCheck` verifies them before anything is built."""
    declared = settings.facts
    ours = declared.gpu_driver == "operator"
    return ClusterFacts(
        kind="existing",
        kubernetes=declared.kubernetes,
        gpu_driver=declared.gpu_driver,
        device_plugin=declared.device_plugin,
        # A Karpenter that runs there is somebody else's: one of ours beside it would fight over the same nodes.
        autoscaler="cloud" if declared.autoscaler == "karpenter" else declared.autoscaler,
        network_policy=declared.network_policy,
        workload_identity="none",
        # A driver that lies in the image came with the toolkit: nothing of the image's could use it otherwise.
        container_toolkit="operator" if ours else "image",
        driver_root=OPERATOR_DRIVER_ROOT if ours else "/",
        storage_class=declared.storage_class,
        load_balancer_class=declared.load_balancer_class,
        # What advertises GPUs there already advertises every vendor's: one fact says it for all of them.
        brings=frozenset() if declared.device_plugin == "operator" else frozenset({NEURON_PLUGIN, AMD_PLUGIN}),
    )
