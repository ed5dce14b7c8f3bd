"""Which of the policies a cluster gets; tests/sim/test_guards.py has the API server evaluate them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from components.addons.gpus.advertising.admission import PLUGINS, PUBLISHER, SLICES, plan_advertiser_guard
from components.clusters.kinds import plan_facts
from components.objects import Object
from components.pools.planner import plan_pools
from tests.support.planning import PLATFORM, by_key, settings

POOLS: dict[str, Any] = PLATFORM["pools"]


def guard(*names: str, device_plugin: str = "operator") -> dict[str, Object]:
    given = settings({"pools": {name: POOLS[name] for name in ("platform", *names)}})
    facts = replace(plan_facts(given.cluster), device_plugin=device_plugin)
    return by_key(plan_advertiser_guard(given, facts, plan_pools(given), Path("/nowhere")))


@pytest.mark.parametrize(
    ("pools", "device_plugin", "expected"),
    [
        pytest.param((), "operator", set[str](), id="no GPUs"),
        pytest.param(("h100", "l4"), "operator", {SLICES}, id="device plugin only"),
        pytest.param(("h100", "l4"), "cloud", set[str](), id="the cloud's device plugin only"),
        pytest.param(("h100", "h200"), "operator", {SLICES, PLUGINS}, id="DRA too"),
        pytest.param(("h100", "h200"), "standalone", {SLICES, PLUGINS}, id="DRA beside somebody's device plugin"),
    ],
)
def test_a_cluster_is_guarded_as_far_as_its_pools_need_it(
    pools: tuple[str, ...], device_plugin: str, expected: set[str]
) -> None:
    assert {item.name for item in guard(*pools, device_plugin=device_plugin).values()} == expected


def test_the_driver_may_publish_only_where_it_is_installed() -> None:
    for pools, may in ((("h100",), False), (("h100", "h200"), True)):
        policy = guard(*pools)[f"ValidatingAdmissionPolicy/{SLICES}"]
        assert (PUBLISHER in json.dumps(policy.manifest)) is may


def test_only_pools_that_dra_serves_are_kept_free_of_device_plugins() -> None:
    (text,) = (
        each["expression"]
        for each in guard("h100", "h200")[f"ValidatingAdmissionPolicy/{PLUGINS}"].manifest["spec"]["variables"]
        if each["name"] == "pools"
    )
    assert '"h200"' in text
    assert '"h100"' not in text
