"""What the four lane components have in common: a plan becomes resources."""

from collections.abc import Sequence

import pulumi

from ..registration import register
from .workload import LanePlan


class LaneComponent(pulumi.ComponentResource):
    """A workload of a lane.

    plan: what was decided.
    url: where the tenant's other pods reach it; None where nothing listens.
    """

    def __init__(
        self, token: str, plan: LanePlan, guards: Sequence[pulumi.Resource], opts: pulumi.ResourceOptions | None
    ) -> None:
        """``guards`` is what must stand before any of it: the tenant's namespace, quotas and policies."""
        super().__init__(f"kubelanes:lanes:{token}", plan.identity.name, {}, opts)
        self.plan = plan
        self.url = plan.url
        first = [register(item, self, depends_on=guards) for item in plan.foundations]
        for item in plan.objects:
            register(item, self, depends_on=[*guards, *first])
        self.register_outputs({"lane": plan.placement.lane.value, "url": plan.url})
