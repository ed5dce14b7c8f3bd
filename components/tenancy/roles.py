"""What viewers, developers and operators of a tenant may do in its namespace, and nowhere else.

Nobody in a tenant changes quotas, limits, network policies or access; those come from the stack file.
Whoever may create pods can mount any Secret of the namespace into one: RBAC cannot part the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..objects import Object, manifest
from ..settings.tenants import Role, TenantSettings

_READ = ("get", "list", "watch")
_MANAGE = (*_READ, "create", "update", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a ClusterRole."""

    group: str
    resources: tuple[str, ...]
    verbs: tuple[str, ...] = _READ

    @property
    def spec(self) -> dict[str, list[str]]:
        """The rule as Kubernetes spells it."""
        return {"apiGroups": [self.group], "resources": list(self.resources), "verbs": list(self.verbs)}


_VIEWER = (
    Rule(
        "",
        (
            "configmaps", "endpoints", "events", "limitranges", "persistentvolumeclaims", "pods", "pods/log",
            "pods/status", "resourcequotas", "serviceaccounts", "services",
        ),
    ),
    Rule("apps", ("daemonsets", "deployments", "deployments/scale", "replicasets", "statefulsets")),
    Rule("autoscaling", ("horizontalpodautoscalers",)),
    Rule("batch", ("cronjobs", "jobs")),
    Rule("discovery.k8s.io", ("endpointslices",)),
    Rule("events.k8s.io", ("events",)),
    Rule("kueue.x-k8s.io", ("localqueues", "workloads")),
    Rule("metrics.k8s.io", ("pods",)),
    Rule("networking.k8s.io", ("networkpolicies",)),
    Rule("policy", ("poddisruptionbudgets",)),
    Rule("resource.k8s.io", ("resourceclaims", "resourceclaimtemplates")),
)  # fmt: skip

_DEVELOPER = (
    *_VIEWER,
    Rule("", ("configmaps", "persistentvolumeclaims", "pods", "services"), _MANAGE),
    Rule("", ("pods/portforward",), ("create",)),
    Rule("apps", ("deployments", "deployments/scale", "statefulsets", "statefulsets/scale"), _MANAGE),
    Rule("autoscaling", ("horizontalpodautoscalers",), _MANAGE),
    Rule("batch", ("cronjobs", "jobs"), _MANAGE),
    Rule("policy", ("poddisruptionbudgets",), _MANAGE),
    Rule("resource.k8s.io", ("resourceclaims", "resourceclaimtemplates"), _MANAGE),
)

_OPERATOR = (
    *_DEVELOPER,
    Rule("", ("pods/attach", "pods/eviction", "pods/exec"), ("create",)),
    Rule("", ("serviceaccounts",), _MANAGE),
    # Written, never read: get, list, watch, update and patch all answer with the secret itself.
    Rule("", ("secrets",), ("create", "delete")),
)

RULES: Mapping[Role, tuple[Rule, ...]] = {
    Role.VIEWER: _VIEWER,
    Role.DEVELOPER: _DEVELOPER,
    Role.OPERATOR: _OPERATOR,
}
"""The rules of each role; each role may do all that the one before it may."""


def cluster_role(role: Role) -> Object:
    """The ClusterRole that every tenant's binding of ``role`` refers to."""
    rules = [rule.spec for rule in RULES[role]]
    return Object(manifest("rbac.authorization.k8s.io/v1", "ClusterRole", _name(role), rules=rules))


def role_bindings(namespace: str, tenant: TenantSettings) -> tuple[Object, ...]:
    """The tenant's groups, bound to their roles inside its namespace; one binding for each role in use."""
    api = "rbac.authorization.k8s.io"
    return tuple(
        Object(
            manifest(
                f"{api}/v1",
                "RoleBinding",
                _name(role),
                namespace,
                roleRef={"apiGroup": api, "kind": "ClusterRole", "name": _name(role)},
                subjects=[{"apiGroup": api, "kind": "Group", "name": group} for group in groups],
            )
        )
        for role in Role
        if (groups := sorted(group for group, given in tenant.groups.items() if given is role))
    )


def _name(role: Role) -> str:
    return f"kubelanes-{role}"
