"""What the tests of cloud stacks share: previews, each made once, and one world, tidied between two stacks."""

import os
from collections.abc import Callable, Iterator

import pytest

from tests.standins.world.world import World
from tests.support.cloud import CloudDeployment
from tests.support.deployment import ROOT
from tests.support.events import Event
from tests.support.local import with_kind
from tools.environment import pulumi_environment
from tools.layout import Layout

STACKS = ("eks-staging", "eks-prod", "gke-staging", "gke-prod")
"""The committed stacks on a cloud."""

Previewed = Callable[[str], list[Event]]
"""From a stack to the steps of its preview, where nothing is up yet."""


@pytest.fixture(scope="session")
def previewed(tmp_path_factory: pytest.TempPathFactory) -> Previewed:
    """The preview of a committed stack, in which the policy pack finds nothing; no cluster is needed for it."""
    known: dict[str, list[Event]] = {}

    def preview(stack: str) -> list[Event]:
        if stack not in known:
            own = with_kind(tmp_path_factory.mktemp("standin")) if stack == "kind" else None
            deployment = CloudDeployment(tmp_path_factory.mktemp(stack), stack=stack, env=own)
            deployment.configure(ROOT / "stacks" / f"Pulumi.{stack}.yaml")
            said = deployment.preview("--policy-pack", str(ROOT / "policy"))
            assert "✅ kubelanes@" in said, said
            known[stack] = deployment.steps()
        return known[stack]

    return preview


@pytest.fixture(scope="session")
def whole_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The sim behind every cluster of a cloud, for the whole run."""
    before = os.environ["PATH"]
    os.environ["PATH"] = pulumi_environment(Layout(ROOT))["PATH"]
    made = World(tmp_path_factory.mktemp("world"))
    try:
        yield made
    finally:
        made.close()
        os.environ["PATH"] = before


@pytest.fixture(scope="module")
def world(whole_world: World) -> Iterator[World]:
    """The same, as it was at first, for the stacks of one module."""
    yield whole_world
    whole_world.clean()
