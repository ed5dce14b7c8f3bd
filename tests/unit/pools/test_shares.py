"""How cards are counted: as resources, and over the pools that carry them."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from planned import plan

from components.pools.plan import PoolPlan
from components.pools.shares import allot, device_classes_of, extended_resources, split, units


def sized(name: str, nodes: int) -> PoolPlan:
    return replace(plan(accelerator="l4", per_node=1, size=nodes), name=name)


def test_a_node_offers_what_its_cards_are() -> None:
    for share in ("whole", "dra", {"time_slicing": 4}, {"mps": 2}):
        pool = plan(accelerator="l4", per_node=4, share=share)
        assert pool.gpu
        assert extended_resources(pool.gpu) == units(pool, 4)


def test_a_pool_without_cards_has_no_units() -> None:
    assert units(plan(machine="m7i.large"), 3) == {}


def test_cards_are_split_in_proportion_to_capacity() -> None:
    assert split(6, [sized("small", 2), sized("large", 4)]) == {"small": 2, "large": 4}


def test_what_is_left_over_goes_to_the_largest_remainder() -> None:
    assert split(4, [sized("small", 2), sized("large", 4)]) == {"small": 1, "large": 3}
    assert split(1, [sized("one", 3), sized("another", 3)]) == {"one": 0, "another": 1}


def test_pools_that_hold_nothing_get_nothing() -> None:
    assert split(4, [sized("empty", 0)]) == {"empty": 0}
    assert split(4, [sized("empty", 0), sized("full", 4)]) == {"empty": 0, "full": 4}
    assert split(4, []) == {}


@given(st.lists(st.integers(0, 50), min_size=1, max_size=5), st.data())
def test_no_card_is_lost_and_no_pool_gets_more_than_it_holds(nodes: list[int], data: st.DataObject) -> None:
    pools = [sized(f"pool-{at}", many) for at, many in enumerate(nodes)]
    cards = data.draw(st.integers(0, sum(nodes)))
    parts = split(cards, pools)
    assert sum(parts.values()) == cards
    assert all(0 <= parts[pool.name] <= pool.cards for pool in pools)


def test_no_card_is_promised_to_two_tenants() -> None:
    pools = [sized("one", 4), sized("two", 20)]
    owned = allot({"blue": {"l4": 3}, "green": {"l4": 9}, "red": {"l4": 12}}, pools)
    assert {pool.name: sum(cards[pool.name] for cards in owned.values()) for pool in pools} == {"one": 4, "two": 20}


def test_only_accelerators_that_dra_serves_have_a_class() -> None:
    pools = [plan(accelerator="h200", share="dra"), plan(accelerator="l4"), plan(machine="m7i.large")]
    assert device_classes_of(pools) == {"h200": "h200.gpu.kubelanes.dev"}
