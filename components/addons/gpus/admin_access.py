"""How those who run the platform look at devices that are in use: claims with admin access.

Such a claim takes nothing away: a pod that has it sees devices that others hold. The API server admits it only in a
namespace with the label `LABEL`, which only those can set who may change namespaces; tenants may not.
Source: KEP-5018; k8s.io/api/resource/v1, ``DRAAdminNamespaceLabelKey``.
"""

from collections.abc import Sequence

from ...objects import Manifest, manifest
from ...pools.plan import PoolPlan
from ...pools.shares import GPU_CLASS, MIG_CLASS, partition_classes_of

NAMESPACE = "device-inspection"
LABEL = "resource.kubernetes.io/admin-access"
"""The label of namespaces in which admin access is had; its value is ``true``."""


def admin_namespace() -> Manifest:
    """The one namespace with admin access."""
    labels = {LABEL: "true", "pod-security.kubernetes.io/enforce": "baseline"}
    return manifest("v1", "Namespace", NAMESPACE, labels=labels)


def admin_templates(pools: Sequence[PoolPlan]) -> list[Manifest]:
    """Templates of claims on all devices of a node, in use or not; pools are those that DRA serves."""
    kinds = {"every-card": GPU_CLASS} | ({"every-partition": MIG_CLASS} if partition_classes_of(pools) else {})
    return [_template(name, device_class) for name, device_class in kinds.items() if pools]


def _template(name: str, device_class: str) -> Manifest:
    request = {"deviceClassName": device_class, "allocationMode": "All", "adminAccess": True}
    spec = {"devices": {"requests": [{"name": "devices", "exactly": request}]}}
    return manifest("resource.k8s.io/v1", "ResourceClaimTemplate", name, NAMESPACE, spec={"spec": spec})
