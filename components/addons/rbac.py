"""What an add-on's service account may do in the whole cluster, where no chart says it."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..objects import Manifest, manifest

_GROUP = "rbac.authorization.k8s.io"


def cluster_role(
    name: str, rules: Sequence[Mapping[str, Any]], *, account: str, namespace: str
) -> tuple[Manifest, Manifest]:
    """The ClusterRole of these rules and its binding to one service account."""
    role = {"apiGroup": _GROUP, "kind": "ClusterRole", "name": name}
    subject = {"kind": "ServiceAccount", "name": account, "namespace": namespace}
    return (
        manifest(f"{_GROUP}/v1", "ClusterRole", name, rules=[dict(rule) for rule in rules]),
        manifest(f"{_GROUP}/v1", "ClusterRoleBinding", name, roleRef=role, subjects=[subject]),
    )
