"""How the MIG manager cuts the cards of each pool: a generated configuration of mig-parted.

Source: NVIDIA/mig-parted, examples/config.yaml; GPU Operator, "GPU Operator with MIG".
"""

from collections.abc import Sequence
from typing import Any

import yaml

from ....clusters.facts import ClusterFacts
from ....pools.gpu_steering import mig_config
from ....pools.plan import GpuPlan, PoolPlan
from ....pools.shares import partitions
from ..served import plugged

CONFIGS = "mig-configs"
"""The ConfigMap of the geometries."""
UNCUT = "all-disabled"
"""The geometry of nodes that no label gives one: the operator writes this name there itself."""
_RESET_BY_RESTART = frozenset({"Ampere"})
"""Architectures that take MIG mode with a reset, which a virtual machine can do by a restart only.

Source: NVIDIA Multi-Instance GPU User Guide, "Enable MIG Mode"."""


def mig_manager_values(facts: ClusterFacts, pools: Sequence[PoolPlan]) -> dict[str, Any]:
    """The MIG manager, where the operator's device plugin serves cards that can be cut.

    It has to know the device plugin: it stops it while it cuts. It stays where no pool is cut any more, to undo that.
    """
    capable = [pool.gpu for pool in plugged(pools) if pool.gpu and pool.gpu.accelerator.mig_capable]
    if facts.device_plugin != "operator" or not capable:
        return {"enabled": False}
    cut = [gpu for gpu in capable if gpu.share.mig]
    restarts = facts.restarts_nodes and any(gpu.accelerator.architecture in _RESET_BY_RESTART for gpu in cut)
    return {
        "enabled": True,
        "config": {"name": CONFIGS, "create": True, "default": UNCUT, "data": {"config.yaml": mig_parted(cut)}},
        **({"env": [{"name": "WITH_REBOOT", "value": "true"}]} if restarts else {}),
    }


def mig_parted(cut: Sequence[GpuPlan]) -> str:
    """The configuration, as YAML: each geometry under the name that nodes are labelled with."""
    uncut = [{"devices": "all", "mig-enabled": False}]
    geometries = {mig_config(gpu): _geometry(gpu) for gpu in cut}
    return yaml.safe_dump({"version": "v1", "mig-configs": {UNCUT: uncut, **geometries}}, sort_keys=False)


def _geometry(gpu: GpuPlan) -> list[dict[str, Any]]:
    devices = {profile.name: many for profile, many in partitions(gpu).items()}
    return [{"devices": "all", "mig-enabled": True, "mig-devices": devices}]
