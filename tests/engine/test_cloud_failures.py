"""What a person finds when a cloud fails a stack or a run is killed, and what brings it up all the same."""

import fcntl
import json
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.standins.world.world import World
from tests.support.cloud import CloudDeployment
from tests.support.deployment import ROOT
from tests.support.waiting import eventually

STACK = "eks-staging"
NODES, VPC = "aws:eks/nodeGroup:NodeGroup", "aws:ec2/vpc:Vpc"
UP = ("up", "--yes", "--skip-preview")


def file() -> str:
    return (ROOT / "stacks" / f"Pulumi.{STACK}.yaml").read_text()


@pytest.fixture
def life(world: World, tmp_path: Path) -> Iterator[CloudDeployment]:
    """The stack, not up yet; gone at the end."""
    world.clean()
    life = CloudDeployment(tmp_path, world, stack=STACK)
    life.configure(file()).autoscale("aws")
    try:
        yield life
    finally:
        life.close()
        life.destroy()
    assert not [each.urn for each in life.stored()]


def test_a_pool_that_gets_no_machines_leaves_a_stack_that_the_next_up_completes(life: CloudDeployment) -> None:
    life.failures({"token": NODES, "name": "atlas-staging-l4", "error": "capacity"})
    said = life.refusal(*UP)
    assert "InsufficientInstanceCapacity" in said
    assert [each["type"] for each in life.resources() if each.get("initErrors")] == [NODES]
    assert {each.name for each in life.stored(NODES)} == {"atlas-staging-platform", "atlas-staging-l4"}
    again = life.up()
    life.preview("--expect-no-changes")
    assert len(life.stored(NODES)) == 2
    for text in (said, again, json.dumps(life.resources()), *logs(life)):
        assert not [word for word in credentials(life) if word in text]


def credentials(life: CloudDeployment) -> list[str]:
    """What lets somebody into the cluster: lines of the key that the stand-in of ``aws eks get-token`` hands out."""
    key = json.loads((life.cloud / "cluster.json").read_text())["key"]
    return [line for line in key.splitlines() if len(line) == 64]


def logs(life: CloudDeployment) -> list[str]:
    return [log.read_text() for log in life.home.glob("events-*.json")]


def test_what_a_killed_run_was_making_is_named_until_somebody_has_looked(tmp_path: Path) -> None:
    life = CloudDeployment(tmp_path, stack=STACK)
    life.configure(file())
    with (life.cloud / "state.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the cloud takes its time
        run = life.start(*UP)
        eventually(lambda: run.poll() is not None or VPC in begun(life), f"{VPC} to be begun", timeout=240)
        assert run.poll() is None, run.communicate()[0]
        kill_everything(life)
        run.communicate()
    assert not life.stored()
    assert "pulumi cancel" in life.refusal(*UP)
    life.cancel()
    life.failures({"token": VPC, "error": "throttling", "times": 2})  # so that neither run goes far
    said = life.refusal(*UP)
    assert "interrupted while creating" in said
    assert "pulumi refresh" in said
    life.run("refresh", "--yes", "--skip-preview", "--clear-pending-creates")
    said = life.refusal(*UP)
    assert "Rate exceeded" in said
    assert "interrupted" not in said


def begun(life: CloudDeployment) -> set[str]:
    """The types of what the engine has written down as begun and not ended."""
    for state in (life.home / ".pulumi" / "stacks").rglob(f"{life.stack}.json"):
        with suppress(OSError, ValueError):  # it is just being written
            latest = json.loads(state.read_text())["checkpoint"]["latest"] or {}
            return {each["resource"]["type"] for each in latest.get("pending_operations") or []}
    return set()


def kill_everything(life: CloudDeployment) -> None:
    """Engine, program and providers, as a machine that goes down does."""
    for pid in processes(life):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    eventually(lambda: not processes(life), "the killed processes to be gone")


def processes(life: CloudDeployment) -> list[int]:
    mark = f"PULUMI_HOME={life.env['PULUMI_HOME']}\0".encode()
    found: list[int] = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if mark in path.read_bytes():
                found.append(int(path.parent.name))
    return found


def test_credentials_of_another_account_make_nothing(tmp_path: Path) -> None:
    life = CloudDeployment(tmp_path, stack=STACK)
    life.configure(file().replace("    region: us-east-1\n", '    region: us-east-1\n    account: "999999999999"\n'))
    said = life.refusal(*UP)
    assert "account" in said.lower()
    assert not life.stored()
