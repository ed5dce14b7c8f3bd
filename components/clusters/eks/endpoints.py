"""The services of AWS that nodes reach without leaving the VPC."""

from collections.abc import Mapping
from types import MappingProxyType

from ...settings.eks import EksNetwork
from ...settings.environment import Environment

GATEWAY = "s3"
"""Reached through the route tables, at no cost: the layers of images in ECR lie in S3."""

INTERFACES: Mapping[str, str] = MappingProxyType(
    {
        "autoscaling": "managed node groups, the cluster autoscaler",
        "ec2": "the CNI, the EBS CSI driver, Karpenter",
        "ecr.api": "pulling images",
        "ecr.dkr": "pulling images",
        "eks": "nodes that join, Karpenter",
        "eks-auth": "Pod Identity",
        "elasticloadbalancing": "load balancers of Services",
        "logs": "logs of nodes and pods",
        "sqs": "Karpenter's queue of interruptions",
        "ssm": "the image ids that Karpenter looks up; sessions on nodes",
        "ssmmessages": "sessions on nodes through Systems Manager",
        "sts": "identities of nodes and pods",
    }
)
"""Each service with an interface endpoint, and who needs it. Of Systems Manager's, ``ec2messages`` is not among them:
its agents ask ``ssmmessages`` since 3.3.40, and regions since 2024 do not have the other.

Sources: EKS user guide, "Deploy private clusters with limited internet access"; Karpenter documentation, "Private
clusters"; Systems Manager user guide, "Reference: ec2messages, ssmmessages, and other API operations"."""


def nat_gateways(network: EksNetwork, environment: Environment) -> str:
    """``per-zone``, ``single`` or ``none``: as the settings say, else one for each zone in prod."""
    return network.nat or ("per-zone" if environment is Environment.PROD else "single")


def is_isolated(network: EksNetwork, environment: Environment) -> bool:
    """Whether nodes reach nothing but the VPC and the services of AWS that have an endpoint in it."""
    return nat_gateways(network, environment) == "none"


def interface_endpoints(network: EksNetwork, environment: Environment) -> tuple[str, ...]:
    """The services that get an interface endpoint: all or none."""
    wanted = environment is Environment.PROD if network.endpoints is None else network.endpoints
    return tuple(INTERFACES) if wanted or is_isolated(network, environment) else ()
