"""What every kind of cluster offers to the rest of the platform. Nothing above it asks which kind it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pulumi
import pulumi_kubernetes as kubernetes

from ..objects import Manifest
from ..pools.plan import PoolPlan
from .facts import ClusterFacts


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
