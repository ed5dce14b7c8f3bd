"""A live cluster whose GPUs two advertise: the check of a stack refuses it, a refresh reports it, doctor finds it."""

import json
import re
import subprocess
import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any

import pytest
from kubernetes import client

from components.clusters.sim import cluster
from components.clusters.sim.spec import SimSpec
from components.pools.dra import resource_slices
from components.pools.kwok import kwok_nodes
from components.pools.plan import PoolPlan
from components.pools.planner import plan_pools
from components.settings.stack_file import parse_file
from tests.support.deployment import ROOT, Deployment
from tests.support.guides import commands
from tests.support.kube import Kube, condition
from tests.support.local import NO_CHANGE, NO_DRIFT
from tests.support.waiting import eventually

STACK = """\
config:
  kubelanes:cluster: { kind: sim, name: lab }
  kubelanes:pools:
    platform: { lane: platform, machine: m7i.2xlarge, size: 1 }
    h100: { lane: gpu-inference, accelerator: h100-80gb, size: 2 }
    h200: { lane: batch, accelerator: h200, share: { dra: dynamic-mig }, size: 1 }
    l4: { lane: gpu-inference, accelerator: l4, per_node: 1, size: 0-3 }
"""
PROJECT = f"""\
name: lab
runtime: {{ name: python, options: {{ virtualenv: "{sys.prefix}" }} }}
stackConfigDir: stacks
"""
PROGRAM = """\
from pathlib import Path

from components.addons.gpus.advertising.check import AdvertiserCheck
from components.pools.planner import plan_pools
from components.settings.stack_file import parse_file

here = Path(__file__).parent
pools = plan_pools(parse_file(here / "lab.yaml"))
AdvertiserCheck("advertisers", pools, kubeconfig=(here / "kubeconfig").read_text())
"""
STANDING = ("h100", "h200")
"""The pools that have nodes."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that only looks whether each GPU has one advertiser."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / "lab.yaml").write_text(STACK)
    (folder / "Pulumi.yaml").write_text(PROJECT)
    (folder / "__main__.py").write_text(PROGRAM)
    copytree(ROOT / "components", folder / "components", ignore=ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="module")
def pools(folder: Path) -> Mapping[str, PoolPlan]:
    return {pool.name: pool for pool in plan_pools(parse_file(folder / "lab.yaml"))}


@pytest.fixture(scope="module")
def kube(folder: Path, pools: Mapping[str, PoolPlan], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kube]:
    """A cluster with the pools' nodes, each as it should be."""
    spec = SimSpec(name="lab", home=tmp_path_factory.mktemp("sim"))
    cluster.ensure(spec)
    (folder / "kubeconfig").write_text(spec.place.kubeconfig.read_text())
    kube = Kube(spec.place.kubeconfig)
    nodes = [node for name in STANDING for node in kwok_nodes(pools[name], "aws", pools[name].size.max, "1.36")]
    for each in (*nodes, *resource_slices(pools["h200"], ["h200-0"])):
        kube.create(each)
    for each in nodes:
        eventually(lambda name=each["metadata"]["name"]: is_ready(kube, name), "every node should be ready")
    yield kube
    cluster.delete(spec.place)


def is_ready(kube: Kube, name: str) -> bool:
    return condition(kube.get("v1", "Node", name) or {}, "Ready").get("status") == "True"


@pytest.fixture(scope="module")
def stack(folder: Path, kube: Kube, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    del kube
    return Deployment(tmp_path_factory.mktemp("home"), stack="lab", program=folder).configure("config: {}\n")


@contextmanager
def two_advertise(kube: Kube, pools: Mapping[str, PoolPlan], name: str) -> Generator[str, None, None]:
    """A second advertiser of a pool's first node, as long as it lasts; what is to be said of it."""
    if name == "h200":
        with counted(kube, "h200-0", capacity={"nvidia.com/gpu": "8"}):
            yield "node h200-0: a device plugin advertises 8 nvidia.com/gpu, and the pool's cards are the DRA driver's"
        return
    slices = resource_slices(pools["h200"], [f"{name}-0"])
    for each in slices:
        kube.create(each)
    try:
        yield f"node {name}-0: the DRA driver publishes 8 devices of gpu.nvidia.com, and the pool's cards are"
    finally:
        for each in slices:
            kube.delete(each)


@contextmanager
def counted(kube: Kube, node: str, **status: dict[str, str]) -> Generator[None, None, None]:
    """A node whose kubelet counts otherwise, as long as it lasts."""
    before = kube.get("v1", "Node", node)
    assert before
    old = {at: {key: before["status"][at].get(key) for key in change} for at, change in status.items()}
    count = partial(
        client.CoreV1Api(kube.api).patch_node_status, name=node, _content_type="application/merge-patch+json"
    )
    count(body={"status": status})
    try:
        yield
    finally:
        count(body={"status": old})


def doctor(folder: Path, *options: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit status of the command, and its findings about pools."""
    command = [sys.executable, "-m", "components.cli", "doctor", "lab.yaml", "--json", *options]
    ran = subprocess.run(command, cwd=folder, text=True, capture_output=True, check=False)
    findings = [finding for finding in json.loads(ran.stdout) if finding["what"].startswith("pools.")]
    return ran.returncode, {finding["what"]: finding for finding in findings}


def levels(findings: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    return {what: finding["level"] for what, finding in findings.items()}


def test_one_advertiser_each_is_what_the_stack_needs_and_a_pool_without_nodes_holds_nothing_up(
    stack: Deployment, folder: Path
) -> None:
    stack.up()
    stack.pulumi(*NO_CHANGE)
    stack.pulumi(*NO_DRIFT)
    _, found = doctor(folder, "--kubeconfig", "kubeconfig")
    assert levels(found) == {
        "pools.h100: 2 nodes, each GPU advertised by one": "good",
        "pools.h200: 1 node, each GPU advertised by one": "good",
        "pools.l4: no nodes, each GPU advertised by one": "good",
    }


@pytest.mark.parametrize("pool", STANDING)
def test_a_second_advertiser_is_drift_and_the_next_update_refuses_it(
    stack: Deployment, kube: Kube, pools: Mapping[str, PoolPlan], folder: Path, pool: str
) -> None:
    stack.up("--refresh")
    with two_advertise(kube, pools, pool) as told:
        assert stack.pulumi(*NO_DRIFT, check=False).returncode != 0
        failed = stack.pulumi("up", "--yes", "--skip-preview", "--refresh", check=False)
        assert failed.returncode != 0
        said = " ".join((failed.stdout + failed.stderr).split())
        assert "GPUs are advertised by two, and each would hand out every card" in said
        assert f"pools.{pool}, {told}" in said
        status, found = doctor(folder, "--kubeconfig", "kubeconfig")
        assert status == 1
        (wrong,) = (finding for what, finding in found.items() if told in what)
        assert wrong["level"] == "mend"
        assert "two pods get the same one" in wrong["consequence"]
    stack.up("--refresh")
    stack.pulumi(*NO_DRIFT)


def test_a_stack_never_comes_up_where_two_advertise(
    folder: Path, kube: Kube, pools: Mapping[str, PoolPlan], tmp_path: Path
) -> None:
    fresh = Deployment(tmp_path, stack="fresh", program=folder).configure("config: {}\n")
    with two_advertise(kube, pools, "h100"):
        failed = fresh.pulumi("up", "--yes", "--skip-preview", check=False)
    assert failed.returncode != 0
    assert "Traceback" not in failed.stdout


def test_cards_that_are_gone_or_unwell_are_found_and_keep_no_stack_from_coming_up(
    stack: Deployment, kube: Kube, folder: Path
) -> None:
    with (
        counted(kube, "h100-0", allocatable={"nvidia.com/gpu": "7"}),
        counted(kube, "h100-1", capacity={"nvidia.com/gpu": "6"}, allocatable={"nvidia.com/gpu": "6"}),
    ):
        stack.up("--refresh")
        status, found = doctor(folder, "--kubeconfig", "kubeconfig")
    assert status == 1
    unwell = "it offers 7 of 8 nvidia.com/gpu: the device plugin found the others unwell"
    assert levels(found) == {
        "pools.h200: 1 node, each GPU advertised by one": "good",
        "pools.l4: no nodes, each GPU advertised by one": "good",
        f"pools.h100, node h100-0: {unwell}": "mend",
        "pools.h100, node h100-1: it has 6 nvidia.com/gpu, and 8 are planned": "mend",
    }


def test_a_ready_node_that_nobody_serves_is_noted_and_keeps_no_stack_from_coming_up(
    stack: Deployment, kube: Kube, folder: Path
) -> None:
    with counted(kube, "h100-0", capacity={"nvidia.com/gpu": "0"}, allocatable={"nvidia.com/gpu": "0"}):
        stack.up("--refresh")
        _, found = doctor(folder, "--kubeconfig", "kubeconfig")
    assert levels(found)["pools.h100, node h100-0: it is ready, and nobody advertises its 8 GPUs"] == "note"


def test_a_kubeconfig_that_leads_nowhere_is_noted(folder: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "components.cli", "doctor", "lab.yaml", "--json", "--kubeconfig", "nowhere"],
        cwd=folder,
        text=True,
        capture_output=True,
        check=False,
    )
    (noted,) = (finding for finding in json.loads(ran.stdout) if "GPUs were not looked at" in finding["what"])
    assert noted["level"] == "note"


THERE = ("cordon", "drain", "get", "uncordon")
"""What can be done without kubelets."""
RUN = [words for words in commands() if words[0] == "kubectl" and words[1] in THERE and "nvidiadrivers" not in words]


@pytest.mark.parametrize("words", RUN, ids=lambda words: " ".join(words)[:80])
def test_the_runbooks_commands_do_what_they_say(kube: Kube, folder: Path, words: list[str]) -> None:
    del kube
    filled = [re.sub(r"\bNODE$", "h100-0", word).replace("POOL", "h100") for word in words]
    command = [*filled, "--kubeconfig", str(folder / "kubeconfig")]
    ran = subprocess.run(command, text=True, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "No resources found" not in ran.stderr or words[2] in ("pods", "resourceclaims", "resourceslices")
