"""What a stack tells of its pools, by the kind of its cluster, and of its workloads."""

from pathlib import Path

import pytest

from components.exports import pool_table, workload_table
from components.lanes.context import LaneContext
from components.lanes.plan import plan_lanes
from components.pools.planner import plan_pools
from components.settings.inventory import cloud_of
from components.settings.stack_file import parse_file
from tests.support.planning import settings

STACKS = Path(__file__).resolve().parents[2] / "stacks"
OF_A_CLOUD = {"machine", "bought as"}


@pytest.mark.parametrize(
    ("stack", "told"), [("kind", set[str]()), ("sim", OF_A_CLOUD), ("eks-prod", OF_A_CLOUD), ("gke-prod", OF_A_CLOUD)]
)
def test_a_machine_and_how_it_is_bought_are_told_where_a_cloud_sells_it(stack: str, told: set[str]) -> None:
    parsed = parse_file(STACKS / f"Pulumi.{stack}.yaml")
    for row in pool_table(plan_pools(parsed), cloud_of(parsed.cluster)).values():
        assert row.keys() & OF_A_CLOUD == told
        assert row.keys() >= {"lane", "nodes"}


def test_a_workload_tells_what_its_pods_get_and_how_they_reach_each_other() -> None:
    pools = {
        "platform": {"lane": "platform", "machine": "m7i.2xlarge"},
        "h200": {"lane": "gpu-inference", "accelerator": "h200", "share": "dra"},
        "h100": {"lane": "gpu-inference", "accelerator": "h100-80gb", "per_node": 8, "share": {"dra": "dynamic-mig"}},
        "a10g": {"lane": "batch", "accelerator": "a10g", "per_node": 4, "network": "efa", "size": 2},
    }
    image = "registry.example.com/work:1"
    either = {"product": "h200", "instead": [{"product": "h100-80gb", "memory": "30Gi"}]}
    job = {"tenant": "search", "image": image, "nodes": 2}
    lanes = {
        "workers": {"embeddings": {"tenant": "search", "image": image, "accelerator": either}},
        "training": {
            "pretrain": {**job, "accelerator": {"product": "a10g", "count": 4}},
            "sweep": {**job, "accelerator": {"product": "a10g", "count": 2}},
        },
    }
    stack = settings({"pools": pools, "lanes": lanes})
    context = LaneContext(environment=stack.environment, pools=plan_pools(stack), default_priority="normal")
    rows = workload_table(stack, plan_lanes(stack.lanes, context))
    assert rows["search/embeddings"]["gpu"] == "1 x h200, else 1 x 3g.40gb"
    assert rows["search/embeddings"]["pools"] == "h200, h100"
    assert [rows[f"search/{job}"]["network"] for job in ("pretrain", "sweep")] == ["efa", "default"]
    assert "network" not in rows["search/embeddings"]
