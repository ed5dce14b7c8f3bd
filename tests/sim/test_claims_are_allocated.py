"""On the whole platform: claims that somebody writes by hand. Those of lanes are in test_sharing_cases.py."""

from tests.support.kube import Kube, condition
from tests.support.waiting import eventually
from tests.support.workloads import claim_template, claiming_pod

HOPPER = "device.attributes['gpu.nvidia.com'].architecture == 'Hopper'"
AT_LEAST_79_GIB = "device.capacity['gpu.nvidia.com'].memory.compareTo(quantity('79Gi')) >= 0"


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
