"""From a tenant in the stack file to its namespace and everything that guards it."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..clusters.facts import ClusterFacts
from ..objects import Object, manifest
from ..pools.plan import PoolPlan
from ..pools.shares import allot
from ..settings.settings import Settings
from ..settings.tenants import TenantSettings
from .claim_templates import claim_templates
from .network import network_policies
from .quota import cards_by_pool, limit_range, quotas
from .roles import role_bindings

TENANT_LABEL = "kubelanes.dev/tenant"
"""The label of a tenant's namespace and of its workloads; its value is the tenant's name."""
CONTACT_ANNOTATION = "kubelanes.dev/contact"
"""The annotation of a tenant's namespace that holds the mail address of those who answer for it."""
PRIVILEGED_ANNOTATION = "kubelanes.dev/privileged"
"""The annotation of a tenant's namespace that says why its pods may do what Pod Security forbids elsewhere."""

POD_SECURITY_VERSION = "v1.34"
"""The Pod Security standards that are enforced: of the oldest Kubernetes we run on, until it is raised here.

``latest`` would let an upgrade of the cluster refuse pods that ran the day before.
"""


@dataclass(frozen=True, slots=True)
class TenantPlan:
    """One tenant, complete.

    namespace: its namespace, called after it.
    objects: what stands inside; the guards (quotas, limits, default-deny) are ``keep`` where the namespace is.
    """

    name: str
    namespace: Object
    objects: tuple[Object, ...]


def plan_tenant(name: str, settings: Settings, pools: Sequence[PoolPlan], facts: ClusterFacts) -> TenantPlan:
    """Plans the tenant ``name`` of ``settings`` on ``pools``.

    Where the environment retains data, a removed tenant's namespace stays, with its volumes and its guards; access
    and network openings go. In other environments all of it goes.
    """
    tenant, retain = settings.tenants[name], settings.environment.preset.retain_data
    owned = allot({other: each.quota.gpu for other, each in settings.tenants.items()}, pools)
    objects = (
        *quotas(name, tenant, pools, owned[name], facts.kubernetes),
        limit_range(name, tenant, pools),
        *network_policies(name, settings, facts.workload_identity),
        _default_service_account(name),
        *claim_templates(name, pools, cards_by_pool(tenant, pools, owned[name])),
        *role_bindings(name, tenant),
    )
    return TenantPlan(
        name,
        _namespace(name, tenant).kept(retain),
        tuple(item.kept(retain and item.keep) for item in objects),
    )


def _namespace(name: str, tenant: TenantSettings) -> Object:
    labels = {
        TENANT_LABEL: name,
        "app.kubernetes.io/managed-by": "kubelanes",
        "pod-security.kubernetes.io/enforce": "privileged" if tenant.privileged else "restricted",
        "pod-security.kubernetes.io/enforce-version": POD_SECURITY_VERSION,
        "pod-security.kubernetes.io/warn": "restricted",
        "pod-security.kubernetes.io/warn-version": "latest",
    }
    reason = {PRIVILEGED_ANNOTATION: tenant.privileged} if tenant.privileged else {}
    annotations = {CONTACT_ANNOTATION: tenant.contact, **reason}
    return Object(manifest("v1", "Namespace", name, labels=labels, annotations=annotations))


def _default_service_account(namespace: str) -> Object:
    # Kubernetes makes this account by itself; creating it would fail, patching it does not.
    return Object(
        manifest("v1", "ServiceAccount", "default", namespace, automountServiceAccountToken=False), patch=True
    )
