"""Karpenter: what its chart is given, and what it may make. It adds nodes for pods that wait and removes empty ones.

On a sim the provider is KWOK's: the same controller, charts, CRDs and NodePools, whose nodes are simulated. A sim has
no sharing of its own to tell of, so no NodeOverlay: its instance types say what nodes advertise.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import yaml

from ..catalogue.charts import ChartError, ChartPin, chart_for
from ..catalogue.machines import Cloud
from ..clusters.facts import ClusterFacts
from ..clusters.scaling import KarpenterCluster
from ..objects import Manifest, Object, manifest
from ..pools.karpenter import API, EC2, KWOK, node_overlay, node_pools
from ..pools.kwok_types import kwok_types, simulated_labels, type_name
from ..pools.plan import LANE_LABEL, PoolPlan
from ..registration import register
from ..settings.environment import Environment
from ..settings.pools import Lane
from .plan import AddonPlan, Probe

NAME = "karpenter"
NAMESPACE = "kube-system"
"""Where the API server serves controllers first when it is busy. Source: Karpenter, "Getting Started"."""
SERVICE_ACCOUNT = "karpenter"
TYPES, TYPES_KEY = "karpenter-instance-types", "instance-types.json"
"""The ConfigMap that tells a hosted Karpenter which machines there are."""

_IMAGE = "public.ecr.aws/karpenter/controller"
_MEMORY = {Environment.DEV: "512Mi", Environment.STAGING: "1Gi", Environment.PROD: "2Gi"}
"""Upstream asks for 1Gi; it grows with nodes and pods."""
_SPARE = 2
"""One copy works and one waits: more would only wait."""
_PATIENCE = {"pulumi.com/timeoutSeconds": "18000"}
"""Five hours: a NodePool is deleted when the last of its nodes has been drained, which may take four."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KarpenterPlan:
    """Karpenter for one cluster, decided.

    addon: the controller.
    pools: its NodePools and NodeOverlays, in the order in which they are tried.
    """

    addon: AddonPlan
    pools: tuple[Manifest, ...]


def plan_karpenter(
    environment: Environment,
    facts: ClusterFacts,
    pools: Sequence[PoolPlan],
    mirror: Path,
    cluster: KarpenterCluster,
) -> KarpenterPlan:
    """The controller and what it may make.

    Raises ChartError where a chart cannot be had, or does not support the cluster's Kubernetes.
    """
    hosted = NAME in facts.hosts
    pin, source = chart_for(NAME, facts.kubernetes, mirror, offline=hosted)
    _, crds = chart_for(f"{NAME}-crd", facts.kubernetes, mirror, offline=hosted)
    return KarpenterPlan(
        addon=AddonPlan(
            name=NAME,
            namespace=NAMESPACE,
            pin=pin,
            source=source,
            values=karpenter_values(pin, environment, pools, cluster),
            probe=_PROBE,
            hosted=hosted,
            workload=f"deployment/{NAME}",
            crds=crds,
            objects=_simulation(pools, mirror, pin, cluster.simulates) if cluster.simulates else (),
            owns_namespace=False,
        ),
        pools=tuple(_pools(pools, cluster)),
    )


def karpenter_values(
    pin: ChartPin, environment: Environment, pools: Sequence[PoolPlan], cluster: KarpenterCluster
) -> dict[str, Any]:
    """The chart's values. Source: karpenter-provider-aws v1.14.0, charts/karpenter/values.yaml."""
    copies = min(environment.preset.replicas, _SPARE, max(_platform_nodes(pools), 1))
    memory = _MEMORY[environment]
    overlays = not cluster.simulates and any(node_overlay(pool) for pool in pools)
    return {
        "serviceAccount": {"name": SERVICE_ACCOUNT},
        "replicas": copies,
        "nodeSelector": {LANE_LABEL: Lane.PLATFORM.value},
        "controller": {
            # The digest is that of the release before: the release job writes version and digest, a tag has neither.
            "image": {"repository": _IMAGE, "tag": pin.app_version.removeprefix("v"), "digest": ""},
            "resources": {"requests": {"cpu": "1", "memory": memory}, "limits": {"memory": memory}},
            "env": [{"name": "AWS_REGION", "value": cluster.region}] if cluster.region else [],
        },
        "settings": {
            "clusterName": cluster.name,
            "interruptionQueue": cluster.queue or "",
            "isolatedVPC": cluster.isolated,
            # Without a way to AWS's service for zonal shifts Karpenter would end at its start.
            "enableZonalShift": not (cluster.simulates or cluster.isolated),
            "eksControlPlane": not cluster.simulates,
            # Pools that DRA serves are of fixed size. It has to be true or a text: the chart drops a false one.
            "ignoreDRARequests": True,
            "featureGates": {
                "reservedCapacity": True,
                "nodeOverlay": overlays,
                # It would kill the pods of a node that looks ill, without draining it and whatever their budgets say.
                "nodeRepair": False,
                "spotToSpotConsolidation": False,
                "staticCapacity": False,
                "capacityBuffer": False,
            },
        },
        "additionalClusterRoleRules": list(_SIMULATING) if cluster.simulates else [],
    }


class NodePools(pulumi.ComponentResource):
    """What Karpenter may make: node classes, NodePools and NodeOverlays.

    They go before Karpenter does, and wait until it has removed the nodes that it made of them: a NodePool is gone when
    its nodes are.

    node_classes: what the pools' nodes are made of.
    after: what they wait for, Karpenter above all.
    """

    def __init__(
        self,
        name: str,
        plan: KarpenterPlan,
        node_classes: Sequence[Manifest],
        *,
        after: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("kubelanes:addons:NodePools", name, {}, opts)
        classes = [register(Object(each), self, depends_on=after) for each in node_classes]
        for each in plan.pools:
            patient = {**each, "metadata": {**each["metadata"], "annotations": _PATIENCE}}
            register(Object(patient), self, depends_on=[*after, *classes])
        self.register_outputs({})


def _pools(pools: Sequence[PoolPlan], cluster: KarpenterCluster) -> list[Manifest]:
    cloud = cluster.simulates
    made: list[Manifest] = []
    for pool in pools:
        if cloud:
            labels = simulated_labels(pool, cloud)
            made += node_pools(pool, cluster.maintenance, KWOK, types=[type_name(pool)], labels=labels)
        else:
            made += node_pools(pool, cluster.maintenance, EC2)
            made += [overlay] if (overlay := node_overlay(pool)) else []
    return made


def _platform_nodes(pools: Sequence[PoolPlan]) -> int:
    """The nodes that always stand for controllers: no two copies share one."""
    return sum(pool.size.min for pool in pools if pool.lane is Lane.PLATFORM)


def _simulation(pools: Sequence[PoolPlan], mirror: Path, pin: ChartPin, cloud: Cloud) -> tuple[Object, ...]:
    """What the KWOK provider needs beside the chart: the CRD of its node class, and its instance types."""
    types = json.dumps(kwok_types(pools, cloud), sort_keys=True)
    held = manifest("v1", "ConfigMap", TYPES, NAMESPACE, data={TYPES_KEY: types})
    return (*(Object(each) for each in _kwok_crds(mirror, pin)), Object(held))


def _kwok_crds(mirror: Path, pin: ChartPin) -> list[Manifest]:
    folder = mirror / f"{NAME}-kwok-crd-{pin.version}"
    if not folder.is_dir():
        raise ChartError(
            f"the CRD of Karpenter's simulated nodes is not in the chart mirror {mirror}. Run `make up`, or set "
            f"KUBELANES_CHARTS to a folder that holds {folder.name}."
        )
    return [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.yaml"))]


_SIMULATING = (
    {"apiGroups": ["karpenter.kwok.sh"], "resources": ["kwoknodeclasses"], "verbs": ["get", "list", "watch"]},
    {
        "apiGroups": ["karpenter.kwok.sh"],
        "resources": ["kwoknodeclasses", "kwoknodeclasses/status"],
        "verbs": ["patch", "update"],
    },
    {"apiGroups": [""], "resources": ["nodes"], "verbs": ["create"]},
)
"""What the KWOK provider may do beyond the chart's own rules. Source: sigs.k8s.io/karpenter 1.14, kwok/charts."""

_PROBE = Probe(
    plural="nodepools",
    manifest=manifest(
        API,
        "NodePool",
        "readiness.kubelanes.dev",
        spec={
            "template": {
                "spec": {
                    "nodeClassRef": {"group": EC2.group, "kind": EC2.kind, "name": "readiness"},
                    "requirements": [],
                }
            },
            "disruption": {"consolidateAfter": "Never"},
        },
    ),
)
"""Karpenter has no webhook: the API server itself judges NodePools once their CRD is there."""
