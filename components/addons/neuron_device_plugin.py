"""The Neuron device plugin: it advertises AWS Trainium and Inferentia, whole and by the core.

Driver and runtime are the node image's. A pod that takes some of a node's accelerators, not one and not all, should get
neighbours; that takes Neuron's scheduler extension as well, which a managed control plane cannot be told of.
Sources: AWS Neuron documentation, "Neuron Device Plugin" and "Neuron Scheduler Extension"; aws-neuron/aws-neuron-sdk,
src/k8/k8s-neuron-device-plugin.yml and -rbac.yml.
"""

from collections.abc import Sequence
from pathlib import Path

from ..clusters.cluster import NEURON_PLUGIN, ClusterFacts
from ..mounts import Mount
from ..objects import Object
from ..pools.plan import PoolPlan
from ..settings.settings import Settings
from .device_plugin import DevicePlugin, device_plugin

PLUGIN = DevicePlugin(
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


def plan_neuron_device_plugin(
    _settings: Settings, facts: ClusterFacts, pools: Sequence[PoolPlan], _mirror: Path
) -> tuple[Object, ...]:
    """The plugin's manifests; none where no pool carries AWS's accelerators."""
    return device_plugin(PLUGIN, facts, pools)
