"""Simulated nodes, whatever the pool: objects that the API server takes as they are and writes back unchanged."""

import json
import re
from collections import Counter

import pytest
from hypothesis import given
from planned import plan, plans

from components.catalogue.machines import Cloud
from components.pools.gpu_labels import cuda_version
from components.pools.kwok import kwok_nodes
from components.pools.labels import node_labels
from components.pools.plan import PoolPlan
from components.quantities import canonical
from components.settings.scalars import amount

PREFIX = r"([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?"
KEY = re.compile(PREFIX + r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
VALUE = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")


@given(plans())
def test_every_label_and_resource_is_spelled_as_kubernetes_wants_it(planned: tuple[Cloud, PoolPlan]) -> None:
    cloud, pool = planned
    (node,) = kwok_nodes(pool, cloud, 1, "1.36")
    labels = node["metadata"]["labels"]
    assert [key for key in [*labels, *node["status"]["capacity"]] if not KEY.fullmatch(key)] == []
    assert {key: value for key, value in labels.items() if not VALUE.fullmatch(value)} == {}


@given(plans())
def test_nodes_are_the_same_on_every_run_and_no_two_are_one_machine(planned: tuple[Cloud, PoolPlan]) -> None:
    cloud, pool = planned
    nodes = kwok_nodes(pool, cloud, pool.size.max, "1.36")
    assert json.dumps(nodes) == json.dumps(kwok_nodes(pool, cloud, pool.size.max, "1.36"))
    assert len({node["metadata"]["name"] for node in nodes}) == len({node["spec"]["providerID"] for node in nodes})
    assert len(nodes) == pool.size.max


@given(plans())
def test_a_larger_pool_has_the_nodes_of_the_smaller_one_unchanged(planned: tuple[Cloud, PoolPlan]) -> None:
    cloud, pool = planned
    assert kwok_nodes(pool, cloud, pool.size.max + 3, "1.36")[: pool.size.max] == kwok_nodes(
        pool, cloud, pool.size.max, "1.36"
    )


@given(plans())
def test_pods_get_less_than_the_node_has_and_all_of_its_devices(planned: tuple[Cloud, PoolPlan]) -> None:
    cloud, pool = planned
    (node,) = kwok_nodes(pool, cloud, 1, "1.36")
    has, offers = node["status"]["capacity"], node["status"]["allocatable"]
    assert has.keys() == offers.keys()
    reserved = {"cpu", "memory", "ephemeral-storage"}
    assert all(0 < amount(offers[name]) < amount(has[name]) for name in reserved)
    assert all(offers[name] == has[name] for name in has.keys() - reserved)


@given(plans())
def test_quantities_are_written_as_the_api_server_writes_them_back(planned: tuple[Cloud, PoolPlan]) -> None:
    cloud, pool = planned
    (node,) = kwok_nodes(pool, cloud, 1, "1.36")
    written = [*node["status"]["capacity"].values(), *node["status"]["allocatable"].values()]
    assert written == [canonical(quantity) for quantity in written]
    assert not [quantity for quantity in written if quantity.endswith("000m")]


def test_nodes_go_round_the_zones_and_fill_racks_and_blocks() -> None:
    pool = plan(accelerator="h100-80gb", network="efa", zones=["us-east-1a", "us-east-1b"], size=64)
    nodes = [node_labels(pool, index, "aws") for index in range(64)]
    assert Counter(node["topology.kubernetes.io/zone"] for node in nodes) == {"us-east-1a": 32, "us-east-1b": 32}
    layers = [f"topology.k8s.aws/network-node-layer-{layer}" for layer in (1, 2, 3)]
    assert [sorted(Counter(node[layer] for node in nodes).values()) for layer in layers] == [
        [32, 32],
        [16] * 4,
        [4] * 16,
    ]


def test_racks_lie_within_blocks_on_gke_too() -> None:
    pool = plan("gcp", accelerator="h200", network="rdma", zones=["us-central1-a"], size=20)
    nodes = [node_labels(pool, index, "gcp") for index in range(20)]
    within = {
        node["cloud.google.com/gce-topology-subblock"]: node["cloud.google.com/gce-topology-block"] for node in nodes
    }
    assert sorted(Counter(within.values()).values()) == [1, 4]
    assert len({node["cloud.google.com/gce-topology-host"] for node in nodes}) == 20


@pytest.mark.parametrize(
    ("driver", "cuda"), [("470.1", "12.0"), ("535.183.01", "12.2"), ("580.65.06", "13.0"), ("999.1", "13.2")]
)
def test_the_cuda_version_follows_from_the_driver(driver: str, cuda: str) -> None:
    assert cuda_version(driver) == cuda
