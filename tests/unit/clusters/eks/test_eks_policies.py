"""Every policy document of an EKS cluster: nothing by ``*`` without a reason, no role for just anybody."""

from collections.abc import Iterator, Mapping
from typing import cast

import pytest

from components.clusters.eks import iam
from components.clusters.eks.iam import Document, Home, Statement
from components.clusters.eks.key_policy import key_policy

HOME = Home(region="us-east-1", account="123456789012", cluster="atlas")
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd"
GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/eks/atlas/flow-logs"

TRUST: Mapping[str, Document] = {
    "control plane": iam.cluster_trust(HOME),
    "nodes": iam.node_trust("us-east-1"),
    "pods": iam.pod_trust(HOME, "kube-system", "aws-node"),
    "flow logs": iam.flow_log_trust(HOME),
}
PERMISSIONS: Mapping[str, Document] = {
    "flow logs": iam.flow_log_delivery(HOME, GROUP),
    "secrets": iam.secrets_encryption(KEY),
    "volumes": iam.volume_encryption(KEY),
}
KEY_POLICY = key_policy(HOME, "arn:aws:iam::123456789012:role/atlas-control-plane")

UNCONDITIONED = {
    "nodes": "EC2 hands its instances no source to compare; who may pass the role decides (iam:PassRole)",
}
"""The roles whose trust has no condition, and why."""


def texts(values: object) -> list[str]:
    return [values] if isinstance(values, str) else list(cast("list[str]", values))


def statements(documents: Mapping[str, Document]) -> Iterator[Statement]:
    for content in documents.values():
        yield from content["Statement"]


@pytest.mark.parametrize("statement", [*statements(TRUST), *statements(PERMISSIONS), *KEY_POLICY["Statement"]])
def test_no_statement_allows_all_actions_of_a_service(statement: Statement) -> None:
    assert not [action for action in texts(statement["Action"]) if action == "*" or action.endswith(":*")]


@pytest.mark.parametrize("statement", list(statements(PERMISSIONS)))
def test_no_role_may_act_on_every_resource(statement: Statement) -> None:
    resources = texts(statement.get("Resource", []))
    assert resources
    assert all(resource != "*" and ":123456789012:" in resource for resource in resources)


@pytest.mark.parametrize("role", sorted(set(TRUST) - set(UNCONDITIONED)))
def test_a_role_is_taken_on_only_from_the_cluster_it_is_for(role: str) -> None:
    for statement in TRUST[role]["Statement"]:
        conditions = statement.get("Condition", {})
        assert conditions["StringEquals"]["aws:SourceAccount"] == "123456789012"
        (source,) = [each["aws:SourceArn"] for how, each in conditions.items() if how.startswith("Arn")]
        assert str(source).startswith(("arn:aws:eks:us-east-1:123456789012:cluster/atlas", "arn:aws:ec2:us-east-1:"))


@pytest.mark.parametrize("role", sorted(UNCONDITIONED))
def test_a_role_without_a_condition_is_an_exception_with_a_reason(role: str) -> None:
    assert not any("Condition" in statement for statement in TRUST[role]["Statement"])
    assert UNCONDITIONED[role]


def test_a_role_of_pods_is_one_service_accounts() -> None:
    (statement,) = TRUST["pods"]["Statement"]
    equal = statement.get("Condition", {})["StringEquals"]
    assert equal["aws:RequestTag/kubernetes-namespace"] == "kube-system"
    assert equal["aws:RequestTag/kubernetes-service-account"] == "aws-node"


@pytest.mark.parametrize("statement", KEY_POLICY["Statement"], ids=lambda statement: statement["Sid"])
def test_the_key_is_used_by_named_principals_or_under_a_condition(statement: Statement) -> None:
    (named,) = statement.get("Principal", {}).values()
    assert statement.get("Condition") or str(named).startswith("arn:aws:iam::123456789012:")
    assert statement.get("Resource") == "*"  # in a key's policy: this key


def test_only_ec2_uses_the_key_for_whoever_makes_volumes() -> None:
    (volumes,) = [each for each in KEY_POLICY["Statement"] if each.get("Principal") == {"AWS": "*"}]
    assert volumes.get("Condition") == {
        "StringEquals": {"kms:CallerAccount": "123456789012", "kms:ViaService": "ec2.us-east-1.amazonaws.com"}
    }


def test_nobody_reads_with_the_key_by_a_policy_of_iam_alone() -> None:
    delegated = [each for each in KEY_POLICY["Statement"] if each.get("Principal") == {"AWS": HOME.root}]
    actions = {action for each in delegated for action in texts(each["Action"])}
    assert not {"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"} & actions


def test_whoever_makes_the_cluster_may_give_eks_its_grant() -> None:
    # EKS user guide, "Encrypt Kubernetes secrets with KMS": not under kms:GrantIsForAWSResource.
    (making,) = [each for each in KEY_POLICY["Statement"] if "kms:CreateGrant" in texts(each["Action"])][:1]
    assert (making.get("Principal"), making.get("Condition")) == ({"AWS": HOME.root}, None)


def test_logs_are_encrypted_for_the_clusters_own_groups_only() -> None:
    (logs,) = [each for each in KEY_POLICY["Statement"] if each["Sid"] == "Logs"]
    assert logs.get("Principal") == {"Service": "logs.us-east-1.amazonaws.com"}
    (pattern,) = logs.get("Condition", {})["ArnLike"].values()
    assert pattern == "arn:aws:logs:us-east-1:123456789012:log-group:/aws/eks/atlas/*"


def test_arns_are_those_of_the_regions_partition() -> None:
    china = Home(region="cn-north-1", account="123456789012", cluster="atlas")
    assert china.cluster_arn == "arn:aws-cn:eks:cn-north-1:123456789012:cluster/atlas"
    (nodes,) = iam.node_trust("cn-north-1")["Statement"]
    assert nodes.get("Principal") == {"Service": "ec2.amazonaws.com.cn"}
    (logs,) = [each for each in key_policy(china, "role")["Statement"] if each["Sid"] == "Logs"]
    assert logs.get("Principal") == {"Service": "logs.cn-north-1.amazonaws.com.cn"}
