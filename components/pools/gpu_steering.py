"""The node labels that tell NVIDIA's operands what to do on each pool: how to share its cards, and who advertises them.

They stand on the nodes from the start, so that no operand ever serves a node that is not its own. Sources:
NVIDIA/k8s-device-plugin, README ("Multiple Config Files"); NVIDIA/mig-parted, deployments/gpu-operator; NVIDIA/
gpu-operator v26.7.0, controllers/state_manager.go (addGPUStateLabels): a label that is there already is kept.
"""

from ..settings.cluster import Cluster
from ..settings.eks import EksCluster
from ..settings.existing import ExistingCluster
from ..settings.gke import GkeCluster
from .plan import GpuPlan
from .shares import partition_label, partitions, replicas

PLUGIN_CONFIG = "nvidia.com/device-plugin.config"
"""Which of its configurations the device plugin takes, and feature discovery with it."""
MIG_CONFIG = "nvidia.com/mig.config"
"""How the MIG manager cuts the node's cards."""
DEPLOY_PLUGIN = "nvidia.com/gpu.deploy.device-plugin"
"""Whether the GPU Operator's device plugin runs on the node."""
DEPLOY_MIG_MANAGER = "nvidia.com/gpu.deploy.mig-manager"
"""Whether the GPU Operator's MIG manager runs on the node."""
WHOLE = "whole"
"""The device plugin's configuration where no label names one: each card to one pod."""


def steering_labels(gpu: GpuPlan | None, cluster: Cluster) -> dict[str, str]:
    """The labels of a pool's nodes; none where the defaults serve: whole cards of the device plugin, or no card at all.

    Where DRA serves the pool, the device plugin is kept away, which would hand each card out a second time, and the
    MIG manager, which would cut cards that the DRA driver cuts.
    """
    if gpu is None or not gpu.accelerator.is_nvidia or gpu.share.whole or not _is_ours(cluster):
        return {}
    if gpu.share.dra:
        return {DEPLOY_PLUGIN: "false", DEPLOY_MIG_MANAGER: "false"}
    cut = {MIG_CONFIG: mig_config(gpu)} if gpu.share.mig else {}
    return {PLUGIN_CONFIG: plugin_config(gpu), **cut}


def _is_ours(cluster: Cluster) -> bool:
    """Whether a device plugin of ours reads the labels. Somebody else's would look for configurations it has not."""
    match cluster:
        case GkeCluster(gpu_driver="gke") | EksCluster(image="bottlerocket"):
            return False
        case ExistingCluster():
            return cluster.facts.device_plugin == "operator"
        case _:
            return True


def plugin_config(gpu: GpuPlan) -> str:
    """The name of the device plugin's configuration for such cards: ``time-slicing-4``, ``mps-3``, ``mig-mixed``."""
    match gpu.share.way:
        case "time_slicing" | "mps" as way:
            return f"{way.replace('_', '-')}-{replicas(gpu)}"
        case "mig":
            return f"mig-{gpu.mig_strategy}"
        case _:
            return WHOLE


def mig_config(gpu: GpuPlan) -> str:
    """The name of the cards' geometry: ``1x3g.40gb-2x2g.20gb``. Another one has another name.

    The MIG manager acts when the label changes, never when the text does that a name stands for.
    """
    cut = sorted(partitions(gpu).items(), key=lambda item: (-item[0].size, -item[0].compute, item[0].name))
    return "-".join(f"{many}x{partition_label(profile)}" for profile, many in cut)
