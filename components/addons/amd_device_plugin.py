"""The AMD device plugin: it advertises Instinct accelerators, whole, as ``amd.com/gpu``. The driver is the image's.

Source: ROCm/k8s-device-plugin, k8s-ds-amdgpu-dp.yaml and helm/amd-gpu.
"""

from collections.abc import Sequence
from pathlib import Path

from ..clusters.cluster import AMD_PLUGIN, ClusterFacts
from ..mounts import Mount
from ..objects import Object
from ..pools.plan import PoolPlan
from ..settings.settings import Settings
from .device_plugin import DevicePlugin, device_plugin

PLUGIN = DevicePlugin(
    name=AMD_PLUGIN,
    vendor="amd",
    # renovate: datasource=docker depName=rocm/k8s-device-plugin
    image="docker.io/rocm/k8s-device-plugin:1.31.0.10",
    mounts=(Mount(name="sys", path="/sys", source={"hostPath": {"path": "/sys"}}),),
)


def plan_amd_device_plugin(
    _settings: Settings, facts: ClusterFacts, pools: Sequence[PoolPlan], _mirror: Path
) -> tuple[Object, ...]:
    """The plugin's manifests; none where no pool carries AMD's accelerators."""
    return device_plugin(PLUGIN, facts, pools)
