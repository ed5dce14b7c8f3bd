"""What is known of a GKE cluster before it exists."""

from ...pools.fabric import GKE_LIBRARIES
from ...settings.gke import GkeCluster
from ..facts import OPERATOR_DRIVER_ROOT, ClusterFacts

LEAST_VERSION = "1.34"
"""What is counted on where no version is named: release channels begin clusters with it or a later one. The API of DRA
is stable in it, and GKE brings the CRDs of inference pools."""
STORAGE_CLASS = "kubelanes-encrypted"
"""The class of volumes that are encrypted with the cluster's key; no class of GKE's own is."""

BRINGS = frozenset({"gateway-api", "inference-extension"})
"""CRDs that GKE installs and upgrades itself; a second owner would fight it. Of the inference extension those of the
stable API (InferencePool), from 1.34.0-gke.1626000 on.
Source: GKE, "Deploy GKE Inference Gateway"; GoogleCloudPlatform/accelerated-platforms#500."""


def facts(settings: GkeCluster) -> ClusterFacts:
    """What holds for the cluster.

    On GKE from 1.33 on the container toolkit has to read containerd's file: NVIDIA/gpu-operator#1577, #1679.
    """
    ours, ubuntu = settings.gpu_driver == "operator", settings.image == "ubuntu"
    driver = ("operator" if ubuntu else "installer") if ours else "cloud"
    return ClusterFacts(
        kind="gke",
        kubernetes=settings.version or LEAST_VERSION,
        gpu_driver=driver,
        device_plugin="operator" if ours else "cloud",
        autoscaler="cluster-autoscaler",
        network_policy="dataplane-v2",
        workload_identity="gke-workload-identity",
        container_toolkit="operator" if ours else "cloud",
        runtime_config="file",
        driver_root=OPERATOR_DRIVER_ROOT if driver == "operator" else GKE_LIBRARIES,
        restarts_nodes=True,
        storage_class=STORAGE_CLASS,
        load_balancer_class="networking.gke.io/l4-regional-external",
        brings=BRINGS,
        priority_quota=True,
    )
