"""The stand-ins' clouds behave: things stand, change, are replaced and go as they do in the real ones."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cloud import BIN
from tests.support.deployment import ROOT

from .tiny import AWS, CLUSTER, GCP, Tiny, standing

NODES = (
    CLUSTER
    + """\
nodes = aws.eks.NodeGroup(
    "nodes",
    cluster_name=cluster.name,
    node_role_arn=role.arn,
    subnet_ids=[each.id for each in subnets],
    scaling_config={"desired_size": 3, "min_size": 1, "max_size": 4},
    instance_types=["m7i.large"],
    labels={"kubelanes.dev/lane": "platform"},
    opts=pulumi.ResourceOptions.merge(cloud, pulumi.ResourceOptions(ignore_changes=["scalingConfig.desiredSize"])),
)
pulumi.export("arn", cluster.arn)
pulumi.export("id", nodes.id)
"""
)
GROUP = "aws:eks/nodeGroup:NodeGroup"


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tiny]:
    """An EKS cluster with nodes, up."""
    deployment = Tiny(tmp_path_factory.mktemp("lives"), NODES)
    with standing(deployment):
        yield deployment


def test_a_preview_without_changes_is_clean(up: Tiny) -> None:
    up.preview("--expect-no-changes")


def test_nothing_drifts_by_itself(up: Tiny) -> None:
    up.run("refresh", "--preview-only", "--expect-no-changes")


def test_outputs_look_like_the_clouds_and_are_the_same_every_time(up: Tiny, tmp_path: Path) -> None:
    with standing(Tiny(tmp_path, NODES)) as other:
        assert other.outputs() == up.outputs()
        assert [each.outputs for each in other.stored()] == [each.outputs for each in up.stored()]
    arn = up.outputs()["arn"]
    assert arn == "arn:aws:eks:us-east-1:123456789012:cluster/atlas"
    assert up.outputs()["id"].startswith("atlas:nodes-")


def test_calls_are_recorded_with_what_was_asked_for(up: Tiny) -> None:
    created = [call["token"] for call in up.calls("create")]
    assert created.index("aws:eks/cluster:Cluster") < created.index(GROUP)
    assert [inputs["labels"] for inputs in up.recorded(GROUP)] == [{"kubelanes.dev/lane": "platform"}]


def test_an_autoscalers_change_of_size_is_no_change(up: Tiny) -> None:
    up.alter(GROUP, {"scalingConfig": {"desiredSize": 4}})
    up.preview("--refresh", "--expect-no-changes")


def test_a_change_behind_the_programs_back_is_seen(up: Tiny) -> None:
    up.alter(GROUP, {"labels": {"kubelanes.dev/lane": "batch"}})
    said = up.refusal("refresh", "--preview-only", "--expect-no-changes")
    assert "nodes" in said
    up.alter(GROUP, {"labels": {"kubelanes.dev/lane": "platform"}})


@pytest.mark.parametrize(
    ("before", "after", "operation"),
    [
        ('"max_size": 4', '"max_size": 5', "update"),
        ('"platform"}', '"batch"}', "update"),
        ("m7i.large", "m7i.xlarge", "replace"),
    ],
    ids=["the largest size", "a label", "the machine"],
)
def test_a_change_is_made_in_place_or_by_another_one(up: Tiny, before: str, after: str, operation: str) -> None:
    up.write(NODES.replace(before, after))
    up.preview()
    up.write(NODES)
    assert {step["op"] for step in up.steps() if step["type"] == GROUP} & {"update", "replace"} == {operation}


def test_a_cluster_that_is_upgraded_stays_the_same_cluster(tmp_path: Path) -> None:
    text = CLUSTER.replace('name="atlas"', 'name="atlas", version="1.34"')
    with standing(Tiny(tmp_path, text)) as deployment:
        deployment.write(text.replace("1.34", "1.35"))
        deployment.up()
        (cluster,) = deployment.stored("aws:eks/cluster:Cluster")
        assert cluster.outputs["version"] == "1.35"
        assert cluster.outputs["endpoint"]
        deployment.preview("--expect-no-changes")


def test_a_name_that_is_taken_is_taken(tmp_path: Path) -> None:
    text = AWS + 'aws.iam.Role("one", name="same", assume_role_policy="{}", opts=cloud)\n'
    deployment = Tiny(tmp_path, text)
    deployment.up()
    deployment.write(text + text.splitlines()[-1].replace('"one"', '"two"'))
    assert "EntityAlreadyExists: Role with name same already exists." in deployment.refusal(
        "up", "--yes", "--skip-preview"
    )


def test_what_something_else_needs_cannot_go(tmp_path: Path) -> None:
    text = (
        AWS
        + """\
vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=cloud)
subnet = aws.ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.0.0/24", opts=cloud)
"""
    )
    with standing(Tiny(tmp_path, text)) as deployment:
        (vpc,) = (call for call in deployment.calls("create") if call["name"] == "vpc")
        deployment.drop(vpc["urn"].replace("vpc:Vpc::vpc", "subnet:Subnet::subnet"))  # Pulumi forgets it; AWS does not
        deployment.write(AWS)
        said = deployment.refusal("up", "--yes", "--skip-preview")
        assert f"DependencyViolation: The vpc '{vpc['id']}' has dependencies" in said
        for subnet in deployment.stored("aws:ec2/subnet:Subnet"):
            deployment.forget(subnet)


def test_what_is_gone_already_may_be_deleted(tmp_path: Path) -> None:
    deployment = Tiny(tmp_path, AWS + 'aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=cloud)')
    deployment.up()
    for vpc in deployment.stored():
        deployment.forget(vpc)
    deployment.destroy()


def test_a_key_ring_can_never_be_deleted(tmp_path: Path) -> None:
    text = GCP + 'gcp.kms.KeyRing("ring", name="ring", location="us-central1", opts=cloud)'
    deployment = Tiny(tmp_path, text)
    deployment.up()
    deployment.destroy()
    assert "KeyRing projects/acme-ml/locations/us-central1/keyRings/ring already exists" in deployment.refusal(
        "up", "--yes", "--skip-preview"
    )


def test_a_protected_cluster_stays(tmp_path: Path) -> None:
    text = GCP + 'gcp.container.Cluster("c", name="c", location="us-central1", initial_node_count=1, opts=cloud)'
    deployment = Tiny(tmp_path, text)
    deployment.up()
    assert "deletionProtection is set" in deployment.refusal("destroy", "--yes", "--skip-preview")
    deployment.destroy()
    assert not deployment.stored()


@pytest.mark.parametrize(
    ("program", "arguments", "reason"),
    [
        ("aws", ["s3", "ls"], "knows nothing else"),
        ("aws", ["eks", "get-token", "--cluster-name", "atlas"], "--region"),
        ("aws", ["eks", "get-token", "--cluster-name", "other", "--region", "us-east-1"], "No cluster found for name"),
        ("aws", ["eks", "get-token", "--cluster-name", "atlas", "--region", "us-west-2"], "No cluster found for name"),
        ("gke-gcloud-auth-plugin", ["--use_application_default_credentials"], "knows nothing else"),
        ("gke-gcloud-auth-plugin", [], "the project has no cluster"),
    ],
)
def test_a_credential_is_for_a_cluster_that_is_there(up: Tiny, program: str, arguments: list[str], reason: str) -> None:
    ran = subprocess.run([BIN / program, *arguments], env=up.env, capture_output=True, text=True, check=False)
    assert ran.returncode
    assert reason in ran.stderr


def test_a_plugin_that_is_given_no_cloud_says_what_it_is() -> None:
    env = {key: value for key, value in os.environ.items() if key != "KUBELANES_STANDIN"}
    env["PATH"] = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{env['PATH']}"
    ran = subprocess.run([BIN / "pulumi-resource-aws"], env=env, capture_output=True, text=True, check=False)
    assert ran.returncode
    assert "is a stand-in for tests" in ran.stderr


def test_the_record_holds_one_call_a_line(up: Tiny) -> None:
    lines = (up.cloud / "log.jsonl").read_text().splitlines()
    assert all(json.loads(line)["method"] for line in lines)
