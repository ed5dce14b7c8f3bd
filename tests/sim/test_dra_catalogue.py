"""With the real scheduler: every class and every template, of every card of the catalogue that DRA can serve.

That an expression compiles, and takes the devices that it means and no others, is nothing that reading it tells.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from components.catalogue.accelerators import Accelerator, accelerators
from components.catalogue.machines import Machine, machines
from components.clusters.sim import cluster
from components.clusters.sim.spec import SimSpec
from components.objects import Manifest
from components.pools.claims import DRIVER, card_request, claim_spec, least_memory
from components.pools.plan import PoolPlan
from components.pools.planner import plan_pools
from components.settings import parse_settings
from components.tenancy.claim_templates import claim_templates
from tests.support.claims import nodes_and_devices, ready
from tests.support.kube import Kube, condition
from tests.support.waiting import eventually
from tests.support.workloads import claiming_pod

CLAIM = "resource.k8s.io/v1"
MACHINES = {machine.accelerator: machine for machine in machines().values()}
SERVED = {
    name: MACHINES[name] for name, card in accelerators().items() if card.vendor.name == "nvidia" and name in MACHINES
}
CARDS = 8
"""On one node of each: room for all templates at once, whatever the machine really has."""


def pool_of(card: Accelerator, machine: Machine) -> PoolPlan:
    """A pool of one node of such cards."""
    stack = {
        "cluster": {"kind": "sim", "imitates": {"aws": "eks", "gcp": "gke"}[machine.cloud]},
        "pools": {
            "platform": {"lane": "platform", "machine": {"aws": "m7i.2xlarge", "gcp": "e2-standard-8"}[machine.cloud]},
            "cards": {
                "lane": "batch",
                "accelerator": card.name,
                "machine": machine.name,
                "share": {"dra": "dynamic-mig"} if card.cut_on_claim else "dra",
                "size": 1,
            },
        },
    }
    pool = next(pool for pool in plan_pools(parse_settings(stack)) if pool.gpu)
    assert pool.gpu
    name = card.name.replace(".", "-")
    labels = {**pool.labels, "kubelanes.dev/pool": name}
    return replace(pool, name=name, labels=labels, gpu=replace(pool.gpu, per_node=CARDS))


POOLS = {name: pool_of(accelerators()[name], machine) for name, machine in SERVED.items()}


@pytest.fixture(scope="module")
def kube(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kube]:
    """A sim with nodes of every card."""
    spec = SimSpec(name="cards", home=tmp_path_factory.mktemp("cards"))
    try:
        cluster.ensure(spec)
        kube = Kube(spec.place.kubeconfig)
        for cloud in ("aws", "gcp"):
            pools = tuple(pool for name, pool in POOLS.items() if SERVED[name].cloud == cloud)
            for item in nodes_and_devices(pools, cloud):
                if not kube.get(item["apiVersion"], item["kind"], item["metadata"]["name"]):
                    kube.create(item)
        eventually(lambda: ready(kube), "the nodes should be ready")
        yield kube
    finally:
        cluster.delete(spec.place)


def device(kube: Kube, namespace: str, pod: str) -> Manifest:
    """The device of the pod's claim, as its slice has it."""
    found = kube.get("v1", "Pod", pod, namespace)
    assert found
    claim = kube.get(
        CLAIM, "ResourceClaim", found["status"]["resourceClaimStatuses"][0]["resourceClaimName"], namespace
    )
    assert claim
    (result,) = claim["status"]["allocation"]["devices"]["results"]
    slices = kube.every(CLAIM, "ResourceSlice")
    mine = [each["spec"] for each in slices if each["spec"]["pool"]["name"] == result["pool"]]
    return next(one for spec in mine for one in spec.get("devices", []) if one["name"] == result["device"])


def attribute(found: Manifest, name: str) -> str:
    return found["attributes"][name]["string"]


@pytest.mark.parametrize("name", SERVED)
def test_each_template_gets_what_it_is_called_after(kube: Kube, namespace: str, name: str) -> None:
    card, pool = accelerators()[name], POOLS[name]
    templates = [item.manifest for item in claim_templates(namespace, [pool], {pool.name: CARDS})]
    profiles = card.mig.profiles if card.mig and card.cut_on_claim else {}
    assert {each["metadata"]["name"] for each in templates} == {
        f"{name}.card",
        *(f"{name}.{profile.replace('+', '.')}" for profile in profiles),
    }
    pods = {each["metadata"]["name"]: f"pod-{at}" for at, each in enumerate(templates)}
    for template in templates:
        kube.create(template)
        kube.create(claiming_pod(pods[template["metadata"]["name"]], namespace, template["metadata"]["name"]))
    got: dict[str, Manifest] = {}
    for template, pod in pods.items():
        eventually(lambda pod=pod: running(kube, pod, namespace), f"{template} should be had")
        got[template] = device(kube, namespace, pod)
    assert {attribute(found, "productName") for found in got.values()} == {card.product_name}
    assert attribute(got.pop(f"{name}.card"), "type") == "gpu"
    cut = {template: attribute(found, "profile") for template, found in got.items()}
    assert cut == {f"{name}.{profile.replace('+', '.')}": profile for profile in profiles}


@pytest.mark.parametrize("name", SERVED)
def test_a_card_is_had_by_its_memory_and_not_by_a_mebibyte_more(kube: Kube, namespace: str, name: str) -> None:
    card = accelerators()[name]
    most = card.mig.amounts[0] if card.mig and card.cut_on_claim else card.memory
    for pod, memory in (("all", most), ("more", most + 1)):
        meta = {"name": pod, "namespace": namespace}
        spec = {"spec": claim_spec("gpu", [card_request(card, 1, memory)])}
        kube.create({"apiVersion": CLAIM, "kind": "ResourceClaimTemplate", "metadata": meta, "spec": spec})
        kube.create(claiming_pod(pod, namespace, pod))
    eventually(lambda: running(kube, "all", namespace), f"{least_memory(most)} should be had")
    eventually(lambda: "cannot allocate all claims" in why(kube, "more", namespace), "one more should not")


def test_a_class_is_of_its_driver(kube: Kube) -> None:
    classes = [item for item in kube.every(CLAIM, "DeviceClass") if item["metadata"]["name"].endswith("kubelanes.dev")]
    divisible = [name for name in SERVED if accelerators()[name].cut_on_claim]
    assert len(classes) == len(SERVED) + len(divisible)
    assert all(f"'{DRIVER}'" in item["spec"]["selectors"][0]["cel"]["expression"] for item in classes)


def running(kube: Kube, name: str, namespace: str) -> bool:
    found = kube.get("v1", "Pod", name, namespace)
    return bool(found) and found["status"].get("phase") == "Running"


def why(kube: Kube, name: str, namespace: str) -> str:
    found = kube.get("v1", "Pod", name, namespace)
    return condition(found, "PodScheduled").get("message", "") if found else ""
