"""What stacks take and cost, case by case: each file in cases/ is one."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from components.cost.plan import StackPlan, plan_stack
from components.settings.settings import Settings

CLUSTERS: dict[str, dict[str, Any]] = {
    "eks": {"name": "test", "region": "us-east-1", "version": "1.35"},
    "gke": {"name": "test", "project": "acme-ml-test", "region": "us-central1"},
    "existing": {"name": "test", "kubeconfig": "~/.kube/config"},
}


class Given(BaseModel, extra="forbid"):
    kind: str
    environment: str = "dev"
    cluster: dict[str, Any] = {}
    pools: dict[str, dict[str, Any]]

    @property
    def settings(self) -> Settings:
        cluster = {"kind": self.kind, **CLUSTERS.get(self.kind, {}), **self.cluster}
        return Settings.model_validate({"environment": self.environment, "cluster": cluster, "pools": self.pools})


class Case(BaseModel, extra="forbid"):
    """Of ``pools``, ``around`` and ``quotas`` only what is named is looked at. Amounts are USD an hour."""

    given: Given
    nodes: str | None = None
    gpus: str | None = None
    pools: dict[str, tuple[float, float] | None] = {}
    ceilings: dict[str, float] = {}
    around: dict[str, tuple[int, int, float, float] | None] = {}
    quotas: dict[str, int | None] = {}
    unpriced: tuple[str, ...] = ()
    total: tuple[float, float] | None = None


FILES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
CASES = {file.stem: Case.model_validate(yaml.safe_load(file.read_text(encoding="utf-8"))) for file in FILES}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_stack_takes_and_costs_what_the_case_says(case: Case) -> None:
    plan = plan_stack(case.given.settings)
    named = {"nodes": str(plan.nodes), "gpus": str(plan.cards), "total": _rounded(plan.hourly.low, plan.hourly.high)}
    assert {key: value for key, value in named.items() if getattr(case, key) is not None} == {
        key: getattr(case, key) for key in named if getattr(case, key) is not None
    }
    assert _part(_pools(plan), case.pools) == case.pools
    assert _part({cost.pool.name: round(cost.ceiling, 2) for cost in plan.costs}, case.ceilings) == case.ceilings
    assert _part(_around(plan), case.around) == case.around
    assert _part({need.quota.code: need.needed for need in plan.around.quotas}, case.quotas) == case.quotas
    assert plan.unpriced == case.unpriced


def _pools(plan: StackPlan) -> dict[str, tuple[float, float] | None]:
    return {cost.pool.name: cost.hourly and _rounded(cost.hourly.low, cost.hourly.high) for cost in plan.costs}


def _around(plan: StackPlan) -> dict[str, tuple[int, int, float, float]]:
    parts = plan.around.parts
    return {part.title: (part.least, part.most, *_rounded(part.hourly.low, part.hourly.high)) for part in parts}


def _rounded(low: float, high: float) -> tuple[float, float]:
    return round(low, 2), round(high, 2)


def _part(of: dict[str, Any], like: dict[str, Any]) -> dict[str, Any]:
    return {key: of.get(key) for key in like}
