"""The variables that a lane sets are the ones that no workload may set."""

from typing import Any

import pytest

from components.lanes.context import LaneContext
from components.lanes.plan import plan_lanes
from components.pools.planner import plan_pools
from components.settings.workloads import VARIABLES
from tests.support.planning import settings

_COMMON = {"tenant": "search", "image": "registry.example.com/image:1"}
_WORKLOADS: dict[str, dict[str, Any]] = {
    "online": {"accelerator": {"product": "h100-80gb"}, "model": {"name": "m", "from": "hf://m", "version": "1"}},
    "workers": {},
    "apis": {},
    "training": {"nodes": 2},
}
_DEFAULTS = {"VLLM_NO_USAGE_STATS"}
"""What a lane sets and a workload may set otherwise."""


@pytest.mark.parametrize("lane", VARIABLES)
def test_the_variables_of_a_lane_are_those_that_it_sets(lane: str) -> None:
    loaded = settings({"lanes": {lane: {"one": _COMMON | _WORKLOADS[lane]}}})
    context = LaneContext(environment=loaded.environment, pools=plan_pools(loaded), default_priority="normal")
    (plan,) = plan_lanes(loaded.lanes, context)
    (spec,) = (item.manifest["spec"]["template"]["spec"] for item in plan.objects if item.kind in ("Deployment", "Job"))
    found = {variable["name"] for variable in spec["containers"][0].get("env", [])}
    assert found - _DEFAULTS == set(VARIABLES[lane])
