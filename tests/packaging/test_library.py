"""What the library imports: nothing but itself, Python's own modules and what pyproject.toml declares."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.support.deployment import ROOT

LIBRARY = ROOT / "components"
CLOUD_SDKS = ("pulumi_aws", "pulumi_awsx", "pulumi_eks", "pulumi_gcp", "boto3", "botocore", "google.cloud")

REFUSING = """
import sys

class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name.startswith({refused}):
            raise AssertionError(name + " is imported")

sys.meta_path.insert(0, Refusing())
{then}
"""
PLANNING = """
from pathlib import Path
from components.plan import plan_platform
from components.settings.stack_file import parse_file
import components.platform

for file in Path("stacks").glob("Pulumi.*.yaml"):
    plan_platform(parse_file(file))
"""


def run_without(modules: tuple[str, ...], program: str) -> None:
    code = REFUSING.format(refused=modules, then=program)
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def sources() -> list[Path]:
    return sorted(LIBRARY.rglob("*.py"))


def absolute_imports(file: Path) -> Iterator[str]:
    """The modules that a file imports, but for those that it names relative to itself."""
    for node in ast.walk(ast.parse(file.read_text())):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom(level=0, module=str(module)):
                yield module
            case _:
                pass


def test_inside_the_library_imports_are_relative() -> None:
    named = {"components", "kubelanes", "tools", "tests", "policy"}
    wrong = [f"{file}: {name}" for file in sources() for name in absolute_imports(file) if name.split(".")[0] in named]
    assert not wrong


def test_whatever_the_library_imports_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [each for name, extra in project["optional-dependencies"].items() if name != "dev" for each in extra]
    declared = {normal(requirement) for requirement in [*project["dependencies"], *extras]}
    providers = packages_distributions()
    imported = {name.split(".")[0] for file in sources() for name in absolute_imports(file)}
    foreign = imported - set(sys.stdlib_module_names)
    undeclared = [name for name in foreign if not declared & {normal(each) for each in providers.get(name, [name])}]
    assert not undeclared


def normal(requirement: str) -> str:
    """The name of the package that a requirement names."""
    return re.split(r"[^\w-]", requirement)[0].lower().replace("_", "-")


def test_planning_needs_no_cloud_sdk_whatever_the_kind_of_cluster() -> None:
    run_without(CLOUD_SDKS, PLANNING)


@pytest.mark.parametrize(("module", "other"), [("eks.eks_cluster", "pulumi_gcp"), ("gke.gke_cluster", "pulumi_aws")])
def test_a_cluster_of_one_cloud_needs_no_other_clouds_sdk(module: str, other: str) -> None:
    run_without((other,), f"{PLANNING}\nimport components.clusters.{module}")
