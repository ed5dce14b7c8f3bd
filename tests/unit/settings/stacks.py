"""A good stack, and ways to spoil it."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from components.problems import Problem
from components.settings.reference import EXAMPLE
from components.settings.stack_file import sections
from components.settings.yaml_file import YamlFile

STACKS = Path(__file__).resolve().parents[3] / "stacks"


@cache
def _good() -> dict[str, Any]:
    return sections(YamlFile(EXAMPLE).content)


def good_stack() -> dict[str, Any]:
    """What stands under ``kubelanes:`` in the example of the reference page: a production stack on EKS."""
    return copy.deepcopy(_good())


@cache
def _committed(name: str) -> dict[str, Any]:
    if name != "existing":
        return sections(YamlFile(STACKS / f"Pulumi.{name}.yaml").content)
    stack = copy.deepcopy(_committed("kind"))
    for pool, found in stack["pools"].items():
        found["nodes"] = {"pool": pool}
    return stack | {"cluster": {"kind": "existing", "name": "lab", "kubeconfig": "~/.kube/config", "facts": {}}}


def committed_stack(name: str) -> dict[str, Any]:
    """What stands under ``kubelanes:`` in a committed stack file; ``existing`` is kind's, on nodes that stand."""
    return copy.deepcopy(_committed(name))


def patches(case: Path) -> Iterator[object]:
    """The values that a case file gives, down to those in its mappings and lists."""

    def within(value: object) -> Iterator[object]:
        yield value
        inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        for each in inside:
            yield from within(each)

    return within(yaml.safe_load(case.read_text(encoding="utf-8")).get("given", {}))


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
