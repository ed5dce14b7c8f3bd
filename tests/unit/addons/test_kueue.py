"""What Kueue's chart is given."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.addons.kueue import configuration, kueue_values, plan_kueue
from components.catalogue.charts import charts
from components.clusters.facts import ClusterFacts
from components.pools.planner import plan_pools
from components.settings.environment import Environment
from tests.support.planning import settings

MIRROR = Path(__file__).parents[3] / ".tools" / "charts"
KUEUE = charts()["kueue"]


def facts(hosts: frozenset[str] = frozenset(), autoscaler: Any = "karpenter") -> ClusterFacts:
    return ClusterFacts(
        kind="any",
        kubernetes="1.36",
        gpu_driver="none",
        device_plugin="simulated",
        autoscaler=autoscaler,
        network_policy="none",
        workload_identity="none",
        hosts=hosts,
    )


INSIDE, HOSTED = facts(), facts(frozenset({"kueue"}), "none")


def configured(where: ClusterFacts) -> dict[str, Any]:
    return configuration(where, plan_pools(settings({})), ["batch/job"])


def keys(values: Mapping[str, Any], path: str = "") -> Iterator[str]:
    for key, value in values.items():
        yield f"{path}{key}"
        if isinstance(value, Mapping):
            yield from keys(value, f"{path}{key}.")


@pytest.mark.parametrize("environment", Environment)
def test_every_value_is_one_that_the_chart_knows(environment: Environment) -> None:
    upstream = yaml.safe_load((MIRROR / "kueue-0.19.2" / "values.yaml").read_text())
    known = set(keys(upstream))
    # What the chart only passes on may hold any key.
    passed_on = "controllerManager.nodeSelector."
    given = set(keys(kueue_values(KUEUE, environment, configured(INSIDE))))
    assert {key for key in given - known if not key.startswith(passed_on)} == set()


@pytest.mark.parametrize("where", [INSIDE, HOSTED], ids=["inside", "hosted"])
def test_the_configuration_leaves_out_nothing_that_the_chart_sets(where: ClusterFacts) -> None:
    upstream = yaml.safe_load((MIRROR / "kueue-0.19.2" / "values.yaml").read_text())
    default = yaml.safe_load(upstream["managerConfig"]["controllerManagerConfigYaml"])
    # Kinds that are not managed here need no workers.
    optional = {"controller.groupKindConcurrency.Pod"}
    assert set(keys(default)) - set(keys(configured(where))) == optional


def test_jobs_of_tenants_are_managed_whether_they_name_a_queue_or_not_and_no_others() -> None:
    given = configured(INSIDE)
    assert given["manageJobsWithoutQueueName"] is True
    assert given["managedJobsNamespaceSelector"] == {
        "matchExpressions": [{"key": "kubelanes.dev/tenant", "operator": "Exists"}]
    }


def test_pods_and_deployments_do_not_wait_in_queues() -> None:
    assert configured(INSIDE)["integrations"]["frameworks"] == ["batch/job"]


def mappings(**pools: dict[str, Any]) -> list[dict[str, Any]]:
    planned = plan_pools(settings({"pools": {name: {"lane": "batch", **pool} for name, pool in pools.items()}}))
    return configuration(INSIDE, planned, ["batch/job"])["resources"].get("deviceClassMappings", [])


def test_cards_that_dra_serves_are_counted_under_the_name_that_quotas_use() -> None:
    assert mappings(one={"accelerator": "h200", "share": "dra"}, other={"accelerator": "l4"}) == [
        {"name": "kubelanes.dev/h200", "deviceClassNames": ["h200.gpu.kubelanes.dev"]}
    ]


def test_a_card_and_its_partitions_are_counted_by_the_memory_that_they_share() -> None:
    (mapping,) = mappings(one={"accelerator": "h200", "share": {"dra": "dynamic-mig"}})
    assert mapping["name"] == "kubelanes.dev/h200-memory"
    assert mapping["deviceClassNames"] == ["h200.gpu.kubelanes.dev", "h200.mig.kubelanes.dev"]
    counter = mapping["sources"][0]["counter"]
    assert (counter["name"], counter["driver"]) == ("memory", "gpu.nvidia.com")
    assert "productName == 'NVIDIA H200'" in counter["deviceSelector"]["cel"]["expression"]


def test_no_device_class_is_counted_twice() -> None:
    found = mappings(
        h100={"accelerator": "h100-80gb", "share": {"dra": "dynamic-mig"}},
        h200={"accelerator": "h200", "share": {"dra": "dynamic-mig"}},
        b200={"accelerator": "b200", "share": "dra"},
    )
    classes = [each for mapping in found for each in mapping["deviceClassNames"]]
    assert sorted(classes) == [
        "b200.gpu.kubelanes.dev",
        "h100-80gb.gpu.kubelanes.dev",
        "h100-80gb.mig.kubelanes.dev",
        "h200.gpu.kubelanes.dev",
        "h200.mig.kubelanes.dev",
    ]


def test_claimed_cards_of_the_lane_without_queues_are_not_mapped() -> None:
    # A job that asks for nvidia.com/gpu of the L4s would be counted as one on H200s.
    assert (
        mappings(one={"accelerator": "h200", "share": "dra", "lane": "gpu-inference"}, other={"accelerator": "l4"})
        == []
    )


def test_the_channels_of_nvlink_domains_are_counted() -> None:
    channels = {
        "name": "kubelanes.dev/nvlink-channel",
        "deviceClassNames": ["compute-domain-default-channel.nvidia.com"],
    }
    assert mappings(rack={"accelerator": "gb200", "size": 18}) == [channels]


def test_without_dra_nothing_is_mapped() -> None:
    assert mappings(one={"accelerator": "l4"}) == []


def test_a_hosted_controller_is_alone_and_serves_no_aggregated_api() -> None:
    hosted, inside = configured(HOSTED), configured(INSIDE)
    assert (hosted["leaderElection"]["leaderElect"], inside["leaderElection"]["leaderElect"]) == (False, True)
    gates = hosted["featureGates"]["VisibilityOnDemand"], inside["featureGates"]["VisibilityOnDemand"]
    assert gates == (False, True)


def test_pods_may_take_longer_where_their_nodes_come_first() -> None:
    timeouts = [configured(where)["waitForPodsReady"]["timeout"] for where in (HOSTED, INSIDE)]
    assert timeouts == ["5m", "15m"]


@pytest.mark.parametrize(("environment", "replicas", "budget"), [("dev", 1, False), ("prod", 3, True)])
def test_several_copies_have_a_disruption_budget(environment: str, replicas: int, budget: bool) -> None:
    manager = kueue_values(KUEUE, Environment(environment), configured(INSIDE))["controllerManager"]
    assert (manager["replicas"], manager["podDisruptionBudget"]["enabled"]) == (replicas, budget)


def test_another_configuration_is_another_fingerprint() -> None:
    pools = plan_pools(settings({}))
    plans = [plan_kueue(Environment.DEV, INSIDE, pools, MIRROR, frameworks) for frameworks in ([], ["batch/job"])]
    assert plans[0].fingerprint != plans[1].fingerprint
    assert plans[1].fingerprint == plan_kueue(Environment.DEV, INSIDE, pools, MIRROR).fingerprint
