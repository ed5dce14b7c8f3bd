"""On the live API server, with the real scheduler: Dynamic Resource Allocation."""

import pytest

from tests.support.kube import Kube, Manifest, condition
from tests.support.waiting import eventually
from tests.support.workloads import claim_template, claiming_pod

HOPPER = "device.attributes['gpu.nvidia.com'].architecture == 'Hopper'"
AT_LEAST_79_GIB = "device.capacity['gpu.nvidia.com'].memory.compareTo(quantity('79Gi')) >= 0"


def profile(name: str) -> str:
    return f"device.attributes['gpu.nvidia.com'].profile == '{name}'"


def running(kube: Kube, name: str, namespace: str) -> bool:
    found = kube.get("v1", "Pod", name, namespace)
    return bool(found) and found["status"].get("phase") == "Running"


def why_pending(kube: Kube, name: str, namespace: str) -> str | None:
    found = kube.get("v1", "Pod", name, namespace)
    return condition(found, "PodScheduled").get("message") if found else None


def allocated(kube: Kube, namespace: str) -> list[str]:
    claims = kube.every("resource.k8s.io/v1", "ResourceClaim", namespace)
    done = [c["status"]["allocation"] for c in claims if c.get("status", {}).get("allocation")]
    return [r["device"] for a in done for r in a["devices"]["results"]]


def test_a_claim_for_a_hopper_gpu_with_at_least_79_gib_gets_one(kube: Kube, namespace: str) -> None:
    kube.create(claim_template("hopper", namespace, "gpu.nvidia.com", HOPPER, AT_LEAST_79_GIB))
    kube.create(claiming_pod("one", namespace, "hopper"))
    eventually(lambda: running(kube, "one", namespace), "the pod should run")
    assert len(allocated(kube, namespace)) == 1


def test_a_claim_that_nothing_satisfies_stays_pending_and_says_why(kube: Kube, namespace: str) -> None:
    kube.create(claim_template("impossible", namespace, "gpu.nvidia.com", HOPPER.replace("Hopper", "Volta")))
    kube.create(claiming_pod("none", namespace, "impossible"))
    text = eventually(lambda: why_pending(kube, "none", namespace), "the scheduler should explain itself")
    assert "cannot allocate all claims" in text
    assert not allocated(kube, namespace)


@pytest.fixture
def seven_cards_are_taken(kube: Kube, namespace: str) -> None:
    """Leaves one card of the eight free, so that what follows competes for it."""
    kube.create(claim_template("card", namespace, "gpu.nvidia.com", HOPPER))
    for n in range(7):
        kube.create(claiming_pod(f"card-{n}", namespace, "card"))
    for n in range(7):
        eventually(lambda n=n: running(kube, f"card-{n}", namespace), f"card-{n} should run")


@pytest.mark.usefixtures("seven_cards_are_taken")
def test_partitions_of_one_card_share_it_and_a_whole_card_waits_for_all_of_them(kube: Kube, namespace: str) -> None:
    kube.create(claim_template("half", namespace, "mig.nvidia.com", profile("3g.71gb")))
    halves: list[Manifest] = [claiming_pod(f"half-{n}", namespace, "half") for n in range(2)]
    for half in halves:
        kube.create(half)
        eventually(lambda h=half: running(kube, h["metadata"]["name"], namespace), "each half should run")

    kube.create(claiming_pod("third-half", namespace, "half"))
    assert "cannot allocate all claims" in eventually(
        lambda: why_pending(kube, "third-half", namespace), "the third should wait"
    )
    kube.create(claiming_pod("whole", namespace, "card"))
    assert "cannot allocate all claims" in eventually(lambda: why_pending(kube, "whole", namespace), "so should a card")

    for half in [*halves, claiming_pod("third-half", namespace, "half")]:
        kube.delete(half)
    eventually(lambda: running(kube, "whole", namespace), "the whole card should run when its parts are free")


@pytest.mark.usefixtures("seven_cards_are_taken")
def test_three_profiles_fit_on_one_card_at_once(kube: Kube, namespace: str) -> None:
    for name in ("3g.71gb", "2g.35gb", "1g.18gb"):
        template = name.replace(".", "-")
        kube.create(claim_template(template, namespace, "mig.nvidia.com", profile(name)))
        kube.create(claiming_pod(f"pod-{template}", namespace, template))
        eventually(lambda t=template: running(kube, f"pod-{t}", namespace), f"{name} should fit")


@pytest.mark.usefixtures("seven_cards_are_taken")
def test_seven_slices_fill_a_card_the_eighth_waits_and_takes_the_first_that_is_freed(
    kube: Kube, namespace: str
) -> None:
    kube.create(claim_template("slice", namespace, "mig.nvidia.com", profile("1g.18gb")))
    for n in range(7):
        kube.create(claiming_pod(f"slice-{n}", namespace, "slice"))
    for n in range(7):
        eventually(lambda n=n: running(kube, f"slice-{n}", namespace), f"slice-{n} should run")
    kube.create(claiming_pod("eighth", namespace, "slice"))
    assert "cannot allocate all claims" in eventually(lambda: why_pending(kube, "eighth", namespace), "it should wait")
    kube.delete(claiming_pod("slice-3", namespace, "slice"))
    eventually(lambda: running(kube, "eighth", namespace), "the eighth should take the slice that was freed")


@pytest.mark.usefixtures("seven_cards_are_taken")
def test_a_partition_waits_for_a_whole_card(kube: Kube, namespace: str) -> None:
    kube.create(claiming_pod("last-card", namespace, "card"))
    eventually(lambda: running(kube, "last-card", namespace), "the last card should be handed out")
    kube.create(claim_template("half", namespace, "mig.nvidia.com", profile("3g.71gb")))
    kube.create(claiming_pod("late", namespace, "half"))
    assert "cannot allocate all claims" in eventually(lambda: why_pending(kube, "late", namespace), "it should wait")
    kube.delete(claiming_pod("last-card", namespace, "card"))
    eventually(lambda: running(kube, "late", namespace), "the partition should be cut from the freed card")
