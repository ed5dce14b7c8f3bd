"""Reading objects that others wrote: what is absent, or null, reads as empty."""

from collections.abc import Mapping, Sequence
from typing import Any


def mapping(value: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    """The mapping at a path of keys."""
    found: Mapping[str, Any] = value
    for key in path:
        found = found.get(key) or {}
    return found


def listing(value: Mapping[str, Any], *path: str) -> Sequence[Any]:
    """The list at a path of keys."""
    return mapping(value, *path[:-1]).get(path[-1]) or ()


def text(value: Mapping[str, Any], *path: str) -> str:
    """The text at a path of keys."""
    return mapping(value, *path[:-1]).get(path[-1]) or ""
