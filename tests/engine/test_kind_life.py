"""The life of the committed stack ``kind``, whole: preview, up, nothing more to do, lanes and queues at work, down.

The ``kind`` executable is a stand-in that makes a sim; its API server, scheduler and Kueue are real.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from components.clusters.sim import processes
from tests.standins import kind
from tests.standins.world.kind import KindWorld
from tests.support.deployment import ROOT, Deployment
from tests.support.kube import Kube, Manifest, condition
from tests.support.local import NO_CHANGE, NO_DRIFT, with_kind
from tests.support.waiting import eventually
from tests.support.workloads import job, on_lane, pod

CLUSTER = "kubelanes"


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The stack, up; gone without a trace at the end."""
    folder = tmp_path_factory.mktemp("kind")
    home, standin = folder / "home", folder / "standin"
    home.mkdir()
    env = with_kind(standin)
    world = KindWorld(standin, CLUSTER, env["PATH"])
    life = Deployment(home, stack="kind", env=env | {"PATH": world.path})
    life.configure(ROOT / "stacks" / "Pulumi.kind.yaml")
    sim = kind.spec(standin / "kind", CLUSTER).place
    try:
        life.pulumi("preview")
        life.up()
        yield life
    finally:
        life.destroy()
        world.close()
    assert not life.resources()
    assert not processes.of_sim(sim.root)
    assert not (standin / "kind").exists()
    assert not (home / "kind").exists()


@pytest.fixture(scope="module")
def kube(life: Deployment) -> Kube:
    """The cluster, as its administrator."""
    return Kube(Path(life.outputs()["kubeconfig_path"]))


def pool_of(kube: Kube, pod: Manifest) -> str:
    node = kube.get("v1", "Node", pod["spec"]["nodeName"])
    assert node
    return node["metadata"]["labels"]["kubelanes.dev/pool"]


def started(kube: Kube, namespace: str, selector: str) -> list[Manifest]:
    """The pods of the selector, once they run; a training job's may have ended since."""

    def found() -> list[Manifest]:
        pods = kube.every("v1", "Pod", namespace, label_selector=selector)
        return pods if all(each["status"].get("phase") in ("Running", "Succeeded") for each in pods) else []

    return eventually(found, f"{selector} should run in {namespace}")


def test_nothing_is_left_to_do_after_it_came_up(life: Deployment) -> None:
    life.pulumi(*NO_CHANGE)
    life.pulumi(*NO_DRIFT)


@pytest.mark.parametrize(
    ("tenant", "workload", "pool"), [("search", "portal", "platform"), ("research", "finetune", "t4")]
)
def test_every_workload_of_the_stack_runs_on_its_lane(kube: Kube, tenant: str, workload: str, pool: str) -> None:
    pods = started(kube, tenant, f"app.kubernetes.io/name={workload}")
    assert [pool_of(kube, each) for each in pods] == [pool]


def test_kueue_runs_on_the_platform_lane(kube: Kube) -> None:
    pods = started(kube, "kueue-system", "control-plane=controller-manager")
    assert [pool_of(kube, each) for each in pods] == ["platform"]


def test_a_pod_that_asks_for_a_gpu_gets_a_simulated_one_of_its_lane(kube: Kube) -> None:
    kube.create(pod("infers", "default", {"nvidia.com/gpu": 1}, **on_lane("gpu-inference")))
    found = eventually(
        lambda: (p := kube.get("v1", "Pod", "infers", "default")) and p["status"].get("phase") == "Running" and p,
        "the pod should run",
    )
    assert pool_of(kube, found) == "l4"
    claim = found["status"]["extendedResourceClaimStatus"]["resourceClaimName"]
    claimed = kube.get("resource.k8s.io/v1", "ResourceClaim", claim, "default")
    assert claimed
    assert [each["pool"] for each in claimed["status"]["allocation"]["devices"]["results"]] == [
        found["spec"]["nodeName"]
    ]


def test_a_job_beyond_its_tenants_share_waits_in_the_queue(kube: Kube) -> None:
    kube.create(job("greedy", "research", 2, queue=None))

    def reason() -> str | None:
        workloads = kube.every("kueue.x-k8s.io/v1beta2", "Workload", "research")
        mine = [each for each in workloads if each["metadata"]["name"].startswith("job-greedy")]
        return condition(mine[0], "QuotaReserved").get("message") if mine else None

    assert "nvidia.com/gpu" in eventually(reason, "Kueue should say why it waits")
    greedy = kube.get("batch/v1", "Job", "greedy", "research")
    assert greedy
    assert greedy["spec"]["suspend"]
    assert greedy["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "default"
