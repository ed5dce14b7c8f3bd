"""The device plugins of vendors other than NVIDIA: DaemonSets without a chart, on the pools with their accelerators.

Each advertises whole accelerators as its vendor's extended resource, and knows no way to share them. Driver and runtime
are the node image's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...clusters.facts import AMD_PLUGIN, NEURON_PLUGIN, ClusterFacts
from ...mounts import Mount
from ...objects import Manifest, Object, manifest
from ...pools.plan import PoolPlan
from ...settings.settings import Settings
from ..daemons import NAMESPACE, daemon_set
from ..rbac import cluster_role


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorPlugin:
    """A vendor's device plugin.

    name: the DaemonSet's; where a cluster brings the plugin itself, `ClusterFacts.brings` holds it.
    vendor: whose accelerators it advertises, a name of the catalogue's vendors.
    image: its image, with its version.
    mounts: what it reads of the node, beside the kubelet's sockets.
    env: its environment, as in a container's ``env``.
    rules: what it may do in the cluster; with none it gets no account of its own, and no token.
    privileged: whether it sees what the kernel shows of a device to those only that may use the device.
    """

    name: str
    vendor: str
    image: str
    mounts: tuple[Mount, ...]
    env: tuple[Mapping[str, Any], ...] = ()
    rules: tuple[Mapping[str, Any], ...] = ()
    privileged: bool = False


_NEURON = VendorPlugin(
    name=NEURON_PLUGIN,
    vendor="aws",
    # renovate: datasource=docker depName=public.ecr.aws/neuron/neuron-device-plugin
    image="public.ecr.aws/neuron/neuron-device-plugin:2.29.16.0",
    mounts=(Mount(name="run", path="/run", source={"hostPath": {"path": "/run"}}),),
    env=({"name": "NODE_NAME", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},),
    rules=(
        {"apiGroups": [""], "resources": ["nodes"], "verbs": ["get", "list", "watch"]},
        {"apiGroups": [""], "resources": ["nodes/status"], "verbs": ["patch", "update"]},
        # It writes on each pod which devices it was given, for the scheduler extension.
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch", "patch", "update"]},
        {"apiGroups": [""], "resources": ["events"], "verbs": ["create", "patch"]},
    ),
)
"""AWS Trainium and Inferentia, whole and by the core.

A pod that takes some of a node's accelerators, not one and not all, should get neighbours; that takes Neuron's
scheduler extension as well, which a managed control plane cannot be told of.
Sources: AWS Neuron documentation, "Neuron Device Plugin" and "Neuron Scheduler Extension"; aws-neuron/aws-neuron-sdk,
src/k8/k8s-neuron-device-plugin.yml and -rbac.yml.
"""

_AMD = VendorPlugin(
    name=AMD_PLUGIN,
    vendor="amd",
    # renovate: datasource=docker depName=rocm/k8s-device-plugin
    image="docker.io/rocm/k8s-device-plugin:1.31.0.10",
    mounts=(Mount(name="sys", path="/sys", source={"hostPath": {"path": "/sys"}}),),
    privileged=True,
)
"""AMD Instinct, as ``amd.com/gpu``.

Unprivileged, it cannot read the properties of the accelerators below ``/sys/class/kfd``, and finds none.
Source: ROCm/k8s-device-plugin, k8s-ds-amdgpu-dp.yaml, and its pull request 124.
"""

_SOCKETS = Mount(
    name="device-plugins",
    path="/var/lib/kubelet/device-plugins",
    source={"hostPath": {"path": "/var/lib/kubelet/device-plugins", "type": "Directory"}},
)
"""Where the kubelet and its plugins find each other. Source: kubernetes.io, "Device Plugins"."""


_UNPRIVILEGED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


def plan_vendor_plugins(
    _settings: Settings, facts: ClusterFacts, pools: Sequence[PoolPlan], _mirror: Path
) -> tuple[Object, ...]:
    """The plugins for the accelerators that there are, without those that the cluster brings itself."""
    return tuple(Object(each) for plugin in (_NEURON, _AMD) for each in _installed(plugin, facts, pools))


def _installed(plugin: VendorPlugin, facts: ClusterFacts, pools: Sequence[PoolPlan]) -> Iterator[Manifest]:
    served = [pool for pool in pools if pool.gpu and pool.gpu.accelerator.vendor.name == plugin.vendor]
    if served and plugin.name not in facts.brings:
        yield from _account(plugin) if plugin.rules else ()
        yield daemon_set(plugin.name, served, _pod(plugin))


def _account(plugin: VendorPlugin) -> Iterator[Manifest]:
    yield manifest("v1", "ServiceAccount", plugin.name, NAMESPACE)
    yield from cluster_role(plugin.name, plugin.rules, account=plugin.name, namespace=NAMESPACE)


def _pod(plugin: VendorPlugin) -> Manifest:
    mounts = (_SOCKETS, *plugin.mounts)
    container = {
        "name": plugin.name,
        "image": plugin.image,
        "imagePullPolicy": "IfNotPresent",
        "env": [dict(each) for each in plugin.env],
        "resources": {"requests": {"cpu": "10m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}},
        "securityContext": {"privileged": True} if plugin.privileged else _UNPRIVILEGED,
        "volumeMounts": [mount.volume_mount for mount in mounts],
    }
    account = {"serviceAccountName": plugin.name, "automountServiceAccountToken": True} if plugin.rules else {}
    return {**account, "containers": [container], "volumes": [mount.volume for mount in mounts]}
