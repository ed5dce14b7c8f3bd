"""Settings of ``kubelanes:gpu`` that nothing on a cluster heeds are said."""

from pathlib import Path

import pytest
import yaml

from components.addons.gpus.plan import plan_gpu_stack
from components.clusters.kinds import plan_facts
from components.pools.planner import plan_pools
from components.settings import parse_settings

ENVIRONMENTS = Path(__file__).parent / "environments"
TENANTS = {"search": {"contact": "search@example.com", "quota": {"cpu": 1, "memory": "1Gi"}}}


def idle(environment: str, **gpu: str) -> list[str]:
    stack = yaml.safe_load((ENVIRONMENTS / f"{environment}.yaml").read_text(encoding="utf-8"))
    settings = parse_settings({"tenants": TENANTS, **stack, "gpu": {**stack.get("gpu", {}), **gpu}})
    plan = plan_gpu_stack(settings, plan_facts(settings.cluster), plan_pools(settings), Path("/nowhere"))
    return [path for path, _ in plan.idle]


def test_nothing_is_said_of_what_a_stack_file_does_not_say() -> None:
    assert idle("gke-cos-managed") == []


@pytest.mark.parametrize(
    ("environment", "heeded"),
    [("gke-ubuntu-operator", True), ("existing", True), ("eks-al2023", False), ("gke-cos-operator", False)],
)
def test_the_drivers_version_is_heeded_where_the_gpu_operator_installs_it(environment: str, heeded: bool) -> None:
    assert idle(environment, driver="580.95.05") == ([] if heeded else ["gpu.driver"])


@pytest.mark.parametrize(
    ("environment", "heeded"), [("eks-al2023", True), ("existing-standalone", True), ("gke-cos-managed", False)]
)
def test_metrics_are_heeded_where_an_exporter_of_ours_is_installed(environment: str, heeded: bool) -> None:
    assert idle(environment, metrics="profiling") == ([] if heeded else ["gpu.metrics"])


def test_an_exporter_that_nobody_wants_is_not_missed() -> None:
    assert idle("gke-cos-managed", metrics="none") == []
