"""A good stack, and ways to spoil it."""

import copy
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from components.problems import Problem
from components.settings.reference import EXAMPLE
from components.settings.stack_file import sections
from components.settings.yaml_file import YamlFile


@cache
def _good() -> dict[str, Any]:
    return sections(YamlFile(EXAMPLE).content)


def good_stack() -> dict[str, Any]:
    """What stands under ``kubelanes:`` in the example of the reference page: a production stack on EKS."""
    return copy.deepcopy(_good())


def patched(stack: dict[str, Any], given: Mapping[str, object], remove: Sequence[str] = ()) -> dict[str, Any]:
    """``stack`` with the values of ``given`` at their dotted paths, and without what ``remove`` names."""
    for path in remove:
        above, key = _leaf(stack, path)
        del above[key]
    for path, value in given.items():
        above, key = _leaf(stack, path)
        above[key] = value
    return stack


def _leaf(stack: dict[str, Any], path: str) -> tuple[dict[str, Any], str]:
    *steps, key = path.split(".")
    for step in steps:
        stack = stack.setdefault(step, {})
    return stack, key


def line(problem: Problem) -> str:
    """A problem as the case files write it."""
    return f"{problem.path} {problem.value}".strip() + f": {problem.text}"


CASES = sorted(Path(__file__).with_name("cases").glob("*.yaml"))
