"""What the control plane of an EKS cluster reaches on nodes and pods."""

from collections.abc import Mapping
from types import MappingProxyType

FROM_CONTROL_PLANE: Mapping[int, str] = MappingProxyType(
    {
        443: "the webhook of the DRA driver for NVIDIA GPUs",
        6443: "the metrics adapter of KEDA",
        8082: "the visibility API of Kueue",
        9443: "webhooks of controllers: Kueue, JobSet, LeaderWorkerSet, KEDA, Kyverno",
        10250: "kubelets: logs, exec, port-forward; webhooks of cert-manager and Prometheus Operator",
        10251: "metrics-server, as the EKS add-on serves it",
    }
)
"""The ports of nodes and pods that the control plane reaches, and what listens there. Sources: EKS user guide, "View
Amazon EKS security group requirements" and "metrics-server"; the charts' values."""
