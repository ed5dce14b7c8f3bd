"""``kubelanes:cluster`` of kind ``gke``."""

from typing import Annotated, Literal

from .cluster_parts import ApiAccess, KubernetesVersion, Maintenance, Network
from .model import Model
from .scalars import Name, Text, matching

KeyName = Annotated[
    str,
    *matching(
        "Cloud KMS key",
        r"projects/[a-z0-9:.-]+/locations/[a-z0-9-]+/keyRings/[\w-]+/cryptoKeys/[\w-]+",
        "is no Cloud KMS key. Write projects/PROJECT/locations/REGION/keyRings/RING/cryptoKeys/KEY.",
        "projects/ml-prod/locations/us-central1/keyRings/gke/cryptoKeys/atlas",
    ),
]
"""The resource name of a Cloud KMS key."""


class GkeNetwork(Network):
    """The network of a GKE cluster: a VPC of its own."""

    nat: bool = True
    """Whether nodes reach the internet through Cloud NAT. Google's own services, Artifact Registry among them, are
    reached privately either way; without NAT no image comes from anywhere else."""


class GkeApiAccess(ApiAccess):
    """Who may reach the Kubernetes API of a GKE cluster from outside its network."""

    dns: bool = False
    """Whether the API is also reached by a name, through Google's own front end: from anywhere, without a route into
    the network, by whomever IAM gives ``container.clusters.connect``; ``allow`` says nothing of it."""


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
    """The Kubernetes minor version that the control plane has at least; the channel's own where it is left out."""
    api: GkeApiAccess = GkeApiAccess()
    """Access to the Kubernetes API; private unless it is asked for."""
    network: GkeNetwork = GkeNetwork()
    """The address ranges, and the way out."""
    gpu_driver: Literal["gke", "operator"] = "gke"
    """Who installs the GPU driver and the device plugin: ``gke``, or the GPU ``operator``. DRA needs ``operator``."""
    image: Literal["cos", "ubuntu"] = "cos"
    """The nodes' image: Container-Optimized OS, or Ubuntu. On Ubuntu the GPU ``operator`` itself installs the driver,
    in the version of ``gpu.driver``; nobody signs what it builds there, so that GPU nodes boot without Secure Boot."""
    kms_key: KeyName | None = None
    """The Cloud KMS key that encrypts secrets and disks; one is made for the cluster where it is left out."""
    admins: Text | None = None
    """The Google group (``gke-security-groups@DOMAIN``) whose members' groups may be given roles in the cluster."""
    maintenance: Maintenance = Maintenance()
    """When GKE may upgrade control plane and nodes."""
