"""Draws ``docs/platform.svg``: what the stack ``sim`` brings up, from its stack file alone.

``python -m tools.picture [--check]``, in the virtual environment: the library is needed to plan the stack.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from components.exports import pool_table, tenant_table, workload_table
from components.lanes.context import LaneContext
from components.lanes.plan import plan_lanes
from components.pools.planner import plan_pools
from components.settings.inventory import cloud_of
from components.settings.stack_file import parse_file

from .overview import Overview, overview
from .svg import draw_svg

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "platform.svg"
STACK = ROOT / "stacks" / "Pulumi.sim.yaml"
TITLE = "What `make up` brings up: the stack sim"
NOTES = (
    "Real: etcd, kube-apiserver, scheduler, controller-manager, Kueue, quotas, claims, access.",
    "Simulated: nodes, GPUs and what runs in the containers.",
    "A square is a GPU; its parts are time slices or MIG partitions; dashed: served by DRA, cut when it is claimed.",
)


def planned() -> Overview:
    """The stack as it will be once it is up; where its API server listens is not known before."""
    settings = parse_file(STACK)
    pools = plan_pools(settings)
    context = LaneContext(
        environment=settings.environment, pools=pools, default_priority=settings.queues.default_priority
    )
    plans = plan_lanes(settings.lanes, context)
    outputs = {
        "endpoints": {f"{plan.identity.tenant}/{plan.identity.name}": plan.url for plan in plans if plan.url},
        "pools": pool_table(pools, cloud_of(settings.cluster)),
        "tenants": tenant_table(settings),
        "workloads": workload_table(settings, plans),
    }
    return overview(outputs)


def picture() -> str:
    """The picture as it should be."""
    return draw_svg(planned(), TITLE, NOTES)


def main(arguments: Sequence[str]) -> int:
    """Write the picture, or say whether it is stale; returns the exit status."""
    if "--check" not in arguments:
        PICTURE.write_text(picture(), encoding="utf-8")
        return 0
    if PICTURE.is_file() and PICTURE.read_text(encoding="utf-8") == picture():
        return 0
    print(f"{PICTURE.relative_to(ROOT)}: stale; run python3 -m tools picture", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
