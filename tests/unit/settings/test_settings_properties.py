"""What holds for any stack file, however wrong."""

import json
import math
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from components.cli.plan_json import plan_json
from components.cli.plan_text import plan_text
from components.cost.plan import plan_stack
from components.plan import plan_platform
from components.problems import InvalidSettingsError
from components.settings import Settings, parse_settings
from tests.unit.settings.stacks import CASES, committed_stack, good_stack, patches

QUICK = settings(max_examples=60, deadline=None, derandomize=True, database=None)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
KINDS = ("eks-staging", "eks-prod", "gke-staging", "gke-prod", "kind", "existing")
"""The committed stacks of the kinds that are no sim, and one on a cluster that stands already."""
KNOWN_KEYS = st.sampled_from([*good_stack(), "kind", "lane", "size", "share", "quota", "model", "replicas", "online"])
NEAR_JSON = st.dictionaries(KNOWN_KEYS | st.text(max_size=8), JSON, max_size=5)


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place below ``value``."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield (*path, key)
        yield from places(item, (*path, key))


PLACES = list(places(good_stack()))
PLACES_OF = [
    (kind, path) for kind in KINDS for path in places(committed_stack(kind)) if path[0] in ("cluster", "pools")
]
ODD = [value for case in CASES for value in patches(case)]
"""Whatever the case files put anywhere: nearly right, and so more telling than any garbage."""


def above(stack: Any, path: tuple[str | int, ...]) -> Any:
    """What holds the place; None where an earlier change took that away."""
    for step in path[:-1]:
        try:
            stack = stack[step]
        except (KeyError, IndexError, TypeError):
            return None
    return stack


def refusal(stack: dict[str, Any]) -> InvalidSettingsError | None:
    """What is wrong with a stack; None where nothing is. Anything else that is raised fails the test."""
    error = None
    try:
        parse_settings(stack)
    except InvalidSettingsError as refused:
        error = refused
    if error:
        assert error.problems
        assert all(problem.path and problem.text and problem.text.isprintable() for problem in error.problems)
        assert len(str(error).splitlines()) == len(error.problems) + 2
    return error


def planned(stack: dict[str, Any]) -> None:
    """Plans all that is decided before a cloud is asked. Whatever was not refused has to have a plan."""
    if refusal(stack):
        return
    checked = parse_settings(stack)
    plan_platform(checked)
    plan = plan_stack(checked)
    assert plan_text("it", plan)
    assert json.loads(plan_json("it", plan))


@QUICK
@given(st.sampled_from(list(Settings.model_fields)), JSON | NEAR_JSON)
def test_garbage_in_a_section_is_refused_in_words(section: str, garbage: object) -> None:
    refusal(good_stack() | {section: garbage})


@QUICK
@given(NEAR_JSON)
def test_garbage_instead_of_a_stack_is_refused_in_words(garbage: dict[str, object]) -> None:
    assert refusal(garbage) is not None


@QUICK
@given(st.sampled_from(PLACES), JSON)
def test_garbage_at_any_place_is_refused_there_or_was_right(path: tuple[str | int, ...], garbage: object) -> None:
    stack = good_stack()
    above(stack, path)[path[-1]] = garbage
    refusal(stack)


@settings(QUICK, max_examples=150)
@given(st.lists(st.tuples(st.sampled_from(PLACES_OF), st.sampled_from(ODD) | JSON), min_size=1, max_size=3))
def test_a_stack_of_any_kind_is_refused_in_words_or_has_a_plan(changes: list[tuple[Any, object]]) -> None:
    kind = changes[0][0][0]
    stack = committed_stack(kind)
    for (which, path), value in changes:
        if which == kind and isinstance(where := above(stack, path), dict | list):
            where[path[-1]] = value
    planned(stack)


@QUICK
@given(st.sampled_from(PLACES_OF))
def test_a_stack_of_any_kind_without_one_key_is_refused_in_words_or_has_a_plan(
    place: tuple[str, tuple[str | int, ...]],
) -> None:
    kind, path = place
    stack = committed_stack(kind)
    del above(stack, path)[path[-1]]
    planned(stack)


@QUICK
@given(st.sampled_from([path for path in PLACES if isinstance(path[-1], str)]))
def test_a_value_of_the_wrong_type_is_named(path: tuple[str | int, ...]) -> None:
    stack, odd = good_stack(), object()
    above(stack, path)[path[-1]] = odd
    error = refusal(stack)
    assert error
    assert any(problem.path.startswith(dotted(path)) or problem.path == dotted(path[:-1]) for problem in error.problems)


@QUICK
@given(st.sampled_from(PLACES))
def test_a_key_that_is_left_out_is_named_or_has_a_default(path: tuple[str | int, ...]) -> None:
    stack = good_stack()
    above_it = above(stack, path)
    del above_it[path[-1]]
    if (error := refusal(stack)) and any(problem.text.startswith("missing") for problem in error.problems):
        assert any(str(path[-1]) in f"{problem.path} {problem.text}" for problem in error.problems)


@QUICK
@given(st.sampled_from(PLACES), st.text("abcdefghijklmnopqrstuvwxyz_", min_size=12, max_size=16))
def test_a_key_that_nobody_knows_is_named(path: tuple[str | int, ...], key: str) -> None:
    stack = good_stack()
    if not isinstance(mapping := above(stack, path), dict):
        return
    mapping[key] = [[]]
    error = refusal(stack)
    assert error
    assert any(problem.path in (dotted((*path[:-1], key)), dotted(path[:-1])) for problem in error.problems)


@QUICK
@given(
    st.integers(1, 9),
    st.sampled_from(["whole", "dra", {"time_slicing": 4}, {"mps": 2}, {"dra": "whole"}]),
    st.sampled_from(["l4", "t4", "l40s", "a10g"]),
    st.lists(st.sampled_from(["on-demand", "spot"]), min_size=1, max_size=2, unique=True),
    st.floats(0.01, 100, allow_nan=False).map(lambda share: f"{share:.2f}%"),
)
def test_a_valid_stack_stays_the_same_when_it_is_written_and_read_again(
    nodes: int, share: object, accelerator: str, capacity: list[str], traces: str
) -> None:
    stack = {
        "cluster": {"kind": "sim"},
        "pools": {
            "platform": {"lane": "platform", "machine": "m7i.large", "size": f"1-{nodes}"},
            "gpu": {"lane": "batch", "accelerator": accelerator, "share": share, "capacity": capacity, "size": nodes},
        },
        "tenants": {"search": {"contact": "a@example.com", "quota": {"cpu": 1, "memory": "1Gi"}}},
        "observability": {"traces": traces},
    }
    first = parse_settings(stack)
    assert math.isclose(first.observability.traces, float(traces[:-1]) / 100)
    assert parse_settings(first.model_dump(mode="json", by_alias=True)) == first


def test_the_good_stack_stays_the_same_when_it_is_written_and_read_again() -> None:
    first = parse_settings(good_stack())
    assert parse_settings(first.model_dump(mode="json", by_alias=True)) == first


def dotted(path: tuple[str | int, ...]) -> str:
    """A path as users read it."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")
