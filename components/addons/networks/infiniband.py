"""The NVIDIA network operator: it gives pods the InfiniBand adapters of nodes that somebody else bought.

Of all that it can do it does one thing here: its device plugin lets a pod use the adapters of its node, through the
node's own driver. NCCL needs no more on InfiniBand, whose addresses are the adapters' own; on Ethernet a pod would need
addresses there too. Nodes are found by the label that a pool on InfiniBand puts on its nodes, so that no second Node
Feature Discovery comes with it.
Sources: Mellanox/network-operator v26.4.1, deployment/network-operator, manifests/state-rdma-shared-device-plugin;
Mellanox/k8s-rdma-shared-dev-plugin, README.md.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...catalogue.charts import ChartPin, chart_for
from ...clusters.facts import ClusterFacts
from ...objects import Manifest, Object, manifest
from ...pools.fabric import INFINIBAND_RESOURCE
from ...pools.plan import LANE_LABEL, PoolPlan
from ...settings.pools import Lane
from ...settings.settings import Settings
from ..daemons import on_pools, tolerations
from ..plan import PRIVILEGED, AddonPlan

NAME = "network-operator"
NAMESPACE = "nvidia-network-operator"
POLICY = "nic-cluster-policy"
"""The name that the operator's policy must have: there is one in a cluster."""

_REPOSITORY = "nvcr.io/nvidia/mellanox"
_SHARERS = 63
"""The most pods of one node that use its adapters at once: more than a node has GPUs, as in upstream's examples."""


def plan_network_operator(
    _settings: Settings, facts: ClusterFacts, pools: Sequence[PoolPlan], mirror: Path
) -> AddonPlan | None:
    """The operator for the pools on InfiniBand; None where there are none.

    Raises ChartError where the chart cannot be had, or does not support the cluster's Kubernetes.
    """
    served = [pool for pool in pools if pool.network == "infiniband"]
    if not served:
        return None
    pin, source = chart_for(NAME, facts.kubernetes, mirror)
    return AddonPlan(
        name=NAME,
        namespace=NAMESPACE,
        # The device plugin makes devices of the node visible to pods.
        namespace_labels=PRIVILEGED,
        pin=pin,
        source=source,
        values=_VALUES,
        resources=(Object(_policy(pin, served)),),
        workload=f"deployment/{NAME}",
    )


_VALUES: dict[str, Any] = {
    "nfd": {"enabled": False, "deployNodeFeatureRules": False},  # the GPU stack brings one, and two fight over labels
    "upgradeCRDs": False,  # a hook, and hooks are not run: the chart's CRDs are objects like the others
    "sriovNetworkOperator": {"enabled": False},
    "maintenanceOperator": {"enabled": False},
    "operator": {
        "nodeSelector": {LANE_LABEL: Lane.PLATFORM.value},
        "resources": {"requests": {"cpu": "5m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}},
    },
}


def _policy(pin: ChartPin, pools: Sequence[PoolPlan]) -> Manifest:
    """What the operator installs on nodes: the device plugin, on the nodes of ``pools``.

    No driver: the node's own stays, for who loads another one takes the network away from running jobs.
    """
    devices = {
        "resourceName": INFINIBAND_RESOURCE.removeprefix("rdma/"),  # the plugin's own prefix
        "rdmaHcaMax": _SHARERS,
        "selectors": {"vendors": ["15b3"], "linkTypes": ["infiniband"]},
    }
    return manifest(
        "mellanox.com/v1alpha1",
        "NicClusterPolicy",
        POLICY,
        spec={
            "nodeAffinity": on_pools(pool.name for pool in pools)["nodeAffinity"],
            "tolerations": tolerations(pools),
            "rdmaSharedDevicePlugin": {
                "image": "k8s-rdma-shared-dev-plugin",
                "repository": _REPOSITORY,
                "version": f"network-operator-{pin.app_version}",
                "config": json.dumps({"configList": [devices]}),
            },
        },
    )
