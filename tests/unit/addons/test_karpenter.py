"""What Karpenter's chart is given, and what Karpenter may make."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.addons.karpenter import karpenter_values, plan_karpenter
from components.catalogue.charts import ChartError, charts
from components.clusters.kinds import plan_facts
from components.clusters.scaling import KarpenterCluster, karpenter_cluster
from components.clusters.sim.controllers import KARPENTER as HOSTED
from components.pools.planner import plan_pools
from components.settings.cluster_parts import Maintenance
from components.settings.environment import Environment
from components.settings.settings import Settings

MIRROR = Path(__file__).parents[3] / ".tools" / "charts"
PIN = charts()["karpenter"]
EKS = {"kind": "eks", "name": "atlas", "region": "us-east-1", "version": "1.35"}
SIM = {"kind": "sim", "autoscaler": "karpenter"}
POOLS = {
    "platform": {"lane": "platform", "machine": "m7i.2xlarge", "size": 3},
    "chat": {"lane": "gpu-inference", "accelerator": "l4", "per_node": 1, "size": "0-8", "share": {"time_slicing": 4}},
    "jobs": {"lane": "batch", "accelerator": "a100-80gb", "size": "2-8", "capacity": ["on-demand", "spot"]},
    "fixed": {"lane": "batch", "accelerator": "h200", "size": 2, "share": "dra"},
}


def settings(cluster: Mapping[str, Any], pools: Mapping[str, Any] = POOLS) -> Settings:
    return Settings.model_validate({"cluster": cluster, "pools": pools})


def planned(cluster: Mapping[str, Any], environment: Environment = Environment.PROD, mirror: Path = MIRROR) -> Any:
    given = settings(cluster)
    seen = karpenter_cluster(given.cluster, environment)
    assert seen
    return plan_karpenter(environment, plan_facts(given.cluster), plan_pools(given), mirror, seen)


def keys(values: Mapping[str, Any], path: str = "") -> Iterator[str]:
    for key, value in values.items():
        yield f"{path}{key}"
        if isinstance(value, Mapping):
            yield from keys(value, f"{path}{key}.")


@pytest.mark.parametrize("cluster", [EKS, SIM], ids=["eks", "sim"])
@pytest.mark.parametrize("environment", Environment)
def test_every_value_is_one_that_the_chart_knows(cluster: Mapping[str, Any], environment: Environment) -> None:
    known = set(keys(yaml.safe_load((MIRROR / f"karpenter-{PIN.version}" / "values.yaml").read_text())))
    passed_on = ("nodeSelector.", "controller.resources.")
    given = set(keys(planned(cluster, environment).addon.values))
    assert {key for key in given - known if not key.startswith(passed_on)} == set()


def test_it_knows_its_cluster_its_queue_and_its_region() -> None:
    values = planned(EKS).addon.values
    assert values["settings"]["clusterName"] == "atlas"
    assert values["settings"]["interruptionQueue"] == "atlas-karpenter"
    assert values["controller"]["env"] == [{"name": "AWS_REGION", "value": "us-east-1"}]
    assert values["serviceAccount"]["name"] == "karpenter"
    assert values["nodeSelector"] == {"kubelanes.dev/lane": "platform"}


def test_its_image_is_that_of_its_version_not_of_the_one_before() -> None:
    image = planned(EKS).addon.values["controller"]["image"]
    assert (image["tag"], image["digest"]) == ("1.14.0", "")


@pytest.mark.parametrize(
    ("environment", "nodes", "copies"), [("dev", 3, 1), ("staging", 3, 2), ("prod", 3, 2), ("prod", 1, 1)]
)
def test_a_second_copy_waits_where_it_has_a_node_of_its_own(environment: str, nodes: int, copies: int) -> None:
    pools = plan_pools(settings(EKS, {"platform": {"lane": "platform", "machine": "m7i.2xlarge", "size": nodes}}))
    seen = KarpenterCluster(name="atlas", maintenance=Maintenance())
    assert karpenter_values(PIN, Environment(environment), pools, seen)["replicas"] == copies


def test_what_shared_cards_are_is_told_by_overlays_where_there_are_any() -> None:
    gate = planned(EKS).addon.values["settings"]["featureGates"]["nodeOverlay"]
    kinds = [(each["kind"], each["metadata"]["name"]) for each in planned(EKS).pools]
    assert (gate, kinds) == (
        True,
        [("NodePool", "chat"), ("NodeOverlay", "chat"), ("NodePool", "jobs-on-demand"), ("NodePool", "jobs-spot")],
    )


def test_a_false_that_the_chart_would_drop_is_never_given() -> None:
    template = (MIRROR / f"karpenter-{PIN.version}" / "templates" / "deployment.yaml").read_text()
    dropped = {"ignoreDRARequests"} & {
        word for word in ("ignoreDRARequests",) if f"with .Values.settings.{word}" in template
    }
    assert dropped
    assert all(planned(EKS).addon.values["settings"][key] for key in dropped)


def test_its_crds_come_first_from_a_chart_that_is_upgraded() -> None:
    addon = planned(EKS).addon
    assert addon.crds.chart.endswith(f"karpenter-crd-{PIN.version}")
    assert (addon.namespace, addon.owns_namespace) == ("kube-system", False)


def test_without_nat_it_asks_for_no_prices() -> None:
    isolated = {**EKS, "network": {"nat": "none"}}
    assert planned(isolated).addon.values["settings"]["isolatedVPC"] is True
    assert planned(isolated).addon.values["settings"]["enableZonalShift"] is False


@pytest.mark.parametrize(("cluster", "respected"), [(EKS, True), (SIM, False)], ids=["eks", "sim"])
def test_no_node_is_made_in_a_zone_that_traffic_is_shifted_away_from(
    cluster: Mapping[str, Any], respected: bool
) -> None:
    assert planned(cluster).addon.values["settings"]["enableZonalShift"] is respected


def test_on_the_sim_its_machines_are_those_of_the_pools() -> None:
    addon = planned(SIM).addon
    assert addon.hosted
    crd, held = (each.manifest for each in addon.objects)
    assert crd["kind"] == "CustomResourceDefinition"
    assert (held["metadata"]["name"], held["metadata"]["namespace"]) == (HOSTED.config_map, HOSTED.namespace)
    types = {each["name"]: each for each in json.loads(held["data"][HOSTED.config_key])}
    assert set(types) == {"g6.xlarge.chat", "p4de.24xlarge.jobs"}
    assert types["g6.xlarge.chat"]["resources"]["nvidia.com/gpu"] == "4"
    wanted = [each for pool in planned(SIM).pools for each in pool["spec"]["template"]["spec"]["requirements"]]
    named = {name for each in wanted if each["key"] == "node.kubernetes.io/instance-type" for name in each["values"]}
    assert named == set(types)


def test_without_the_crd_of_simulated_nodes_the_reader_is_told_what_to_do(tmp_path: Path) -> None:
    for name in ("karpenter", "karpenter-crd"):
        (tmp_path / f"{name}-{PIN.version}").symlink_to(MIRROR / f"{name}-{PIN.version}")
    with pytest.raises(ChartError, match=r"is not in the chart mirror .* Run `make up`"):
        planned(SIM, mirror=tmp_path)


def test_the_program_of_the_sim_is_of_the_version_of_the_charts() -> None:
    required = (Path(__file__).parents[3] / "tools" / "go" / "karpenter" / "go.mod").read_text()
    assert f"\tsigs.k8s.io/karpenter {PIN.app_version}\n" in required
