"""What becomes of a pool on GKE, case by case: each file in gke_cases/ is one.

A file states exactly what is told to GKE of each node pool beyond what holds for all (`COMMON`); ``null`` is what holds
for all and is not told. ``refused`` is what the reader of the stack file is told instead.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from components.catalogue.gke_networks import subnets_of
from components.clusters.gke.zones import zones_of
from components.pools.compute_class import compute_classes
from components.pools.gke import NodeInterface, NodePoolContext, node_pools
from components.pools.plan import PoolPlan
from components.pools.planner import plan_pools
from components.problems import InvalidSettingsError
from components.settings import parse_settings
from components.settings.gke import GkeCluster
from components.settings.settings import Settings
from tests.unit.settings.stacks import line

FOLDER = Path(__file__).parent / "gke_cases"

COMMON: dict[str, Any] = {
    "cluster": "atlas",
    "location": "us-central1",
    "project": "acme-ai-prod",
    "max_pods_per_node": 110,
    "management": {"auto_repair": True, "auto_upgrade": True},
    "upgrade_settings": {"strategy": "SURGE", "max_surge": 1, "max_unavailable": 0},
    "network_config": {"enable_private_nodes": True},
    "node_config": {
        "image_type": "COS_CONTAINERD",
        "disk_type": "pd-balanced",
        "disk_size_gb": 200,
        "boot_disk_kms_key": "key",
        "service_account": "nodes",
        "oauth_scopes": ["https://www.googleapis.com/auth/cloud-platform"],
        "metadata": {"disable-legacy-endpoints": "true"},
        "workload_metadata_config": {"mode": "GKE_METADATA"},
        "shielded_instance_config": {"enable_secure_boot": True, "enable_integrity_monitoring": True},
        "kubelet_config": {"insecure_kubelet_readonly_port_enabled": "FALSE"},
        "gvnic": {"enabled": True},
        "labels": {"kubelanes.dev/pool": "pool"},
        "resource_labels": {"stack": "test", "kubelanes-pool": "pool"},
    },
}


class Given(BaseModel, extra="forbid"):
    cluster: dict[str, Any] = {}
    pool: dict[str, Any]
    pools: dict[str, dict[str, Any]] = {}


class Case(BaseModel, extra="forbid"):
    given: Given
    inputs: dict[str, dict[str, Any]] = {}
    ignore: tuple[str, ...] = ()
    compute_class: dict[str, Any] = {}
    workload_policy: dict[str, Any] = {}
    refused: tuple[str, ...] = ()

    @property
    def stack(self) -> dict[str, Any]:
        cluster = {"kind": "gke", "name": "atlas", "project": "acme-ai-prod", "region": "us-central1"}
        pools = {"pool": self.given.pool, **self.given.pools}
        if self.given.pool.get("lane") != "platform":
            pools["platform"] = {"lane": "platform", "machine": "n2-standard-8", "size": 3}
        return {"cluster": {**cluster, **self.given.cluster}, "pools": pools}


def read(file: Path) -> Case:
    return Case.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))


CASES = {file.stem: read(file) for file in sorted(FOLDER.glob("*.yaml"))}
CARRIED_OUT = {name: case for name, case in CASES.items() if not case.refused}


def context(settings: Settings, pool: PoolPlan) -> NodePoolContext:
    cluster = settings.cluster
    assert isinstance(cluster, GkeCluster)
    fast = [NodeInterface(net.network, net.name) for net in subnets_of(pool.network, pool.zones)]
    return NodePoolContext(
        cluster=cluster.name,
        location=cluster.region,
        project=cluster.project,
        zones=zones_of(cluster.region)[: cluster.network.zones],
        service_account="nodes",
        kms_key="key",
        gpu_driver=cluster.gpu_driver,
        image=cluster.image,
        labels={"stack": "test"},
        interfaces={pool.name: fast},
    )


def beyond(made: Mapping[str, Any], common: Mapping[str, Any]) -> dict[str, Any]:
    """What is told that does not hold for all; None for what holds for all and is not told."""
    differing = {
        key: (made.get(key), common.get(key)) for key in {**made, **common} if made.get(key) != common.get(key)
    }
    return {
        key: beyond(cast("dict[str, Any]", told), cast("dict[str, Any]", usual))
        if isinstance(told, dict) and isinstance(usual, dict)
        else told
        for key, (told, usual) in differing.items()
    }


def brief(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs beyond what holds for all, with taints and interfaces as people write them."""
    told = beyond(inputs, COMMON)
    told.pop("name")
    nodes, network = told["node_config"], told.get("network_config", {})
    if taints := nodes.get("taints"):
        nodes["taints"] = [f"{taint['key']}={taint['value']}:{taint['effect']}" for taint in taints]
    if further := network.get("additional_node_network_configs"):
        network["additional_node_network_configs"] = [f"{each['network']}/{each['subnetwork']}" for each in further]
    return told


def outcome(case: Case) -> tuple[dict[str, Any], set[tuple[str, ...]], dict[str, Any], list[Any]]:
    settings = parse_settings(case.stack)
    pool = next(each for each in plan_pools(settings) if each.name == "pool")
    made = node_pools(pool, context(settings, pool))
    assert all(each.node_pool["name"] == each.name for each in made)
    classes = compute_classes([pool])
    return (
        {each.name: brief(each.node_pool) for each in made},
        {each.ignore for each in made},
        classes[0]["spec"] if classes else {},
        [each.workload_policy or {} for each in made],
    )


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_pool_becomes_exactly_what_its_case_says(case: Case) -> None:
    if case.refused:
        with pytest.raises(InvalidSettingsError) as refused:
            parse_settings(case.stack)
        assert tuple(map(line, refused.value.problems)) == case.refused
        return
    inputs, ignored, compute_class, policies = outcome(case)
    assert inputs == case.inputs
    assert ignored == {case.ignore}
    assert {key: compute_class[key] for key in case.compute_class} == case.compute_class
    assert bool(compute_class) == bool(case.compute_class)
    assert policies == [case.workload_policy] * len(inputs)


def test_there_are_at_least_forty_cases() -> None:
    assert len(CASES) >= 40


NEVER = "impossible by construction: "
PRECONDITIONS = {
    "a block of a reservation needs zones": "refused-reservation-without-zones",
    "pods per node need alias ranges": f"{NEVER}every cluster is VPC-native",
    "a fixed size excludes the autoscaler": f"{NEVER}a size is a number or a range",
    "a fixed size excludes an initial one": f"{NEVER}the initial size follows from a range",
    "the initial size lies between least and most": "refused-range-between-whole-zones",
    "local disks are scratch space or block devices": f"{NEVER}disk.local_nvme has one value",
    "a specific reservation is named, and no other": f"{NEVER}its name is the setting",
    "the reservation is in the zones": "refused-reservation-without-zones",
    "upgrades are surges": "blue-green",
    "max_unavailable is not negative": f"{NEVER}there is no such setting",
    "max_surge is not negative": f"{NEVER}there is no such setting",
    "one of the two is above zero": f"{NEVER}each lane and way of buying has a pair",
    "compact placement has one zone": "refused-tcpxo-in-two-zones",
    "compact placement excludes blue-green": "refused-blue-green-close-together",
    "compact placement excludes the queue": "queued-on-a-fast-network-is-not-compact",
    "a reservation excludes the queue": "refused-queued-beside-a-reservation",
    "queued pools begin with no node": "refused-queued-that-always-stands",
    "pools and TPU slices are not counted both": f"{NEVER}a slice is one pool",
    "there is a pool or a TPU slice": f"{NEVER}a pool in the stack file is one",
    "there are not less than none of them": f"{NEVER}pools are not counted",
    "flex-start excludes repair": "flex-start-inference-is-not-queued",
    "flex-start excludes a fixed size": "refused-flex-start-of-a-fixed-size",
    "flex-start excludes reservations": "a-ladder-of-every-way",
    "flex-start excludes spot": f"{NEVER}a node is bought in one way",
    "spot excludes the queue": "refused-queued-beside-spot",
    "spot excludes reservations": "spot-inference",
    "the topology mode needs a reservation": f"{NEVER}there is no such setting",
    "a reservation that is not active has no nodes": f"{NEVER}a reservation counts as active; `up` finds out",
    "compact flex-start needs an A3 Ultra or A4": "tcpxo-flex-start-is-never-compact",
}
"""The preconditions of GoogleCloudPlatform/cluster-toolkit, modules/compute/gke-node-pool/main.tf at 1047080, in their
order: the case that shows what we make of each. Blue-green they refuse for themselves, GKE does not."""


def test_every_precondition_of_the_cluster_toolkit_has_its_case_or_cannot_arise() -> None:
    assert len(PRECONDITIONS) == 29
    named = {case for case in PRECONDITIONS.values() if not case.startswith(NEVER)}
    assert named <= CASES.keys()


@pytest.mark.parametrize("case", CARRIED_OUT.values(), ids=CARRIED_OUT)
def test_a_driver_and_a_device_plugin_have_one_owner(case: Case) -> None:
    for inputs in outcome(case)[0].values():
        for card in inputs["node_config"].get("guest_accelerators", ()):
            disabled = card["gpu_driver_installation_config"]["gpu_driver_version"] == "INSTALLATION_DISABLED"
            assert ("gke-no-default-nvidia-gpu-device-plugin" in inputs["node_config"]["labels"]) == disabled
            assert not (disabled and {"gpu_partition_size", "gpu_sharing_config"} & card.keys())


@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 4))
def test_what_a_pool_begins_with_lies_within_its_size_or_is_refused(low: int, more: int, zones: int) -> None:
    pool = {"lane": "batch", "machine": "n2-standard-8", "size": f"{low}-{low + more}"}
    case = Case(given=Given(pool={**pool, "zones": list(zones_of("us-central1"))[:zones]}))
    if low + more and any(low <= zones * each <= low + more for each in range(61)):
        inputs = outcome(case)[0]["pool"]
        assert low <= zones * inputs.get("initial_node_count", inputs.get("node_count")) <= low + more
    else:
        with pytest.raises(InvalidSettingsError) as refused:
            outcome(case)
        assert {problem.path for problem in refused.value.problems} == {"pools.pool.size"}
