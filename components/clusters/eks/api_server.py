"""How the API server of an EKS cluster is reached, by whom, and what becomes of its version."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pulumi

from ...settings.eks import EksCluster as EksSettings
from ...settings.environment import Environment

if TYPE_CHECKING:
    from pulumi_aws.eks import ClusterAccessConfigArgsDict, ClusterUpgradePolicyArgsDict, ClusterVpcConfigArgsDict


def vpc_config(settings: EksSettings, subnets: Sequence[pulumi.Input[str]]) -> "ClusterVpcConfigArgsDict":
    """Where the control plane is reached: inside the VPC always, from outside only where it is asked for."""
    config: ClusterVpcConfigArgsDict = {
        "subnet_ids": subnets,
        "endpoint_private_access": True,
        "endpoint_public_access": settings.api.public,
    }
    if settings.api.public:
        config["public_access_cidrs"] = list(settings.api.outside)
    return config


def access_config() -> "ClusterAccessConfigArgsDict":
    """Access by entries alone; the ConfigMap aws-auth is not read.

    Who makes the cluster administers it: without that, nobody could make anything inside it, and every further access
    entry is made through the cluster that they made. EKS shows that access as an entry too. Source: EKS user guide,
    "Grant IAM users access to Kubernetes with EKS access entries".
    """
    return {"authentication_mode": "API", "bootstrap_cluster_creator_admin_permissions": True}


def upgrade_policy(environment: Environment) -> "ClusterUpgradePolicyArgsDict":
    """What happens at the end of a version's standard support.

    In prod the version stays, at a higher price: an upgrade that AWS chooses would come when nobody watches, and the
    stack file would ask for a downgrade, which EKS refuses. Elsewhere AWS upgrades.
    """
    return {"support_type": "EXTENDED" if environment is Environment.PROD else "STANDARD"}
