"""NVIDIA's device plugin and feature discovery without the GPU Operator, where the image brings driver and toolkit.

Source: NVIDIA/k8s-device-plugin v0.19.3, deployments/helm/nvidia-device-plugin.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...catalogue.charts import ChartPin, chart_for
from ...clusters.facts import ClusterFacts
from ...pools.gpu_steering import WHOLE
from ...pools.plan import PoolPlan
from ...settings.settings import Settings
from ..daemons import on_pools, tolerations
from ..plan import PRIVILEGED, AddonPlan
from .plugin_configs import plugin_configs
from .served import nvidia, plugged

NAME = "nvidia-device-plugin"
NAMESPACE = "nvidia-device-plugin"


def plan_nvidia_device_plugin(
    settings: Settings, facts: ClusterFacts, pools: Sequence[PoolPlan], mirror: Path
) -> AddonPlan | None:
    """The add-on; None where the stack is another one, somebody else runs a device plugin, or DRA serves all cards.

    Raises ChartError where the chart cannot be had, or does not support the cluster's Kubernetes.
    """
    served = plugged(nvidia(pools))
    if not served or settings.gpu.stack != "standalone" or facts.device_plugin != "operator":
        return None
    pin, source = chart_for(NAME, facts.kubernetes, mirror)
    return AddonPlan(
        name=NAME,
        namespace=NAMESPACE,
        pin=pin,
        source=source,
        values=device_plugin_values(pin, facts, served),
        workload=f"daemonset/{NAME}",
        namespace_labels=PRIVILEGED,
    )


def device_plugin_values(pin: ChartPin, facts: ClusterFacts, pools: Sequence[PoolPlan]) -> dict[str, Any]:
    """The chart's values: on the nodes of ``pools`` only, each with the configuration that its label names.

    Not on nodes with cards as such: where DRA serves them, the plugin would hand each out a second time.
    """
    bearing = tolerations(pools)
    # Told by its environment, as the plugin does it by itself, such a runtime would give a container nothing.
    allotted = {"deviceListStrategy": "volume-mounts"} if facts.cards_by_allotment else {}
    return {
        **allotted,
        "config": {"map": plugin_configs(pools), "default": WHOLE},
        "image": {"tag": pin.app_version},
        "affinity": on_pools(pool.name for pool in pools),
        "tolerations": bearing,
        # A node whose plugin finds no card says so by a pod that fails, instead of by jobs that wait.
        "failOnInitError": True,
        "gfd": {"enabled": True, "noTimestamp": True},
        "nfd": {"worker": {"tolerations": bearing}},
    }
