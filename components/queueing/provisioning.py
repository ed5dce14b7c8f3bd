"""Nodes that are asked for job by job: the check that holds a job back until GKE has all the nodes that it needs.

Kueue makes a ProvisioningRequest of a job that has quota, GKE's autoscaler queues it, and once the nodes are there, all
at the same time, the job is admitted.
Source: Kueue, "Provisioning Admission Check Controller"; GKE, "Run a large-scale workload with flex-start with queued
provisioning". API version v1beta2, as in `manifests`.
"""

from collections.abc import Iterator
from typing import Any

from ..objects import Manifest, manifest
from .plan import QueuePlan, TenantQueue

API = "kueue.x-k8s.io/v1beta2"
CHECK = "queued-provisioning"
"""The name of the AdmissionCheck and of its ProvisioningRequestConfig."""
_RETRIES = {"backoffLimitCount": 10, "backoffBaseSeconds": 60, "backoffMaxSeconds": 3600}
"""After the last, Kueue gives the job up. A request fails where GKE cannot place it, not while GKE lets it wait."""
_OWN_NODES = {
    "key": "autoscaling.gke.io/provisioning-request",
    "valueFromProvisioningClassDetail": "ResizeRequestName",
}
"""The label by which a job finds the nodes that were made for it; without it, another job's pods may be there first.

Source: Kueue, ProvisioningRequest, "PodSet updates"; kubernetes-sigs/kueue#9048; the label in GoogleCloudPlatform/
cluster-autoscaler, pkg/cloudprovider/gke/labels/system_labels.go.
"""


def provisioning(plan: QueuePlan) -> Iterator[Manifest]:
    """The check and its configuration, the latter first; nothing where no pool is queued for."""
    if plan.provisioning is None:
        return
    config = {
        "provisioningClassName": "queued-provisioning.gke.io",
        "managedResources": list(plan.provisioning.resources),
        "podSetUpdates": {"nodeSelector": [_OWN_NODES]},
        "retryStrategy": _RETRIES,
    }
    yield manifest(API, "ProvisioningRequestConfig", CHECK, spec=config)
    parameters = {"apiGroup": "kueue.x-k8s.io", "kind": "ProvisioningRequestConfig", "name": CHECK}
    check = {"controllerName": "kueue.x-k8s.io/provisioning-request", "parameters": parameters}
    yield manifest(API, "AdmissionCheck", CHECK, spec=check)


def checks_of(plan: QueuePlan, queue: TenantQueue) -> dict[str, Any]:
    """The part of a ClusterQueue's spec that applies the check to its queued flavors; empty where it has none.

    With no flavor named, the check would hold for all jobs of the queue, those for other nodes as well.
    """
    served = {supply.flavor for group in queue.groups for supply in group.supplies}
    queued = [flavor for flavor in (plan.provisioning.flavors if plan.provisioning else ()) if flavor in served]
    return {"admissionChecksStrategy": {"admissionChecks": [{"name": CHECK, "onFlavors": queued}]}} if queued else {}
