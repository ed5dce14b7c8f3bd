"""``kubelanes:cluster``: which cluster the platform stands on. One model per kind, none with another kind's fields."""

from typing import Annotated, Literal

from pydantic import Field

from .model import Model
from .scalars import Cidr, Name, Text, matching, whole

KubernetesVersion = Annotated[
    str,
    *matching(
        "Kubernetes version",
        r"1\.(3[4-9]|[4-9][0-9])",
        'is no Kubernetes minor version from 1.34 on, where DRA is stable. Write one in quotes: "1.35".',
        "1.35",
    ),
]
"""A minor version of Kubernetes, in quotes (``"1.35"``; YAML reads 1.40 as 1.4). From 1.34 on DRA is stable."""


class ApiAccess(Model):
    """Who may reach the Kubernetes API from outside the cluster's network."""

    public: bool = False
    """Whether the endpoint has a public address. It then needs ``allow``."""
    allow: tuple[Cidr, ...] = ()
    """The ranges that may reach a public endpoint."""
    open_to_all: bool = False
    """Whether ``allow`` may name the whole internet (``0.0.0.0/0``); refused unless it is asked for here."""


class Network(Model):
    """The address ranges of a cluster that we build."""

    cidr: Cidr = "10.32.0.0/14"
    """The range for nodes and pods."""
    services: Cidr = "172.20.0.0/16"
    """The range for Services; it may not overlap ``cidr``."""
    zones: Annotated[int, *whole(2, 6)] = 3
    """Availability zones to spread over."""


class SimCluster(Model):
    """A real control plane on this machine with simulated nodes: no cloud, no container engine, no GPU."""

    kind: Literal["sim"]
    """A simulated cluster."""
    name: Name = "sim"
    """The cluster's name; two sims on one machine need two names."""
    imitates: Literal["eks", "gke"] = "eks"
    """Whose machine types and node labels the simulated nodes carry."""


class EksCluster(Model):
    """Amazon EKS."""

    kind: Literal["eks"]
    """An EKS cluster that we build, with its network."""
    name: Name
    """The cluster's name, unique in account and region."""
    region: Text
    """The AWS region, such as ``us-east-1``."""
    version: KubernetesVersion
    """The Kubernetes minor version."""
    api: ApiAccess = ApiAccess()
    """Access to the Kubernetes API; private unless it is asked for."""
    network: Network = Network()
    """The address ranges."""


class GkeCluster(Model):
    """Google Kubernetes Engine, Standard mode."""

    kind: Literal["gke"]
    """A GKE cluster that we build, with its network."""
    name: Name
    """The cluster's name, unique in project and location."""
    project: Text
    """The Google Cloud project's id."""
    region: Text
    """The region, such as ``us-central1``."""
    channel: Literal["rapid", "regular", "stable"] = "regular"
    """The release channel that upgrades the control plane."""
    version: KubernetesVersion | None = None
    """The lowest Kubernetes minor version; the channel's default where it is left out."""
    api: ApiAccess = ApiAccess()
    """Access to the Kubernetes API; private unless it is asked for."""
    network: Network = Network()
    """The address ranges."""


class KindCluster(Model):
    """Kubernetes in Docker, through the ``kind`` executable."""

    kind: Literal["kind"]
    """A kind cluster that we build on this machine."""
    name: Name = "kubelanes"
    """The cluster's name."""
    version: KubernetesVersion | None = None
    """The Kubernetes minor version of the node image; kind's default where it is left out."""


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


Cluster = Annotated[
    SimCluster | EksCluster | GkeCluster | KindCluster | ExistingCluster,
    Field(discriminator="kind"),
]
"""The cluster of a stack, told apart by ``kind``."""
