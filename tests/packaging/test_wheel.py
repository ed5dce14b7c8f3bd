"""The wheel ``kubelanes``: built without the network, installed apart from this checkout, used by a program."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.support.deployment import ROOT, Deployment
from tools.stack import SIM_ENVIRONMENT

_PROJECT = f"""
name: kubelanes
runtime: {{ name: python, options: {{ virtualenv: "{sys.prefix}" }} }}
"""

_PROGRAM = """
import sys

import pulumi
from kubelanes import Platform, load_settings

platform = Platform("platform", load_settings())
pulumi.export("pools", platform.exports["pools"])
pulumi.export("from", sys.modules["kubelanes"].__file__)
pulumi.export("components", "components" in sys.modules)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-build-isolation", "--wheel-dir", folder, ROOT)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the installed wheel and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    pip("install", "--target", folder, wheel)
    return folder


def pip(*arguments: str | Path) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", arguments[0]]
    rest = ["--no-deps", "--no-index", *arguments[1:]]
    ran = subprocess.run([*command, *rest], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_the_wheel_holds_the_library_with_its_data_and_nothing_else(wheel: Path) -> None:
    library = ROOT / "components"
    files = {path for path in library.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert any(path.suffix == ".yaml" for path in files)
    with ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if not name.split("/")[0].endswith(".dist-info")}
    assert held == {f"kubelanes/{path.relative_to(library)}" for path in files}


@pytest.mark.usefixtures("wheel")
def test_building_the_wheel_leaves_nothing_in_the_checkout() -> None:
    assert not [path for name in ("build", "dist", "*.egg-info") for path in ROOT.glob(name)]


def test_a_program_with_the_installed_library_previews_the_platform(installed: Path, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.mkdir()
    (program / "Pulumi.yaml").write_text(_PROJECT)
    (program / "__main__.py").write_text(_PROGRAM)
    env = SIM_ENVIRONMENT | {"PYTHONPATH": str(installed)}
    deployment = Deployment(tmp_path / "home", program=program, env=env)
    said = deployment.configure(ROOT / "stacks" / "Pulumi.sim.yaml").pulumi("preview").stdout
    assert str(installed / "kubelanes" / "__init__.py") in said
    assert "components: false" in " ".join(said.split())
    assert "h100" in said
