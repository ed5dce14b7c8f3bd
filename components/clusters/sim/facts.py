"""What is known of a sim before it exists."""

from dataclasses import replace

from ...settings.cluster import SimCluster as SimSettings
from ..facts import ClusterFacts
from .controllers import KARPENTER, KUEUE
from .spec import KUBERNETES

FACTS = ClusterFacts(
    kind="sim",
    kubernetes=KUBERNETES,
    gpu_driver="none",
    device_plugin="simulated",
    autoscaler="none",
    network_policy="none",
    workload_identity="none",
    hosts=frozenset({KUEUE.name}),
)


def facts(settings: SimSettings) -> ClusterFacts:
    """What is known of a sim before it exists."""
    if settings.autoscaler == "none":
        return FACTS
    return replace(FACTS, autoscaler=settings.autoscaler, hosts=FACTS.hosts | {KARPENTER.name})
