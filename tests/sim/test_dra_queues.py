"""With the real Kueue and the real scheduler: claimed cards come out of one quota, however a job asks for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from components.lanes.placement import CLAIM
from tests.support.deployment import Deployment
from tests.support.kube import Kube, Manifest, condition
from tests.support.waiting import eventually
from tests.support.workloads import job

STACK = """\
config:
  kubelanes:cluster: { kind: sim, name: queues }
  kubelanes:pools:
    platform: { lane: platform, machine: m7i.large, size: 1 }
    l4: { lane: gpu-inference, accelerator: l4, per_node: 1, size: 1 }
    h200: { lane: batch, accelerator: h200, share: dra, size: 1 }
  kubelanes:tenants:
    search:
      contact: search@example.com
      quota: { cpu: 64, memory: 256Gi, gpu: { h200: 3, l4: 1 } }
    research:
      contact: research@example.com
      quota: { cpu: 64, memory: 256Gi, gpu: { h200: 5 } }
"""
CARDS = "kubelanes.dev/h200"
TENANT = "search"
CLAIMS = ("resource.k8s.io/v1", "ResourceClaim")


@pytest.fixture(scope="module")
def kube(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kube]:
    deployment = Deployment(tmp_path_factory.mktemp("queues")).configure(STACK)
    try:
        deployment.up()
        yield Kube(Path(deployment.outputs()["kubeconfig_path"]))
    finally:
        deployment.destroy()


@pytest.fixture(autouse=True)
def _without_jobs(kube: Kube) -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]
    """The tenant has no jobs when a test begins."""
    yield
    for kind in (("batch/v1", "Job"), ("v1", "Pod")):
        for item in kube.every(*kind, TENANT):
            kube.delete(item)
    eventually(lambda: held(kube) == 0 and not kube.every(*CLAIMS, TENANT), "everything should be free")


def asking(name: str, cards: int) -> Manifest:
    """A job as it was written for the device plugin."""
    return job(name, TENANT, cards, queue=None)


def claiming(name: str, template: str = "h200.card") -> Manifest:
    """A job whose pod claims what a template says."""
    made = job(name, TENANT, 0, queue=None)
    spec = made["spec"]["template"]["spec"]
    spec["resourceClaims"] = [{"name": CLAIM, "resourceClaimTemplateName": template}]
    spec["containers"][0]["resources"]["claims"] = [{"name": CLAIM}]
    return made


def held(kube: Kube) -> int:
    """The cards of the tenant that Kueue counts."""
    queue = kube.get("kueue.x-k8s.io/v1beta2", "ClusterQueue", TENANT)
    assert queue
    usage = {
        resource["name"]: resource["total"]
        for flavor in queue["status"].get("flavorsReservation", [])
        for resource in flavor["resources"]
    }
    return int(usage.get(CARDS, 0))


def runs(kube: Kube, item: Manifest) -> None:
    kube.create(item)
    name = item["metadata"]["name"]
    eventually(lambda: ready(kube, name), f"{name} should run", timeout=90)


def ready(kube: Kube, name: str) -> bool:
    found = kube.get("batch/v1", "Job", name, TENANT)
    return bool(found) and found["status"].get("ready", 0) == 1


def refused(kube: Kube, name: str) -> str:
    """Why Kueue does not admit the job."""
    owned = [
        each
        for each in kube.every("kueue.x-k8s.io/v1beta2", "Workload", TENANT)
        if any(owner["name"] == name for owner in each["metadata"]["ownerReferences"])
    ]
    return condition(owned[0], "QuotaReserved").get("message", "") if owned else ""


def test_cards_that_are_asked_for_and_cards_that_are_claimed_are_the_same_cards(kube: Kube) -> None:
    runs(kube, asking("old", 2))
    eventually(lambda: held(kube) == 2, "a request for nvidia.com/gpu should count as two H200s")
    runs(kube, claiming("new"))
    eventually(lambda: held(kube) == 3, "so should a claim, as one")
    (made,) = [
        claim
        for claim in kube.every(*CLAIMS, TENANT)
        if claim["metadata"].get("annotations", {}).get("resource.kubernetes.io/extended-resource-claim")
    ]
    assert made["spec"]["devices"]["requests"][0]["exactly"]["deviceClassName"] == "h200.gpu.kubelanes.dev"

    for late in (asking("late-old", 1), claiming("late-new")):
        kube.create(late)
        name = late["metadata"]["name"]
        assert CARDS in eventually(lambda name=name: refused(kube, name), f"{name} should be told why it waits")
    kube.delete(asking("old", 2))
    for name in ("late-old", "late-new"):
        eventually(lambda name=name: ready(kube, name), f"{name} should follow", timeout=90)


def test_a_job_with_alternatives_is_told_that_queues_do_not_know_them(kube: Kube) -> None:
    choices = [{"name": name, "deviceClassName": "h200.gpu.kubelanes.dev"} for name in ("one", "other")]
    spec = {"devices": {"requests": [{"name": "cards", "firstAvailable": choices}]}}
    meta = {"name": "either", "namespace": TENANT}
    template = {"apiVersion": "resource.k8s.io/v1", "kind": "ResourceClaimTemplate", "metadata": meta}
    kube.create({**template, "spec": {"spec": spec}})
    try:
        kube.create(claiming("either", "either"))
        reason = eventually(lambda: refused(kube, "either"), "it should be told")
        assert "FirstAvailable device selection is not supported" in reason
    finally:
        kube.delete(template)


def test_a_job_cannot_get_around_its_queue_through_the_drivers_class(kube: Kube) -> None:
    spec = {"devices": {"requests": [{"name": "cards", "exactly": {"deviceClassName": "gpu.nvidia.com"}}]}}
    meta = {"name": "around", "namespace": TENANT}
    template = {"apiVersion": "resource.k8s.io/v1", "kind": "ResourceClaimTemplate", "metadata": meta}
    kube.create({**template, "spec": {"spec": spec}})
    try:
        kube.create(claiming("around", "around"))
        reason = eventually(lambda: refused(kube, "around"), "it should be told")
        assert "DeviceClass gpu.nvidia.com is not mapped" in reason
    finally:
        kube.delete(template)
    implicit = job("implicit", TENANT, 0, queue=None)
    resources = implicit["spec"]["template"]["spec"]["containers"][0]["resources"]
    for side in ("requests", "limits"):
        resources[side] = {**resources[side], "deviceclass.resource.kubernetes.io/gpu.nvidia.com": 1}
    kube.create(implicit)
    reason = eventually(lambda: refused(kube, "implicit"), "this one too")
    assert "deviceclass.resource.kubernetes.io/gpu.nvidia.com unavailable" in reason
