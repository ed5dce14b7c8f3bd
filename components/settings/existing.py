"""``kubelanes:cluster`` of kind ``existing``."""

from typing import Literal

from .cluster_parts import KubernetesVersion
from .model import Model
from .scalars import Name, Text


class DeclaredFacts(Model):
    """What a cluster that somebody else builds brings along."""

    kubernetes: KubernetesVersion = "1.34"
    """Its Kubernetes minor version."""
    gpu_driver: Literal["image", "operator", "none"] = "operator"
    """Who installs the GPU driver: the node ``image``, or the GPU ``operator`` that we install."""
    device_plugin: Literal["image", "operator", "standalone"] = "operator"
    """Who advertises GPUs: what is there already (``image``, or a ``standalone`` DaemonSet), or our ``operator``."""
    autoscaler: Literal["cluster-autoscaler", "karpenter", "cloud", "none"] = "none"
    """Who adds and removes nodes."""
    network_policy: Literal["vpc-cni", "dataplane-v2", "cilium", "other", "none"] = "other"
    """What enforces NetworkPolicy."""
    storage_class: Text | None = None
    """The class for volumes; the cluster's default where it is left out."""
    load_balancer_class: Text | None = None
    """The class for load balancers; the cluster's default where it is left out."""


class ExistingCluster(Model):
    """A cluster that stands already: AKS, on-premises, minikube. Its pools are labelled and verified, never created."""

    kind: Literal["existing"]
    """A cluster that somebody else builds."""
    name: Name
    """What to call it."""
    kubeconfig: Text
    """The path of its kubeconfig file; ``~`` is expanded."""
    context: Text | None = None
    """The context in that file; its current one where it is left out."""
    facts: DeclaredFacts = DeclaredFacts()
    """What the cluster brings. ``kubelanes doctor`` prints what it finds there, and ``up`` refuses what is not so."""
