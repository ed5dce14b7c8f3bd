"""The address plan: where subnets lie, that they stay there, and that they carry what they say."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from components.clusters.eks.addresses import (
    MOST_NODES,
    WIDEST,
    AddressPlan,
    narrowest,
    plan_addresses,
    smallest_range,
    zones_of,
)
from components.settings.scalars import Span

LETTERS = tuple(f"us-east-1{letter}" for letter in "abcdef")
ZONES = LETTERS[:3]
FILES = sorted((Path(__file__).parent / "addresses").glob("*.yaml"))


@dataclass(frozen=True)
class Pool:
    size: Span
    pods_per_node: int = 110
    zones: tuple[str, ...] = ()
    network: str = "default"


def pool(most: int, **rest: Any) -> Pool:
    return Pool(Span(0, most), **rest)


def planned(cidr: str, pools: Sequence[Pool] = (), zones: int = 3) -> AddressPlan:
    return plan_addresses(cidr, LETTERS[:zones], pools)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_range_is_cut_as_the_table_says(file: Path) -> None:
    case = yaml.safe_load(file.read_text(encoding="utf-8"))
    plan = plan_addresses(case["range"], case["zones"], ())
    assert list(plan.blocks) == case["blocks"]
    assert {subnet.name: subnet.cidr for subnet in plan.subnets} == case["subnets"]


@st.composite
def ranges(draw: st.DrawFn) -> tuple[str, int]:
    zones = draw(st.integers(2, 6))
    length = draw(st.integers(WIDEST, narrowest(zones)))
    start = draw(st.integers(0, 2 ** (length - 8) - 1)) << (32 - length)
    return str(IPv4Network((int(IPv4Network("10.0.0.0/8").network_address) + start, length))), zones


pools = st.lists(
    st.builds(
        pool,
        st.integers(0, 20_000),
        pods_per_node=st.integers(8, 250),
        zones=st.lists(st.sampled_from(ZONES[:2]), unique=True).map(tuple),
        network=st.sampled_from(["default", "efa"]),
    ),
    max_size=6,
)


@given(ranges())
def test_subnets_lie_in_one_block_each_and_never_overlap(where: tuple[str, int]) -> None:
    cidr, zones = where
    plan = planned(cidr, zones=zones)
    networks = sorted(IPv4Network(subnet.cidr) for subnet in plan.subnets)
    assert all(one.broadcast_address < other.network_address for one, other in pairwise(networks))
    assert all(subnet.cidr and plan.block_of(subnet) for subnet in plan.subnets)
    assert all(IPv4Network(block).subnet_of(IPv4Network(cidr)) for block in plan.blocks)
    assert all(16 <= IPv4Network(block).prefixlen <= 28 for block in plan.blocks)
    assert all(16 <= network.prefixlen <= 28 for network in networks)
    assert len(plan.blocks) <= 50


@given(ranges())
def test_every_zone_has_room_for_the_control_plane_and_load_balancers(where: tuple[str, int]) -> None:
    cidr, zones = where
    plan = planned(cidr, zones=zones)
    assert all(len(plan.of(purpose)) == zones for purpose in ("public", "internal", "control-plane"))
    assert all(subnet.addresses >= 6 for subnet in plan.of("control-plane"))
    assert all(subnet.addresses >= 27 for purpose in ("public", "internal") for subnet in plan.of(purpose))
    assert {subnet.zone for subnet in plan.of("nodes")} == set(plan.zones)


@given(ranges(), pools, pools)
def test_pools_that_are_added_or_grow_move_no_subnet(
    where: tuple[str, int], some: list[Pool], more: list[Pool]
) -> None:
    cidr, zones = where
    grown = [Pool(Span(0, each.size.max * 2), each.pods_per_node, each.zones, each.network) for each in some]
    assert planned(cidr, some, zones).subnets == planned(cidr, [*grown, *more], zones).subnets


@given(ranges())
def test_a_range_that_is_made_wider_from_its_first_address_keeps_its_subnets(where: tuple[str, int]) -> None:
    cidr, zones = where
    wider = IPv4Network(cidr).supernet()
    if not WIDEST <= wider.prefixlen < 16 or wider.network_address != IPv4Network(cidr).network_address:
        return
    before = {each.name: each.cidr for each in planned(cidr, zones=zones).subnets}
    after = {each.name: each.cidr for each in planned(str(wider), zones=zones).subnets}
    assert before.items() <= after.items()


@given(ranges(), pools)
def test_a_zone_that_is_not_short_has_the_prefixes_and_the_addresses(where: tuple[str, int], some: list[Pool]) -> None:
    cidr, zones = where
    plan = planned(cidr, some, zones)
    short = {load.zone for load in plan.short}
    for load in plan.load:
        if load.zone in short:
            continue
        mine = [IPv4Network(each.cidr) for each in plan.of("nodes") if each.zone == load.zone]
        whole = sum(network.num_addresses // 16 - 2 for network in mine)  # the first and the last hold AWS's own
        assert whole >= load.prefixes + -(-load.interfaces // 16)


@given(ranges(), pools)
def test_every_node_of_every_pool_is_counted_in_its_zones(where: tuple[str, int], some: list[Pool]) -> None:
    cidr, zones = where
    plan = planned(cidr, some, zones)
    for each in some:
        standing = zones_of(each, plan.zones)
        assert sum(load.nodes for load in plan.load if load.zone in standing) >= each.size.max
        assert sum(load.prefixes for load in plan.load) * 16 >= each.size.max * each.pods_per_node


@given(pools)
def test_the_smallest_range_carries_the_pools_and_the_next_one_does_not(some: list[Pool]) -> None:
    found = smallest_range("10.0.0.0/8", ZONES, some)
    if found is None:
        assert planned(f"10.0.0.0/{WIDEST}", some).short
        return
    assert not planned(f"10.0.0.0/{found}", some).short
    assert found == narrowest(3) or planned(f"10.0.0.0/{found + 1}", some).short


def test_a_node_takes_a_prefix_for_each_sixteen_pods_and_an_address_for_each_interface() -> None:
    (first, *_) = planned("10.32.0.0/14", [pool(3), pool(3, pods_per_node=250)]).load
    assert (first.nodes, first.prefixes, first.interfaces) == (2, 7 + 16, 1 + 2)
    assert first.needed == 23 * 16 + 3


def test_a_pool_on_efa_is_counted_in_one_zone() -> None:
    loads = planned("10.32.0.0/14", [pool(32, network="efa")]).load
    assert [load.nodes for load in loads] == [32, 0, 0]


def test_a_pool_with_zones_of_its_own_is_counted_there() -> None:
    loads = planned("10.32.0.0/14", [pool(10, zones=ZONES[1:])]).load
    assert [load.nodes for load in loads] == [0, 5, 5]


def test_the_widest_range_carries_as_many_nodes_as_eks_takes() -> None:
    assert not planned(f"10.0.0.0/{WIDEST}", [pool(MOST_NODES, pods_per_node=16)]).short


def test_the_plan_says_what_it_takes_of_the_accounts_quotas() -> None:
    plan = planned("10.32.0.0/14", [pool(300)])
    assert plan.demands == {
        "ipv4-blocks-per-vpc": 4,
        "subnets-per-vpc": 26,
        "network-address-units-per-vpc": 300 * (7 + 1),
    }


def test_the_summary_has_a_row_for_each_zone_and_each_small_subnet() -> None:
    rows = planned("10.64.0.0/16", [pool(9)]).summary()
    assert len(rows) == 3 + 9
    assert rows[1] == {
        "zone": "us-east-1b",
        "purpose": "nodes and pods",
        "subnets": "10.64.64.0/18",
        "holds": "14308 addresses",
        "needs": "339 (3 nodes, 21 prefixes)",
    }
    assert rows[3]["holds"] == "251 addresses, at most 31 load balancers"
