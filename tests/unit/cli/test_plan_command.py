"""``kubelanes plan``, as users run it: a process of its own, what it prints and how it ends."""

import json
import os
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from components.cli.main import GOOD, MEND, WRONG_USE, main
from tests.support.deployment import ROOT

STACKS = sorted(file.stem.removeprefix("Pulumi.") for file in (ROOT / "stacks").glob("Pulumi.*.yaml"))
PLANS = Path(__file__).parent / "plans"

GOOD_STACK = """
config:
  kubelanes:cluster: { kind: eks, name: lab, region: eu-west-1, version: "1.35" }
  kubelanes:pools:
    platform: { lane: platform, machine: m7i.2xlarge, size: 2-4 }
    l4: { lane: gpu-inference, accelerator: l4, per_node: 1, capacity: [spot, on-demand], size: 0-8 }
"""
SPOILT = GOOD_STACK.replace("m7i.2xlarge", "m7i.2xlrage").replace("0-8", "8-0")


def kubelanes(*arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "components.cli", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, text=True, capture_output=True, check=False)


@pytest.mark.parametrize("stack", STACKS)
def test_the_plan_of_a_committed_stack_is_as_it_was_reviewed(stack: str) -> None:
    """To renew: ``KUBELANES_RENEW=1 .venv/bin/pytest tests/unit/cli``."""
    ran, file = kubelanes("plan", stack), PLANS / f"{stack}.txt"
    assert (ran.returncode, ran.stderr) == (GOOD, "")
    if "KUBELANES_RENEW" in os.environ:
        file.write_text(ran.stdout)
    assert file.exists(), f"{file.name} is missing: KUBELANES_RENEW=1 .venv/bin/pytest tests/unit/cli"
    assert file.read_text() == ran.stdout, f"the plan of {stack} is another: look at it, then renew it"


def test_only_stacks_that_there_are_have_a_reviewed_plan() -> None:
    assert {file.stem for file in PLANS.glob("*.txt")} == set(STACKS)


@pytest.mark.parametrize("stack", STACKS)
def test_no_line_of_a_plan_is_wider_than_a_screen(stack: str) -> None:
    assert max(map(len, (PLANS / f"{stack}.txt").read_text().splitlines())) <= 118


@pytest.mark.parametrize("stack", STACKS)
def test_a_program_reads_the_same_plan(stack: str) -> None:
    ran = kubelanes("plan", stack, "--json")
    plan = json.loads(ran.stdout)
    assert ran.returncode == GOOD
    assert plan["stack"] == stack
    assert {pool["name"] for pool in plan["pools"]}
    assert plan["nodes"]["high"] == sum(pool["nodes"]["high"] for pool in plan["pools"])
    if plan["priced"]:
        known = [pool["usd_per_hour"]["high"] for pool in plan["pools"] if pool["usd_per_hour"]]
        parts = [part["usd_per_hour"]["high"] for part in plan["around"]]
        assert plan["cost"]["usd_per_hour"]["high"] == pytest.approx(sum(known) + sum(parts), abs=0.01)
        assert plan["cost"]["usd_per_month"]["low"] == pytest.approx(
            730 * plan["cost"]["usd_per_hour"]["low"], rel=1e-3
        )


def test_a_stack_file_is_planned_by_its_path_wherever_it_lies(tmp_path: Path) -> None:
    (tmp_path / "lab.yaml").write_text(GOOD_STACK)
    ran = kubelanes("plan", "lab.yaml", folder=tmp_path)
    assert ran.returncode == GOOD
    assert ran.stdout.startswith("lab: EKS cluster lab in eu-west-1, dev\n")
    assert "What is around the nodes is priced as in us-east-1." in ran.stdout


def test_a_stack_is_found_by_its_name_from_a_folder_below(tmp_path: Path) -> None:
    below = tmp_path / "some" / "where"
    below.mkdir(parents=True)
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "Pulumi.lab.yaml").write_text(GOOD_STACK)
    assert kubelanes("plan", "lab", folder=below).stdout.startswith("lab: EKS cluster lab")


def test_problems_of_a_stack_file_are_told_as_when_it_is_checked(tmp_path: Path) -> None:
    (tmp_path / "spoilt.yaml").write_text(SPOILT)
    planned = kubelanes("plan", "spoilt.yaml", folder=tmp_path)
    command = [sys.executable, "-m", "components.settings", "spoilt.yaml"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    checked = subprocess.run(command, cwd=tmp_path, env=environment, text=True, capture_output=True, check=False)
    assert planned.returncode == MEND
    assert planned.stdout == ""
    assert planned.stderr == checked.stderr
    assert "spoilt.yaml: 2 problems, nothing was created" in planned.stderr


def test_a_misspelled_stack_is_told_with_what_there_is() -> None:
    ran = kubelanes("plan", "simm")
    assert ran.returncode == WRONG_USE
    assert "Did you mean sim?" in ran.stderr
    assert all(stack in ran.stderr for stack in STACKS)


@pytest.mark.parametrize(
    ("asked", "said"),
    [("nowhere.yaml", "nowhere.yaml: there is no such file."), ("lab", "there is no folder stacks/ here or above")],
)
def test_a_stack_that_is_not_there_is_told(tmp_path: Path, asked: str, said: str) -> None:
    ran = kubelanes("plan", asked, folder=tmp_path)
    assert ran.returncode == WRONG_USE
    assert said in ran.stderr


def test_a_command_that_there_is_not_ends_with_the_usage() -> None:
    ran = kubelanes("destroy")
    assert ran.returncode == WRONG_USE
    assert "usage: kubelanes" in ran.stderr


def test_the_installed_command_is_this_one() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    module, _, function = scripts["kubelanes"].partition(":")
    assert getattr(import_module(module.replace("kubelanes", "components", 1)), function) is main


def test_a_plan_takes_no_sdk_and_not_the_start_of_pulumi() -> None:
    program = """
import sys
from components.cli.main import main
main(["plan", "eks-prod"])
main(["plan", "gke-prod"])
print([name for name in sys.modules if name.partition("_")[0] == "pulumi"])
"""
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, text=True, capture_output=True, check=False)
    assert ran.stdout.endswith("[]\n")


def test_a_reader_that_has_seen_enough_is_no_failure() -> None:
    command = f"'{sys.executable}' -m components.cli plan sim | head -1; exit ${{PIPESTATUS[0]}}"
    ran = subprocess.run(["bash", "-c", command], cwd=ROOT, text=True, capture_output=True, check=False)
    assert (ran.stdout.count("\n"), ran.stderr) == (1, "")
