"""With the real scheduler and the real quotas: what a tenant can claim, under whatever name it asks."""

from collections.abc import Iterator
from typing import Any

import pytest

from components.addons.gpus.admin_access import NAMESPACE as INSPECTION
from components.catalogue.accelerators import accelerators
from components.clusters.sim import cluster
from components.clusters.sim.spec import SimSpec
from components.pools.claims import SAME_PCIE_ROOT, card_request, claim_spec
from components.settings.pools import Lane
from components.tenancy.priorities import PRIORITY_CLASSES
from tests.support.claims import set_up
from tests.support.kube import Kube, Manifest, condition
from tests.support.waiting import consistently, eventually
from tests.support.workloads import claiming_pod, on_lane, pod

TENANT = "search"
STACK: dict[str, Any] = {
    "cluster": {"kind": "sim"},
    "pools": {
        "platform": {"lane": "platform", "machine": "m7i.2xlarge"},
        "l4": {"lane": "gpu-inference", "accelerator": "l4", "per_node": 1, "size": 2},
        "h200": {"lane": "batch", "accelerator": "h200", "share": "dra", "size": 1},
    },
    "tenants": {
        name: {
            "contact": f"{name}@example.com",
            "groups": {f"{name}-{role}s": role for role in ("viewer", "developer", "operator")},
            "quota": {"cpu": 64, "memory": "256Gi", "gpu": {"h200": 3, "l4": 1}},
        }
        for name in (TENANT, "research")
    },
}
H200 = "h200.gpu.kubelanes.dev"
CLAIM = "resource.k8s.io/v1"


@pytest.fixture(scope="module")
def kube(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kube]:
    """A sim with two tenants on one node of eight claimed H200s, and two L4s of the device plugin."""
    spec = SimSpec(name="claims", home=tmp_path_factory.mktemp("claims"))
    try:
        cluster.ensure(spec)
        kube = Kube(spec.place.kubeconfig)
        set_up(kube, STACK)
        yield kube
    finally:
        cluster.delete(spec.place)


@pytest.fixture(autouse=True)
def _holding_nothing(kube: Kube) -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]
    """The tenant holds nothing when a test begins."""
    yield
    for item in kube.every("v1", "Pod", TENANT):
        kube.delete(item)
    for item in kube.every(CLAIM, "ResourceClaim", TENANT):
        kube.delete(item)
    eventually(lambda: not any(used(kube).values()), "nothing should be counted any more")


def asking(name: str, resource: str, many: int = 1, lane: str = "batch") -> Manifest:
    return pod(name, TENANT, {resource: many}, priorityClassName=PRIORITY_CLASSES[Lane(lane)].name, **on_lane(lane))


def claiming(name: str, template: str = "h200.card") -> Manifest:
    made = claiming_pod(name, TENANT, template)
    made["spec"]["priorityClassName"] = PRIORITY_CLASSES[Lane.BATCH].name
    return made


def claim(name: str, device_class: str, namespace: str = TENANT, **more: Any) -> Manifest:
    exactly = {"deviceClassName": device_class, **more}
    spec = {"devices": {"requests": [{"name": "devices", "exactly": exactly}]}}
    meta = {"name": name, "namespace": namespace}
    return {"apiVersion": CLAIM, "kind": "ResourceClaim", "metadata": meta, "spec": spec}


def phase(kube: Kube, name: str, namespace: str = TENANT) -> str:
    found = kube.get("v1", "Pod", name, namespace)
    return found["status"].get("phase", "") if found else ""


def runs(kube: Kube, item: Manifest) -> None:
    name, namespace = item["metadata"]["name"], item["metadata"]["namespace"]
    kube.create(item)
    eventually(lambda: phase(kube, name, namespace) == "Running", f"{name} should run")


def used(kube: Kube) -> dict[str, int]:
    quota = kube.get("v1", "ResourceQuota", "claims", TENANT)
    assert quota
    return {name: int(many) for name, many in quota["status"]["used"].items()}


def counted(kube: Kube, many: int) -> bool:
    return used(kube)[f"{H200}.deviceclass.resource.k8s.io/devices"] == many


def test_a_manifest_for_the_device_plugin_runs_unchanged_on_claimed_cards(kube: Kube) -> None:
    runs(kube, asking("old", "nvidia.com/gpu", 2))
    (made,) = kube.every(CLAIM, "ResourceClaim", TENANT)
    (request,) = made["spec"]["devices"]["requests"]
    assert (request["exactly"]["deviceClassName"], request["exactly"]["count"]) == (H200, 2)
    found = kube.get("v1", "Pod", "old", TENANT)
    assert found
    assert found["spec"]["nodeName"].startswith("h200")
    eventually(lambda: counted(kube, 2), "what the scheduler claims should be counted")


def test_the_same_manifest_runs_on_the_device_plugins_cards_in_their_lane(kube: Kube) -> None:
    runs(kube, asking("old", "nvidia.com/gpu", 1, "gpu-inference"))
    found = kube.get("v1", "Pod", "old", TENANT)
    assert found
    assert found["spec"]["nodeName"].startswith("l4")
    assert not kube.every(CLAIM, "ResourceClaim", TENANT)


def test_what_is_asked_for_and_what_is_claimed_come_out_of_one_quota(kube: Kube) -> None:
    runs(kube, asking("old", "nvidia.com/gpu", 2))
    eventually(lambda: counted(kube, 2), "the two should be counted")
    assert f"exceeded quota: claims, requested: {H200}" in kube.refusal(claim("two-more", H200, count=2))
    runs(kube, claiming("new"))
    eventually(lambda: counted(kube, 3), "the third should be counted")
    assert "exceeded quota: claims" in kube.refusal(claim("fourth", H200))
    # With the one L4 four may be asked for; of these three are claimed cards, and all three are held.
    assert "requests.nvidia.com/gpu=3" in kube.refusal(asking("older", "nvidia.com/gpu", 2))


def test_what_is_claimed_cannot_be_asked_for_as_well(kube: Kube) -> None:
    kube.create(claim("all", H200, count=3))
    eventually(lambda: counted(kube, 3), "the claim should be counted")
    # One L4 is left of the four cards that may be asked for in all.
    assert "exceeded quota: claims, requested: requests.nvidia.com/gpu=2" in kube.refusal(
        asking("old", "nvidia.com/gpu", 2)
    )
    runs(kube, asking("l4", "nvidia.com/gpu", 1, "gpu-inference"))


def test_a_pod_whose_claim_is_over_the_quota_says_so(kube: Kube) -> None:
    kube.create(claim("all", H200, count=3))
    eventually(lambda: counted(kube, 3), "the claim should be counted")
    kube.create(claiming("late"))
    late = {"field_selector": "involvedObject.name=late"}
    eventually(
        lambda: any("exceeded quota" in (e.get("message") or "") for e in kube.every("v1", "Event", TENANT, **late)),
        "the reason should stand at the pod",
    )
    kube.delete(claim("all", H200))
    eventually(lambda: phase(kube, "late") == "Running", "it should run when the cards are free")


@pytest.mark.parametrize("name", ["gpu.nvidia.com", "mig.nvidia.com", "vfio.gpu.nvidia.com"])
def test_the_drivers_own_classes_are_closed_to_tenants(kube: Kube, name: str) -> None:
    assert "exceeded quota: claims" in kube.refusal(claim("around", name))
    assert "exceeded quota: claims" in kube.refusal(claim("all", name, allocationMode="All"))
    assert "exceeded quota: claims" in kube.refusal(asking("around", f"deviceclass.resource.kubernetes.io/{name}"))


def test_a_class_can_be_asked_for_by_its_own_name_within_the_quota(kube: Kube) -> None:
    name = f"deviceclass.resource.kubernetes.io/{H200}"
    runs(kube, asking("implicit", name, 3))
    eventually(lambda: counted(kube, 3), "the three should be counted")
    assert "exceeded quota: claims" in kube.refusal(asking("more", name))
    assert "exceeded quota: claims" in kube.refusal(claim("more", H200))


def test_an_alternative_of_a_closed_class_is_closed_too(kube: Kube) -> None:
    item = claim("or", H200)
    choices = [{"name": "a", "deviceClassName": H200}, {"name": "b", "deviceClassName": "gpu.nvidia.com"}]
    item["spec"]["devices"]["requests"] = [{"name": "devices", "firstAvailable": choices}]
    assert "exceeded quota: claims" in kube.refusal(item)


def test_cards_on_one_pcie_root_are_never_two_in_a_machine_where_each_has_its_own(kube: Kube) -> None:
    near = claim_spec("accelerator", [card_request(accelerators()["h200"], 2)], [SAME_PCIE_ROOT])
    meta = {"name": "near", "namespace": TENANT}
    kube.create({"apiVersion": CLAIM, "kind": "ResourceClaimTemplate", "metadata": meta, "spec": {"spec": near}})
    try:
        kube.create(claiming("near", "near"))
        reason = eventually(lambda: why(kube, "near"), "the scheduler should explain itself")
        assert "cannot allocate all claims" in reason
    finally:
        kube.delete({"apiVersion": CLAIM, "kind": "ResourceClaimTemplate", "metadata": meta})


def why(kube: Kube, name: str) -> str | None:
    found = kube.get("v1", "Pod", name, TENANT)
    return condition(found, "PodScheduled").get("message") if found else None


def test_a_tenant_has_no_admin_access_and_cannot_give_itself_any(kube: Kube) -> None:
    refused = "admin access to devices requires the `resource.kubernetes.io/admin-access: true` label"
    assert refused in kube.refusal(claim("spy", H200, adminAccess=True))
    for role in ("viewer", "developer", "operator"):
        groups = [f"{TENANT}-{role}s", "system:authenticated"]
        for namespace in (TENANT, INSPECTION):
            assert not kube.allowed("ann@example.com", groups, "patch", "namespaces", namespace)
            assert not kube.allowed("ann@example.com", groups, "update", "namespaces", namespace)
        for kind in ("resourceclaims", "resourceclaimtemplates"):
            assert not kube.allowed("ann@example.com", groups, "create", kind, INSPECTION, "resource.k8s.io")
        assert not kube.allowed("ann@example.com", groups, "create", "pods", INSPECTION)
        for kind in ("deviceclasses", "resourceslices"):
            assert not kube.allowed("ann@example.com", groups, "create", kind, "", "resource.k8s.io")


def test_those_who_run_the_platform_see_devices_that_others_hold(kube: Kube) -> None:
    runs(kube, claiming("holder"))
    seer = claiming_pod("seer", INSPECTION, "every-card")
    try:
        runs(kube, seer)
        (made,) = kube.every(CLAIM, "ResourceClaim", INSPECTION)
        assert len(made["status"]["allocation"]["devices"]["results"]) == 8
        assert all(result["adminAccess"] for result in made["status"]["allocation"]["devices"]["results"])
        runs(kube, claiming("next"))  # what is looked at is not taken
    finally:
        kube.delete(seer)


def test_a_template_is_there_for_what_the_tenant_may_claim(kube: Kube) -> None:
    found = {item["metadata"]["name"] for item in kube.every(CLAIM, "ResourceClaimTemplate", TENANT)}
    assert found == {"h200.card"}
    runs(kube, claiming("ready-made"))
    consistently(lambda: phase(kube, "ready-made") == "Running", "it should stay", seconds=1)
