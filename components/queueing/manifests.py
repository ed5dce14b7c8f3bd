"""A queue plan as Kueue's custom resources, API version v1beta2."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from ..objects import Manifest, manifest
from .plan import LOCAL_QUEUE, Allowance, Flavor, QueuePlan, ResourceGroup, TenantQueue
from .provisioning import checks_of

API = "kueue.x-k8s.io/v1beta2"
"""The API version of Kueue's kinds."""


def flavors(plan: QueuePlan) -> Iterator[Manifest]:
    """The ResourceFlavors."""
    return (manifest(API, "ResourceFlavor", flavor.name, spec=_flavor(flavor)) for flavor in plan.flavors)


def cohort(plan: QueuePlan) -> Manifest:
    """The Cohort, with what no tenant owns."""
    # The list stays where it is empty: server-side apply turns an empty spec that is filled later into null.
    return manifest(API, "Cohort", plan.cohort, spec={"resourceGroups": [_group(group) for group in plan.unowned]})


def priorities(plan: QueuePlan) -> Iterator[Manifest]:
    """The WorkloadPriorityClasses."""
    return (manifest(API, "WorkloadPriorityClass", name, value=value) for name, value in plan.priorities.items())


def cluster_queue(plan: QueuePlan, queue: TenantQueue) -> Manifest:
    """A tenant's ClusterQueue: its lower priorities give way, and it uses up its own quota before it borrows."""
    spec = {
        "cohortName": plan.cohort,
        "queueingStrategy": "StrictFIFO" if plan.strict else "BestEffortFIFO",
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": queue.tenant}},
        "resourceGroups": [_group(group) for group in queue.groups],
        "flavorFungibility": {"whenCanBorrow": "TryNextFlavor", "whenCanPreempt": "TryNextFlavor"},
        "preemption": {
            "withinClusterQueue": "LowerPriority",
            "reclaimWithinCohort": "Any" if queue.reclaims else "Never",
        },
        "fairSharing": {"weight": queue.weight},
        **checks_of(plan, queue),
    }
    return manifest(API, "ClusterQueue", queue.tenant, spec=spec)


def local_queue(queue: TenantQueue) -> Manifest:
    """The queue that a tenant's jobs name, or are put into."""
    return manifest(API, "LocalQueue", LOCAL_QUEUE, queue.tenant, spec={"clusterQueue": queue.tenant})


def _flavor(flavor: Flavor) -> dict[str, Any]:
    taints = [asdict(taint) for taint in flavor.taints]
    tolerations = [{"operator": "Equal", **taint} for taint in taints]
    return {"nodeLabels": dict(flavor.labels), "nodeTaints": taints, "tolerations": tolerations}


def _group(group: ResourceGroup) -> dict[str, Any]:
    return {
        "coveredResources": list(group.resources),
        "flavors": [
            {"name": supply.flavor, "resources": [_allowance(each) for each in supply.allowances]}
            for supply in group.supplies
        ],
    }


def _allowance(allowance: Allowance) -> dict[str, str]:
    own = {"name": allowance.resource, "nominalQuota": allowance.nominal}
    return own if allowance.borrow is None else {**own, "borrowingLimit": allowance.borrow}
