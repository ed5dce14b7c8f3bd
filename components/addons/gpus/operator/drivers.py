"""The driver where the operator installs it: one NVIDIADriver for each lane, for each is drained by its own rules.

A driver is replaced under nobody: its kernel module is unloaded only once no pod uses the node's cards. Source: GPU
Operator v26.7.0, api/nvidia/v1alpha1/nvidiadriver_types.go; "GPU Driver Upgrades".
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from ....clusters.facts import ClusterFacts
from ....objects import Manifest, manifest
from ....pools.plan import LANE_LABEL, PoolPlan
from ....settings.pools import GpuSettings, Lane
from ...daemons import tolerations

API = "nvidia.com/v1alpha1"
"""The group and version of NVIDIADriver."""
_JOBS = "batch.kubernetes.io/job-name"
"""The label on the pods of every Job. Source: Kubernetes, "Well-Known Labels, Annotations and Taints"."""
_EVICTION: Mapping[str, Any] = MappingProxyType(
    {
        # By eviction, so that disruption budgets hold; pods without a controller, which nothing would bring back, stay.
        "podDeletion": {"force": False, "timeoutSeconds": 1800, "deleteEmptyDir": True},
        "drain": {"enable": False, "force": False, "timeoutSeconds": 300, "deleteEmptyDir": False},
    }
)
"""How pods that use cards leave a node; no others have to. ``emptyDir`` is their shared memory and scratch space."""
_BY_HAND: Mapping[str, Any] = MappingProxyType(
    {"autoUpgrade": False, "maxParallelUpgrades": 1, "maxUnavailable": 1, **_EVICTION}
)
"""A node gets the new driver once somebody has drained it, at an hour of their choice: no model leaves by itself."""
_BEHIND_JOBS: Mapping[str, Any] = MappingProxyType(
    {
        "autoUpgrade": True,
        "maxParallelUpgrades": 1,
        "maxUnavailable": 1,
        "waitForCompletion": {"podSelector": _JOBS, "timeoutSeconds": 0},
        **_EVICTION,
    }
)
"""One node after the other takes no new pods, waits until its jobs have ended however long that is, and is upgraded."""
_POLICIES = MappingProxyType({Lane.GPU_INFERENCE: _BY_HAND, Lane.BATCH: _BEHIND_JOBS, Lane.PLATFORM: _BY_HAND})


def nvidia_drivers(gpu: GpuSettings, facts: ClusterFacts, pools: Sequence[PoolPlan]) -> list[Manifest]:
    """The drivers of the lanes that have cards; none where the operator does not install it."""
    if facts.gpu_driver != "operator":
        return []
    lanes = sorted({pool.lane for pool in pools})
    return [_driver(lane, gpu.driver, [pool for pool in pools if pool.lane is lane]) for lane in lanes]


def _driver(lane: Lane, version: str, pools: Sequence[PoolPlan]) -> Manifest:
    return manifest(
        API,
        "NVIDIADriver",
        lane.value,
        spec={
            "default": False,
            "driverType": "gpu",
            "repository": "nvcr.io/nvidia",
            "image": "driver",
            "version": version,
            "kernelModuleType": "auto",  # by card and driver: open modules know no card before Turing
            "usePrecompiled": False,
            "nodeSelector": {"nvidia.com/gpu.present": "true", LANE_LABEL: lane.value},
            "tolerations": tolerations(pools),
            "priorityClassName": "system-node-critical",
            "upgradePolicy": dict(_POLICIES[lane]),
        },
    )
