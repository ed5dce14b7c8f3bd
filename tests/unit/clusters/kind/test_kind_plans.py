"""A table of kind clusters: from a stack's cluster and pools to what kind is told, one file per case."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from components.catalogue.kind_images import kind_images
from components.clusters.kind.facts import facts
from components.clusters.kind.gpus import Source, gpu_source, visible_gpus
from components.clusters.kind.plan import plan_kind
from components.clusters.kind.provider import KindProvider
from components.pools.planner import plan_pools
from components.problems import InvalidSettingsError
from components.settings.kind import KindCluster
from components.settings.settings import Settings
from tests.support.planning import cases, differences

CASES = cases(Path(__file__).with_name("cases"))

INPUTS: dict[str, Any] = {"name": "lanes", "home": "/home", "config": "kind: Cluster", "nodes": ["a"], "nvkind": False}


@pytest.mark.parametrize("case", CASES)
def test_kind_is_told(case: dict[str, Any]) -> None:
    given = {"cluster": {"kind": "kind", "name": "lanes"} | case.get("cluster", {}), "pools": case["pools"]}
    settings = Settings.model_validate(given)
    assert isinstance(settings.cluster, KindCluster)
    source: Source = "nvkind" if "gpus" in case else "simulated"
    if "refused" in case:
        with pytest.raises(InvalidSettingsError) as refused:
            plan_kind(settings.cluster, plan_pools(settings), source, case.get("gpus", 0))
        assert [f"{each.path} {each.value}: {each.text}" for each in refused.value.problems] == case["refused"]
        return
    plan = plan_kind(settings.cluster, plan_pools(settings), source, case.get("gpus", 0))
    found = yaml.safe_load(plan.text)
    for node in found["nodes"]:
        patches = [yaml.safe_load(patch) for patch in node.pop("kubeadmConfigPatches", [])]
        node["taints"] = [
            f"{taint['key']}={taint['value']}:{taint['effect']}"
            for patch in patches
            for taint in patch["nodeRegistration"]["taints"]
        ]
    actual = found | {"names": list(plan.nodes), "nvkind": plan.nvkind}
    assert not list(differences(case["expected"], actual))


def test_every_image_is_pinned_by_digest_and_is_of_the_version_that_names_it() -> None:
    for minor, image in kind_images().items():
        assert image.version.startswith(f"{minor}.")
        assert image.reference.startswith(f"docker.io/kindest/node:v{image.version}@sha256:")


def test_only_the_loopback_address_is_listened_on() -> None:
    settings = Settings.model_validate(
        {
            "cluster": {"kind": "kind", "ports": [{"host": 8080, "node": 30080}]},
            "pools": {"platform": {"lane": "platform"}},
        }
    )
    assert isinstance(settings.cluster, KindCluster)
    config = plan_kind(settings.cluster, plan_pools(settings), "simulated", 0).config
    addresses = [port["listenAddress"] for node in config["nodes"] for port in node.get("extraPortMappings", [])]
    assert {config["networking"]["apiServerAddress"], *addresses} == {"127.0.0.1"}


def test_this_machines_gpus_are_taken_where_nvkind_and_a_driver_are(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("components.clusters.kind.gpus.visible_gpus", lambda: 2)
    auto = KindCluster(kind="kind")
    assert gpu_source(auto) == "simulated"
    (tmp_path / "nvkind").touch(mode=0o755)
    assert gpu_source(auto) == "nvkind"
    assert gpu_source(KindCluster(kind="kind", gpus="simulated")) == "simulated"
    assert (facts(auto).gpu_driver, facts(auto).device_plugin) == ("image", "operator")
    monkeypatch.setattr("components.clusters.kind.gpus.visible_gpus", lambda: 0)
    assert (facts(auto).gpu_driver, facts(auto).device_plugin) == ("none", "simulated")


def test_gpus_are_counted_as_the_driver_shows_them(tmp_path: Path) -> None:
    assert visible_gpus(tmp_path / "nothing") == 0
    for card in ("0000:3b:00.0", "0000:d8:00.0"):
        (tmp_path / card).mkdir()
    assert visible_gpus(tmp_path) == 2


@pytest.mark.parametrize(("changed", "first"), [("name", True), ("home", True), ("config", False), ("nvkind", False)])
def test_every_change_makes_a_new_cluster_and_under_another_name_the_old_one_goes_first(
    changed: str, *, first: bool
) -> None:
    result = KindProvider().diff("id", INPUTS | {"uid": "u", "state": "running"}, INPUTS | {changed: "another"})
    assert (result.changes, result.replaces, result.delete_before_replace) == (True, [changed], first)
