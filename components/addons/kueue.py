"""Kueue: what its chart is given. It admits batch jobs by quota, priority and fair share.

Which jobs it manages: every job of a tenant's namespace, whether it names a queue or not; nothing elsewhere. A job that
names none is put into its namespace's queue ``default``, so that no job gets around the quota by silence. Pods, and
Deployments with them, are left alone: inference must not wait in a queue, and what pods may hold in sum is the business
of the namespace's ResourceQuota.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from ..catalogue.charts import ChartPin, chart_for
from ..clusters.facts import ClusterFacts
from ..objects import manifest
from ..pools.claims import DRIVER, having
from ..pools.compute_domain import CHANNEL_CLASS, CHANNELS
from ..pools.plan import LANE_LABEL, GpuPlan, PoolPlan
from ..pools.shares import device_class, is_divisible, partition_class
from ..queueing.plan import device_resource
from ..settings.environment import Environment
from ..settings.pools import Lane
from ..tenancy.plan import TENANT_LABEL
from .plan import AddonPlan, Probe

NAME = "kueue"
NAMESPACE = "kueue-system"

_IMAGE = "registry.k8s.io/kueue/kueue"
"""The released image; the chart inside the Go module names that of a staging registry."""
_MEMORY = {Environment.DEV: "512Mi", Environment.STAGING: "1Gi", Environment.PROD: "2Gi"}
"""Upstream's own figure for dev; it grows with the workloads that are remembered."""
_NOT_COUNTED = ("ephemeral-storage", "hugepages-", "networking.gke.io.networks/", "rdma/", "vpc.amazonaws.com/")
"""Resources that come with a node, by prefix. Kueue admits no job that asks for what its queue has no quota of."""
_PODS_READY = {"none": "5m"}
_PODS_READY_WITH_NEW_NODES = "15m"
"""How long the pods of an admitted job may take to be ready, by autoscaler: a GPU node takes minutes to join."""


def plan_kueue(
    environment: Environment,
    facts: ClusterFacts,
    pools: Sequence[PoolPlan],
    mirror: Path,
    frameworks: Sequence[str] = ("batch/job",),
) -> AddonPlan:
    """The add-on for a cluster.

    frameworks: the kinds of job that it manages; only those whose CRDs are there.
    Raises ChartError where the chart cannot be had, or does not support the cluster's Kubernetes.
    """
    hosted = NAME in facts.hosts
    pin, source = chart_for(NAME, facts.kubernetes, mirror, offline=hosted)
    return AddonPlan(
        name=NAME,
        namespace=NAMESPACE,
        pin=pin,
        source=source,
        values=kueue_values(pin, environment, configuration(facts, pools, frameworks)),
        probe=_PROBE,
        hosted=hosted,
        workload="deployment/kueue-controller-manager",
    )


def kueue_values(pin: ChartPin, environment: Environment, manager: Mapping[str, Any]) -> dict[str, Any]:
    """The chart's values: one copy or several that elect a leader, on the platform lane."""
    replicas = environment.preset.replicas
    memory = _MEMORY[environment]
    return {
        "controllerManager": {
            "replicas": replicas,
            "podDisruptionBudget": {"enabled": replicas > 1, "minAvailable": 1},
            "nodeSelector": {LANE_LABEL: Lane.PLATFORM.value},
            "manager": {
                "image": {"repository": _IMAGE, "tag": pin.app_version, "pullPolicy": "IfNotPresent"},
                "resources": {"requests": {"cpu": "500m", "memory": memory}, "limits": {"cpu": "2", "memory": memory}},
            },
        },
        "managerConfig": {"controllerManagerConfigYaml": yaml.safe_dump(dict(manager), sort_keys=False)},
    }


def configuration(facts: ClusterFacts, pools: Sequence[PoolPlan], frameworks: Sequence[str]) -> dict[str, Any]:
    """Kueue's Configuration, complete: Helm replaces the chart's as a whole, it merges no part of it.

    Source: sigs.k8s.io/kueue/apis/config/v1beta2 and the chart's values.yaml.
    """
    hosted = NAME in facts.hosts
    return {
        "apiVersion": "config.kueue.x-k8s.io/v1beta2",
        "kind": "Configuration",
        "health": {"healthProbeBindAddress": ":8081"},
        "metrics": {"bindAddress": ":8443", "enableClusterQueueResources": True},
        "webhook": {"port": 9443},
        "leaderElection": {"leaderElect": not hosted, "resourceName": "c1f6bfd2.kueue.x-k8s.io"},
        "controller": {
            "groupKindConcurrency": {
                "Job.batch": 5,
                "Workload.kueue.x-k8s.io": 10,
                "LocalQueue.kueue.x-k8s.io": 5,
                "ClusterQueue.kueue.x-k8s.io": 5,
                "ResourceFlavor.kueue.x-k8s.io": 1,
            }
        },
        "clientConnection": {"qps": 300, "burst": 500},
        "manageJobsWithoutQueueName": True,
        "managedJobsNamespaceSelector": {"matchExpressions": [{"key": TENANT_LABEL, "operator": "Exists"}]},
        "integrations": {"frameworks": list(frameworks)},
        # A gang whose pods do not all start gives back what it holds, and tries again later and later.
        "waitForPodsReady": {
            "timeout": _PODS_READY.get(facts.autoscaler, _PODS_READY_WITH_NEW_NODES),
            "recoveryTimeout": "5m",
            "blockAdmission": False,
            "requeuingStrategy": {"timestamp": "Eviction", "backoffBaseSeconds": 60, "backoffMaxSeconds": 3600},
        },
        "fairSharing": {"preemptionStrategies": ["LessThanOrEqualToFinalShare", "LessThanInitialShare"]},
        "resources": {"excludeResourcePrefixes": list(_NOT_COUNTED), **_device_classes(pools)},
        "objectRetentionPolicies": {"workloads": {"afterFinished": "168h"}},
        # The visibility API is served through an APIService, which reaches a pod, never a process outside.
        "featureGates": {"WorkloadPriorityClassDefaulting": True, "VisibilityOnDemand": not hosted},
    }


def _device_classes(pools: Sequence[PoolPlan]) -> dict[str, Any]:
    """What a claim on a device of a class is, as a resource that queues have a quota of.

    Classes that serve no pool of the batch lane are left out. A request for the extended resource of a class counts as
    a claim on it; were a class mapped whose cards are elsewhere, jobs that ask for ``nvidia.com/gpu`` of the device
    plugin would be counted as those.
    """
    batch = [pool.gpu for pool in pools if pool.gpu and pool.lane is Lane.BATCH]
    mappings = [_mapping(gpu) for gpu in {gpu.accelerator.name: gpu for gpu in batch if gpu.share.dra}.values()]
    if any(gpu.accelerator.nvlink_domain for gpu in batch):
        mappings.append({"name": CHANNELS, "deviceClassNames": [CHANNEL_CLASS]})
    return {"deviceClassMappings": mappings} if mappings else {}


def _mapping(gpu: GpuPlan) -> dict[str, Any]:
    name = gpu.accelerator.name
    if is_divisible(gpu):
        classes, counted = [device_class(name), partition_class(name)], {"sources": [_memory(gpu)]}
    else:
        classes, counted = [device_class(name)], {}
    return {"name": device_resource(gpu), "deviceClassNames": classes, **counted}


def _memory(gpu: GpuPlan) -> dict[str, Any]:
    """The counter that a card and its partitions share, as the DRA driver publishes it."""
    product = having("productName", gpu.accelerator.product_name)
    return {"counter": {"name": "memory", "driver": DRIVER, "deviceSelector": {"cel": {"expression": product}}}}


_PROBE = Probe(
    plural="resourceflavors",
    manifest=manifest("kueue.x-k8s.io/v1beta2", "ResourceFlavor", "readiness.kubelanes.dev", spec={}),
)
