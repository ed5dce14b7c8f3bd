"""Who may use the key that a cluster's secrets, volumes and logs are encrypted with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .arns import domain
from .iam import Document, Home, document

if TYPE_CHECKING:
    import pulumi

_ADMINISTRATION = (
    "kms:CancelKeyDeletion", "kms:CreateAlias", "kms:DeleteAlias", "kms:DescribeKey", "kms:DisableKey",
    "kms:DisableKeyRotation", "kms:EnableKey", "kms:EnableKeyRotation", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus",
    "kms:ListGrants", "kms:ListKeyPolicies", "kms:ListResourceTags", "kms:PutKeyPolicy", "kms:RevokeGrant",
    "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource", "kms:UpdateAlias", "kms:UpdateKeyDescription",
)  # fmt: skip
"""What it takes to keep the key; using it is not among it."""


def key_policy(home: Home, cluster_role: pulumi.Input[str]) -> Document:
    """The key's policy; in a key policy the resource ``*`` is the key itself.

    What the account's root may do, those may whom IAM lets: so nobody reads with the key by a policy of IAM alone.

    EBS volumes are encrypted for whoever starts nodes and makes volumes: managed node groups, Karpenter and the CSI
    driver. They reach the key through EC2 alone, in the terms of AWS's own policy of ``aws/ebs``: the service role of
    EC2 Auto Scaling cannot be named, for in an account without one the policy would be refused.

    Sources: EKS user guide, "Encrypt Kubernetes secrets with KMS" (whoever makes the cluster needs DescribeKey and
    CreateGrant); CloudWatch Logs user guide, "Encrypt log data using KMS"; Amazon EBS user guide, "EBS encryption".
    """
    use = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    return document(
        {
            "Sid": "Administration",
            "Effect": "Allow",
            "Principal": {"AWS": home.root},
            "Action": list(_ADMINISTRATION),
            "Resource": "*",
        },
        {
            # EKS takes a grant in the name of whoever makes the cluster, and not as a service: a condition that grants
            # be an AWS resource's (kms:GrantIsForAWSResource) would refuse it.
            "Sid": "MakingTheCluster",
            "Effect": "Allow",
            "Principal": {"AWS": home.root},
            "Action": "kms:CreateGrant",
            "Resource": "*",
        },
        {
            "Sid": "Secrets",
            "Effect": "Allow",
            "Principal": {"AWS": cluster_role},
            "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListGrants"],
            "Resource": "*",
        },
        {
            "Sid": "Volumes",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": [*use, "kms:CreateGrant"],
            "Resource": "*",
            "Condition": {
                "StringEquals": {
                    "kms:CallerAccount": home.account,
                    "kms:ViaService": f"ec2.{home.region}.{domain(home.region)}",
                }
            },
        },
        {
            "Sid": "Logs",
            "Effect": "Allow",
            "Principal": {"Service": f"logs.{home.region}.{domain(home.region)}"},
            "Action": use,
            "Resource": "*",
            "Condition": {
                "ArnLike": {
                    "kms:EncryptionContext:aws:logs:arn": home.arn("logs", f"log-group:/aws/eks/{home.cluster}/*")
                }
            },
        },
    )
