"""What becomes of a pool, case by case: each file in cases/ is one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pytest
import yaml
from pydantic import BaseModel

from components.pools.kwok import kwok_nodes
from components.pools.planner import plan_pools
from components.pools.shares import units
from components.settings.inventory import cloud_of
from components.settings.settings import Settings


class Given(BaseModel, extra="forbid"):
    imitates: Literal["eks", "gke"]
    pool: dict[str, Any]


class Node(BaseModel, extra="forbid"):
    labels: dict[str, str] = {}
    capacity: dict[str, str] = {}
    allocatable: dict[str, str] = {}
    without: tuple[str, ...] = ()


class Case(BaseModel, extra="forbid"):
    given: Given
    plan: dict[str, Any] = {}
    node: Node = Node()

    @property
    def settings(self) -> Settings:
        cluster = {"kind": "sim", "imitates": self.given.imitates}
        return Settings.model_validate({"cluster": cluster, "pools": {"pool": self.given.pool}})


FILES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
CASES = {file.stem: Case.model_validate(yaml.safe_load(file.read_text(encoding="utf-8"))) for file in FILES}
each_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def part(of: Mapping[str, object], like: Mapping[str, object]) -> dict[str, object]:
    return {key: of.get(key) for key in like}


@each_case
def test_the_plan_is_as_expected(case: Case) -> None:
    (plan,) = plan_pools(case.settings)
    summary = {
        "machine": plan.machine.name,
        "per_node": plan.gpu and plan.gpu.per_node,
        "cards": plan.cards,
        "capacity": list(plan.capacity),
        "taints": [f"{taint.key}={taint.value}:{taint.effect}" for taint in plan.taints],
        "units_of_two_cards": units(plan, 2),
    }
    assert part(summary, case.plan) == case.plan


@each_case
def test_its_first_node_is_as_expected(case: Case) -> None:
    settings = case.settings
    (plan,) = plan_pools(settings)
    cloud = cloud_of(settings.cluster)
    assert cloud
    (node,) = kwok_nodes(plan, cloud, 1, "1.36")
    assert part(node["metadata"]["labels"], case.node.labels) == case.node.labels
    assert part(node["status"]["capacity"], case.node.capacity) == case.node.capacity
    assert part(node["status"]["allocatable"], case.node.allocatable) == case.node.allocatable
    assert not set(case.node.without) & {*node["status"]["capacity"], *node["status"]["allocatable"]}


def test_a_node_of_nobodys_cloud_is_planned_as_the_machine_most_like_it() -> None:
    pools = {
        "l4": {"lane": "gpu-inference", "accelerator": "l4", "per_node": 3},
        "dgx": {"lane": "batch", "accelerator": "h100-80gb", "machine": "dgx-h100"},
        "plain": {"lane": "platform"},
    }
    cluster = {"kind": "existing", "name": "on-premises", "kubeconfig": "~/config"}
    l4, dgx, plain = plan_pools(Settings.model_validate({"cluster": cluster, "pools": pools}))
    assert (l4.machine.vcpu, l4.cards) == (24, 3)
    assert (dgx.machine.name, dgx.machine.vcpu, dgx.cards) == ("dgx-h100", 192, 8)
    assert (plain.machine.vcpu, plain.cards) == (8, 0)


def test_settings_that_nobody_checked_name_the_pool_that_cannot_be() -> None:
    pools = {"h200": {"lane": "batch", "accelerator": "h200", "per_node": 4}}
    with pytest.raises(LookupError, match=r"^pools\.h200: no machine of aws has 4 x h200 on the network default$"):
        plan_pools(Settings.model_validate({"cluster": {"kind": "sim"}, "pools": pools}))
