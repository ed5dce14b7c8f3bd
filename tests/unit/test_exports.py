"""What a stack tells of its pools, by the kind of its cluster."""

from pathlib import Path

import pytest

from components.exports import pool_table
from components.pools.planner import plan_pools
from components.settings.inventory import cloud_of
from components.settings.stack_file import parse_file

STACKS = Path(__file__).resolve().parents[2] / "stacks"
OF_A_CLOUD = {"machine", "bought as"}


@pytest.mark.parametrize(
    ("stack", "told"), [("kind", set[str]()), ("sim", OF_A_CLOUD), ("eks-prod", OF_A_CLOUD), ("gke-prod", OF_A_CLOUD)]
)
def test_a_machine_and_how_it_is_bought_are_told_where_a_cloud_sells_it(stack: str, told: set[str]) -> None:
    settings = parse_file(STACKS / f"Pulumi.{stack}.yaml")
    for row in pool_table(plan_pools(settings), cloud_of(settings.cluster)).values():
        assert row.keys() & OF_A_CLOUD == told
        assert row.keys() >= {"lane", "nodes"}
