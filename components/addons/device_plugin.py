"""The device plugin of a vendor other than NVIDIA: a DaemonSet without a chart, on the pools with its accelerators.

Each of these plugins advertises whole accelerators as the vendor's extended resource and knows no way to share them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..clusters.cluster import ClusterFacts
from ..mounts import Mount
from ..objects import Manifest, Object, manifest
from ..pools.plan import POOL_LABEL, PoolPlan

NAMESPACE = "kube-system"
"""Where pods of the priority class ``system-node-critical`` need no quota of their own."""
_SOCKETS = Mount(
    name="device-plugins",
    path="/var/lib/kubelet/device-plugins",
    source={"hostPath": {"path": "/var/lib/kubelet/device-plugins", "type": "Directory"}},
)
"""Where the kubelet and its plugins find each other. Source: kubernetes.io, "Device Plugins"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicePlugin:
    """A vendor's device plugin.

    name: the DaemonSet's; where a cluster brings the plugin itself, `ClusterFacts.brings` holds it.
    vendor: whose accelerators it advertises, a name of the catalogue's vendors.
    image: its image, with its version.
    mounts: what it reads of the node, beside the kubelet's sockets.
    env: its environment, as in a container's ``env``.
    rules: what it may do in the cluster; with none it gets no account of its own, and no token.
    """

    name: str
    vendor: str
    image: str
    mounts: tuple[Mount, ...]
    env: tuple[Mapping[str, Any], ...] = ()
    rules: tuple[Mapping[str, Any], ...] = ()


def device_plugin(plugin: DevicePlugin, facts: ClusterFacts, pools: Sequence[PoolPlan]) -> tuple[Object, ...]:
    """The plugin's manifests; none where no pool has such accelerators, or where the cluster brings it itself."""
    served = sorted(pool.name for pool in pools if pool.gpu and pool.gpu.accelerator.vendor.name == plugin.vendor)
    if not served or plugin.name in facts.brings:
        return ()
    return tuple(map(Object, (*_account(plugin), _daemon(plugin, served))))


def _account(plugin: DevicePlugin) -> tuple[Manifest, ...]:
    if not plugin.rules:
        return ()
    api, role = "rbac.authorization.k8s.io/v1", {"kind": "ClusterRole", "name": plugin.name}
    subject = {"kind": "ServiceAccount", "name": plugin.name, "namespace": NAMESPACE}
    return (
        manifest("v1", "ServiceAccount", plugin.name, NAMESPACE),
        manifest(api, "ClusterRole", plugin.name, rules=[dict(rule) for rule in plugin.rules]),
        manifest(
            api,
            "ClusterRoleBinding",
            plugin.name,
            roleRef={"apiGroup": "rbac.authorization.k8s.io", **role},
            subjects=[subject],
        ),
    )


def _daemon(plugin: DevicePlugin, pools: Sequence[str]) -> Manifest:
    labels = {"app.kubernetes.io/name": plugin.name}
    return manifest(
        "apps/v1",
        "DaemonSet",
        plugin.name,
        NAMESPACE,
        labels=labels,
        spec={
            "selector": {"matchLabels": labels},
            "updateStrategy": {"type": "RollingUpdate"},
            "template": {"metadata": {"labels": labels}, "spec": _pod(plugin, pools)},
        },
    )


def _pod(plugin: DevicePlugin, pools: Sequence[str]) -> Manifest:
    mounts = (_SOCKETS, *plugin.mounts)
    on_pools = {"matchExpressions": [{"key": POOL_LABEL, "operator": "In", "values": list(pools)}]}
    container = {
        "name": plugin.name,
        "image": plugin.image,
        "imagePullPolicy": "IfNotPresent",
        "env": [dict(each) for each in plugin.env],
        "resources": {"requests": {"cpu": "10m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "volumeMounts": [mount.volume_mount for mount in mounts],
    }
    return {
        "priorityClassName": "system-node-critical",
        "automountServiceAccountToken": bool(plugin.rules),
        **({"serviceAccountName": plugin.name} if plugin.rules else {}),
        "affinity": {
            "nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [on_pools]}}
        },
        # Without it a node has no accelerators: no taint keeps it away, a cordon before an upgrade least of all.
        "tolerations": [{"operator": "Exists"}],
        "containers": [container],
        "volumes": [mount.volume for mount in mounts],
    }
