"""The life of every cloud stack: up, nothing more to do, an autoscaler, a change of one pool, an upgrade, down.

The cloud is a stand-in; what is inside the cluster is a real API server with the real Kueue.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.standins.world.world import World
from tests.support.cloud import CloudDeployment
from tests.support.deployment import ROOT

STAYS = ("Namespace research", "Namespace search", "Node grown-", "ClusterRole kueue-batch-user-role")
"""What is inside afterwards: the data of tenants, nodes that the stand-in's autoscaler made, and a role that aggregates
others, which Kubernetes' own controller sometimes makes again at the moment of its deletion."""
CLOUDS = {"eks": "aws", "gke": "gcp"}
NODES = {"eks": "aws:eks/nodeGroup:NodeGroup", "gke": "gcp:container/nodePool:NodePool"}
CLUSTERS = {"eks": "aws:eks/cluster:Cluster", "gke": "gcp:container/cluster:Cluster"}
ADDON = "aws:eks/addon:Addon"
GROWN = {"eks": {"scalingConfig": {"desiredSize": 4}}, "gke": {"nodeCount": 2, "initialNodeCount": 2}}
"""What an autoscaler changes of the platform's nodes."""


every = pytest.mark.parametrize(
    "life", ["eks-staging", "eks-prod", "gke-staging", "gke-prod"], indirect=True, scope="module"
)
prod = pytest.mark.parametrize("life", ["eks-prod", "gke-prod"], indirect=True, scope="module")


@pytest.fixture(scope="module")
def life(
    request: pytest.FixtureRequest, world: World, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CloudDeployment]:
    """The stack, up; gone without a trace at the end."""
    stack: str = request.param
    world.clean()
    life = CloudDeployment(tmp_path_factory.mktemp(stack), world, stack=stack)
    life.configure(file(life))
    life.autoscale(CLOUDS[kind(life)])
    try:
        life.up()
        yield life
    finally:
        life.close()
        life.destroy()
    assert not [each.urn for each in life.stored()]
    assert not [each for each in world.left() if not each.startswith(STAYS)]


def kind(life: CloudDeployment) -> str:
    return life.stack.partition("-")[0]


def file(life: CloudDeployment) -> str:
    return (ROOT / "stacks" / f"Pulumi.{life.stack}.yaml").read_text()


@pytest.fixture
def text(life: CloudDeployment) -> Iterator[str]:
    """The stack file, to be changed; afterwards it is again what it was."""
    yield file(life)
    life.configure(file(life))


def changed(life: CloudDeployment) -> list[dict[str, Any]]:
    return [step for step in life.steps() if step["op"] != "same"]


@every
def test_nothing_is_left_to_do_after_it_came_up(life: CloudDeployment) -> None:
    life.preview("--expect-no-changes")


@prod
def test_an_autoscaler_changes_sizes_without_a_difference(life: CloudDeployment) -> None:
    which = kind(life)
    platform = next(each for each in life.stored(NODES[which]) if "platform" in each.name)
    life.alter(NODES[which], GROWN[which], platform.name)
    life.run("preview", "--refresh", "--expect-no-changes")


@prod
def test_a_change_of_one_gpu_pool_touches_no_other_and_not_the_cluster(life: CloudDeployment, text: str) -> None:
    changed_text, count = re.subn(
        r"(?m)^(    l4:\n(?:      .*\n)*?)(      size: .*\n)", r"\1\2      disk: { size: 300Gi }\n", text
    )
    assert count == 1
    life.configure(changed_text)
    life.preview()
    # The provider of Python's own resources is told the whole configuration, so any change of it is an update there.
    touched = {step["urn"]: step["op"] for step in changed(life) if not step["type"].startswith("pulumi:")}
    assert touched
    assert {urn: op for urn, op in touched.items() if "l4" not in urn.rpartition("::")[2]} == {}


@prod
def test_an_upgrade_goes_from_the_control_plane_to_addons_to_pools(life: CloudDeployment, text: str) -> None:
    which, version = kind(life), re.search(r'(?m)^    version: "1\.(\d+)"', text)
    before = int(version[1]) if version else 34
    newer = f'    version: "1.{before + 1}"'
    if version:
        upgraded = re.sub(r'(?m)^    version: "1\.\d+".*$', newer, text)
    else:
        upgraded = re.sub(r"(?m)^(    region: .*)$", rf"\1\n{newer}", text)
    life.configure(upgraded)
    first = len(list(life.calls()))
    life.up()
    tokens = [call["token"] for call in list(life.calls())[first:] if call["method"] == "update"]
    assert tokens[0] == CLUSTERS[which]
    if which == "eks":
        pools = [at for at, token in enumerate(tokens) if token == NODES[which]]
        addons = [at for at, token in enumerate(tokens) if token == ADDON]
        assert addons
        assert pools
        assert min(addons) < min(pools)
    life.preview("--expect-no-changes")


@prod
def test_a_protected_cluster_keeps_everything_from_being_destroyed(life: CloudDeployment) -> None:
    before = len(life.stored())
    said = life.refusal("destroy", "--yes")
    assert "protect" in said
    assert len(life.stored()) == before
