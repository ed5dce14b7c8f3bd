"""Leave for an add-on's pods to have the system's critical priorities, where a cluster gives it only by quota.

Source: GKE, "Manage the GPU stack with the NVIDIA GPU Operator": without such a ResourceQuota the pods of the driver's
DaemonSets are refused. Kubernetes, "Limit Priority Class consumption by default".
"""

from ..objects import Manifest, manifest

_PRIORITIES = ("system-node-critical", "system-cluster-critical")
_NO_LIMIT = "1G"
"""As in kube-system, where GKE's own quota says the same: a DaemonSet has a pod on every node there will be."""


def critical_quota(namespace: str) -> Manifest:
    """The ResourceQuota that lets pods of ``namespace`` have a critical priority; it limits nothing else."""
    selector = {"operator": "In", "scopeName": "PriorityClass", "values": list(_PRIORITIES)}
    return manifest(
        "v1",
        "ResourceQuota",
        "critical-pods",
        namespace,
        spec={"hard": {"pods": _NO_LIMIT}, "scopeSelector": {"matchExpressions": [selector]}},
    )
