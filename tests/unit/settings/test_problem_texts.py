"""Whatever the models can refuse has a text of ours."""

from collections.abc import Iterator

import pytest

from components.problems import InvalidSettingsError
from components.settings import Settings, parse_settings
from components.settings.errors import TEXTS
from tests.unit.settings.stacks import good_stack, patched

_ERRORS = {
    "any": (),
    "bool": ("bool_type", "bool_parsing"),
    "default": (),
    "definitions": (),
    "definition-ref": (),
    "dict": ("dict_type",),
    "enum": ("enum",),
    "float": ("float_type", "float_parsing", "finite_number"),
    "function-after": ("kubelanes",),
    "function-before": ("kubelanes",),
    "function-plain": ("kubelanes",),
    "int": ("int_type", "int_parsing", "int_parsing_size", "int_from_float", "finite_number"),
    "literal": ("literal_error",),
    "model": ("model_type",),
    "model-field": ("missing",),
    "model-fields": ("extra_forbidden", "invalid_key", "model_type"),
    "nullable": (),
    "str": ("string_type", "string_unicode"),
    "tagged-union": ("union_tag_invalid", "union_tag_not_found", "model_attributes_type"),
    "tuple": ("tuple_type",),
    "union": (),
}
"""The errors that pydantic raises for each kind of schema."""

_CONSTRAINTS = {
    "ge": "greater_than_equal",
    "gt": "greater_than",
    "le": "less_than_equal",
    "lt": "less_than",
    "pattern": "string_pattern_mismatch",
    "multiple_of": "multiple_of",
    ("str", "min_length"): "string_too_short",
    ("str", "max_length"): "string_too_long",
    ("tuple", "min_length"): "too_short",
    ("tuple", "max_length"): "too_long",
    ("dict", "min_length"): "too_short",
    ("dict", "max_length"): "too_long",
}


def possible_errors(schema: object) -> Iterator[str]:
    """Every type of error that a core schema can raise."""
    match schema:
        case {"type": str(kind), **rest}:
            yield from _ERRORS[kind]
            for key in rest:
                yield from filter(None, (_CONSTRAINTS.get(key), _CONSTRAINTS.get((kind, key))))
            for key, value in rest.items():
                if key not in ("metadata", "serialization", "expected", "config", "function", "default"):
                    yield from possible_errors(value)
        case dict():
            for value in schema.values():
                yield from possible_errors(value)
        case list() | tuple():
            for value in schema:
                yield from possible_errors(value)
        case _:
            pass


def test_every_error_that_the_models_can_raise_has_a_text() -> None:
    Settings.model_rebuild(force=True)
    assert set(possible_errors(Settings.__pydantic_core_schema__)) - TEXTS.keys() == set()


@pytest.mark.parametrize(
    ("path", "value", "text"),
    [
        ("pools.h100.per_node", 10**30, "is too large: 16 is the most."),
        ("pools.h100.per_node", "9" * 5000, "is no whole number."),
        ("tenants.search.budget.usd_per_month", float("inf"), "is no number."),
        ("tenants.search.queue.weight", float("nan"), "is no number."),
        ("lanes.online.chat.model.name", "\ud800", "holds half a character."),
        ("lanes.online.chat.model.name", ["a"], "is no text."),
        ("lanes.online.chat.model.name", True, "is read as true or false"),
        ("gpu", {3: 4}, "is no key: its quotes are missing."),
        ("tenants.search", None, "is empty. Remove the key, or give it a value: { contact: ..., quota: ... }."),
    ],
)
def test_odd_values_are_refused_in_words(path: str, value: object, text: str) -> None:
    with pytest.raises(InvalidSettingsError) as refused:
        parse_settings(patched(good_stack(), {path: value}))
    assert refused.value.problems[0].text.startswith(text)


def test_a_long_value_is_cut() -> None:
    with pytest.raises(InvalidSettingsError) as refused:
        parse_settings(patched(good_stack(), {"cluster.kind": "x" * 10_000}))
    assert len(refused.value.problems[0].value) == 40


def test_no_text_shows_a_pattern_or_a_name_of_python() -> None:
    with pytest.raises(InvalidSettingsError) as refused:
        parse_settings(dict.fromkeys(good_stack(), 3))
    texts = " ".join(problem.text for problem in refused.value.problems)
    assert not any(word in texts for word in ("dict", "tuple", "str ", "class", "^", "Literal", "NoneType"))
