"""Where the addresses of a GKE cluster lie, whatever its pools."""

from dataclasses import dataclass, replace
from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.clusters.gke.addresses import (
    LARGEST,
    LOAD_BALANCERS,
    SMALLEST,
    AddressPlan,
    most_nodes,
    node_block,
    plan_addresses,
)
from components.problems import InvalidSettingsError
from components.settings.scalars import Span

SERVICES = "172.20.0.0/16"
ZONES = tuple(f"us-central1-{letter}" for letter in "abcf")


@dataclass(frozen=True)
class Pool:
    size: Span
    pods_per_node: int = 110
    upgrade: str | None = None
    network: str = "default"
    zones: tuple[str, ...] = ()
    capacity: tuple[str, ...] | None = None


def up_to(nodes: int, **other: object) -> Pool:
    return replace(Pool(Span(0, nodes)), **other)


pools = st.builds(
    up_to,
    st.integers(1, 3000),
    pods_per_node=st.integers(8, 250),
    upgrade=st.sampled_from([None, "surge", "blue-green"]),
    network=st.sampled_from(["default", "gpudirect-tcpx", "gpudirect-tcpxo", "rdma"]),
    zones=st.sampled_from(ZONES).map(lambda zone: (zone,)),
    capacity=st.sampled_from([None, ("spot",), ("spot", "on-demand")]),
)
UNTIMED = settings(deadline=None)
lengths = st.integers(LARGEST, SMALLEST)


def plan(length: int, wanted: list[Pool]) -> AddressPlan | None:
    try:
        return plan_addresses(f"10.0.0.0/{length}", SERVICES, wanted)
    except InvalidSettingsError:
        return None


def ranges(of: AddressPlan) -> dict[str, IPv4Network]:
    return {load.purpose: load.range for load in of.loads}


@UNTIMED
@given(lengths, st.lists(pools, max_size=6))
def test_ranges_lie_apart_and_within_the_whole(length: int, wanted: list[Pool]) -> None:
    found = AddressPlan(IPv4Network(f"10.0.0.0/{length}"), IPv4Network(SERVICES), tuple(wanted))
    inside = {name: network for name, network in ranges(found).items() if name != "services"}
    assert all(network.subnet_of(found.cidr) for network in inside.values())
    assert not [(a, b) for a, b in combinations(inside.values(), 2) if a.overlaps(b)]


@UNTIMED
@given(lengths, st.lists(pools, max_size=4), st.lists(pools, max_size=4), st.integers(1, 9))
def test_pools_that_grow_or_come_move_no_range(length: int, first: list[Pool], more: list[Pool], by: int) -> None:
    grown = [replace(pool, size=Span(0, pool.size.max * by)) for pool in first] + more
    before = AddressPlan(IPv4Network(f"10.0.0.0/{length}"), IPv4Network(SERVICES), tuple(first))
    after = AddressPlan(before.cidr, before.services, tuple(grown))
    assert ranges(before).items() <= ranges(after).items()


@UNTIMED
@given(lengths, st.lists(pools, max_size=6))
def test_an_accepted_plan_has_a_block_for_each_node_and_an_address_in_each_of_its_networks(
    length: int, wanted: list[Pool]
) -> None:
    if accepted := plan(length, wanted):
        standing = sum(map(most_nodes, wanted))
        assert accepted.nodes.num_addresses - 4 >= standing + LOAD_BALANCERS
        assert accepted.pods.num_addresses >= sum(most_nodes(p) * 2 * p.pods_per_node for p in wanted)
        for subnet, network in accepted.fast.items():
            assert network.num_addresses - 4 >= sum(most_nodes(p) for p in wanted if subnet.serves(p))


@UNTIMED
@given(lengths, st.lists(pools, min_size=1, max_size=6))
def test_the_range_that_is_named_in_a_refusal_fits_and_the_next_smaller_one_does_not(
    length: int, wanted: list[Pool]
) -> None:
    if plan(length, wanted):
        return
    fitting = [each for each in range(LARGEST, length) if plan(each, wanted)]
    with pytest.raises(InvalidSettingsError) as refused:
        plan_addresses(f"10.0.0.0/{length}", SERVICES, wanted)
    (problem,) = refused.value.problems
    named = f"Use a /{max(fitting)} or larger, such as " if fitting else "No private range is large enough"
    assert named in problem.text


@pytest.mark.parametrize(("pods", "block"), [(8, 16), (9, 32), (16, 32), (32, 64), (64, 128), (110, 256), (250, 512)])
def test_a_node_takes_the_block_that_gke_documents(pods: int, block: int) -> None:
    assert node_block(pods) == block


def test_a_pool_that_is_replaced_beside_itself_needs_its_nodes_twice_and_each_rung_counts() -> None:
    assert most_nodes(up_to(10)) == 11
    assert most_nodes(up_to(10, upgrade="blue-green")) == 20
    assert most_nodes(up_to(10, capacity=("spot", "on-demand"))) == 22


def test_a_larger_range_is_offered_where_the_cluster_lies_or_else_in_ten() -> None:
    for given_range, offered in (("10.64.0.0/20", "10.64.0.0/16"), ("192.168.0.0/18", "10.0.0.0/15")):
        nodes = 100 if offered.endswith("16") else 200
        with pytest.raises(InvalidSettingsError, match=f"such as {offered}"):
            plan_addresses(given_range, SERVICES, [up_to(nodes)])


def test_a_plan_names_what_it_takes_of_the_projects_quotas() -> None:
    wanted = [up_to(4, network="gpudirect-tcpxo"), up_to(4, network="rdma", zones=("us-central1-b",))]
    found = plan(14, wanted)
    assert found
    assert found.demands == {"networks": 1 + 8 + 2, "subnetworks": 3 + 8 + 9}
    assert {row["zone"] for row in found.summary()} == {"all", "us-central1-b"}
