"""What every container of a lane is denied: Pod Security's restricted profile, and writing to its own image."""

from ..objects import Manifest

CONTAINER_SECURITY: Manifest = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
}
"""For each container. What must be written goes to an ``emptyDir``."""


def pod_security(user: int | None) -> Manifest:
    """The pod's security context.

    user: the number of a user and of the group that owns its volumes; None for the image's own, where the kubelet
        refuses an image that would run as root. Root itself (0) only where a fast network works for nobody else.
    """
    chosen: Manifest = {} if user is None else {"runAsUser": user, "runAsGroup": user, "fsGroup": user}
    return {"runAsNonRoot": user != 0, "seccompProfile": {"type": "RuntimeDefault"}, **chosen}
