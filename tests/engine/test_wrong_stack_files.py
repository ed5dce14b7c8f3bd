"""Wrong stack files: through `make up`, and through the engine itself for those who run Pulumi without it."""

import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.catalogue.charts import MIRROR_VARIABLE
from components.problems import InvalidSettingsError
from components.settings import parse_settings
from components.settings.stack_file import parse_file, sections
from tests.support.checkout import Checkout
from tests.support.deployment import ROOT, Deployment
from tests.unit.settings.stacks import CASES, good_stack, patched
from tools.stack import SIM_ENVIRONMENT

REPRESENTATIVE = (
    "a-broken-pool-hides-no-other",
    "accelerator-misspelled",
    "cluster-of-unknown-kind",
    "mig-mix-that-does-not-fit",
    "model-version-is-a-number",
    "one-quota-above-the-pools",
)
"""To the engine the other cases of tests/unit/settings look like these."""

STOPPED = "error: an unhandled error occurred: program exited with non-zero exit code: 1"
"""The engine's own last words."""


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    return Deployment(tmp_path_factory.mktemp("wrong"), stack="wrong", env=SIM_ENVIRONMENT)


def wrong(name: str) -> str:
    """The stack file of a case."""
    case: dict[str, Any] = next(yaml.safe_load(file.read_text()) for file in CASES if file.stem == name)
    stack = patched(good_stack(), case.get("given", {}), case.get("remove", []))
    return yaml.safe_dump({"config": {f"kubelanes:{key}": value for key, value in stack.items()}})


@pytest.mark.parametrize("name", REPRESENTATIVE)
def test_the_engine_ends_with_the_table_and_no_resource(deployment: Deployment, name: str) -> None:
    deployment.configure(wrong(name))
    with pytest.raises(InvalidSettingsError) as expected:
        parse_settings(sections(yaml.safe_load(wrong(name))), "stacks/Pulumi.wrong.yaml")
    run = deployment.pulumi("up", "--yes", "--skip-preview", check=False)
    assert run.returncode != 0
    assert diagnostics(run.stdout) == f"error: {expected.value}\n{STOPPED}"
    assert not run.stderr
    assert [resource["type"] for resource in deployment.resources()] in ([], ["pulumi:pulumi:Stack"])


def test_a_chart_that_is_not_there_is_said_like_a_wrong_stack_file(tmp_path: Path) -> None:
    env = {**SIM_ENVIRONMENT, MIRROR_VARIABLE: str(tmp_path)}
    stack = Deployment(tmp_path / "home", stack="bare", env=env).configure(
        (ROOT / "stacks/Pulumi.sim.yaml").read_text()
    )
    run = stack.pulumi("preview", check=False)
    assert run.returncode != 0
    assert f"is not in the chart mirror {tmp_path}" in run.stdout
    assert "Traceback" not in run.stdout + run.stderr


def diagnostics(said: str) -> str:
    """What the engine says about the program, when all is over."""
    found = said.partition("\nDiagnostics:\n")[2].partition("\n\nResources:")[0]
    return textwrap.dedent(found.partition("\n")[2])


def test_make_up_says_no_more_than_the_table_and_starts_no_engine(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path, wrong("a-broken-pool-hides-no-other"))
    with pytest.raises(InvalidSettingsError) as expected:
        parse_file(checkout.layout.stacks / "Pulumi.life.yaml")
    table = str(expected.value).replace(f"{checkout.root}/", "")
    assert checkout.attempt("up") == (1, f"{table}\n")
    assert not list((checkout.layout.home / "state").iterdir())
