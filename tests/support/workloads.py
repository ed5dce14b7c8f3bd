"""Manifests that the live proofs put on the API server."""

from collections.abc import Mapping
from typing import Any

from .kube import Manifest

IMAGE = "registry.example.com/proof:1.0.0"

LANE_TAINTS: dict[str, list[Manifest]] = {
    "platform": [],
    "gpu-inference": [{"key": "kubelanes.dev/lane", "operator": "Equal", "value": "gpu-inference"}],
    "batch": [{"key": "kubelanes.dev/lane", "operator": "Equal", "value": "batch"}],
}
GPU_TOLERATION: Manifest = {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}

RESTRICTED: Manifest = {
    "runAsNonRoot": True,
    "runAsUser": 1000,
    "seccompProfile": {"type": "RuntimeDefault"},
}
CONTAINER_RESTRICTED: Manifest = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def pod_spec(resources: Mapping[str, str | int] | None = None, **more: Any) -> Manifest:
    """A pod that asks for ``resources`` (requests and limits alike) and fits Pod Security's restricted profile."""
    wanted: dict[str, str | int] = {"cpu": "100m", "memory": "64Mi"} | dict(resources or {})
    container = {
        "name": "main",
        "image": IMAGE,
        "resources": {"requests": wanted, "limits": wanted},
        "securityContext": CONTAINER_RESTRICTED,
    }
    return {"containers": [container], "securityContext": RESTRICTED, "restartPolicy": "Never"} | more


def pod(name: str, namespace: str, resources: Mapping[str, str | int] | None = None, **more: Any) -> Manifest:
    """A pod of its own."""
    meta = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": pod_spec(resources, **more)}


def on_lane(lane: str) -> Manifest:
    """Placement of a pod on a lane, GPU or not."""
    tolerations = LANE_TAINTS[lane] + ([GPU_TOLERATION] if lane != "platform" else [])
    return {"nodeSelector": {"kubelanes.dev/lane": lane}, "tolerations": tolerations}


def claiming_pod(name: str, namespace: str, template: str, lane: str = "batch") -> Manifest:
    """A pod that gets its device through the claim template."""
    made = pod(
        name, namespace, **on_lane(lane), resourceClaims=[{"name": "gpu", "resourceClaimTemplateName": template}]
    )
    made["spec"]["containers"][0]["resources"]["claims"] = [{"name": "gpu"}]
    return made


def claim_template(name: str, namespace: str, device_class: str, *expressions: str) -> Manifest:
    """A claim template for one device of the class that satisfies all CEL expressions."""
    selectors = [{"cel": {"expression": expression}} for expression in expressions]
    request = {"name": "gpu", "exactly": {"deviceClassName": device_class, "count": 1, "selectors": selectors}}
    return {
        "apiVersion": "resource.k8s.io/v1",
        "kind": "ResourceClaimTemplate",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"spec": {"devices": {"requests": [request]}}},
    }


def job(
    name: str, tenant: str, gpus: int, *, queue: str | None, priority: str = "normal", runs_for: str = "1h"
) -> Manifest:
    """A job of one pod in a tenant's queue that asks for GPUs and runs for so long once it is admitted."""
    labels = {"kueue.x-k8s.io/priority-class": priority} | ({"kueue.x-k8s.io/queue-name": queue} if queue else {})
    annotations = {"kubelanes.dev/runs-for": runs_for}
    wanted: dict[str, str | int] = {"nvidia.com/gpu": gpus} if gpus else {}
    template = {"metadata": {"annotations": annotations}, "spec": pod_spec(wanted, priorityClassName="kubelanes-batch")}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "namespace": tenant, "labels": labels},
        "spec": {"template": template, "backoffLimit": 0, "suspend": True},
    }
