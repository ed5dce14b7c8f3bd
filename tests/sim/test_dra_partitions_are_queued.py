"""With the real Kueue: a card and the partitions that are cut from it come out of one quota, counted in memory."""

from collections.abc import Iterator

import pytest

from components.catalogue.accelerators import accelerators
from components.pools.claims import card_request, claim_spec
from components.settings.scalars import amount
from tests.support.kube import Kube, Manifest, condition
from tests.support.waiting import eventually
from tests.support.workloads import job

TENANT = "research"
MEMORY = "kubelanes.dev/h200-memory"
H200 = accelerators()["h200"]
ALL = {
    "apiVersion": "resource.k8s.io/v1",
    "kind": "ResourceClaimTemplate",
    "metadata": {"name": "all", "namespace": TENANT},
}


@pytest.fixture
def claiming(kube: Kube) -> Iterator[None]:
    """A template for all eight cards beside the tenant's own; takes the jobs of a test away."""
    kube.create({**ALL, "spec": {"spec": claim_spec("cards", [card_request(H200, 8)])}})
    yield
    for name in ("cards", "slice", "half"):
        kube.delete(work(name, ""))
    kube.delete(ALL)
    eventually(lambda: held(kube) == 0, "all should be free")


def work(name: str, template: str) -> Manifest:
    made = job(name, TENANT, 0, queue=None)
    spec = made["spec"]["template"]["spec"]
    spec["resourceClaims"] = [{"name": "cards", "resourceClaimTemplateName": template}]
    spec["containers"][0]["resources"]["claims"] = [{"name": "cards"}]
    return made


def held(kube: Kube) -> int:
    """The MiB of the tenant's H200s that Kueue counts."""
    queue = kube.get("kueue.x-k8s.io/v1beta2", "ClusterQueue", TENANT)
    assert queue
    flavors = queue["status"].get("flavorsReservation", [])
    totals = [each["total"] for flavor in flavors for each in flavor["resources"] if each["name"] == MEMORY]
    return sum(int(amount(total) / amount("1Mi")) for total in totals)


def runs(kube: Kube, name: str) -> bool:
    found = kube.get("batch/v1", "Job", name, TENANT)
    return bool(found) and found["status"].get("ready", 0) == 1


def why(kube: Kube, name: str) -> str:
    for each in kube.every("kueue.x-k8s.io/v1beta2", "Workload", TENANT):
        if any(owner["name"] == name for owner in each["metadata"]["ownerReferences"]):
            return condition(each, "QuotaReserved").get("message", "")
    return ""


@pytest.mark.usefixtures("claiming")
def test_a_partition_counts_as_its_memory_and_waits_for_cards_that_are_held_whole(kube: Kube) -> None:
    assert H200.mig
    kube.create(work("half", "h200.3g.71gb"))
    eventually(lambda: runs(kube, "half"), "half a card should be had")
    eventually(lambda: held(kube) == H200.mig.profiles["3g.71gb"].memory, "it should count as half a card's memory")

    kube.create(work("cards", "all"))
    assert MEMORY in eventually(lambda: why(kube, "cards"), "all cards are more than is left")
    kube.delete(work("half", ""))
    eventually(lambda: runs(kube, "cards"), "they should be had when the half is free")
    eventually(lambda: held(kube) == 8 * H200.mig.amounts[0], "they should count as the memory of eight cards")

    kube.create(work("slice", "h200.1g.18gb"))
    assert MEMORY in eventually(lambda: why(kube, "slice"), "nothing is left for a slice")
    kube.delete(work("cards", ""))
    eventually(lambda: runs(kube, "slice"), "it should be had when the cards are free")
