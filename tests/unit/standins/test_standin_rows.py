"""The tables of the stand-ins are about what the installed packages have: types, paths and outputs are real."""

from typing import Any

import pytest

from tests.standins.provider.rows import Row, rows
from tests.standins.provider.schema import Either, Many, Record, function_schema, resource_schema

TABLE = [pytest.param(token, row, id=token) for cloud in ("aws", "gcp") for token, row in rows(cloud).items()]


@pytest.mark.parametrize(("token", "row"), TABLE)
def test_a_row_names_what_its_type_has(token: str, row: Row) -> None:
    schema = function_schema(token) if "/get" in token else resource_schema(token)
    groups = (name for group in row.exclusive for name in group)
    named = [name for name in (row.named, row.guarded) if name]
    paths = {*row.replaces, *row.updates, *row.values, *row.refers, *groups, *named} - {"*", "tagsAll"}
    assert not [path for path in sorted(paths) if not leads_somewhere(schema.inputs, path)]
    assert not set(row.outputs) - set(schema.outputs)
    assert not set(row.renewed) - set(schema.outputs)


@pytest.mark.parametrize(("token", "row"), TABLE)
def test_a_row_refers_to_rows_and_says_where_it_is_from(token: str, row: Row) -> None:
    assert set(row.refers.values()) <= set(rows(token.partition(":")[0]))
    assert row.source


def leads_somewhere(shape: Any, path: str) -> bool:
    """Whether a path of names leads to a property; a list on the way stands for its items."""
    for name in path.split("."):
        while isinstance(shape, Many):
            shape = shape.item
        if isinstance(shape, Either):
            shape = next(each for each in shape.shapes if isinstance(each, Record))
        if not isinstance(shape, Record) or name not in shape.properties:
            return False
        shape = shape.properties[name]
    return True
