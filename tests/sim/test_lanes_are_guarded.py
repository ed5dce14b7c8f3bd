"""Whoever is counted in one lane runs in no other: the policy of the lanes, on the real API server and scheduler."""

from collections.abc import Iterator
from typing import Any

import pytest

from components.clusters.sim import cluster
from components.clusters.sim.spec import SimSpec
from components.tenancy.lane_guard import lane_policy
from tests.support.claims import set_up
from tests.support.kube import Kube, Manifest
from tests.support.waiting import eventually
from tests.support.workloads import on_lane, pod

TENANT = "search"
INFERENCE, BATCH = "kubelanes-inference", "kubelanes-batch"
STACK: dict[str, Any] = {
    "cluster": {"kind": "sim"},
    "pools": {
        "platform": {"lane": "platform", "machine": "m7i.2xlarge"},
        "turns": {"lane": "gpu-inference", "accelerator": "l4", "per_node": 1, "share": {"time_slicing": 8}},
        "whole": {"lane": "batch", "accelerator": "h100-80gb"},
    },
    "tenants": {
        TENANT: {"contact": "search@example.com", "quota": {"cpu": 64, "memory": "256Gi", "gpu": {"l4": 1}}},
    },
}
OVER = "a pod is counted in the lane gpu-inference, and this one tolerates the taint of batch"
PAST = "nodeName passes the scheduler by"


@pytest.fixture(scope="module")
def kube(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kube]:
    """A sim on which the quota of turns in one lane would be enough for the whole cards of another."""
    spec = SimSpec(name="lanes", home=tmp_path_factory.mktemp("lanes"))
    try:
        cluster.ensure(spec)
        kube = Kube(spec.place.kubeconfig)
        set_up(kube, STACK)
        kube.create(asking("before", INFERENCE, "batch"))
        for each in lane_policy():
            kube.create(each)
        eventually(lambda: in_force(kube), "the policy should be in force")
        yield kube
    finally:
        cluster.delete(spec.place)


def asking(name: str, priority: str | None, lane: str, gpus: int = 1, **more: Any) -> Manifest:
    given = {"priorityClassName": priority} if priority else {}
    return pod(name, TENANT, {"nvidia.com/gpu": gpus} if gpus else {}, **{**on_lane(lane), **given, **more})


def in_force(kube: Kube) -> bool:
    try:
        return OVER in kube.refusal(asking("probe", INFERENCE, "batch", 0))
    except AssertionError:
        return False


@pytest.mark.parametrize(
    "toleration",
    [
        pytest.param({"operator": "Exists"}, id="everything"),
        pytest.param({"key": "kubelanes.dev/lane", "operator": "Exists"}, id="every lane"),
        pytest.param({"key": "kubelanes.dev/lane", "value": "batch"}, id="by value"),
        pytest.param({"key": "kubelanes.dev/lane", "value": "batch", "effect": "NoSchedule"}, id="by effect"),
    ],
)
def test_turns_of_one_lane_are_no_cards_of_another(kube: Kube, toleration: Manifest) -> None:
    stray = asking("stray", INFERENCE, "batch", 8, tolerations=[toleration])
    assert OVER in kube.refusal(stray)


def test_no_pod_gets_past_the_scheduler(kube: Kube) -> None:
    assert PAST in kube.refusal(asking("direct", INFERENCE, "gpu-inference", nodeName="whole-0"))
    assert PAST in kube.refusal(asking("direct", None, "platform", 0, nodeName="whole-0"))


def test_a_pod_in_its_own_lane_runs(kube: Kube) -> None:
    kube.create(asking("own", INFERENCE, "gpu-inference"))
    eventually(lambda: phase(kube, "own") == "Running", "it should run")
    kube.create(asking("queued", BATCH, "batch", 0))
    eventually(lambda: phase(kube, "queued") == "Running", "it should run")


def test_a_pod_cannot_be_given_such_a_toleration_later(kube: Kube) -> None:
    made = kube.create(asking("late", INFERENCE, "gpu-inference", 0))
    wider = [*made["spec"]["tolerations"], {"operator": "Exists"}]
    with pytest.raises(Exception, match="tolerates the taint of batch"):
        kube.patch("v1", "Pod", "late", {"spec": {"tolerations": wider}}, TENANT)


def test_one_that_was_there_before_can_be_labelled_and_can_go(kube: Kube) -> None:
    kube.patch("v1", "Pod", "before", {"metadata": {"labels": {"seen": "yes"}}}, TENANT)
    before = kube.get("v1", "Pod", "before", TENANT)
    assert before
    kube.delete(before)


def test_namespaces_of_the_platform_are_left_alone(kube: Kube) -> None:
    elsewhere = asking("elsewhere", INFERENCE, "batch", 0)
    elsewhere["metadata"]["namespace"] = "default"
    kube.create(elsewhere, dry_run=True)


def phase(kube: Kube, name: str) -> str:
    found = kube.get("v1", "Pod", name, TENANT)
    return found["status"].get("phase", "") if found else ""
