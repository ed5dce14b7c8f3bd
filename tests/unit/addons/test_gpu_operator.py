"""The GPU stack, decided: who owns what on which cluster, how pools are told apart, and how drivers are replaced."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.addons.gpus.plan import GpuStackPlan, plan_gpu_stack
from components.addons.plan import AddonPlan
from components.catalogue.accelerators import accelerators
from components.catalogue.charts import ChartError
from components.clusters.kinds import plan_facts
from components.pools.plan import PoolPlan
from components.pools.planner import plan_pools
from components.settings import parse_settings
from components.settings.settings import Settings

ENVIRONMENTS = sorted(Path(__file__).with_name("environments").glob("*.yaml"))
EXISTING = {"kind": "existing", "name": "lab", "kubeconfig": "~/.kube/config"}


def stack(**given: Any) -> Settings:
    tenants = {"search": {"contact": "search@example.com", "quota": {"cpu": 1, "memory": "1Gi"}}}
    return parse_settings({"environment": "staging", "tenants": tenants} | given)


def of(file: Path) -> Settings:
    return stack(**yaml.safe_load(file.read_text(encoding="utf-8")))


def planned(settings: Settings) -> GpuStackPlan:
    return plan_gpu_stack(settings, plan_facts(settings.cluster), plan_pools(settings), Path("/nowhere"))


def operator(settings: Settings) -> AddonPlan:
    return next(addon for addon in planned(settings).addons if addon.name == "gpu-operator")


def existing(pools: dict[str, Any], gpu: dict[str, Any] | None = None, **facts: Any) -> Settings:
    there = {name: {"nodes": {"of": name}, "per_node": 8, "lane": "batch"} | pool for name, pool in pools.items()}
    platform = {"platform": {"lane": "platform", "nodes": {"of": "platform"}}}
    cluster = EXISTING | {"facts": {"kubernetes": "1.36"} | facts}
    return stack(cluster=cluster, pools=platform | there, gpu=gpu or {})


def configs(addon: AddonPlan) -> set[str]:
    """The device plugin's configurations that an add-on brings."""
    plugin = addon.values.get("devicePlugin", {}).get("config", {}).get("data", {})
    return {*plugin, *addon.values.get("config", {}).get("map", {})}


def geometries(addon: AddonPlan) -> dict[str, Any]:
    data = addon.values.get("migManager", {}).get("config", {}).get("data", {})
    return yaml.safe_load(data["config.yaml"])["mig-configs"] if data else {}


@pytest.mark.parametrize("file", ENVIRONMENTS, ids=lambda file: file.stem)
def test_every_name_that_a_node_is_labelled_with_is_one_that_something_knows(file: Path) -> None:
    settings = of(file)
    plan = planned(settings)
    plugin = {name for addon in plan.addons for name in configs(addon)}
    cut = {name for addon in plan.addons for name in geometries(addon)}
    for pool in plan_pools(settings):
        assert {pool.labels.get("nvidia.com/device-plugin.config", "whole")} <= plugin | {"whole"}
        assert {pool.labels.get("nvidia.com/mig.config", "all-disabled")} <= cut | {"all-disabled"}


@pytest.mark.parametrize("file", ENVIRONMENTS, ids=lambda file: file.stem)
def test_the_device_plugin_is_kept_away_from_exactly_the_pools_that_dra_serves(file: Path) -> None:
    for pool in plan_pools(of(file)):
        claimed = bool(pool.gpu and pool.gpu.share.dra)
        assert (pool.labels.get("nvidia.com/gpu.deploy.device-plugin") == "false") == claimed
        assert (pool.labels.get("nvidia.com/gpu.deploy.mig-manager") == "false") == claimed


@pytest.mark.parametrize("name", [name for name, card in accelerators().items() if card.mig])
def test_every_geometry_that_a_card_has_room_for_is_cut_as_it_is_asked_for(name: str) -> None:
    geometry = accelerators()[name].mig
    assert geometry
    largest = max(geometry.profiles.values(), key=lambda profile: profile.size)
    mixes = [[largest.name], *([profile.name] * profile.instances for profile in geometry.profiles.values())]
    for mix in filter(geometry.fits, mixes):
        settings = existing({"cut": {"accelerator": name, "share": {"mig": mix}}})
        (pool,) = (pool for pool in plan_pools(settings) if pool.gpu)
        (cut,) = geometries(operator(settings))[pool.labels["nvidia.com/mig.config"]]
        assert cut == {"devices": "all", "mig-enabled": True, "mig-devices": {mix[0]: len(mix)}}


def test_another_geometry_is_another_label_and_the_order_of_its_partitions_is_none() -> None:
    def label(*mix: str) -> str:
        pools = plan_pools(existing({"cut": {"accelerator": "a100-80gb", "share": {"mig": list(mix)}}}))
        return pools[1].labels["nvidia.com/mig.config"]

    assert label("3g.40gb", "2g.20gb", "2g.20gb") == label("2g.20gb", "3g.40gb", "2g.20gb") == "1x3g.40gb-2x2g.20gb"
    assert label("3g.40gb", "2g.20gb") != label("3g.40gb", "2g.20gb", "2g.20gb")


def policies(**lanes: str) -> dict[str, dict[str, Any]]:
    settings = existing({name: {"accelerator": "l40s", "lane": lane} for name, lane in lanes.items()})
    return {each.name: each.manifest["spec"]["upgradePolicy"] for each in operator(settings).resources}


def test_no_model_leaves_its_card_for_a_driver_unless_somebody_drains_the_node() -> None:
    assert policies(chat="gpu-inference")["gpu-inference"]["autoUpgrade"] is False


def test_jobs_end_before_their_node_gets_another_driver_however_long_they_take() -> None:
    policy = policies(jobs="batch")["batch"]
    assert policy["autoUpgrade"] is True
    assert policy["waitForCompletion"] == {"podSelector": "batch.kubernetes.io/job-name", "timeoutSeconds": 0}


def test_one_node_at_a_time_is_upgraded_and_disruption_budgets_hold() -> None:
    for policy in policies(chat="gpu-inference", jobs="batch").values():
        assert (policy["maxParallelUpgrades"], policy["maxUnavailable"]) == (1, 1)
        assert not policy["podDeletion"]["force"]
        assert not policy["drain"]["enable"]


def test_each_lane_has_one_driver_and_no_node_two() -> None:
    settings = existing({"a": {"accelerator": "l40s"}, "b": {"accelerator": "h200"}, "c": {"accelerator": "l4"}})
    drivers = [each.manifest["spec"]["nodeSelector"] for each in operator(settings).resources]
    assert drivers == [{"nvidia.com/gpu.present": "true", "kubelanes.dev/lane": "batch"}]


def test_a_driver_that_lies_in_the_image_is_nobodys_to_install() -> None:
    addon = operator(existing({"l40s": {"accelerator": "l40s"}}, gpu_driver="image"))
    assert addon.resources == ()
    assert (addon.values["driver"], addon.values["toolkit"]) == ({"enabled": False}, {"enabled": False})


def test_where_dra_serves_every_card_no_device_plugin_is_installed() -> None:
    values = operator(existing({"h200": {"accelerator": "h200", "share": "dra"}})).values
    assert values["devicePlugin"] == {"enabled": False}
    assert values["migManager"] == {"enabled": False}
    assert "validator" not in values


def test_what_validates_the_device_plugin_does_not_wait_for_it_where_dra_serves_the_cards() -> None:
    both = {"h200": {"accelerator": "h200", "share": "dra"}, "l40s": {"accelerator": "l40s"}}
    only = {"l40s": {"accelerator": "l40s"}}
    assert "validator" in operator(existing(both)).values
    assert "validator" not in operator(existing(only)).values


def test_nobodys_machines_are_restarted_and_those_of_a_cloud_only_where_cards_need_it() -> None:
    def restarts(settings: Settings) -> bool:
        return any(each["name"] == "WITH_REBOOT" for each in operator(settings).values["migManager"].get("env", []))

    def on_eks(accelerator: str, mix: list[str]) -> Settings:
        pools: dict[str, Any] = {"platform": {"lane": "platform", "machine": "m7i.2xlarge", "size": 3}}
        pools["cut"] = {"lane": "batch", "accelerator": accelerator, "share": {"mig": mix}, "size": 1}
        cluster = {"kind": "eks", "name": "atlas", "region": "us-east-1", "version": "1.35"}
        return stack(cluster=cluster, pools=pools)

    assert restarts(on_eks("a100-80gb", ["3g.40gb"]))
    assert not restarts(on_eks("h100-80gb", ["3g.40gb"]))
    assert not restarts(existing({"cut": {"accelerator": "a100-80gb", "share": {"mig": ["3g.40gb"]}}}))


def test_somebody_elses_device_plugin_gets_no_labels_it_knows_nothing_of_and_no_operator_beside_it() -> None:
    given = {"l40s": {"accelerator": "l40s", "share": {"time_slicing": 2}}}
    for plugin in ("standalone", "image"):
        settings = existing(given, gpu_driver="image", device_plugin=plugin)
        assert not any(key.startswith("nvidia.com/") for pool in plan_pools(settings) for key in pool.labels)
        assert bool(planned(settings).addons) == (plugin == "image")


def test_the_exporter_reads_slices_only_where_there_are_some() -> None:
    def reads(pools: dict[str, Any], metrics: str = "standard") -> tuple[bool, int]:
        addon = operator(existing(pools, {"metrics": metrics}))
        return "env" in addon.values["dcgmExporter"], len(addon.objects)

    claimed, plain = {"h200": {"accelerator": "h200", "share": "dra"}}, {"l40s": {"accelerator": "l40s"}}
    assert reads(claimed) == (True, 2)
    assert reads(claimed, "none") == (False, 0)
    assert reads(plain) == (False, 0)


def tolerated(pool: PoolPlan, tolerations: list[dict[str, str]]) -> bool:
    return {taint.key for taint in pool.taints} <= {each["key"] for each in tolerations}


@pytest.mark.parametrize("file", ENVIRONMENTS, ids=lambda file: file.stem)
def test_operands_reach_every_node_with_cards_and_no_control_plane(file: Path) -> None:
    settings = of(file)
    for addon in planned(settings).addons:
        if tolerations := addon.values.get("daemonsets", addon.values).get("tolerations"):
            assert all(tolerated(pool, tolerations) for pool in plan_pools(settings) if pool.gpu) or "efa" in addon.name
            assert all("control-plane" not in each.get("key", "control-plane") for each in tolerations)


def test_without_nvidias_cards_there_is_no_operator() -> None:
    cluster = {"kind": "eks", "name": "atlas", "region": "us-east-1", "version": "1.35"}
    platform = {"lane": "platform", "machine": "m7i.2xlarge", "size": 3}
    assert planned(stack(cluster=cluster, pools={"platform": platform})) == GpuStackPlan()


def test_a_kubernetes_that_the_operator_does_not_support_is_refused_before_anything_is_made() -> None:
    settings = existing({"l40s": {"accelerator": "l40s"}})
    facts = replace(plan_facts(settings.cluster), kubernetes="1.99")
    with pytest.raises(ChartError, match=r"gpu-operator v26\.7\.0 supports Kubernetes .* the cluster has 1\.99"):
        plan_gpu_stack(settings, facts, plan_pools(settings), Path("/nowhere"))
