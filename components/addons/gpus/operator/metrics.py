"""What the operator's DCGM exporter reports, and of whom."""

from typing import Any, Literal

from ....catalogue.gpu_metrics import collectors
from ....objects import Manifest
from ...rbac import cluster_role

METRICS = "gpu-metrics"
"""The ConfigMap of the exporter's fields."""
_EXPORTER = "nvidia-dcgm-exporter"
"""The exporter's service account. Source: GPU Operator v26.7.0, assets/state-dcgm-exporter."""


def exporter_values(chosen: Literal["none", "standard", "profiling"], *, claims: bool) -> dict[str, Any]:
    """The exporter, with the fields of the chosen set.

    claims: whether DRA serves any pool; the exporter then reads slices to tell which pod holds a device.
    """
    if chosen == "none":
        return {"enabled": False}
    config = {"name": METRICS, "create": True, "data": collectors(chosen)}
    # Its kind is Prometheus' operator's: without that, the GPU Operator would fail to make one.
    values: dict[str, Any] = {"enabled": True, "config": config, "serviceMonitor": {"enabled": False}}
    if not claims:
        return values
    # Only pods' identities make the operator mount the token without which no slice can be read.
    return values | {"enablePodUID": True, "env": [{"name": "KUBERNETES_ENABLE_DRA", "value": "true"}]}


def claim_reader(namespace: str) -> tuple[Manifest, Manifest]:
    """What lets the exporter read the slices of devices; the operator lets it read pods only.

    Source: NVIDIA/dcgm-exporter 4.5.3-4.8.2, deployment/templates/clusterrole.yaml.
    """
    rule = {"apiGroups": ["resource.k8s.io"], "resources": ["resourceslices"], "verbs": ["get", "list", "watch"]}
    return cluster_role("dcgm-exporter-claims", [rule], account=_EXPORTER, namespace=namespace)
