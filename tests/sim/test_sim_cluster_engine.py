"""The sim cluster under the real engine: a stack of nothing but a sim and one object in it."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree, ignore_patterns, rmtree

import pytest

from components.clusters.sim import cluster, processes
from components.clusters.sim.health import State, probe
from components.clusters.sim.home import SimHome
from tests.support.deployment import ROOT, Deployment
from tests.support.kube import Kube
from tests.support.waiting import eventually

from .simtools import control_plane, programs

_PROJECT = f"""
name: only-a-sim
runtime: {{ name: python, options: {{ virtualenv: "{sys.prefix}" }} }}
"""

_PROGRAM = """
import pulumi, pulumi_kubernetes
from components.clusters.sim.resource import KwokctlCluster

sim = KwokctlCluster("sim", name="engine")
provider = pulumi_kubernetes.Provider(
    "sim", kubeconfig=sim.kubeconfig, cluster_identifier=sim.uid, delete_unreachable=True
)
pulumi_kubernetes.core.v1.Namespace(
    "inside", metadata={"name": "inside"}, opts=pulumi.ResourceOptions(provider=provider)
)
pulumi.export("endpoint", sim.endpoint)
"""

NO_CHANGE = ("preview", "--expect-no-changes")
NO_DRIFT = ("refresh", "--preview-only", "--expect-no-changes")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    program = tmp_path_factory.mktemp("program")
    copytree(ROOT / "components", program / "components", ignore=ignore_patterns("__pycache__"))
    (program / "Pulumi.yaml").write_text(_PROJECT)
    (program / "__main__.py").write_text(_PROGRAM)
    stack = Deployment(tmp_path_factory.mktemp("home"), stack="engine", program=program).configure("config: {}\n")
    yield stack
    stack.destroy()


@pytest.fixture
def place(stack: Deployment) -> SimHome:
    """A sim that is up; whatever a test left of it, the next one gets it repaired."""
    place = SimHome(stack.home, "engine")
    if probe(place, ()).state is not State.RUNNING:
        stack.up("--refresh")
    return place


def inside(place: SimHome) -> bool:
    return Kube(place.kubeconfig).get("v1", "Namespace", "inside") is not None


def test_up_makes_the_sim_and_what_is_in_it(stack: Deployment, place: SimHome) -> None:
    assert programs(place.root) == control_plane()
    assert inside(place)
    stack.pulumi(*NO_CHANGE)
    stack.pulumi(*NO_DRIFT)


def test_the_state_holds_no_key_in_plain_text(stack: Deployment, place: SimHome) -> None:
    key = next(line for line in place.kubeconfig.read_text().splitlines() if "client-key-data" in line).split()[-1]
    states = [path.read_text() for path in (stack.home / ".pulumi").rglob("*.json*")]
    assert any("KwokctlCluster" in state for state in states)
    assert not [state for state in states if key[:200] in state]


@pytest.mark.usefixtures("place")
def test_an_unrelated_edit_of_the_code_changes_nothing(stack: Deployment) -> None:
    for module in (stack.program / "components" / "clusters" / "sim").glob("*.py"):
        module.write_text(f"{module.read_text()}\nUNRELATED = 1\n")
    stack.pulumi(*NO_CHANGE)
    stack.pulumi(*NO_DRIFT)


def test_a_stopped_sim_is_drift_and_the_next_up_starts_it(stack: Deployment, place: SimHome) -> None:
    cluster.stop(place)
    assert stack.pulumi(*NO_DRIFT, check=False).returncode != 0
    assert "the sim engine is stopped" in stack.pulumi("preview").stdout
    stack.up()
    assert inside(place)
    stack.pulumi(*NO_CHANGE)


def test_a_killed_process_is_drift_and_the_next_up_repairs_it(stack: Deployment, place: SimHome) -> None:
    for process in processes.of_sim(place.root):
        if process.program == "kwok-controller":
            os.kill(process.pid, signal.SIGKILL)
    eventually(lambda: probe(place, ()).state is State.BROKEN, "the loss should be seen")
    assert stack.pulumi(*NO_DRIFT, check=False).returncode != 0
    stack.up()
    assert programs(place.root) == control_plane()
    stack.pulumi(*NO_CHANGE)


@pytest.mark.parametrize("refresh", [(), ("--refresh",)], ids=["without-refresh", "with-refresh"])
def test_a_vanished_sim_is_made_again_with_what_was_in_it(
    stack: Deployment, place: SimHome, refresh: tuple[str, ...]
) -> None:
    cluster.stop(place)
    rmtree(place.root)
    stack.up(*refresh)
    assert inside(place)
    stack.pulumi(*NO_CHANGE)
    stack.pulumi(*NO_DRIFT)


def test_destroy_leaves_no_process_and_no_file(stack: Deployment, place: SimHome) -> None:
    stack.destroy()
    assert not programs(place.root)
    assert not place.root.parent.exists()


def test_programs_that_are_missing_are_named_before_anything_is_made(stack: Deployment, tmp_path: Path) -> None:
    tools = stack.env["PATH"].split(os.pathsep)
    for name in ("pulumi", "pulumi-language-python", "pulumi-language-python-exec", "pulumi-resource-pulumi-python"):
        found = next(path for folder in tools if (path := Path(folder) / name).exists())
        (tmp_path / name).symlink_to(found)
    bare = Deployment(tmp_path / "home", stack="bare", program=stack.program, env={"PATH": f"{tmp_path}:/usr/bin:/bin"})
    failed = bare.configure("config: {}\n").pulumi("preview", check=False)
    assert failed.returncode != 0
    assert "not on PATH: etcd, kube-apiserver" in failed.stdout + failed.stderr
    assert "Traceback" not in failed.stdout + failed.stderr
