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

from ...clusters.facts import ClusterFacts
from ...objects import Object
from ...pools.plan import PoolPlan
from ...settings.settings import Settings
from ..daemons import daemon_set, tolerations
from .served import nvidia

NAME = "nvidia-driver-installer"

_IMAGE = "cos-nvidia-installer:fixed"
"""What Container-Optimized OS calls the installer that it brings; it is never pulled."""
_PAUSE = "gke.gcr.io/pause:3.8@sha256:880e63f94b145e46f1b1082bb71b85e21f16b99b180b9996407d61240ceb9830"
"""It keeps the pod alive once the driver is installed."""
_INSTALL = """\
set -eu
grep -q '^nvidia ' /proc/modules || /cos-gpu-installer install --version=latest
chmod 755 /usr/local/nvidia
"""
"""Nothing where the driver is loaded: a pod that starts again would put other libraries under jobs that run. Without
the mode, only root sees the libraries."""
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
    pod = _pod(facts.driver_root)
    return (Object(daemon_set(NAME, served, pod, label="k8s-app", tolerated=tolerations(served))),)


def _pod(driver_root: str) -> dict[str, Any]:
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
        "command": ["bash", "-c", _INSTALL],
        "env": [{"name": name, "value": value} for name, value in {**env, "ROOT_MOUNT_DIR": "/root"}.items()],
        "resources": {"requests": {"cpu": "150m"}},
        "securityContext": {"privileged": True},
        "volumeMounts": [{"name": names[path], "mountPath": inside} for inside, path in mounts.items()],
    }
    return {
        "hostNetwork": True,
        "hostPID": True,
        "volumes": [{"name": name, "hostPath": {"path": path}} for path, name in names.items()],
        "initContainers": [installer],
        "containers": [{"name": "pause", "image": _PAUSE, "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}}}],
    }
