"""The plan of a stack, as programs read it."""

import json
from typing import Any

from ..catalogue.prices import HOURS, Between
from ..cost.nodes import PoolCost
from ..cost.plan import StackPlan
from ..cost.quotas import QuotaNeed
from ..pools.plan import PoolPlan
from ..settings.scalars import Span


def plan_json(name: str, plan: StackPlan) -> str:
    """The plan of the stack called ``name``; amounts are USD, ranges ``{"low": ..., "high": ...}``."""
    cluster, place, hourly = plan.settings.cluster, plan.place, plan.hourly
    document = {
        "stack": name,
        "cluster": {"kind": cluster.kind, "name": cluster.name, "environment": plan.settings.environment.value},
        "priced": place and {"cloud": place.cloud, "region": place.region, "imagined": place.imagined},
        "nodes": _span(plan.nodes),
        "gpus": _span(plan.cards),
        "pools": [
            _pool(pool, cost) for pool, cost in zip(plan.pools, plan.costs or [None] * len(plan.pools), strict=True)
        ],
        "around": [
            {"what": part.title, "least": part.least, "most": part.most, "usd_per_hour": _between(part.hourly)}
            for part in plan.around.parts
        ],
        "cost": place and {"usd_per_hour": _between(hourly), "usd_per_month": _between(hourly, HOURS)},
        "unpriced": list(plan.unpriced),
        "not_counted": list(plan.around.left_out),
        "addresses": [
            {"for": row.use, "ranges": row.ranges, "has": row.has, "needs": row.needs} for row in plan.around.addresses
        ],
        "quotas": [_quota(need) for need in plan.around.quotas],
        "prices": [{"as_of": as_of.isoformat(), "source": source} for as_of, source in plan.sources],
    }
    return json.dumps(document, indent=2) + "\n"


def _pool(pool: PoolPlan, cost: PoolCost | None) -> dict[str, Any]:
    ways = cost.ways if cost else ()
    return {
        "name": pool.name,
        "lane": pool.lane.value,
        "machine": pool.machine.name,
        "nodes": _span(pool.size),
        "gpu": pool.gpu and {"accelerator": pool.gpu.accelerator.name, "per_node": pool.gpu.per_node},
        "bought": [
            {"as": way.name, "machines": list(way.machines), "usd_per_node_hour": _between(way.node)} for way in ways
        ],
        "usd_per_hour": _between(cost.hourly) if cost else None,
    }


def _quota(need: QuotaNeed) -> dict[str, Any]:
    quota = need.quota
    return {
        "service": quota.service,
        "code": quota.code,
        "name": quota.name,
        "default": quota.default,
        "needed": need.needed,
        "unit": quota.unit,
        "enough": need.enough,
    }


def _span(span: Span) -> dict[str, int]:
    return {"low": span.min, "high": span.max}


def _between(amount: Between | None, times: int = 1) -> dict[str, float] | None:
    return amount and {"low": round(amount.low * times, 4), "high": round(amount.high * times, 4)}
