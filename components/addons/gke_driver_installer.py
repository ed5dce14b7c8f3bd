"""GKE's driver installer, where the GPU Operator is wanted on Container-Optimized OS.

That image takes only kernel modules which Google has signed, and the operator has none; GKE installs none itself on
nodes that are marked as not its own. The installer's image lies on every node already, in the version that belongs to
it: the driver is replaced together with the node, under the pool's own rules of draining.
Source: GKE, "Manage the GPU stack with the NVIDIA GPU Operator"; GoogleCloudPlatform/container-engine-accelerators,
nvidia-driver-installer/cos/daemonset-preloaded-latest.yaml.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..clusters.cluster import ClusterFacts
from ..objects import Manifest, Object, manifest
from ..pools.plan import PoolPlan
from ..settings.settings import Settings
from .gpu_nodes import nvidia, on_pools, tolerations

NAME = "nvidia-driver-installer"
NAMESPACE = "kube-system"

_IMAGE = "cos-nvidia-installer:fixed"
"""What Container-Optimized OS calls the installer that it brings; it is never pulled."""
_PAUSE = "registry.k8s.io/pause:3.10"
"""It keeps the pod alive once the driver is installed."""
_IN_CONTAINER: Mapping[str, str] = MappingProxyType(
    {
        "NVIDIA_INSTALL_DIR": "/usr/local/nvidia",
        "VULKAN_ICD_DIR": "/etc/vulkan/icd.d",
        "COS_TOOLS_DIR": "/build/cos-tools",
    }
)
"""Where the installer finds the node's folders."""


def plan_gke_driver_installer(
    _settings: Settings, facts: ClusterFacts, pools: Sequence[PoolPlan], _mirror: Path
) -> tuple[Object, ...]:
    """The installer for the nodes of NVIDIA's pools; nothing where the driver comes from elsewhere."""
    served = nvidia(pools)
    if facts.gpu_driver != "installer" or not served:
        return ()
    return (Object(_daemon_set(facts.driver_root, served)),)


def _daemon_set(driver_root: str, pools: Sequence[PoolPlan]) -> Manifest:
    labels = {"k8s-app": NAME}
    return manifest(
        "apps/v1",
        "DaemonSet",
        NAME,
        NAMESPACE,
        labels=labels,
        spec={
            "selector": {"matchLabels": labels},
            "updateStrategy": {"type": "RollingUpdate"},
            "template": {"metadata": {"labels": labels}, "spec": _pod(driver_root, pools)},
        },
    )


def _pod(driver_root: str, pools: Sequence[PoolPlan]) -> dict[str, Any]:
    on_node = {
        "NVIDIA_INSTALL_DIR": driver_root,
        "VULKAN_ICD_DIR": f"{driver_root}/vulkan/icd.d",
        "COS_TOOLS_DIR": "/var/lib/cos-tools",
    }
    env = {f"{key}_HOST": path for key, path in on_node.items()}
    env |= {f"{key}_CONTAINER": path for key, path in _IN_CONTAINER.items()}
    mounts = {_IN_CONTAINER[key]: path for key, path in on_node.items()} | {"/dev": "/dev", "/root": "/"}
    names = {path: f"node-{at}" for at, path in enumerate(mounts.values())}
    installer = {
        "name": "installer",
        "image": _IMAGE,
        "imagePullPolicy": "Never",
        "command": ["/cos-gpu-installer", "install", "--version=latest"],
        "env": [{"name": name, "value": value} for name, value in {**env, "ROOT_MOUNT_DIR": "/root"}.items()],
        "resources": {"requests": {"cpu": "150m"}},
        "securityContext": {"privileged": True},
        "volumeMounts": [{"name": names[path], "mountPath": inside} for inside, path in mounts.items()],
    }
    return {
        "priorityClassName": "system-node-critical",
        "affinity": on_pools(pool.name for pool in pools),
        "tolerations": tolerations(pools),
        "hostNetwork": True,
        "hostPID": True,
        "automountServiceAccountToken": False,
        "volumes": [{"name": name, "hostPath": {"path": path}} for path, name in names.items()],
        "initContainers": [installer],
        "containers": [{"name": "pause", "image": _PAUSE, "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}}}],
    }
