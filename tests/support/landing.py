"""DaemonSets of device plugins, and whether they land on a pool whose cards DRA hands out. One file per case."""

from pathlib import Path
from typing import Any

from components.pools.gke_accelerators import NO_PLUGIN
from components.pools.plan import PoolPlan
from components.pools.planner import plan_pools
from tests.support.planning import cases, settings

Pod = dict[str, Any]

CASES = cases(Path(__file__).parents[1] / "unit" / "addons" / "landing")
PLUGIN: Pod = {
    "containers": [{"name": "plugin", "image": "nvcr.io/nvidia/k8s-device-plugin:v0.19.0@sha256:0"}],
    "volumes": [{"name": "sockets", "hostPath": {"path": "/var/lib/kubelet/device-plugins"}}],
}


def pool() -> PoolPlan:
    """The pool of the cases."""
    (found,) = (each for each in plan_pools(settings({})) if each.name == "h200")
    return found


def labels() -> dict[str, str]:
    """What is known of its nodes' labels; the first one on GKE."""
    return {**NO_PLUGIN, **pool().labels}


def daemon_set(name: str, pod: Pod, namespace: str = "default") -> dict[str, Any]:
    """A DaemonSet of such pods."""
    marks = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "selector": {"matchLabels": marks},
            "template": {"metadata": {"labels": marks}, "spec": {**PLUGIN, **pod}},
        },
    }
