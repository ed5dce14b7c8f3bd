"""The program as the engine sees it: one preview of the committed stack, step by step."""

import ast
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.support.deployment import ROOT, Deployment
from tests.support.events import steps

LIBRARY = ROOT / "components"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The events of a preview of the stack ``sim``, where nothing is up."""
    home = tmp_path_factory.mktemp("program")
    deployment = Deployment(home, env={"PULUMI_DEBUG_COMMANDS": "true"})
    deployment.configure(ROOT / "stacks" / "Pulumi.sim.yaml").pulumi("preview", "--event-log", str(home / "log.json"))
    return home / "log.json"


def registered(log: Path) -> list[dict[str, Any]]:
    return [step["new"] for step in steps(log)]


def is_ours(resource: dict[str, Any]) -> bool:
    return resource["type"].startswith("kubelanes:") and not resource.get("custom")


def test_the_program_is_a_table_of_contents() -> None:
    assert len((ROOT / "__main__.py").read_text().splitlines()) <= 40


def test_every_component_is_called_after_its_module_and_class(log: Path) -> None:
    tokens = {resource["type"] for resource in registered(log) if is_ours(resource)}
    assert len(tokens) > 10
    homeless = {token for token in tokens if not defined(*token.split(":")[1:])}
    assert not homeless


def defined(module: str, name: str) -> bool:
    """Whether a class of this name stands in the module of the library, or in a module of that package."""
    files = [LIBRARY / f"{module}.py", *(LIBRARY / module).rglob("*.py")]
    return any(name in classes(file) for file in files if file.is_file())


def classes(file: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ClassDef)}


def test_every_component_registers_its_outputs(log: Path) -> None:
    # A component has one such event when it is made, and one more when it says that it is complete.
    told = Counter(step["urn"] for step in steps(log, "resOutputsEvent"))
    silent = [resource["urn"] for resource in registered(log) if is_ours(resource) and told[resource["urn"]] != 2]
    assert not silent


def test_everything_stands_below_the_platform(log: Path) -> None:
    made = [resource for resource in registered(log) if not is_default_provider(resource)]
    at_top = [resource["type"] for resource in made if not resource.get("parent") or "Stack::" in resource["parent"]]
    assert sorted(at_top) == ["kubelanes:platform:Platform", "pulumi:pulumi:Stack"]


def is_default_provider(resource: dict[str, Any]) -> bool:
    """Whether the engine made the provider by itself."""
    return resource["type"].startswith("pulumi:providers:") and "::default" in resource["urn"]


def test_no_provider_is_left_to_chance_but_that_of_dynamic_resources(log: Path) -> None:
    # Dynamic resources have no provider of their own: their code is in this program.
    chosen = {resource["type"] for resource in registered(log) if is_default_provider(resource)}
    assert chosen <= {"pulumi:providers:pulumi-python"}


def test_everything_in_the_cluster_uses_the_clusters_provider(log: Path) -> None:
    inside = [r for r in registered(log) if r["type"].startswith("kubernetes:") and r.get("custom")]
    assert len(inside) > 50
    assert {resource["provider"].rpartition("::")[0].rpartition("$")[2] for resource in inside} == {
        "pulumi:providers:kubernetes::cluster"
    }


def test_no_two_resources_have_one_name_in_the_cluster(log: Path) -> None:
    placed = Counter(
        (resource["type"], metadata.get("namespace"), metadata["name"])
        for resource in registered(log)
        if "name" in (metadata := resource["inputs"].get("metadata", {}))
    )
    assert not [place for place, count in placed.items() if count > 1]


def test_users_are_told_what_they_want_to_know(log: Path) -> None:
    stack = [step["new"] for step in steps(log, "resOutputsEvent") if step["type"] == "pulumi:pulumi:Stack"]
    assert set(stack[-1]["outputs"]) == {
        "kubeconfig",
        "kubeconfig_path",
        "endpoints",
        "pools",
        "tenants",
        "workloads",
    }
