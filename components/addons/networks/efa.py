"""The EFA device plugin: it advertises a node's EFA interfaces as ``vpc.amazonaws.com/efa``.

AWS's DRA driver for EFA pairs interfaces with their nearest GPUs. A pod that takes a whole node has all of both, and
Karpenter serves no pods with claims for it, so the plugin it is.
Sources: aws/eks-charts, stable/aws-efa-k8s-device-plugin; Amazon EKS user guide, "Manage EFA devices on Amazon EKS".
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...catalogue.charts import chart_for
from ...clusters.facts import ClusterFacts
from ...pools.plan import POOL_LABEL, PoolPlan
from ...settings.settings import Settings
from ..daemons import tolerations
from ..plan import AddonPlan

NAME = "aws-efa-k8s-device-plugin"
NAMESPACE = "kube-system"
"""Where pods of the priority class ``system-node-critical`` may run privileged."""


def plan_efa_device_plugin(
    _settings: Settings, facts: ClusterFacts, pools: Sequence[PoolPlan], mirror: Path
) -> AddonPlan | None:
    """The plugin for the pools on EFA; None where there are none.

    Raises ChartError where the chart cannot be had, or does not support the cluster's Kubernetes.
    """
    served = [pool for pool in pools if pool.network == "efa"]
    if not served:
        return None
    pin, source = chart_for(NAME, facts.kubernetes, mirror)
    return AddonPlan(
        name=NAME,
        namespace=NAMESPACE,
        pin=pin,
        source=source,
        values=_values(facts.registry, served),
        workload=f"daemonset/{NAME}",
        owns_namespace=False,
    )


def _values(registry: str | None, pools: Sequence[PoolPlan]) -> dict[str, Any]:
    # Of another region, nodes without a way to the internet cannot pull the image.
    image = {"image": {"repository": f"{registry}/eks/{NAME}"}} if registry else {}
    return {
        **image,
        # The chart's own list of instance types says where EFA could be; the label says where interfaces for it are.
        "supportedInstanceLabels": {"keys": [POOL_LABEL], "values": sorted(pool.name for pool in pools)},
        "tolerations": tolerations(pools),
    }
