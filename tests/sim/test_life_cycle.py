"""A stack's life as its users lead it: nothing to do after `up`, drift, repair, growth, and two runs that meet."""

from collections.abc import Callable, Iterator
from shutil import rmtree
from typing import Any

import pytest

from tests.support.checkout import Checkout
from tests.support.kube import Kube, Manifest
from tests.support.waiting import eventually

from .simtools import answers, listeners
from .stacks import SHARED, SMALL, WIDER

KINDS = (
    ("v1", "Node"),
    ("v1", "Namespace"),
    ("v1", "ResourceQuota"),
    ("v1", "LimitRange"),
    ("v1", "ServiceAccount"),
    ("v1", "Service"),
    ("v1", "Pod"),
    ("apps/v1", "Deployment"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("kueue.x-k8s.io/v1beta2", "ResourceFlavor"),
    ("kueue.x-k8s.io/v1beta2", "ClusterQueue"),
    ("kueue.x-k8s.io/v1beta2", "LocalQueue"),
)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    checkout = Checkout(tmp_path_factory.mktemp("life"), SMALL)
    try:
        checkout.run("up")
        yield checkout
    finally:
        checkout.close()


@pytest.fixture
def life(checkout: Checkout) -> Checkout:
    """The stack, up and as its file says, whatever a test before left of it."""
    checkout.write(SMALL)
    if not is_clean(checkout):
        checkout.run("up", "--refresh")
    return checkout


def is_clean(life: Checkout) -> bool:
    return life.attempt("preview", "--expect-no-changes")[0] == 0


def uids(kube: Kube) -> dict[str, str]:
    """Every object of a kind that the platform makes, by kind, namespace and name: its uid."""
    return {
        f"{kind} {item['metadata'].get('namespace', '')}/{item['metadata']['name']}": item["metadata"]["uid"]
        for api_version, kind in KINDS
        for item in kube.every(api_version, kind)
    }


def belongings(kube: Kube, tenant: str) -> dict[str, tuple[str, Any]]:
    """What a tenant has: the uid of each object, and what it says."""
    return {
        f"{kind} {item['metadata']['name']}": (item["metadata"]["uid"], item.get("spec") or item.get("rules"))
        for api_version, kind in KINDS
        for item in kube.every(api_version, kind)
        if tenant in {item["metadata"].get("namespace"), item["metadata"]["name"]}
    }


@pytest.mark.usefixtures("life")
def test_after_up_there_is_nothing_to_do_and_no_drift(checkout: Checkout) -> None:
    assert is_clean(checkout)
    assert checkout.drift() is None


def test_the_kubeconfig_is_a_secret_wherever_pulumi_keeps_or_shows_it(life: Checkout) -> None:
    key = next(line for line in life.sim.kubeconfig.read_text().splitlines() if "client-key-data" in line).split()[-1]
    kept = [path for path in (life.layout.home / "state").rglob("*") if path.is_file()]
    assert any("kubelanes:platform:Platform" in path.read_text() for path in kept)
    assert not [path for path in kept if key[:200] in path.read_text()]
    status, shown = life.pulumi("stack", "output")
    assert status == 0
    assert "[secret]" in shown
    assert key[:200] not in shown


def relabel(kube: Kube) -> None:
    kube.patch("v1", "Node", "a10g-0", {"metadata": {"labels": {"kubelanes.dev/lane": "platform"}}})


def is_labelled(kube: Kube) -> bool:
    return (kube.get("v1", "Node", "a10g-0") or {})["metadata"]["labels"]["kubelanes.dev/lane"] == "batch"


def policies(kube: Kube) -> list[Manifest]:
    return kube.every("networking.k8s.io/v1", "NetworkPolicy", "search")


def open_the_network(kube: Kube) -> None:
    for policy in policies(kube):
        kube.delete(policy)


def scale(kube: Kube) -> None:
    kube.patch("apps/v1", "Deployment", "portal", {"spec": {"replicas": 5}}, "search")


def is_scaled(kube: Kube) -> bool:
    return (kube.get("apps/v1", "Deployment", "portal", "search") or {})["spec"]["replicas"] == 1


HANDS: dict[str, tuple[Callable[[Kube], None], Callable[[Kube], object]]] = {
    "kubernetes:core/v1:Node::a10g-0": (relabel, is_labelled),
    "kubernetes:networking.k8s.io/v1:NetworkPolicy::search/default-deny": (open_the_network, policies),
    "kubernetes:apps/v1:Deployment::search/portal": (scale, is_scaled),
}
"""By the end of its URN: how it is changed by hand, and how one sees that it is as it should be."""


def test_what_was_changed_by_hand_is_seen_and_repaired(life: Checkout) -> None:
    kube = life.kube()
    for change, _ in HANDS.values():
        change(kube)
    seen = life.drift("--diff") or ""
    assert not [name for name in HANDS if f"{name}]" not in seen], seen
    life.run("up", "--refresh")
    for name, (_, is_right) in HANDS.items():
        assert is_right(kube), name
    assert is_clean(life)


def test_a_killed_cluster_is_seen_by_a_preview_and_started_again_with_its_data(life: Checkout) -> None:
    before = uids(life.kube())
    life.kill(life.sims())
    assert not is_clean(life)
    life.run("up")
    after = uids(life.kube())
    assert {key: after.get(key) for key in before} == before
    assert is_clean(life)


def test_a_vanished_cluster_is_made_again_with_all_that_was_in_it(life: Checkout) -> None:
    before = uids(life.kube())
    life.kill(life.sims())
    rmtree(life.sim.root)
    life.run("up")
    made = uids(life.kube())
    assert {key for key in before if not key.startswith("Pod")} <= set(made)
    assert not set(made.values()) & set(before.values())
    assert is_clean(life)


def test_a_pool_grows_and_shrinks_by_the_difference_only(life: Checkout) -> None:
    kube = life.kube()
    before = uids(kube)
    life.write(WIDER)
    life.run("up")
    grown = uids(kube)
    assert set(grown) - set(before) == {"Node /a10g-1", "Node /a10g-2"}
    assert {key: grown.get(key) for key in before} == before
    life.write(SMALL)
    life.run("up")
    assert uids(kube) == before


def test_a_tenant_comes_and_goes_without_touching_another(life: Checkout) -> None:
    kube = life.kube()
    before, whole = belongings(kube, "search"), uids(kube)
    assert len(before) > 8
    life.write(SHARED)
    life.run("up")
    assert kube.get("v1", "Namespace", "research")
    assert belongings(kube, "search") == before
    life.write(SMALL)
    life.run("up")
    eventually(lambda: uids(kube) == whole, "nothing of the other tenant should be left")
    assert belongings(kube, "search") == before


def test_of_two_runs_at_once_the_second_says_so_and_does_no_damage(life: Checkout) -> None:
    life.write(WIDER)
    runs = [life.start("up"), life.start("up")]
    said = {run.pid: run.communicate()[0] for run in runs}
    assert sorted(run.returncode for run in runs) == [0, 1], said
    first, second = (run.pid for run in sorted(runs, key=lambda run: run.returncode))
    *waited, refused = said[second].splitlines()
    assert refused == f"another run is under way on stack life (process {first}); wait for it to end"
    assert waited in ([], [f"waiting for another set-up of this checkout (process {first}) to end"])
    assert len(life.kube().every("v1", "Node", label_selector="kubelanes.dev/pool=a10g")) == 3
    assert is_clean(life)


def test_down_leaves_no_process_port_or_file(life: Checkout) -> None:
    ports = {port for _, port in listeners(life.sim.root)}
    assert len(ports) > 5
    life.run("down")
    assert not life.processes()
    assert not [port for port in ports if answers(port)]
    assert not life.traces()
