"""On the live API server, with the real Kueue: quota, waiting, priority, borrowing."""

from collections.abc import Callable, Iterator

import pytest

from tests.support.kube import Kube, Manifest, condition
from tests.support.waiting import consistently, eventually
from tests.support.workloads import job

Submit = Callable[[Manifest], Manifest]


@pytest.fixture
def submit(kube: Kube) -> Iterator[Submit]:
    """Submits jobs and takes them away again at the end."""
    made: list[Manifest] = []

    def one(manifest: Manifest) -> Manifest:
        made.append(manifest)
        return kube.create(manifest)

    yield one
    for manifest in made:
        kube.delete(manifest)


def live(kube: Kube, manifest: Manifest) -> Manifest:
    meta = manifest["metadata"]
    found = kube.get("batch/v1", "Job", meta["name"], meta["namespace"])
    assert found, f"{meta['name']} is gone"
    return found


def is_running(kube: Kube, manifest: Manifest) -> bool:
    return live(kube, manifest)["status"].get("active", 0) > 0 and not live(kube, manifest)["spec"]["suspend"]


def is_suspended(kube: Kube, manifest: Manifest) -> bool:
    return bool(live(kube, manifest)["spec"]["suspend"])


def waiting_reason(kube: Kube, manifest: Manifest) -> str | None:
    meta = manifest["metadata"]
    for workload in kube.every("kueue.x-k8s.io/v1beta2", "Workload", meta["namespace"]):
        if any(o["name"] == meta["name"] for o in workload["metadata"].get("ownerReferences", [])):
            return condition(workload, "QuotaReserved").get("message")
    return None


def test_a_job_over_its_quota_waits_and_is_admitted_when_another_ends(kube: Kube, submit: Submit) -> None:
    first, second = (job(f"quota-{n}", "research", 4, queue="default") for n in (1, 2))
    submit(first)
    eventually(lambda: is_running(kube, first), "the first job should run")
    submit(second)
    assert "insufficient" in eventually(lambda: waiting_reason(kube, second), "Kueue should say why it waits")
    consistently(lambda: is_suspended(kube, second), "the second must wait", 2)
    kube.delete(first)
    eventually(lambda: is_running(kube, second), "the second should run when the first has gone")


def test_a_higher_priority_preempts_a_lower_one(kube: Kube, submit: Submit) -> None:
    low, high = (
        job("low", "research", 4, queue="default", priority="idle"),
        job("high", "research", 4, queue="default", priority="urgent"),
    )
    submit(low)
    eventually(lambda: is_running(kube, low), "the idle job should run")
    submit(high)
    eventually(lambda: is_running(kube, high), "the urgent job should take its place")
    eventually(lambda: is_suspended(kube, low), "the idle job should wait again")


def test_a_tenant_borrows_what_others_leave_idle_and_gives_it_back(kube: Kube, submit: Submit) -> None:
    own, borrowed = (job(f"borrow-{n}", "search", 4, queue="default") for n in (1, 2))
    for manifest in (own, borrowed):
        submit(manifest)
        eventually(lambda m=manifest: is_running(kube, m), "search should run on its own and on borrowed cards")
    owner = job("owner", "research", 4, queue="default")
    submit(owner)
    eventually(lambda: is_running(kube, owner), "the owner should get its cards back")
    assert sum(is_running(kube, m) for m in (own, borrowed)) == 1


def test_a_job_that_ends_frees_its_quota(kube: Kube, submit: Submit) -> None:
    short = job("short", "research", 4, queue="default", runs_for="1s")
    submit(short)
    eventually(lambda: live(kube, short)["status"].get("succeeded") == 1, "the job should end")
    follower = job("follower", "research", 4, queue="default")
    submit(follower)
    eventually(lambda: is_running(kube, follower), "the next should run")


def test_a_job_without_a_queue_name_in_a_tenants_namespace_does_not_slip_past_the_queue(
    kube: Kube, submit: Submit
) -> None:
    stray = job("stray", "research", 4, queue=None)
    stray["spec"]["suspend"] = False
    submit(stray)
    eventually(lambda: waiting_reason(kube, stray), "Kueue should have taken it over")
