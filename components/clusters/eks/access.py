"""Who may use an EKS cluster: access entries."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import pulumi
import pulumi_aws as aws

from .arns import access_policy

Access = Literal["admin", "viewer"]

POLICIES: Mapping[Access, str] = MappingProxyType(
    {"admin": "AmazonEKSClusterAdminPolicy", "viewer": "AmazonEKSViewPolicy"}
)
"""The access policy of EKS that each level is; a viewer reads what is in namespaces, but no Secrets.

Source: EKS user guide, "Review access policy permissions"."""


class AccessEntries(pulumi.ComponentResource):
    """An access entry for each principal of the settings, with its policy for the whole cluster."""

    def __init__(
        self,
        name: str,
        cluster_name: pulumi.Input[str],
        access: Mapping[str, Access],
        region: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("kubelanes:clusters:EksAccess", name, {}, opts)
        for principal, level in access.items():
            each = principal.split(":", 4)[4]  # with the account: roles of two may have one name
            entry = aws.eks.AccessEntry(
                f"{name}-{each}",
                cluster_name=cluster_name,
                principal_arn=principal,
                type="STANDARD",
                opts=pulumi.ResourceOptions(parent=self),
            )
            aws.eks.AccessPolicyAssociation(
                f"{name}-{each}",
                cluster_name=cluster_name,
                principal_arn=principal,
                policy_arn=access_policy(region, POLICIES[level]),
                access_scope={"type": "cluster"},
                opts=pulumi.ResourceOptions(parent=self, depends_on=[entry]),
            )
        self.register_outputs({})
