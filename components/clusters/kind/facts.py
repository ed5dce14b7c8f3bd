"""What is known of a kind cluster before it exists."""

from ...settings.kind import KindCluster as KindSettings
from ..facts import ClusterFacts
from .gpus import gpu_source


def facts(settings: KindSettings) -> ClusterFacts:
    """The cluster's facts.

    NetworkPolicy is enforced by kindnet, from kind v0.24.0 on (kubernetes-sigs/kind#3612). There is no load balancer:
    one is made by cloud-provider-kind, a program of its own, or a port of the settings leads to a NodePort.
    """
    simulated = gpu_source(settings) == "simulated"
    return ClusterFacts(
        kind="kind",
        kubernetes=settings.version,
        gpu_driver="none" if simulated else "image",  # with nvkind: this machine's, which all nodes share
        device_plugin="simulated" if simulated else "operator",
        autoscaler="none",
        network_policy="other",
        workload_identity="none",
        storage_class="standard",  # kind's own, with volumes on the node (rancher.io/local-path)
        load_balancer_class=None,
    )
