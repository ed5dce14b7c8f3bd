"""Names of things in AWS, which differ between its partitions."""

import re
from typing import Literal

Partition = Literal["aws", "aws-cn", "aws-us-gov"]


def partition(region: str) -> Partition:
    """The partition of a region: an ARN's second word."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def is_secret(region: str) -> bool:
    """Whether the region is of one of the partitions of secret services, which have names and services of their own."""
    return bool(re.match(r"[a-z]{2}-iso[a-z]?-", region))


def domain(region: str) -> str:
    """What names of services end with in a region."""
    return "amazonaws.com.cn" if partition(region) == "aws-cn" else "amazonaws.com"


def managed_policy(region: str, name: str) -> str:
    """The ARN of an IAM policy that AWS keeps; ``name`` with its path, if it has one: ``AmazonEKSClusterPolicy``."""
    return f"arn:{partition(region)}:iam::aws:policy/{name}"


def access_policy(region: str, name: str) -> str:
    """The ARN of an access policy of EKS: ``AmazonEKSClusterAdminPolicy``."""
    return f"arn:{partition(region)}:eks::aws:cluster-access-policy/{name}"
