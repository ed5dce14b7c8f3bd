"""What Karpenter may do in AWS: start, tag and end instances that bear its cluster's name, and look around.

Source: karpenter-provider-aws v1.14, getting-started-with-karpenter/cloudformation.yaml (which actions there are, and
which tags it sets); narrowed to this account, to one role and to what our node classes use: they name an instance
profile, so Karpenter manages none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .arns import domain, partition
from .iam import VOLUME_ACTIONS, Document, Home, Statement, document, joined

if TYPE_CHECKING:
    import pulumi

NODE_POOL_TAG = "karpenter.sh/nodepool"
"""What Karpenter tags everything with that it makes."""
_MADE = ("fleet", "instance", "launch-template", "network-interface", "spot-instances-request", "volume")
_USED = ("capacity-reservation", "placement-group", "security-group", "subnet")
_LOOK = (
    "CapacityReservations", "Images", "InstanceStatus", "InstanceTypeOfferings", "InstanceTypes", "Instances",
    "LaunchTemplates", "PlacementGroups", "SecurityGroups", "SpotPriceHistory", "Subnets",
)  # fmt: skip
"""What it describes. EC2 knows no narrower resource for these than the region."""
_SPOT = "spot.amazonaws.com"


def nodes_life(home: Home) -> Document:
    """Instances begin with the cluster's tags, and only those that have them end."""
    owned = f"kubernetes.io/cluster/{home.cluster}"
    requested = {f"aws:RequestTag/{owned}": "owned", "aws:RequestTag/eks:eks-cluster-name": home.cluster}
    marked = {f"aws:RequestTag/{NODE_POOL_TAG}": "*"}
    ours: dict[str, dict[str, str]] = {
        "StringEquals": {f"aws:ResourceTag/{owned}": "owned"},
        "StringLike": {f"aws:ResourceTag/{NODE_POOL_TAG}": "*"},
    }
    made = [home.arn("ec2", f"{kind}/*") for kind in _MADE]
    public = f"arn:{partition(home.region)}:ec2:{home.region}:"
    return document(
        {
            "Sid": "StartFrom",
            "Effect": "Allow",
            "Action": ["ec2:CreateFleet", "ec2:RunInstances"],
            "Resource": [
                f"{public}:image/*",
                f"{public}:snapshot/*",
                *(home.arn("ec2", f"{kind}/*") for kind in _USED),
            ],
        },
        {
            "Sid": "StartFromOwnTemplates",
            "Effect": "Allow",
            "Action": ["ec2:CreateFleet", "ec2:RunInstances"],
            "Resource": home.arn("ec2", "launch-template/*"),
            "Condition": ours,
        },
        {
            "Sid": "StartWithTags",
            "Effect": "Allow",
            "Action": ["ec2:CreateFleet", "ec2:CreateLaunchTemplate", "ec2:RunInstances"],
            "Resource": made,
            "Condition": {"StringEquals": requested, "StringLike": marked},
        },
        {
            "Sid": "TagWhatItStarts",
            "Effect": "Allow",
            "Action": "ec2:CreateTags",
            "Resource": made,
            "Condition": {
                "StringEquals": {
                    **requested,
                    "ec2:CreateAction": ["CreateFleet", "CreateLaunchTemplate", "RunInstances"],
                },
                "StringLike": marked,
            },
        },
        {
            "Sid": "NameItsInstances",
            "Effect": "Allow",
            "Action": "ec2:CreateTags",
            "Resource": home.arn("ec2", "instance/*"),
            "Condition": {
                **ours,
                "StringEqualsIfExists": {"aws:RequestTag/eks:eks-cluster-name": home.cluster},
                "ForAllValues:StringEquals": {
                    "aws:TagKeys": ["Name", "eks:eks-cluster-name", "karpenter.sh/nodeclaim"],
                },
            },
        },
        {
            "Sid": "End",
            "Effect": "Allow",
            "Action": ["ec2:DeleteLaunchTemplate", "ec2:TerminateInstances"],
            "Resource": [home.arn("ec2", "instance/*"), home.arn("ec2", "launch-template/*")],
            "Condition": ours,
        },
    )


def identities(home: Home, node_role: pulumi.Input[str], profile: pulumi.Input[str]) -> Document:
    """Its instances get one role and no other. node_role, profile: the ARNs of the role and its instance profile.

    Before a node class goes, Karpenter looks for the profile that an older version would have made for it,
    ``<cluster>_<hash>``, and takes only "not found" for an answer: refused, the class would never go. Source:
    pkg/controllers/nodeclass/controller.go, cleanupLegacyInstanceProfile.

    The account's first spot instance makes EC2's service-linked role, in the name of whoever asks for the instance.
    Source: EC2 user guide, "Service-linked role for Spot Instance requests".
    """
    iam = f"arn:{partition(home.region)}:iam::"
    return document(
        {
            "Sid": "PassTheNodesRole",
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": node_role,
            "Condition": {"StringEquals": {"iam:PassedToService": f"ec2.{domain(home.region)}"}},
        },
        {
            "Sid": "ReadTheNodesProfile",
            "Effect": "Allow",
            "Action": "iam:GetInstanceProfile",
            "Resource": [profile, joined(iam, home.account, f":instance-profile/{home.cluster}_*")],
        },
        {
            "Sid": "FirstSpotInstance",
            "Effect": "Allow",
            "Action": "iam:CreateServiceLinkedRole",
            "Resource": joined(iam, home.account, f":role/aws-service-role/{_SPOT}/AWSServiceRoleForEC2Spot"),
            "Condition": {"StringEquals": {"iam:AWSServiceName": _SPOT}},
        },
    )


def surroundings(home: Home) -> Document:
    """It looks around in its own region.

    Describing and asking for prices have no resource to name, so the region is the condition; prices are asked for in
    another region, whose service answers for all. Instance profiles are listed below the path that Karpenter's own
    would have.
    """
    here: Statement = {
        "Sid": "Describe",
        "Effect": "Allow",
        "Action": [f"ec2:Describe{what}" for what in _LOOK],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": home.region}},
    }
    return document(
        here,
        {
            "Sid": "Images",
            "Effect": "Allow",
            "Action": "ssm:GetParameter",
            "Resource": f"arn:{partition(home.region)}:ssm:{home.region}::parameter/aws/service/*",
        },
        {
            "Sid": "Prices",
            "Effect": "Allow",
            "Action": "pricing:GetProducts",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalAccount": home.account}},
        },
        {
            "Sid": "LeftoverProfiles",
            "Effect": "Allow",
            "Action": "iam:ListInstanceProfiles",
            "Resource": joined(f"arn:{partition(home.region)}:iam::", home.account, ":instance-profile/*"),
        },
        {
            "Sid": "Cluster",
            "Effect": "Allow",
            "Action": "eks:DescribeCluster",
            "Resource": home.cluster_arn,
        },
        {
            "Sid": "ZonalShifts",
            "Effect": "Allow",
            "Action": "arc-zonal-shift:GetManagedResource",
            "Resource": "*",
            "Condition": {"StringEquals": {"arc-zonal-shift:ResourceIdentifier": home.cluster_arn}},
        },
    )


def interruptions(queue: pulumi.Input[str]) -> Document:
    """It takes messages from one queue; ``queue`` is its ARN."""
    actions = ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"]
    return document({"Sid": "Interruptions", "Effect": "Allow", "Action": actions, "Resource": queue})


def volumes(home: Home, key: pulumi.Input[str]) -> Document:
    """EC2 may use one key for the volumes of instances that it starts.

    Source: EC2 Auto Scaling user guide, "Required AWS KMS key policy for use with encrypted volumes".
    """
    through_ec2 = {"kms:ViaService": f"ec2.{home.region}.{domain(home.region)}"}
    return document(
        {
            "Sid": "Encrypt",
            "Effect": "Allow",
            "Action": VOLUME_ACTIONS,
            "Resource": key,
            "Condition": {"StringEquals": through_ec2},
        },
        {
            "Sid": "Grant",
            "Effect": "Allow",
            "Action": "kms:CreateGrant",
            "Resource": key,
            "Condition": {"StringEquals": through_ec2, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        },
    )


def queue_policy(home: Home, queue: pulumi.Input[str], rules: str) -> Document:
    """Only the cluster's own rules send to the queue, and nobody reaches it without TLS.

    queue: its ARN. rules: what the names of the rules begin with.
    """
    return document(
        {
            "Sid": "Events",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue,
            "Condition": {"ArnLike": {"aws:SourceArn": home.arn("events", f"rule/{rules}*")}},
        },
        {
            "Sid": "OnlyTls",
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage", "sqs:SendMessage"],
            "Resource": queue,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    )
