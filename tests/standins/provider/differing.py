"""What becomes of a resource whose inputs change: nothing, an update, another one in its place."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .rows import Row
from .wire import DEFAULTS

_INDEX = re.compile(r"\[[^]]*]")


def changed(old: Any, new: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The paths at which two values differ, each with ``add``, ``update`` or ``delete``."""
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys([*old, *new]):
            if key != DEFAULTS:
                yield from changed(old.get(key), new.get(key), _at(path, key))
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            one, other = (each[index] if index < len(each) else None for each in (old, new))
            yield from changed(one, other, f"{path}[{index}]")
    elif _empty(old) and _empty(new):
        return
    else:
        yield path, "add" if old is None else "delete" if new is None else "update"


def replaces(row: Row, path: str) -> bool:
    """Whether a change at ``path`` makes another one."""
    names = _INDEX.sub("", path).split(".")
    above = {".".join(names[: length + 1]) for length in range(len(names))}
    if above & set(row.updates):
        return False
    return "*" in row.replaces or bool(above & set(row.replaces))


def _empty(value: Any) -> bool:
    """Providers cannot tell an empty list or block from none."""
    return value is None or value == [] or value == {}


def _at(path: str, key: str) -> str:
    if not key.isidentifier():
        key = f'["{key}"]'
        return f"{path}{key}"
    return f"{path}.{key}" if path else key
