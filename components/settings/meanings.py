"""What fields mean: the docstrings below them, read from the source only when somebody asks.

Pydantic's ``use_attribute_docstrings`` reads them at each import, a fifth of the time that a program takes to start.
"""

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise

from pydantic import BaseModel


@cache
def meanings(model: type[BaseModel]) -> Mapping[str, str]:
    """The docstring of each field of a model by the field's name, inherited ones included."""
    family = (base for base in reversed(model.__mro__) if issubclass(base, BaseModel) and base is not BaseModel)
    return {field: text for base in family for field, text in _classes(base.__module__).get(base.__name__, {}).items()}


@cache
def _classes(module: str) -> Mapping[str, Mapping[str, str]]:
    """The documented fields of each class of a module."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: dict(_documented(node)) for node in tree.body if isinstance(node, ast.ClassDef)}


def _documented(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for statement, after in pairwise(node.body):
        match statement, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, " ".join(text.split())
            case _:
                pass
