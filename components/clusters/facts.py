"""What is known of a cluster before it exists. Each kind says it in a module ``facts`` of its own."""

from dataclasses import dataclass, field
from typing import Literal

OPERATOR_DRIVER_ROOT = "/run/nvidia/driver"
"""Where the GPU Operator's driver containers lay the driver. Source: GPU Operator v26.7.0, chart, ``hostPaths``."""

NEURON_PLUGIN, AMD_PLUGIN = "neuron-device-plugin", "amd-gpu-device-plugin"
"""What advertises AWS's and AMD's accelerators, as `ClusterFacts.brings` names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterFacts:
    """What add-ons, tenants and lanes need to know about a cluster, known before it exists.

    kind: the cluster kind, for messages only; no decision may hang on it.
    kubernetes: the minor version, such as ``1.36``.
    gpu_driver: who installs the GPU driver: the node ``image``, the GPU ``operator``, the cloud's ``installer`` that we
        run as a DaemonSet, the ``cloud`` itself; ``none`` where nodes are simulated.
    device_plugin: who advertises GPUs that are not served by DRA.
    container_toolkit: who teaches the container runtime to hand GPUs to containers.
    runtime_config: what the GPU Operator's toolkit reads of the runtime's configuration: what the runtime says is in
        effect (``command``), or the ``file``, where the runtime would not start with the former written back.
    cards_by_allotment: whether the container runtime shows a container the cards that it was allotted and no others;
        all of them are seen by those only that have the capability SYS_ADMIN. Elsewhere an image may ask for cards.
    driver_root: the folder on a node that holds the driver's files; ``/`` where they lie as in any distribution.
    restarts_nodes: whether a node may be restarted where a card takes a new setting only then.
    autoscaler: who adds and removes nodes; with ``none`` a pool stands at its largest size from the start.
    network_policy: what enforces NetworkPolicy; ``none`` means that policies are stored and not enforced.
    workload_identity: how a service account becomes a cloud identity.
    storage_class: the default class for volumes; None is the cluster's own default.
    load_balancer_class: the class for external load balancers; None where there are none.
    registry: the cloud's own registry of images for its add-ons, which nodes without a way to the internet reach too;
        None where there is none.
    hosts: names of the controllers that the cluster runs itself, outside its nodes.
    brings: what it installs and upgrades itself, so that nothing of ours may: ``gateway-api``, ``inference-extension``
        (their CRDs), the device plugins of vendors other than NVIDIA.
    priority_quota: whether pods of the system's critical priorities need a ResourceQuota that admits them, outside
        kube-system.
    """

    kind: str
    kubernetes: str
    gpu_driver: Literal["image", "operator", "installer", "cloud", "none"]
    device_plugin: Literal["image", "operator", "standalone", "cloud", "simulated"]
    autoscaler: Literal["karpenter", "cluster-autoscaler", "cloud", "none"]
    network_policy: Literal["vpc-cni", "dataplane-v2", "cilium", "other", "none"]
    workload_identity: Literal["pod-identity", "gke-workload-identity", "none"]
    container_toolkit: Literal["image", "operator", "cloud"] = "image"
    runtime_config: Literal["command", "file"] = "command"
    cards_by_allotment: bool = False
    driver_root: str = "/"
    restarts_nodes: bool = False
    storage_class: str | None = None
    load_balancer_class: str | None = None
    registry: str | None = None
    hosts: frozenset[str] = field(default_factory=frozenset[str])
    brings: frozenset[str] = field(default_factory=frozenset[str])
    priority_quota: bool = False
