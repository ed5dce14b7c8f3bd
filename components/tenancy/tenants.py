"""All tenants, and what they share."""

from collections.abc import Sequence

import pulumi

from ..clusters.facts import ClusterFacts
from ..objects import Object
from ..pools.plan import PoolPlan
from ..registration import register
from ..settings.settings import Settings
from ..settings.tenants import Role
from .lane_guard import lane_policy
from .plan import TenantPlan, plan_tenant
from .priority_classes import PriorityClasses
from .roles import cluster_role
from .tenant import Tenant


def plan_tenants(settings: Settings, pools: Sequence[PoolPlan], facts: ClusterFacts) -> tuple[TenantPlan, ...]:
    """Plans every tenant."""
    return tuple(plan_tenant(name, settings, pools, facts) for name in settings.tenants)


class Tenants(pulumi.ComponentResource):
    """The tenants of a stack, with the PriorityClasses, ClusterRoles and the guard of the lanes that all of them share.

    tenants: each tenant by name.
    """

    def __init__(self, name: str, plans: Sequence[TenantPlan], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kubelanes:tenancy:Tenants", name, {}, opts)
        self.priority_classes = PriorityClasses("priority-classes", pulumi.ResourceOptions(parent=self))
        self.roles = [register(cluster_role(role), self) for role in Role]
        self.lane_guard = [register(Object(each), self) for each in lane_policy()]
        self.tenants = {plan.name: Tenant(plan.name, plan, pulumi.ResourceOptions(parent=self)) for plan in plans}
        self.register_outputs({"namespaces": {name: tenant.namespace for name, tenant in self.tenants.items()}})

    @property
    def namespaces(self) -> dict[str, pulumi.Resource]:
        """The namespace of each tenant, to depend on."""
        return {name: tenant.home for name, tenant in self.tenants.items()}

    def guards(self, tenant: str) -> list[pulumi.Resource]:
        """What a workload of ``tenant`` depends on: the priorities it names, and the tenant's guards."""
        return [*self.priority_classes.classes.values(), *self.tenants[tenant].guards]
