"""Karpenter's policy documents: nothing by ``*`` but what has no resource to name, and that on a condition."""

import json
from collections.abc import Iterator, Mapping
from typing import cast

import pytest

from components.clusters.eks import karpenter_policy as policy
from components.clusters.eks.iam import Document, Home, Statement

HOME = Home(region="us-east-1", account="123456789012", cluster="atlas")
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:atlas-karpenter"
ROLE = "arn:aws:iam::123456789012:role/atlas-karpenter-nodes"
PROFILE = "arn:aws:iam::123456789012:instance-profile/atlas-karpenter"

PERMISSIONS: Mapping[str, Document] = {
    "nodes": policy.nodes_life(HOME),
    "identities": policy.identities(HOME, ROLE, PROFILE),
    "surroundings": policy.surroundings(HOME),
    "interruptions": policy.interruptions(QUEUE),
    "volumes": policy.volumes(HOME, KEY),
}
QUEUE_POLICY = policy.queue_policy(HOME, QUEUE, "atlas-karpenter-")
NO_RESOURCE = {"Describe", "Prices", "ZonalShifts"}
"""Statements whose actions know no resource."""
AWS_OWN = {"Images", "StartFrom"}
"""Statements that also name what AWS publishes: images, their snapshots and their parameters."""


def texts(values: object) -> list[str]:
    return [values] if isinstance(values, str) else list(cast("list[str]", values))


def statements() -> Iterator[Statement]:
    for content in PERMISSIONS.values():
        yield from content["Statement"]


EVERY = {each["Sid"]: each for each in statements()}
each_statement = pytest.mark.parametrize("statement", EVERY.values(), ids=EVERY)


@each_statement
def test_no_action_is_named_by_a_wildcard(statement: Statement) -> None:
    assert [action for action in texts(statement["Action"]) if "*" in action] == []


@each_statement
def test_resources_are_the_accounts_or_the_statement_says_where(statement: Statement) -> None:
    resources = texts(statement.get("Resource", []))
    assert resources
    if statement["Sid"] in NO_RESOURCE:
        assert statement.get("Condition")
    elif statement["Sid"] in AWS_OWN:
        assert all(each.startswith("arn:aws:") and ":us-east-1:" in each for each in resources)
    else:
        assert all(":123456789012:" in each for each in resources)


@pytest.mark.parametrize("sid", ["StartFromOwnTemplates", "NameItsInstances", "End"])
def test_only_what_bears_the_clusters_tags_is_changed_or_ended(sid: str) -> None:
    conditions = EVERY[sid].get("Condition", {})
    assert conditions["StringEquals"]["aws:ResourceTag/kubernetes.io/cluster/atlas"] == "owned"
    assert "aws:ResourceTag/karpenter.sh/nodepool" in conditions["StringLike"]


def test_instances_get_the_nodes_role_and_no_other() -> None:
    passing = [each for each in statements() if "iam:PassRole" in texts(each["Action"])]
    assert [each.get("Resource") for each in passing] == [ROLE]


def test_nothing_in_iam_is_made_but_the_role_of_ec2s_own_spot_service() -> None:
    used = {action for each in statements() for action in texts(each["Action"]) if action.startswith("iam:")}
    assert used == {
        "iam:CreateServiceLinkedRole",
        "iam:GetInstanceProfile",
        "iam:ListInstanceProfiles",
        "iam:PassRole",
    }
    made = EVERY["FirstSpotInstance"]
    assert str(made.get("Resource")).endswith(":role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot")
    assert made.get("Condition") == {"StringEquals": {"iam:AWSServiceName": "spot.amazonaws.com"}}


def test_a_node_class_can_go_for_its_older_instance_profile_may_be_looked_for() -> None:
    # Karpenter 1.14, pkg/apis/v1/ec2nodeclass.go, LegacyInstanceProfileName: the cluster, an underscore, a hash.
    looked_at = texts(EVERY["ReadTheNodesProfile"].get("Resource"))
    assert "arn:aws:iam::123456789012:instance-profile/atlas_*" in looked_at


def test_all_that_karpenter_may_do_fits_into_the_inline_policies_of_one_role() -> None:
    # IAM quotas: 10,240 letters together, white space aside.
    assert sum(len(json.dumps(content, separators=(",", ":"))) for content in PERMISSIONS.values()) <= 10_240


def test_the_queue_hears_the_clusters_own_rules_and_speaks_tls_only() -> None:
    heard, tls = QUEUE_POLICY["Statement"]
    assert heard.get("Principal") == {"Service": "events.amazonaws.com"}
    source = "arn:aws:events:us-east-1:123456789012:rule/atlas-karpenter-*"
    assert heard.get("Condition") == {"ArnLike": {"aws:SourceArn": source}}
    assert (tls["Effect"], tls.get("Condition")) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
