"""On the live API server: each lane's pods run on their own pools and nowhere else."""

import pytest

from tests.support.kube import Kube, condition
from tests.support.waiting import consistently, eventually
from tests.support.workloads import on_lane, pod

LANES = ("gpu-inference", "batch", "platform")


def lane_of(kube: Kube, node: str) -> str:
    found = kube.get("v1", "Node", node)
    assert found
    return found["metadata"]["labels"]["kubelanes.dev/lane"]


def scheduled_node(kube: Kube, name: str, namespace: str) -> str | None:
    found = kube.get("v1", "Pod", name, namespace)
    return found["spec"].get("nodeName") if found else None


@pytest.mark.parametrize("lane", LANES)
def test_a_pod_of_a_lane_runs_on_that_lane(kube: Kube, namespace: str, lane: str) -> None:
    kube.create(pod("one", namespace, **on_lane(lane)))
    node = eventually(lambda: scheduled_node(kube, "one", namespace), f"the {lane} pod should be scheduled")
    assert lane_of(kube, node) == lane


def test_every_workload_of_the_stack_stands_on_its_lane(kube: Kube) -> None:
    wanted = {"chat": "gpu-inference", "embeddings": "gpu-inference", "portal": "platform"}
    pods = kube.every("v1", "Pod", "search", label_selector="app.kubernetes.io/managed-by=kubelanes")
    seen = {p["metadata"]["labels"]["app.kubernetes.io/name"]: lane_of(kube, p["spec"]["nodeName"]) for p in pods}
    assert seen == wanted


def test_a_pod_without_toleration_never_lands_on_a_gpu_or_batch_node(kube: Kube, namespace: str) -> None:
    names = [f"plain-{n}" for n in range(12)]
    for name in names:
        kube.create(pod(name, namespace))
    nodes = [eventually(lambda n=n: scheduled_node(kube, n, namespace), f"{n} should be scheduled") for n in names]
    assert {lane_of(kube, node) for node in nodes} == {"platform"}


def test_a_gpu_pod_without_toleration_stays_pending_and_the_scheduler_says_why(kube: Kube, namespace: str) -> None:
    kube.create(pod("intolerant", namespace, {"nvidia.com/gpu": 1}))

    def reason() -> str | None:
        found = kube.get("v1", "Pod", "intolerant", namespace)
        return condition(found, "PodScheduled").get("message") if found else None

    assert "untolerated taint" in eventually(reason, "the scheduler should explain itself")
    consistently(lambda: not scheduled_node(kube, "intolerant", namespace), "it must not land on a GPU node", 1)


def test_tolerating_one_lane_does_not_open_another(kube: Kube, namespace: str) -> None:
    wrong = on_lane("batch") | {"nodeSelector": {"kubelanes.dev/lane": "gpu-inference"}}
    kube.create(pod("stray", namespace, **wrong))
    found = eventually(
        lambda: (p := kube.get("v1", "Pod", "stray", namespace)) and condition(p, "PodScheduled").get("message"),
        "the scheduler should refuse it",
    )
    assert "untolerated taint" in found
