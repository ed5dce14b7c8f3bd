"""NVIDIA's DCGM exporter without the GPU Operator: each GPU's health and use, for Prometheus.

Source: NVIDIA/dcgm-exporter 4.5.3-4.8.2, deployment.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from ...catalogue.charts import chart_for
from ...catalogue.gpu_metrics import collectors
from ...clusters.facts import ClusterFacts
from ...pools.plan import PoolPlan
from ...settings.settings import Settings
from ..daemons import on_pools, tolerations
from ..plan import PRIVILEGED, AddonPlan
from .served import claimed, nvidia

NAME = "dcgm-exporter"
NAMESPACE = "dcgm-exporter"


def plan_dcgm_exporter(
    settings: Settings, facts: ClusterFacts, pools: Sequence[PoolPlan], mirror: Path
) -> AddonPlan | None:
    """The add-on; None where the stack is another one, the cloud measures its cards itself, or nobody wants to.

    Raises ChartError where the chart cannot be had, or does not support the cluster's Kubernetes.
    """
    served, chosen = nvidia(pools), settings.gpu.metrics
    if not served or settings.gpu.stack != "standalone" or chosen == "none" or facts.device_plugin == "cloud":
        return None
    pin, source = chart_for(NAME, facts.kubernetes, mirror)
    return AddonPlan(
        name=NAME,
        namespace=NAMESPACE,
        pin=pin,
        source=source,
        values=dcgm_exporter_values(chosen, facts, served),
        workload=f"daemonset/{NAME}",
        namespace_labels=PRIVILEGED,  # it mounts the kubelet's socket
    )


def dcgm_exporter_values(
    chosen: Literal["standard", "profiling"], facts: ClusterFacts, pools: Sequence[PoolPlan]
) -> dict[str, Any]:
    """The chart's values: on the nodes of ``pools`` only, with the fields of the chosen set."""
    values: dict[str, Any] = {
        "customMetrics": collectors(chosen),
        "affinity": on_pools(pool.name for pool in pools),
        "tolerations": tolerations(pools),
        "kubernetesDRA": {"enabled": bool(claimed(pools))},
        "serviceMonitor": {"enabled": False},  # its kind is Prometheus' operator's, which need not be there
    }
    if chosen == "profiling" or facts.cards_by_allotment:
        return values
    # The chart's capability is for the profiling counters, and to see cards that were allotted to others.
    return values | {"securityContext": {"capabilities": {"add": []}}}
