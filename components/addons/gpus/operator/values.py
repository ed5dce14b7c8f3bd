"""Who owns what: driver, container toolkit, device plugin, and the nodes on which operands run."""

from collections.abc import Sequence
from typing import Any

from ....clusters.facts import OPERATOR_DRIVER_ROOT, ClusterFacts
from ....pools.gpu_steering import WHOLE
from ....pools.plan import LANE_LABEL, PoolPlan
from ....settings.pools import GpuSettings, Lane
from ...daemons import tolerations
from ..plugin_configs import plugin_configs
from ..served import claimed, plugged
from .metrics import exporter_values
from .partitions import mig_manager_values

PLUGIN_CONFIGS = "device-plugin-configs"
"""The ConfigMap of the device plugin's configurations."""


def gpu_operator_values(gpu: GpuSettings, facts: ClusterFacts, pools: Sequence[PoolPlan]) -> dict[str, Any]:
    """The chart's values, as far as they differ from its own or must not change with it."""
    bearing = tolerations(pools)
    return {
        "operator": {
            "nodeSelector": {"kubernetes.io/os": "linux", LANE_LABEL: Lane.PLATFORM.value},
            "upgradeCRD": False,  # a hook, and hooks are not run: the chart's CRDs are objects like the others
            "cleanupCRD": False,
        },
        "daemonsets": {
            "tolerations": bearing,
            "updateStrategy": "RollingUpdate",
            "rollingUpdate": {"maxUnavailable": "1"},
        },
        # It finds the nodes with cards; every other part follows from its labels.
        "nfd": {"enabled": True},
        "node-feature-discovery": {"worker": {"tolerations": bearing}},
        "gfd": {"enabled": True},
        "cdi": {"enabled": True},
        "driver": _driver(facts),
        "toolkit": _toolkit(facts),
        **_host_paths(facts),
        **_device_plugin(facts, pools),
        "migManager": mig_manager_values(facts, pools),
        "dcgm": {"enabled": False},  # the exporter brings the engine; a second one would read the same counters
        "dcgmExporter": exporter_values(gpu.metrics, claims=bool(claimed(pools))),
        "nodeStatusExporter": {"enabled": True},
    }


def _driver(facts: ClusterFacts) -> dict[str, Any]:
    """Off where somebody else installs it; else by a resource for each lane, for lanes are drained differently."""
    if facts.gpu_driver != "operator":
        return {"enabled": False}
    return {"enabled": True, "nvidiaDriverCRD": {"enabled": True, "deployDefaultCR": False}}


def _toolkit(facts: ClusterFacts) -> dict[str, Any]:
    if facts.container_toolkit != "operator":
        return {"enabled": False}
    where = {} if facts.driver_root == OPERATOR_DRIVER_ROOT else {"installDir": facts.driver_root}
    source = [{"name": "RUNTIME_CONFIG_SOURCE", "value": "file"}] if facts.runtime_config == "file" else []
    return {"enabled": True, **where, "env": [_ALLOTTED_ONLY, *source]}


_ALLOTTED_ONLY = {"name": "ACCEPT_NVIDIA_VISIBLE_DEVICES_ENVVAR_WHEN_UNPRIVILEGED", "value": "false"}
"""Cards are handed out through CDI. Without it, whoever names the runtime class ``nvidia`` sees every card of the node;
the operator's own containers are privileged and still do. Source: "NVIDIA GPU Operator", preventing unprivileged
access to GPUs; GPU Operator v26.7.0, assets (``privileged``)."""


def _host_paths(facts: ClusterFacts) -> dict[str, Any]:
    """Where the driver lies, if neither in the operator's own place nor in the node's root, which it finds itself."""
    if facts.driver_root in ("/", OPERATOR_DRIVER_ROOT):
        return {}
    return {"hostPaths": {"driverInstallDir": facts.driver_root}}


def _device_plugin(facts: ClusterFacts, pools: Sequence[PoolPlan]) -> dict[str, Any]:
    """The device plugin where it is the operator's, and what validates it.

    The MIG strategy is left to the configurations: set for all nodes, it would go before each of them.
    """
    strategy = {"mig": {"strategy": ""}}
    if facts.device_plugin != "operator" or not plugged(pools):
        return {"devicePlugin": {"enabled": False}, **strategy}
    config = {"name": PLUGIN_CONFIGS, "create": True, "default": WHOLE, "data": plugin_configs(pools)}
    return {"devicePlugin": {"enabled": True, "config": config}, **strategy, **_validator(pools)}


def _validator(pools: Sequence[PoolPlan]) -> dict[str, Any]:
    """Where the device plugin serves some pools only, its validation is left out.

    The validator runs on every GPU node, for others wait for what it finds of driver and toolkit. Where DRA serves the
    cards it would wait for extended resources that never come, and a driver upgrade would take the node for failed.
    Asked for ``mofed`` it finds nothing to do. Source: cmd/nvidia-validator/main.go, ``Plugin.validate``.
    """
    if not claimed(pools):
        return {}
    return {"validator": {"plugin": {"env": [{"name": "COMPONENT", "value": "mofed"}]}}}
