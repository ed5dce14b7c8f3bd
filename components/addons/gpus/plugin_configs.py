"""The configurations of NVIDIA's device plugin, one for each way of sharing; a node's label says which is its own.

Source: NVIDIA/k8s-device-plugin, README ("Shared Access to GPUs", "As command line flags or envvars").
"""

from collections.abc import Sequence
from typing import Any

import yaml

from ...pools.gpu_steering import WHOLE, plugin_config
from ...pools.plan import GpuPlan, PoolPlan
from ...pools.shares import GPU_RESOURCE, replicas


def plugin_configs(pools: Sequence[PoolPlan]) -> dict[str, str]:
    """Each configuration that a pool takes, as YAML by its name, and the one that nodes without a label take."""
    shared = {plugin_config(pool.gpu): _config(pool.gpu) for pool in pools if pool.gpu and not pool.gpu.share.dra}
    return {name: yaml.safe_dump(config, sort_keys=False) for name, config in ({WHOLE: _WHOLE} | shared).items()}


def _config(gpu: GpuPlan) -> dict[str, Any]:
    strategy = gpu.mig_strategy if gpu.share.mig else "none"
    config: dict[str, Any] = {"version": "v1", "flags": {"migStrategy": strategy}}
    return config | ({"sharing": _sharing(gpu)} if replicas(gpu) > 1 else {})


def _sharing(gpu: GpuPlan) -> dict[str, Any]:
    resources = [{"name": GPU_RESOURCE, "replicas": replicas(gpu)}]
    if gpu.share.mps:
        return {"mps": {"renameByDefault": False, "resources": resources}}
    # Two turns may be of one card: a pod that asks for two would hold less than it believes. MPS refuses it anyway.
    turns = {"renameByDefault": False, "failRequestsGreaterThanOne": True, "resources": resources}
    return {"timeSlicing": turns}


_WHOLE: dict[str, Any] = {"version": "v1", "flags": {"migStrategy": "none"}}
