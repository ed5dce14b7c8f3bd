"""NVIDIA's DRA driver: on which pools it is, and what it does there."""

from pathlib import Path
from typing import Any

from components.addons.gpus.dra_driver import plan_dra_driver
from components.addons.plan import AddonPlan
from components.clusters.kinds import plan_facts
from components.pools.planner import plan_pools
from components.settings import parse_settings

LAB = {"kind": "existing", "name": "lab", "kubeconfig": "~/.kube/config"}
FACTS = {"kubernetes": "1.36", "gpu_driver": "image", "device_plugin": "operator"}
WHOLE = {"lane": "batch", "accelerator": "h200", "per_node": 8, "share": "dra"}
PLUGIN = {"lane": "batch", "accelerator": "l40s", "per_node": 4}
RACK = {"lane": "batch", "accelerator": "gb200", "per_node": 4, "size": 18}


def planned(pools: dict[str, dict[str, Any]], stack: str = "operator", kubernetes: str = "1.36") -> AddonPlan | None:
    settings = parse_settings(
        {
            "cluster": {**LAB, "facts": FACTS | {"kubernetes": kubernetes}},
            "gpu": {"stack": stack},
            "pools": {
                name: {**pool, "nodes": {"of": name}}
                for name, pool in ({"platform": {"lane": "platform"}} | pools).items()
            },
        }
    )
    return plan_dra_driver(settings, plan_facts(settings.cluster), plan_pools(settings), Path("/nowhere"))


def there(**pools: dict[str, Any]) -> AddonPlan:
    plan = planned(pools)
    assert plan
    return plan


def served(plan: AddonPlan) -> list[str]:
    term = plan.values["kubeletPlugin"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    return term["nodeSelectorTerms"][0]["matchExpressions"][0]["values"]


def test_without_claims_and_racks_it_is_not_there() -> None:
    assert planned({"plugin": PLUGIN}) is None


def test_it_is_on_the_nodes_of_claimed_cards_only() -> None:
    plan = there(claimed=WHOLE, plugin=PLUGIN)
    assert served(plan) == ["claimed"]
    assert plan.values["resources"] == {"gpus": {"enabled": True}, "computeDomains": {"enabled": False}}


def test_it_watches_cards_where_one_that_fails_can_be_tainted() -> None:
    assert there(claimed=WHOLE).values["featureGates"] == {"NVMLDeviceHealthCheck": True}
    assert there(rack=RACK).values["featureGates"] == {}
    earlier = planned({"claimed": WHOLE}, kubernetes="1.35")
    assert earlier
    assert earlier.values["featureGates"] == {}


def test_it_cuts_cards_only_where_a_pool_says_so() -> None:
    assert there(cut={**WHOLE, "share": {"dra": "dynamic-mig"}}).values["featureGates"] == {"DynamicMIG": True}


def test_beside_the_device_plugin_it_serves_racks_and_hands_out_no_card() -> None:
    plan = there(rack=RACK)
    assert served(plan) == ["rack"]
    assert plan.values["resources"] == {"gpus": {"enabled": False}, "computeDomains": {"enabled": True}}
    assert plan.values["gpuResourcesEnabledOverride"] is False
    assert not plan.amendments
    assert not plan.resources


def test_racks_whose_cards_are_claimed_have_both() -> None:
    plan = there(rack={**RACK, "share": "dra"}, claimed=WHOLE)
    assert served(plan) == ["claimed", "rack"]
    assert plan.values["resources"] == {"gpus": {"enabled": True}, "computeDomains": {"enabled": True}}


def test_nvidias_class_of_any_card_does_not_answer_to_the_device_plugins_resource() -> None:
    assert there(claimed=WHOLE).amendments == {"DeviceClass/gpu.nvidia.com": {"spec": {"extendedResourceName": None}}}


def test_its_crds_come_with_the_operator_where_that_is() -> None:
    alone = planned({"claimed": WHOLE}, "standalone")
    assert alone
    assert (there(claimed=WHOLE).brings_crds, alone.brings_crds) == (False, True)
