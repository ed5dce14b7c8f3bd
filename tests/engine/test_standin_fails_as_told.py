"""The clouds fail when they are told to, in the real clouds' words; the next run goes on from there."""

from pathlib import Path

import pytest

from .test_standin_lives import GROUP, NODES
from .tiny import GCP, Tiny, standing

UP = ("up", "--yes", "--skip-preview")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("capacity", "InsufficientInstanceCapacity - We currently do not have sufficient m7i.large capacity"),
        ("quota", "VcpuLimitExceeded - You have requested more vCPU capacity"),
        ("time-out", "timeout while waiting for state to become 'ACTIVE'"),
        ("partial", "unexpected state 'FAILED'"),
    ],
)
def test_a_node_group_that_fails_is_there_all_the_same(error: str, said: str, tmp_path: Path) -> None:
    deployment = Tiny(tmp_path, NODES)
    deployment.failures({"token": GROUP, "error": error})
    assert said in deployment.refusal(*UP)
    assert len(deployment.stored(GROUP)) == 1
    assert [each["type"] for each in deployment.resources() if each.get("initErrors")] == [GROUP]
    with standing(deployment):  # the next run, which nothing disturbs
        deployment.preview("--expect-no-changes")


def test_what_is_throttled_is_not_there(tmp_path: Path) -> None:
    deployment = Tiny(tmp_path, NODES)
    deployment.failures({"token": "aws:eks/cluster:Cluster", "error": "throttling"})
    assert "ThrottlingException: Rate exceeded" in deployment.refusal(*UP)
    assert not deployment.stored("aws:eks/cluster:Cluster")
    with standing(deployment):
        assert len(deployment.stored(GROUP)) == 1


def test_a_failure_may_be_of_one_resource_one_method_and_more_than_once(tmp_path: Path) -> None:
    text = (
        GCP
        + """\
for name in ("one", "two"):
    gcp.compute.Network(name, auto_create_subnetworks=False, opts=cloud)
"""
    )
    deployment = Tiny(tmp_path, text)
    deployment.failures(
        {"token": "gcp:compute/network:Network", "name": "one", "error": "quota", "times": 2},
        {"token": "gcp:compute/network:Network", "method": "delete", "error": "the network is busy"},
    )
    for _ in range(2):
        assert "QUOTA_EXCEEDED" in deployment.refusal(*UP)
        assert [each.name for each in deployment.stored()] == ["two"]
    deployment.up()
    assert "the network is busy" in deployment.refusal("destroy", "--yes", "--skip-preview")
    deployment.destroy()
    assert not deployment.stored()
