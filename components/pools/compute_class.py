"""The order in which GKE climbs a ladder of node pools: a ComputeClass that lists them, and the pods that choose it.

Source: GKE, "ComputeClass CustomResourceDefinition" and "About custom ComputeClasses", on node pools that exist;
kubernetes/autoscaler, cluster-autoscaler/core/scaledown/eligibility (what counts as in use).
"""

from collections.abc import Iterable, Sequence

from ..objects import Manifest, manifest
from ..settings.pools import Capacity
from .plan import PoolPlan, Taint
from .rungs import rungs

API = "cloud.google.com/v1"
"""The group and version of GKE's ComputeClass."""
CLASS_LABEL = "cloud.google.com/compute-class"
"""The key of the label and the taint of a class's node pools, and of the selector by which pods choose the class."""
_SETTLED = 10
"""Minutes for which a node is unneeded before it goes: a model takes long to load, and the next request needs it."""


def class_label(pool: str, ways: Sequence[Capacity]) -> dict[str, str]:
    """The label of the nodes of a pool with so many ways of buying; none with one way, where nothing has an order."""
    return {CLASS_LABEL: pool} if len(ways) > 1 else {}


def class_taints(pool: str, ways: Sequence[Capacity]) -> tuple[Taint, ...]:
    """The taints of the same nodes: a class takes in node pools that have both."""
    return tuple(Taint(key, value) for key, value in class_label(pool, ways).items())


def class_selector(pool: PoolPlan) -> dict[str, str]:
    """What pods select by so that the pool's ladder is climbed in order; nothing where it has none.

    Without it they are placed all the same, and the autoscaler takes any rung.
    """
    return {CLASS_LABEL: pool.labels[CLASS_LABEL]} if CLASS_LABEL in pool.labels else {}


def compute_classes(pools: Iterable[PoolPlan]) -> list[Manifest]:
    """One class for each ladder, called like the pool. The CRD is GKE's own."""
    return [_compute_class(pool) for pool in pools if class_selector(pool)]


def _compute_class(pool: PoolPlan) -> Manifest:
    return manifest(
        API,
        "ComputeClass",
        pool.name,
        spec={
            "priorities": [{"nodepools": [rung.name]} for rung in rungs(pool)],
            # Whatever else GKE would add has other cards, or none, and no label of ours.
            "whenUnsatisfiable": "DoNotScaleUp",
            "nodePoolAutoCreation": {"enabled": False},
            # Moving to a better rung as soon as it has room again would end requests and jobs that run.
            "activeMigration": {"optimizeRulePriority": False},
            # Of nodes with GPUs only those with none in use go: at any other threshold, pods are moved to empty a node.
            # Cores are always in use, by DaemonSets: at 0, a node without GPUs would never go.
            "autoscalingPolicy": {
                "consolidationDelayMinutes": _SETTLED,
                **({"gpuConsolidationThreshold": 0} if pool.gpu else {}),
            },
        },
    )
