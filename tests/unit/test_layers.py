"""What may import what: the library's layers, lowest first, and no circle among its modules."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "components"
MAY_NOT = {
    "catalogue": {"settings", "pools", "clusters", "queueing", "tenancy", "addons", "lanes", "cost", "cli"},
    "settings": {"queueing", "tenancy", "addons", "lanes", "cost", "cli"},
    "pools": {"clusters", "queueing", "tenancy", "addons", "lanes", "cost", "cli"},
    "queueing": {"addons", "lanes", "cost", "cli"},
    "tenancy": {"addons", "lanes", "cost", "cli"},
    "lanes": {"addons", "cost", "cli"},
    "cost": {"addons", "cli"},
}
"""The packages that each layer knows nothing of. Rules of settings ask planners of pools and clusters."""


def name_of(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {name_of(file): file for file in sorted(LIBRARY.rglob("*.py"))}


def imported(name: str) -> Iterator[str]:
    """What the import of a module brings with it: modules, and packages other than its own, which run first."""
    package = name.split(".") if FILES[name].name == "__init__.py" else name.split(".")[:-1]
    for node in ast.parse(FILES[name].read_text()).body:
        if not isinstance(node, ast.ImportFrom) or not node.level:
            continue
        base = [*package[: len(package) - node.level + 1], *(node.module.split(".") if node.module else [])]
        for each in (".".join((*base, alias.name)) for alias in node.names):
            whole = each if each in FILES else ".".join(base)
            parents = (whole.rsplit(".", depth)[0] for depth in range(whole.count(".") + 1))
            yield from (parent for parent in parents if parent not in (name, *within(name)))


def within(name: str) -> Iterator[str]:
    """The packages that a module is in."""
    return (name.rsplit(".", depth)[0] for depth in range(1, name.count(".") + 1))


@pytest.mark.parametrize("layer", MAY_NOT)
def test_a_layer_imports_nothing_of_those_above_it(layer: str) -> None:
    above = {
        name: sorted(each for each in imported(name) if each.split(".")[1] in MAY_NOT[layer])
        for name in FILES
        if name.split(".")[1:2] == [layer]
    }
    assert {name: found for name, found in above.items() if found} == {}


def test_no_module_is_imported_by_what_it_imports() -> None:
    """A circle shows only to whoever enters it at the wrong place: a user of the library, or one test alone."""
    TopologicalSorter({name: set(imported(name)) for name in FILES}).prepare()
