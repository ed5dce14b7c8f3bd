"""Whether properties are what the provider's schema wants, and what keeps them from it."""

import difflib
import ipaddress
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .rows import Row
from .schema import Anything, Either, Keyed, Many, Record, Scalar, Shape
from .wire import DEFAULTS, UNKNOWN

_NAMES = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One property that the provider does not take.

    path: where it is: ``scalingConfig.minSize``.
    reason: why.
    """

    path: str
    reason: str


def check(schema: Record, inputs: Mapping[str, Any], row: Row) -> Iterator[Refusal]:
    """All that is wrong with the inputs of a resource or function."""
    given = {key: value for key, value in inputs.items() if key != DEFAULTS}
    misshapen = list(_record("", schema, given))
    yield from misshapen
    told = {refusal.path for refusal in misshapen}
    for path, rule in row.values.items():
        for where, value in found_at(given, path):
            if value != UNKNOWN and where not in told and (reason := _broken(rule, value)):
                yield Refusal(where, reason)
    for group in row.exclusive:
        if len(together := [name for name in group if given.get(name) is not None]) > 1:
            yield Refusal(together[0], f"conflicts with {', '.join(together[1:])}")


def found_at(value: Any, path: str, where: str = "") -> Iterator[tuple[str, Any]]:
    """What stands at a path of names; a list on the way stands for each of its items."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from found_at(item, path, f"{where}[{index}]")
    elif not path:
        yield where, value
    elif isinstance(value, Mapping):
        name, _, rest = path.partition(".")
        if value.get(name) is not None:
            yield from found_at(value[name], rest, _at(where, name))


def _record(where: str, schema: Record, given: Mapping[str, Any]) -> Iterator[Refusal]:
    for name, value in given.items():
        if name not in schema.properties:
            near = difflib.get_close_matches(name, schema.properties, 1)
            hint = f"; is {near[0]} meant?" if near else ""
            yield Refusal(_at(where, name), f"{schema.name} has no such property{hint}")
        elif value is not None:
            yield from _shape(_at(where, name), schema.properties[name], value)
    for name in sorted(schema.required):
        if given.get(name) is None:
            yield Refusal(_at(where, name), f"missing, and {schema.name} requires it")


def _shape(where: str, shape: Shape, value: Any) -> Iterator[Refusal]:
    if value == UNKNOWN:
        return
    match shape:
        case Scalar(kind) if _is(kind, value):
            return
        case Many(item) if isinstance(value, list):
            for index, each in enumerate(value):
                yield from _shape(f"{where}[{index}]", item, each)
        case Keyed(inner) if isinstance(value, Mapping):
            for key, each in value.items():
                yield from _shape(f"{where}[{json.dumps(key)}]", inner, each)
        case Record() if isinstance(value, Mapping):
            yield from _record(where, shape, value)
        case Either(shapes):
            yield from min((list(_shape(where, each, value)) for each in shapes), key=len)
        case Anything():
            return
        case _:
            yield Refusal(where, f"expected {_called(shape)}, found {json.dumps(value)}")


def _called(shape: Shape) -> str:
    match shape:
        case Scalar(kind):
            return _NAMES[kind]
        case Many():
            return "a list"
        case Record(name):
            return f"a {name}"
        case _:
            return "a mapping"


def _is(kind: type, value: Any) -> bool:
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is kind


def _broken(rule: Any, value: Any) -> str | None:
    """Why a value breaks a rule of the table."""
    match rule:
        case "cidr":
            return (
                None if _parses(ipaddress.ip_network, value) else f"{json.dumps(value)} is no network in CIDR notation"
            )
        case "json":
            return None if _parses(json.loads, value) else f"{json.dumps(value)} is no JSON"
        case list():
            return None if value in rule else f"expected one of {', '.join(map(str, rule))}, found {json.dumps(value)}"
        case {"matches": pattern}:
            return None if re.fullmatch(pattern, str(value)) else f"{json.dumps(value)} does not match {pattern}"
        case {"least": least, "most": most}:
            return None if least <= value <= most else f"expected {least} to {most}, found {value}"
        case _:
            raise ValueError(f"no such rule: {rule}")


def _parses(parse: Any, value: Any) -> bool:
    try:
        parse(value)
    except (ValueError, TypeError):
        return False
    return True


def _at(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def summary(refusals: Sequence[Refusal]) -> str:
    """All of them in one text."""
    return "; ".join(f"{refusal.path}: {refusal.reason}" for refusal in refusals)
