"""NVIDIA's DRA driver: cards and partitions as devices that pods claim, and NVLink between nodes (ComputeDomains).

It serves the cards of pools whose ``share`` is ``dra``, and no others: on a node of the device plugin it would hand out
the same cards a second time. Where no pool's cards are claimed, it serves ComputeDomains alone, beside the device
plugin, on the pools that have NVLink between nodes.

Source: dra-driver-nvidia-gpu v0.5.0, deployments/helm/dra-driver-nvidia-gpu and site/content/docs/install.md.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...catalogue.charts import chart_for
from ...clusters.facts import ClusterFacts
from ...objects import Object
from ...pools.claims import DRIVER
from ...pools.compute_domain import in_domains
from ...pools.plan import LANE_LABEL, PoolPlan
from ...pools.shares import is_divisible
from ...settings.environment import Environment
from ...settings.pools import Lane
from ...settings.settings import Settings
from ...versions import minor
from ..daemons import on_pools, tolerations
from ..plan import PRIVILEGED, AddonPlan
from .admin_access import admin_namespace, admin_templates
from .operator.plan import plan_gpu_operator
from .served import claimed, nvidia

NAME = "dra-driver-nvidia-gpu"
NAMESPACE = "dra-driver-nvidia-gpu"

_TAINTS_FROM = (1, 36)
"""From which Kubernetes on devices may be tainted: DRADeviceTaints is on (KEP-5055, beta)."""
_SPARE = 2
"""Of the ComputeDomain controller, one copy works and one waits: more would only wait."""


def plan_dra_driver(
    settings: Settings, facts: ClusterFacts, pools: Sequence[PoolPlan], mirror: Path
) -> AddonPlan | None:
    """The driver for the pools that need it; None where none does.

    Raises ChartError where the chart cannot be had, or does not support the cluster's Kubernetes.
    """
    served = claimed(nvidia(pools))
    domains = in_domains(pools)
    if not served and not domains:
        return None
    pin, source = chart_for(NAME, facts.kubernetes, mirror)
    return AddonPlan(
        name=NAME,
        namespace=NAMESPACE,
        namespace_labels=PRIVILEGED,
        pin=pin,
        source=source,
        values=values(settings.environment, facts, served, domains),
        amendments=_AMENDMENTS if served else {},
        # The operator's chart holds the same ones.
        brings_crds=plan_gpu_operator(settings, facts, pools, mirror) is None,
        objects=(Object(admin_namespace()),) if served else (),
        resources=tuple(Object(each) for each in admin_templates(served)),
        workload=f"daemonset/{NAME}-kubelet-plugin",
    )


def values(
    environment: Environment, facts: ClusterFacts, served: Sequence[PoolPlan], domains: Sequence[PoolPlan]
) -> dict[str, Any]:
    """The chart's values.

    served: the pools whose cards it hands out.
    domains: the pools with NVLink between nodes.
    """
    return {
        "nvidiaDriverRoot": facts.driver_root,
        # Said rather than found out: what a cluster offers is not known before it exists.
        "resourceApiVersion": "resource.k8s.io/v1",
        "resources": {"gpus": {"enabled": bool(served)}, "computeDomains": {"enabled": bool(domains)}},
        # The chart refuses to hand out cards unless it is told that the device plugin does not.
        "gpuResourcesEnabledOverride": bool(served),
        "featureGates": _gates(facts, served),
        "kubeletPlugin": _plugin([*served, *(pool for pool in domains if pool not in served)], domains),
        **({"controller": _controller(environment)} if domains else {}),
    }


def _gates(facts: ClusterFacts, served: Sequence[PoolPlan]) -> dict[str, bool]:
    """What the driver does beyond its defaults.

    It either cuts cards or watches them: a card that it watches and that fails is tainted in the node's slice. Without
    that, it would go on being handed out until the driver starts again.
    Source: dra-driver-nvidia-gpu v0.5.0, pkg/featuregates (exclusions), and its guide "GPU health checking".
    """
    if any(is_divisible(pool.gpu) for pool in served if pool.gpu):
        return {"DynamicMIG": True}
    return {"NVMLDeviceHealthCheck": True} if served and minor(facts.kubernetes) >= _TAINTS_FROM else {}


def _plugin(pools: Sequence[PoolPlan], domains: Sequence[PoolPlan]) -> dict[str, Any]:
    needed = {"resources": {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}}}
    # Jobs are kept to one NVLink partition by the label; feature discovery, which sets it too, is not everywhere.
    labelled = {"gpuCliqueLabelEnabled": True} if domains else {}
    return {
        "affinity": on_pools(pool.name for pool in pools),
        "tolerations": tolerations(pools),
        "containers": {"init": needed, "gpus": needed, "computeDomains": {**needed, **labelled}},
    }


def _controller(environment: Environment) -> dict[str, Any]:
    """The controller of ComputeDomains, which the chart installs where they are enabled."""
    copies = min(environment.preset.replicas, _SPARE)
    return {
        "replicas": copies,
        "leaderElection": {"enabled": copies > 1},
        "nodeSelector": {LANE_LABEL: Lane.PLATFORM.value},
        "containers": {
            "computeDomain": {
                "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}}
            }
        },
    }


_AMENDMENTS = {f"DeviceClass/{DRIVER}": {"spec": {"extendedResourceName": None}}}
"""The chart lets ``nvidia.com/gpu`` mean its class of any card. The name must be one class's only, and through this one
a tenant would get cards that its quota counts under another name (`shares.answering_class`)."""
