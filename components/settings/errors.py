"""From pydantic's errors to problems that a reader of the stack file understands."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from pydantic import ValidationError

from ..problems import Problem
from .outline import Place, fields, members, place
from .plaintext import HIDDEN_VALUE, tells_a_secret
from .wording import Path, did_you_mean, dotted, listed, printable, written

_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Fault:
    """One error of pydantic's: where, what stands there, and the limits that it breaks."""

    place: Place
    value: object
    limits: Mapping[str, Any]

    @property
    def shown(self) -> str:
        """The value as the user wrote it, short; empty where none stands there, hidden where it may be a secret."""
        if self.value is _ABSENT:
            return ""
        key = str(self.place.path[-1]) if self.place.path else ""
        secret = self.place.hidden or (isinstance(self.value, str) and tells_a_secret(key))
        return HIDDEN_VALUE if secret else written(self.value)


def explain(error: ValidationError, data: object) -> Iterator[tuple[Path, Problem]]:
    """Every error as a problem, with the path that it has in ``data``."""
    for found in error.errors(include_url=False, include_input=False):
        here = place(found["loc"])
        if found["type"].startswith("union_tag"):
            here = replace(here, path=(*here.path, "kind"))
        fault = Fault(here, _value(data, here), found.get("ctx", {}))
        if found["type"] == "too_short" and _enough(fault):
            continue  # pydantic counts entries that it refused as missing
        empty = fault.value is None and found["type"] != "extra_forbidden"
        text = _EMPTY if empty else TEXTS.get(found["type"], _OTHER)
        yield here.path, Problem(dotted(here.path), fault.shown, printable(text(fault)))


def _enough(fault: Fault) -> bool:
    return isinstance(fault.value, list | dict) and len(cast("list[object]", fault.value)) >= fault.limits["min_length"]


def _value(data: object, here: Place) -> object:
    if here.key:
        return here.path[-1]
    for part in here.path:
        match data:
            case dict() if part in data:
                data = cast("dict[object, object]", data)[part]
            case list() if isinstance(part, int) and part < len(cast("list[object]", data)):
                data = cast("list[object]", data)[part]
            case _:
                return _ABSENT
    return data


def _sentence(text: str) -> Callable[[Fault], str]:
    """A text in which ``{name}`` is a limit of pydantic's or a property of the place."""

    def fill(fault: Fault) -> str:
        about = {"description": fault.place.description, "example": fault.place.example}
        limits = {name: f"{limit:g}" if isinstance(limit, float) else limit for name, limit in fault.limits.items()}
        return text.format_map({**limits, **about}).strip()

    return fill


def _missing(fault: Fault) -> str:
    key, description = fault.place.path[-1], fault.place.description
    meaning = description if description[1:2].isupper() else description[:1].lower() + description[1:]
    return f"missing: {meaning} Add {key}: {fault.place.example}."


def _unknown(fault: Fault) -> str:
    known = fields(fault.place.around)
    return f"is an unknown key.{did_you_mean(fault.place.path[-1], known)} Allowed here: {listed(known)}."


def _choice(fault: Fault) -> str:
    choices = fault.place.choices
    if len(choices) == 1:
        return f"is not supported. Write {choices[0]}. {fault.place.description}".strip()
    return f"is none of {listed(choices)}.{did_you_mean(fault.value, choices)} {fault.place.description}".strip()


def _no_kind(fault: Fault) -> str:
    kinds = " | ".join(members(fault.place.type))
    return f"missing: which kind it is decides what else belongs here. Add kind: {kinds}."


def _wrong_kind(fault: Fault) -> str:
    kinds = members(fault.place.type)
    return f"is none of {listed(kinds)}.{did_you_mean(fault.limits.get('tag', ''), kinds)}"


def _no_mapping(fault: Fault) -> str:
    keys = tuple(fields(fault.place.type)) or (members(fault.place.type) and ("kind",))
    below = f"keys: {listed(keys)}" if keys else "names, each with its value"
    return f"is no mapping. Write below it {below}."


def _no_text(fault: Fault) -> str:
    match fault.value:
        case bool():
            return f'is read as true or false, and text belongs here: its quotes are missing. Write "{fault.shown}".'
        case float():
            return (
                "is read as a number, and text belongs here: its quotes are missing, and without them 1.40 "
                f'is read as 1.4. Write "{fault.shown}".'
            )
        case int():
            return f'is read as a number, and text belongs here: its quotes are missing. Write "{fault.shown}".'
        case _:
            return f"is no text. Write a single value: {fault.place.example}."


def _too_few(fault: Fault) -> str:
    found = "is empty" if not fault.value else "holds too few"
    return f"{found}, and at least {fault.limits['min_length']} must stand here. {fault.place.description}".strip()


_EMPTY = _sentence("is empty. Remove the key, or give it a value: {example}. {description}")
_OTHER = _sentence("does not belong here. {description}")
_NO_NUMBER = _sentence("is no number. Write one without quotes or unit. {description}")
_NO_WHOLE = _sentence("is no whole number. Write one without quotes, fraction or unit. {description}")
_NO_TRUTH = _sentence("is neither true nor false. Write one of them. {description}")

TEXTS: Mapping[str, Callable[[Fault], str]] = {
    "bool_parsing": _NO_TRUTH,
    "bool_type": _NO_TRUTH,
    "dict_type": _no_mapping,
    "enum": _choice,
    "extra_forbidden": _unknown,
    "finite_number": _NO_NUMBER,
    "float_parsing": _NO_NUMBER,
    "float_type": _NO_NUMBER,
    "greater_than_equal": _sentence("is too small: {ge} is the least. {description}"),
    "int_from_float": _NO_WHOLE,
    "int_parsing": _NO_WHOLE,
    "int_parsing_size": _NO_WHOLE,
    "int_type": _NO_WHOLE,
    "invalid_key": _sentence("is no key: its quotes are missing."),
    "kubelanes": _sentence("{text}"),
    "less_than_equal": _sentence("is too large: {le} is the most. {description}"),
    "literal_error": _choice,
    "missing": _missing,
    "model_attributes_type": _no_mapping,
    "model_type": _no_mapping,
    "string_pattern_mismatch": _sentence("has not the form that is needed here. {description}"),
    "string_too_short": _sentence("is empty. {description}"),
    "string_type": _no_text,
    "string_unicode": _sentence("holds half a character. Write it anew."),
    "too_long": _sentence("holds too many: {max_length} are the most. {description}"),
    "too_short": _too_few,
    "tuple_type": _sentence("is no list. Write {example}, or one line for each entry, beginning with a hyphen."),
    "union_tag_invalid": _wrong_kind,
    "union_tag_not_found": _no_kind,
}
"""What to say for every type of error that the models can produce; a test holds the list complete."""
