"""The policy documents of an EKS cluster's identities: who may take on a role, and what the role may do.

Every document is data; `render` makes it what AWS takes. Nothing here grants an action or a resource by ``*``: a test
reads every document that this package makes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NotRequired, TypedDict

import pulumi

from .arns import domain, partition

Values = pulumi.Input[str] | Sequence[pulumi.Input[str]]


class Statement(TypedDict):
    """One statement of a policy document, as IAM spells it."""

    Sid: str
    Effect: Literal["Allow", "Deny"]
    Principal: NotRequired[Mapping[str, Values]]
    Action: Values
    Resource: NotRequired[Values]
    Condition: NotRequired[Mapping[str, Mapping[str, Values]]]


class Document(TypedDict):
    """A policy document."""

    Version: Literal["2012-10-17"]
    Statement: list[Statement]


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where a cluster's identities live.

    account: the account's id.
    cluster: the cluster's name.
    """

    region: str
    account: pulumi.Input[str]
    cluster: str

    def arn(self, service: str, resource: str) -> pulumi.Input[str]:
        """The ARN of a resource of this account and region."""
        return joined(f"arn:{partition(self.region)}:{service}:{self.region}:", self.account, ":", resource)

    @property
    def cluster_arn(self) -> pulumi.Input[str]:
        """The cluster's ARN, known before the cluster is there."""
        return self.arn("eks", f"cluster/{self.cluster}")

    @property
    def root(self) -> pulumi.Input[str]:
        """The account itself, as a principal."""
        return joined(f"arn:{partition(self.region)}:iam::", self.account, ":root")


def joined(*parts: pulumi.Input[str]) -> pulumi.Input[str]:
    """Parts in a row: a plain text where all are plain, else one that is known once all are."""
    plain = [part for part in parts if isinstance(part, str)]
    return "".join(plain) if len(plain) == len(parts) else pulumi.Output.concat(*parts)


def document(*statements: Statement) -> Document:
    """A policy document of these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def render(content: Document) -> pulumi.Output[str]:
    """A document as AWS takes it."""
    return pulumi.Output.json_dumps(content)


def cluster_trust(home: Home) -> Document:
    """EKS may act for this one cluster. Source: EKS user guide, "Cross-service confused deputy prevention"."""
    return document(
        {
            "Sid": "ControlPlane",
            "Effect": "Allow",
            "Principal": {"Service": "eks.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": home.account},
                "ArnEquals": {"aws:SourceArn": home.cluster_arn},
            },
        }
    )


def node_trust(region: str) -> Document:
    """EC2 instances may be nodes.

    It has no condition: what EC2 hands to an instance carries no source to compare, and only who may pass the role
    (``iam:PassRole``) decides which instances get it.
    """
    service = f"ec2.{domain(region)}"
    return document({"Sid": "Nodes", "Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})


def pod_trust(home: Home, namespace: str, service_account: str) -> Document:
    """Pods of one service account of this one cluster may take on a role, through EKS Pod Identity.

    Source: EKS user guide, "Create IAM role with trust policy required by EKS Pod Identity".
    """
    return document(
        {
            "Sid": "Pods",
            "Effect": "Allow",
            "Principal": {"Service": "pods.eks.amazonaws.com"},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Condition": {
                "StringEquals": {
                    "aws:SourceAccount": home.account,
                    "aws:RequestTag/kubernetes-namespace": namespace,
                    "aws:RequestTag/kubernetes-service-account": service_account,
                },
                "ArnEquals": {"aws:SourceArn": home.cluster_arn},
            },
        }
    )


def flow_log_trust(home: Home) -> Document:
    """The VPC's flow logs may be delivered. Source: Amazon VPC user guide, "IAM role for publishing flow logs"."""
    return document(
        {
            "Sid": "FlowLogs",
            "Effect": "Allow",
            "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": home.account},
                "ArnLike": {"aws:SourceArn": home.arn("ec2", "vpc-flow-log/*")},
            },
        }
    )


def flow_log_delivery(home: Home, group: pulumi.Input[str]) -> Document:
    """Flow logs are written to one log group; ``group`` is its ARN. To find it, all groups' names may be listed."""
    return document(
        {
            "Sid": "Deliver",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            "Resource": [group, joined(group, ":*")],
        },
        {
            "Sid": "Find",
            "Effect": "Allow",
            "Action": "logs:DescribeLogGroups",
            "Resource": home.arn("logs", "log-group:*"),
        },
    )


def secrets_encryption(key: pulumi.Input[str]) -> Document:
    """The control plane encrypts Secrets with one key.

    Source: EKS user guide, "Encrypt Kubernetes secrets with KMS".
    """
    return document(
        {
            "Sid": "Secrets",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListGrants"],
            "Resource": key,
        }
    )


VOLUME_ACTIONS = [
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
]
"""What encrypted EBS volumes take of their key."""


def volume_encryption(key: pulumi.Input[str]) -> Document:
    """The EBS CSI driver makes volumes encrypted with one key, and lets EC2 alone use it for them.

    Source: aws-ebs-csi-driver, docs/faq.md and the EKS user guide, "Use Kubernetes volume storage with Amazon EBS".
    """
    return document(
        {
            "Sid": "Grants",
            "Effect": "Allow",
            "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
            "Resource": key,
            "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
        },
        {
            "Sid": "Volumes",
            "Effect": "Allow",
            "Action": VOLUME_ACTIONS,
            "Resource": key,
        },
    )
