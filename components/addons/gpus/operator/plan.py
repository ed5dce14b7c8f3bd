"""The GPU Operator for one cluster, or the decision to do without."""

from collections.abc import Sequence
from pathlib import Path

from ....catalogue.charts import chart_for
from ....clusters.facts import ClusterFacts
from ....objects import Object
from ....pools.plan import PoolPlan
from ....settings.settings import Settings
from ...plan import PRIVILEGED, AddonPlan
from ..served import claimed, nvidia
from .drivers import nvidia_drivers
from .metrics import claim_reader
from .values import gpu_operator_values

NAME = "gpu-operator"
NAMESPACE = "gpu-operator"
_ELSEWHERE = ("cloud", "standalone")
"""Who serves the cards where the operator is not wanted."""


def plan_gpu_operator(
    settings: Settings, facts: ClusterFacts, pools: Sequence[PoolPlan], mirror: Path
) -> AddonPlan | None:
    """The add-on; None without NVIDIA's cards, with another stack, and where somebody else serves the cards.

    The cloud itself, or whoever runs a device plugin on a cluster that stands: that may well be an operator, and there
    is place for one.

    Raises ChartError where the chart cannot be had, or does not support the cluster's Kubernetes.
    """
    served = nvidia(pools)
    if not served or settings.gpu.stack != "operator" or facts.device_plugin in _ELSEWHERE:
        return None
    pin, source = chart_for(NAME, facts.kubernetes, mirror)
    measured = settings.gpu.metrics != "none" and bool(claimed(served))
    return AddonPlan(
        name=NAME,
        namespace=NAMESPACE,
        pin=pin,
        source=source,
        values=gpu_operator_values(settings.gpu, facts, served),
        workload=f"deployment/{NAME}",
        objects=tuple(map(Object, claim_reader(NAMESPACE))) if measured else (),
        resources=tuple(map(Object, nvidia_drivers(settings.gpu, facts, served))),
        namespace_labels=PRIVILEGED,
    )
