"""One tenant in the cluster."""

import pulumi

from ..registration import register
from .plan import TenantPlan


class Tenant(pulumi.ComponentResource):
    """A team's namespace with its quotas, limits, isolation and access.

    home: its namespace.
    namespace: the name of that, known once it exists.
    guards: what workloads of the tenant wait for, so that none runs uncounted or unprotected.
    """

    def __init__(self, name: str, plan: TenantPlan, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kubelanes:tenancy:Tenant", name, {}, opts)
        self.home = register(plan.namespace, self)
        gone_with = None if plan.namespace.keep else self.home
        self.guards = [register(item, self, depends_on=[self.home], deleted_with=gone_with) for item in plan.objects]
        self.namespace = self.home.id
        self.register_outputs({"namespace": self.namespace})
