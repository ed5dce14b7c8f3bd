"""Ladders on GKE: the order that a ComputeClass gives them, and the pods that choose it."""

from typing import Any

from components.lanes.placement import place
from components.pools.compute_class import CLASS_LABEL, compute_classes
from components.pools.plan import PoolPlan
from components.pools.planner import plan_pools
from components.settings.lanes import Demand
from components.settings.settings import Settings
from components.settings.workloads import USES

GKE = {"kind": "gke", "name": "atlas", "project": "acme-ai-prod", "region": "us-central1"}
LADDER = {"lane": "gpu-inference", "accelerator": "l4", "per_node": 1, "size": "0-8", "capacity": ["spot", "on-demand"]}
L4 = Demand(product="l4", count=1)


def planned(cluster: dict[str, Any] = GKE, **pools: dict[str, Any]) -> tuple[PoolPlan, ...]:
    return plan_pools(Settings.model_validate({"cluster": cluster, "pools": pools}))


def test_a_class_lists_the_rungs_in_their_order_and_disturbs_nobody() -> None:
    (manifest,) = compute_classes(planned(l4=LADDER, plain={**LADDER, "capacity": ["spot"]}))
    assert (manifest["apiVersion"], manifest["kind"]) == ("cloud.google.com/v1", "ComputeClass")
    assert manifest["metadata"] == {"name": "l4"}
    assert manifest["spec"] == {
        "priorities": [{"nodepools": ["l4-spot"]}, {"nodepools": ["l4-on-demand"]}],
        "whenUnsatisfiable": "DoNotScaleUp",
        "nodePoolAutoCreation": {"enabled": False},
        "activeMigration": {"optimizeRulePriority": False},
        "autoscalingPolicy": {"consolidationDelayMinutes": 10, "gpuConsolidationThreshold": 0},
    }


def test_a_node_without_gpus_goes_though_its_daemonsets_use_cores() -> None:
    ladder = {"lane": "batch", "machine": "n2-standard-8", "size": "0-8", "capacity": ["spot", "on-demand"]}
    (manifest,) = compute_classes(planned(cpu=ladder))
    assert manifest["spec"]["autoscalingPolicy"] == {"consolidationDelayMinutes": 10}


def test_pods_on_a_ladder_choose_its_class_and_tolerate_its_taint() -> None:
    spec = place(("lanes",), L4, USES["online"], planned(l4=LADDER)).pod_spec
    assert spec["nodeSelector"][CLASS_LABEL] == "l4"
    assert {"key": CLASS_LABEL, "operator": "Equal", "value": "l4", "effect": "NoSchedule"} in spec["tolerations"]


def test_pods_that_may_run_on_two_ladders_choose_neither_class_and_run_on_both() -> None:
    spec = place(("lanes",), L4, USES["online"], planned(l4=LADDER, more=LADDER)).pod_spec
    assert CLASS_LABEL not in spec["nodeSelector"]
    assert {each["value"] for each in spec["tolerations"] if each["key"] == CLASS_LABEL} == {"l4", "more"}


def test_without_a_ladder_nothing_is_chosen() -> None:
    spec = place(("lanes",), L4, USES["online"], planned(l4={**LADDER, "capacity": ["spot"]})).pod_spec
    assert spec["nodeSelector"] == {"kubelanes.dev/lane": "gpu-inference"}


def test_a_ladder_is_gkes_affair() -> None:
    pools = planned({"kind": "sim", "imitates": "gke"}, l4=LADDER)
    assert not compute_classes(pools)
    assert CLASS_LABEL not in {taint.key for pool in pools for taint in pool.taints}


def test_partitions_are_asked_for_under_the_name_that_gkes_plugin_gives_them() -> None:
    pool = {
        "lane": "gpu-inference",
        "accelerator": "a100-80gb",
        "size": "1-2",
        "share": {"mig": ["3g.40gb", "3g.40gb"]},
    }
    demand = Demand(product="a100-80gb", count=1, profile="3g.40gb")
    by_gke = place(("lanes",), demand, USES["online"], planned(a100=pool))
    by_operator = place(("lanes",), demand, USES["online"], planned({**GKE, "gpu_driver": "operator"}, a100=pool))
    assert by_gke.limits == {"nvidia.com/gpu": "1"}
    assert by_operator.limits == {"nvidia.com/mig-3g.40gb": "1"}
