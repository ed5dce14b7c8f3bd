"""Partitions of a card: which go together, and that what they take together is there."""

import re
from collections import Counter
from pathlib import Path
from random import Random

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter

from components.catalogue.accelerators import accelerators
from components.catalogue.mig import MigGeometry


class Case(BaseModel, extra="forbid"):
    case: str
    card: str
    mix: list[str]
    at: list[int] | None = None
    nearest: list[list[str]] | None = None


CARDS = {name: card.mig for name, card in accelerators().items() if card.mig}
CASES = TypeAdapter(list[Case]).validate_python(
    yaml.safe_load((Path(__file__).parent / "cases/mixes.yaml").read_text(encoding="utf-8"))
)
each_card = pytest.mark.parametrize("mig", CARDS.values(), ids=CARDS)


@st.composite
def requests(draw: st.DrawFn) -> tuple[MigGeometry, list[str]]:
    """A card, and partitions asked of it that may or may not fit."""
    mig = draw(st.sampled_from(list(CARDS.values())))
    return mig, draw(st.lists(st.sampled_from(sorted(mig.profiles)), max_size=9))


def total(consumed: list[Counter[str]]) -> Counter[str]:
    return sum(consumed, Counter[str]())


def amounts(quantities: dict[str, str]) -> Counter[str]:
    return Counter({name: int(quantity.removesuffix("Mi")) for name, quantity in quantities.items()})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.case)
def test_a_mix_is_placed_or_answered_with_the_nearest_that_fit(case: Case) -> None:
    mig = CARDS[case.card]
    placed = mig.placements(case.mix)
    assert (placed and list(placed)) == case.at if case.at else not placed
    assert mig.fits(case.mix) is (case.at is not None)
    if case.nearest:
        assert [list(mix) for mix in mig.nearest(case.mix, limit=len(case.nearest))] == case.nearest


@given(requests())
def test_partitions_begin_where_they_may_and_never_overlap(asked: tuple[MigGeometry, list[str]]) -> None:
    mig, mix = asked
    starts = mig.placements(mix)
    if starts is None:
        return
    profiles = [mig.profiles[name] for name in mix]
    occupied = [
        at for profile, start in zip(profiles, starts, strict=True) for at in range(start, start + profile.size)
    ]
    assert all(start in profile.starts for profile, start in zip(profiles, starts, strict=True))
    assert len(set(occupied)) == len(occupied)
    assert set(occupied) <= set(range(mig.memory_slices))
    assert sum(profile.compute for profile in profiles) <= mig.compute_slices


@given(requests(), st.randoms())
def test_the_order_in_which_partitions_are_asked_for_does_not_matter(
    asked: tuple[MigGeometry, list[str]], random: Random
) -> None:
    mig, mix = asked
    shuffled = random.sample(mix, len(mix))
    assert mig.fits(shuffled) is mig.fits(mix)
    assert mig.nearest(shuffled) == mig.nearest(mix)


@given(requests())
def test_what_is_offered_instead_fits_and_a_mix_that_fits_is_its_own_nearest(
    asked: tuple[MigGeometry, list[str]],
) -> None:
    mig, mix = asked
    nearest = mig.nearest(mix)
    assert all(mig.fits(offered) for offered in nearest)
    if mix:
        assert (Counter(nearest[0]) == Counter(mix)) is mig.fits(mix)


@given(requests())
def test_leaving_a_partition_out_keeps_a_mix_fitting(asked: tuple[MigGeometry, list[str]]) -> None:
    mig, mix = asked
    if mix and mig.fits(mix):
        assert mig.fits(mix[1:])


@each_card
def test_no_mix_takes_more_than_the_card_has(mig: MigGeometry) -> None:
    card = amounts(dict(mig.counters))
    for mix in mig.nearest(list(mig.profiles), limit=10_000):
        starts = mig.placements(mix)
        assert starts is not None
        taken = total([amounts(dict(mig.profiles[name].counters(at))) for name, at in zip(mix, starts, strict=True)])
        assert taken <= card, mix


@each_card
def test_a_variant_is_offered_only_where_it_was_asked_for(mig: MigGeometry) -> None:
    assert all(name.endswith("gb") for mix in mig.nearest((), limit=10_000) for name in mix)


@each_card
def test_the_largest_partition_is_the_whole_card(mig: MigGeometry) -> None:
    largest = next(profile for profile in mig.profiles.values() if profile.size == mig.memory_slices)
    assert largest.counters(0) == mig.counters
    assert largest.capacity == mig.capacity


@each_card
def test_as_many_equal_partitions_fit_as_the_driver_lists(mig: MigGeometry) -> None:
    for profile in mig.profiles.values():
        assert mig.fits([profile.name] * profile.instances)
        rows = {row.name: row.model_dump() | {"instances": 99} for row in mig.profiles.values()}
        unlisted = MigGeometry.model_validate({"profiles": rows, "source": "the same card without its list"})
        assert not unlisted.fits([profile.name] * (profile.instances + 1))


@each_card
def test_dra_names_are_such_as_the_api_takes(mig: MigGeometry) -> None:
    for profile in mig.profiles.values():
        assert all(re.fullmatch(r"[a-z][a-z0-9-]*", name) for name in profile.counters(profile.starts[-1]))
        assert all(re.fullmatch(r"[a-z][A-Za-z0-9]*", name) for name in profile.capacity)
        assert re.fullmatch(r"gpu-7-mig-[a-z0-9-]+", profile.device(7, profile.starts[-1]))
        assert re.fullmatch(r"nvidia\.com/mig-[a-z0-9.-]+", profile.resource)


def test_a_partition_is_published_as_the_dra_driver_does() -> None:
    profile = CARDS["h100-80gb"].profiles["1g.10gb+me"]
    assert profile.device(0, 2) == "gpu-0-mig-1g10gb-me-20-2"
    assert profile.resource == "nvidia.com/mig-1g.10gb.me"
    assert profile.capacity == {
        "memory": "9984Mi",
        "multiprocessors": "16",
        "copyEngines": "1",
        "decoders": "1",
        "encoders": "0",
        "jpegEngines": "1",
        "ofaEngines": "1",
    }
    assert profile.counters(2) == {
        "memory": "9984Mi",
        "multiprocessors": "16",
        "copy-engines": "1",
        "decoders": "1",
        "encoders": "0",
        "jpeg-engines": "1",
        "ofa-engines": "1",
        "memory-slice-2": "1",
    }
