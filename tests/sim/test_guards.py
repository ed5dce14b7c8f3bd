"""The API server itself keeps each GPU to one advertiser: the policies of a stack, on a bare sim."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from components.addons.gpus.advertising.admission import PUBLISHER, plugin_policy, slice_policy
from components.clusters.sim import cluster
from components.clusters.sim.spec import SimSpec
from components.pools.dra import resource_slices
from tests.support.kube import Kube, Manifest
from tests.support.landing import CASES, PLUGIN, daemon_set, pool
from tests.support.waiting import eventually

SECOND_TIME = "this device plugin would run on the pools h200, whose cards DRA hands out"
ANYWHERE = {"tolerations": [{"operator": "Exists"}]}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimSpec]:
    """A cluster in which the policies are in force."""
    spec = SimSpec(name="guarded", home=tmp_path_factory.mktemp("guarded"))
    cluster.ensure(spec)
    kube = Kube(spec.place.kubeconfig)
    kube.create(daemon_set("before", ANYWHERE))
    for each in (*slice_policy([PUBLISHER]), *plugin_policy([pool()])):
        kube.create(each)
    eventually(lambda: refused(kube, daemon_set("probe", ANYWHERE)), "the policy for plugins should be in force")
    eventually(lambda: refused(kube, cards("probe")), "the policy for slices should be in force")
    yield spec
    cluster.delete(spec.place)


@pytest.fixture(scope="module")
def kube(guarded: SimSpec) -> Kube:
    return Kube(guarded.place.kubeconfig)


def refused(kube: Kube, made: Manifest) -> str:
    """Why the API server refuses it; empty where it does not."""
    try:
        return kube.refusal(made)
    except AssertionError:
        return ""


def cards(node: str) -> Manifest:
    """What the DRA driver publishes for a node of the pool."""
    return resource_slices(pool(), [node])[0]


def driver_on(guarded: SimSpec, node: str | None, user: str = PUBLISHER) -> Kube:
    """The driver's account; with the token of a pod on a node."""
    kube = Kube(guarded.place.kubeconfig, impersonate=user, groups=("system:masters",))
    if node:
        kube.api.set_default_header("Impersonate-Extra-authentication.kubernetes.io%2Fnode-name", node)
    return kube


@pytest.mark.parametrize("case", CASES)
def test_a_device_plugin_that_would_land_where_dra_serves_is_refused(kube: Kube, case: dict[str, Any]) -> None:
    said = refused(kube, daemon_set("plugin", case["pod"]))
    assert (SECOND_TIME in said) is case["lands"], said


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"volumes": []}, id="feature discovery, of the same image"),
        pytest.param({"containers": [{"name": "plugin", "image": "rocm/k8s-device-plugin:1"}]}, id="AMD's"),
        pytest.param({"containers": [{"name": "plugin", "image": "efa/aws-efa-k8s-device-plugin:1"}]}, id="EFA's"),
    ],
)
def test_what_is_no_device_plugin_for_these_cards_may_land(kube: Kube, change: dict[str, Any]) -> None:
    assert not refused(kube, daemon_set("other", {**PLUGIN, **ANYWHERE, **change}))


def test_a_plugin_that_was_there_before_can_be_labelled_but_not_changed_nor_moved(kube: Kube) -> None:
    labelled = kube.patch("apps/v1", "DaemonSet", "before", {"metadata": {"labels": {"team": "x"}}}, "default")
    assert labelled["metadata"]["labels"]["team"] == "x"
    change = {"spec": {"template": {"spec": {"terminationGracePeriodSeconds": 7}}}}
    with pytest.raises(Exception, match="whose cards DRA hands out"):
        kube.patch("apps/v1", "DaemonSet", "before", change, "default")
    away = {"spec": {"template": {"spec": {"nodeSelector": {"kubelanes.dev/pool": "l4"}}}}}
    assert kube.patch("apps/v1", "DaemonSet", "before", away, "default")


def test_nobody_but_the_driver_says_which_cards_there_are(guarded: SimSpec, kube: Kube) -> None:
    assert "is not the DRA driver" in kube.refusal(cards("h200-0"))
    somebody = driver_on(guarded, "h200-0", "system:serviceaccount:search:default")
    assert "system:serviceaccount:search:default is not the DRA driver" in somebody.refusal(cards("h200-0"))


def test_the_driver_says_it_of_its_own_node_only(guarded: SimSpec) -> None:
    ours = cards("h200-0")
    assert not refused(driver_on(guarded, "h200-0"), ours)
    assert 'on node \\"h200-1\\" may not say which cards node \\"h200-0\\" has' in driver_on(guarded, "h200-1").refusal(
        ours
    )
    assert "may not say which cards" in driver_on(guarded, None).refusal(ours)


def test_another_driver_is_left_alone(kube: Kube) -> None:
    other = deepcopy(cards("h200-0"))
    other["spec"] |= {"driver": "nic.example.com", "devices": [{"name": "nic-0"}], "sharedCounters": None}
    assert not refused(kube, other)
