"""Whether an object is one that a CRD's schema knows: every field is there, of the right type."""

from collections.abc import Iterator, Mapping
from typing import Any

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}


def faults(value: Any, schema: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Where ``value`` is not what an OpenAPI schema of a CRD says; an API server would drop or refuse it."""
    if schema.get("x-kubernetes-int-or-string"):
        if not isinstance(value, int | str):
            yield f"{path}: {value!r} is neither number nor text"
        return
    kind, allowed = schema.get("type"), schema.get("enum")
    if kind and (not isinstance(value, _TYPES[kind]) or (kind != "boolean" and isinstance(value, bool))):
        yield f"{path}: {value!r} is no {kind}"
        return
    if allowed and value not in allowed:
        yield f"{path}: {value!r} is none of {allowed}"
    if isinstance(value, dict):
        yield from _object(value, schema, path)
    if isinstance(value, list):
        for at, item in enumerate(value):
            yield from faults(item, schema["items"], f"{path}[{at}]")


def _object(value: Mapping[str, Any], schema: Mapping[str, Any], path: str) -> Iterator[str]:
    known, rest = schema.get("properties", {}), schema.get("additionalProperties")
    yield from (f"{path}.{name}: missing" for name in schema.get("required", ()) if name not in value)
    for name, inner in value.items():
        below = known.get(name, rest if isinstance(rest, dict) else None)
        if below is not None:
            yield from faults(inner, below, f"{path}.{name}")
        elif not (rest or schema.get("x-kubernetes-preserve-unknown-fields")):
            yield f"{path}.{name}: unknown"
