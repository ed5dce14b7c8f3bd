"""Daemons of add-ons: on the nodes of which pools they run, whatever keeps other pods away from these."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..objects import Manifest, manifest
from ..pools.gke_marks import QUEUED
from ..pools.plan import POOL_LABEL, PoolPlan

NAMESPACE = "kube-system"
"""Where pods of the priority class ``system-node-critical`` need no quota of their own."""
ANY_TAINT: tuple[Mapping[str, str], ...] = ({"operator": "Exists"},)
"""The tolerations of a daemon without which its nodes are of no use: not even a cordon before an upgrade stops it."""


def tolerations(pools: Sequence[PoolPlan]) -> list[dict[str, str]]:
    """What lets a daemon onto the nodes of ``pools``: their taints by key, and what GKE adds to queued nodes.

    Not every taint there may be: a kind cluster's control plane sees the same cards as its workers, and is tainted.
    """
    own = {(taint.key, taint.effect) for pool in pools for taint in pool.taints}
    queued = {(QUEUED, "NoSchedule")} if any(pool.queued for pool in pools) else set[tuple[str, str]]()
    return [{"key": key, "operator": "Exists", "effect": effect} for key, effect in sorted(own | queued)]


def on_pools(names: Iterable[str]) -> dict[str, Any]:
    """The affinity of a daemon for the nodes of these pools only."""
    wanted = {"matchExpressions": [{"key": POOL_LABEL, "operator": "In", "values": sorted(names)}]}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [wanted]}}}


def daemon_set(
    name: str,
    pools: Sequence[PoolPlan],
    pod: Mapping[str, Any],
    *,
    label: str = "app.kubernetes.io/name",
    tolerated: Sequence[Mapping[str, str]] = ANY_TAINT,
    update: Mapping[str, Any] | None = None,
) -> Manifest:
    """A DaemonSet without a chart, on the nodes of ``pools``, with the priority of what makes nodes usable.

    pod: the rest of its pods' ``spec``.
    label: the key of the label that its pods are known by; the value is ``name``.
    update: its ``rollingUpdate``, where that is not Kubernetes' own: one node after the other.
    """
    labels = {label: name}
    placed = {
        "priorityClassName": "system-node-critical",
        "automountServiceAccountToken": False,
        "affinity": on_pools(pool.name for pool in pools),
        "tolerations": [dict(each) for each in tolerated],
    }
    return manifest(
        "apps/v1",
        "DaemonSet",
        name,
        NAMESPACE,
        labels=labels,
        spec={
            "selector": {"matchLabels": labels},
            "updateStrategy": {"type": "RollingUpdate"} | ({"rollingUpdate": dict(update)} if update else {}),
            "template": {"metadata": {"labels": labels}, "spec": placed | dict(pod)},
        },
    )
