"""What every kind of cluster offers to the rest of the platform. Nothing above it asks which kind it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

import pulumi
import pulumi_kubernetes as kubernetes

from ..objects import Manifest
from ..pools.plan import PoolPlan

OPERATOR_DRIVER_ROOT = "/run/nvidia/driver"
"""Where the GPU operator's driver containers lay the driver. Source: GPU Operator v26.7.0, chart, ``hostPaths``."""

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
    runtime_config: what the GPU operator's toolkit reads of the runtime's configuration: what the runtime says is in
        effect (``command``), or the ``file``, where the runtime would not start with the former written back.
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
    driver_root: str = "/"
    restarts_nodes: bool = False
    storage_class: str | None = None
    load_balancer_class: str | None = None
    registry: str | None = None
    hosts: frozenset[str] = field(default_factory=frozenset[str])
    brings: frozenset[str] = field(default_factory=frozenset[str])
    priority_quota: bool = False


@dataclass(frozen=True, slots=True)
class HostedEndpoint:
    """Where a controller that the cluster hosts is reached by the API server.

    webhook_url: the base of its webhooks, ``https://127.0.0.1:<port>``.
    ca_bundle: the certificate authority that signed its certificate, base64 of PEM.
    """

    webhook_url: pulumi.Output[str]
    ca_bundle: pulumi.Output[str]


class Cluster(pulumi.ComponentResource):
    """What every kind of cluster is to the rest of the platform; each sets all of it in its constructor."""

    facts: ClusterFacts
    """What is known of it before it exists."""
    pools: tuple[PoolPlan, ...]
    """The pool plans that it carried out."""
    kubeconfig: pulumi.Output[str]
    """Its kubeconfig, a secret."""
    kubeconfig_path: pulumi.Output[str]
    """The file that holds it, for kubectl."""
    endpoint: pulumi.Output[str]
    """The URL of its API server."""
    provider: kubernetes.Provider
    """The provider for everything inside it."""
    hosted: Mapping[str, HostedEndpoint] = MappingProxyType({})
    """The controllers that it hosts, by name; the keys are ``facts.hosts``."""
    vessel: pulumi.Resource | None = None
    """What takes everything inside with it when it is deleted; None where something would be left, such as disks."""
    ready: pulumi.Resource
    """What everything that needs nodes depends on."""
    node_classes: Sequence[Manifest] = ()
    """What the nodes are made of that Karpenter adds; none where something else, or nothing, adds nodes."""
