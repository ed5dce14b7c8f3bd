"""Simulated GPUs: what the DRA example driver is given, and how the pools' ways of sharing become devices."""

from pathlib import Path
from typing import Any

import pytest

from components.addons.gpus.dra_example import DRIVER, SimulatedGpus, plan_simulated_gpus
from components.catalogue.charts import ChartError
from components.clusters.facts import ClusterFacts
from components.clusters.kind.facts import facts
from components.pools.planner import plan_pools
from components.settings.kind import KindCluster
from tests.support.planning import settings

FACTS: ClusterFacts = facts(KindCluster(kind="kind", gpus="simulated"))


def planned(pools: dict[str, Any], version: str = "1.36") -> SimulatedGpus | None:
    given = {"cluster": {"kind": "kind"}, "pools": {"platform": {"lane": "platform"}, **pools}}
    found = facts(KindCluster(kind="kind", version=version, gpus="simulated"))
    return plan_simulated_gpus(found, plan_pools(settings(given)), Path("/nowhere"))


def pool(accelerator: str, **more: Any) -> dict[str, Any]:
    return {"lane": "batch", "accelerator": accelerator, "per_node": 1} | more


def of(pools: dict[str, Any]) -> SimulatedGpus:
    found = planned(pools)
    assert found
    return found


def test_without_gpu_pools_there_is_no_driver() -> None:
    assert planned({}) is None


@pytest.mark.parametrize(
    ("share", "devices"),
    [
        ("whole", 2),
        ({"time_slicing": 4}, 8),
        ({"mps": 3}, 6),
        ("dra", 2),
        ({"mig": ["3g.40gb", "2g.20gb", "2g.20gb"]}, 6),
    ],
)
def test_a_device_stands_for_each_thing_that_a_node_hands_out(share: object, devices: int) -> None:
    plan = of({"a100": pool("a100-80gb", per_node=2, share=share)})
    assert plan.devices == devices
    assert plan.addon.values["kubeletPlugin"]["numDevices"] == devices


def test_pods_ask_for_simulated_gpus_as_for_real_ones() -> None:
    plan = of({"a100": pool("a100-80gb", share={"mig": ["3g.40gb"]}), "h200": pool("h200", share="dra")})
    assert plan.addon.values["deviceClass"] == {"extendedResourceName": "nvidia.com/gpu"}
    classes = {each["metadata"]["name"]: each["spec"] for each in plan.classes}
    selectors = [{"cel": {"expression": f"device.driver == '{DRIVER}'"}}]
    assert classes == {
        "mig-3g.40gb.gpu.example.com": {"selectors": selectors, "extendedResourceName": "nvidia.com/mig-3g.40gb"},
        "h200.gpu.kubelanes.dev": {"selectors": selectors},
    }


def test_the_driver_runs_on_gpu_nodes_only_whatever_taints_they_have() -> None:
    plugin = of({"l4": pool("l4"), "cpu": {"lane": "batch"}}).addon.values["kubeletPlugin"]
    affinity = plugin["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert affinity["nodeSelectorTerms"] == [
        {"matchExpressions": [{"key": "kubelanes.dev/pool", "operator": "In", "values": ["l4"]}]}
    ]
    assert plugin["tolerations"] == [{"operator": "Exists"}]


def test_the_preview_says_what_is_not_as_with_real_cards() -> None:
    plan = of({"l4": pool("l4"), "t4": pool("t4", per_node=4)})
    simulated = "its GPUs are simulated, 4 on each node, of class gpu.example.com"
    assert plan.notes == (
        f"pools.l4: {simulated}; the pool says 1, the driver knows one number for all",
        f"pools.t4: {simulated}",
    )


def test_a_kubernetes_without_dra_is_refused() -> None:
    with pytest.raises(ChartError, match=r"dra-example-driver 0\.3\.0 supports Kubernetes 1\.34 to 1\.37"):
        planned({"l4": pool("l4")}, version="1.38")
