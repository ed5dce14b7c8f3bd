"""``kubelanes:cluster`` of kind ``eks``."""

from typing import Annotated, Literal

from pydantic import Field

from .cluster_parts import ApiAccess, KubernetesVersion, Maintenance, Network
from .model import Model
from .scalars import Name, Text, matching

AccountId = Annotated[
    str,
    *matching(
        "AWS account",
        r"[0-9]{12}",
        'is no AWS account. Write its twelve digits, in quotes: "123456789012".',
        "123456789012",
    ),
]
"""The id of an AWS account."""

RoleArn = Annotated[
    str,
    *matching(
        "IAM role or user",
        r"arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[\w+=,.@/-]+",
        "is no IAM role or user. Write its ARN: arn:aws:iam::123456789012:role/platform-admin.",
        "arn:aws:iam::123456789012:role/platform-admin",
    ),
]
"""The ARN of an IAM principal that may be given access."""

KeyArn = Annotated[
    str,
    *matching(
        "KMS key",
        r"arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[0-9a-zA-Z-]+",
        "is no KMS key. Write the key's ARN (no alias): arn:aws:kms:us-east-1:123456789012:key/1234abcd-...",
        "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    ),
]
"""The ARN of a KMS key."""

ControlPlaneLog = Literal["api", "audit", "authenticator", "controllerManager", "scheduler"]
"""A log of the EKS control plane."""


class EksNetwork(Network):
    """The network of an EKS cluster: a VPC of its own."""

    zone_names: Annotated[tuple[Text, ...], Field(min_length=2, max_length=6)] | None = None
    """The availability zones, where they are not the region's first letters: which letters there are, and which of
    them EKS and the machines are offered in, differs between accounts."""
    nat: Literal["per-zone", "single", "none"] | None = None
    """NAT gateways: one in each ``per-zone``, a ``single`` one, or ``none`` (then AWS is reached through VPC endpoints
    only and nothing else is). In prod ``per-zone`` where it is left out, else ``single``."""
    endpoints: bool | None = None
    """Whether AWS services are reached through VPC interface endpoints. In prod true where it is left out, and always
    where there is no NAT. The endpoint for S3 is always there: it costs nothing."""


class EksCluster(Model):
    """Amazon EKS."""

    kind: Literal["eks"]
    """An EKS cluster that we build, with its network."""
    name: Name
    """The cluster's name, unique in account and region."""
    region: Text
    """The AWS region, such as ``us-east-1``."""
    account: AccountId | None = None
    """The only account that this stack may touch; with the credentials of another, nothing happens."""
    version: KubernetesVersion
    """The Kubernetes minor version."""
    image: Literal["al2023", "bottlerocket"] = "al2023"
    """The node image. Both bring the NVIDIA driver; Bottlerocket brings the device plugin too."""
    api: ApiAccess = ApiAccess()
    """Access to the Kubernetes API; private unless it is asked for."""
    access: dict[RoleArn, Literal["admin", "viewer"]] = {}
    """Who may use the cluster beside whoever makes it, by access entries: an ``admin`` may do everything, a ``viewer``
    reads what is in namespaces, but no Secrets. Whoever makes the cluster is not named: EKS lets them in itself."""
    network: EksNetwork = EksNetwork()
    """The address ranges, and the ways out."""
    kms_key: KeyArn | None = None
    """The key that encrypts secrets, volumes and logs; one is made for the cluster where it is left out. The policy of
    a key of your own has to let EKS, EC2 and CloudWatch Logs use it."""
    logs: tuple[ControlPlaneLog, ...] = ("api", "audit", "authenticator", "controllerManager", "scheduler")
    """The control plane's logs that are kept."""
    maintenance: Maintenance = Maintenance()
    """When nodes may be replaced because their image or configuration is out of date."""

    @property
    def zones(self) -> tuple[str, ...]:
        """The names of its zones: those that are given, else the region's first letters."""
        network = self.network
        return network.zone_names or tuple(f"{self.region}{letter}" for letter in "abcdef"[: network.zones])
