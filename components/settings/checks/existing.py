"""Pools on nodes that somebody else bought: how they are found, and what cannot be asked of them."""

from collections.abc import Iterator

from ...problems import Problem
from ..draft import Draft
from ..existing import ExistingCluster
from ..kind import KindCluster
from ..pools import PoolSettings
from ..wording import problem
from .nodes import label_fault

_BOUGHT = {
    "capacity": "how nodes are bought",
    "disk": "nodes' disks",
    "upgrade": "how nodes are replaced",
    "pods_per_node": "the kubelet's limit",
    "zones": "where nodes are bought",
}
"""What a pool may say of nodes that are bought for it, by key; and what that decides."""

_SET_BY_US = (
    "kubelanes.dev/",
    "nvidia.com/device-plugin.config",
    "nvidia.com/gpu.deploy.",
    "nvidia.com/mig.config",
)
"""How the labels begin that the nodes of a pool are given, those of `pools.gpu_steering` among them."""


def check_bought(draft: Draft) -> Iterator[Problem]:
    """On nodes that nobody buys, no pool says how they are bought."""
    match draft.cluster:
        case ExistingCluster():
            why = "the nodes of an existing cluster stand already"
        case KindCluster():
            why = "kind's nodes are containers on this machine"
        case _:
            return
    for name, pool in draft.pools.items():
        for key in (key for key in _BOUGHT if key in pool.model_fields_set):
            text = f"decides {_BOUGHT[key]}, and {why}: it would have no effect. Remove it."
            yield problem(("pools", name, key), _written(pool, key), text)


def _written(pool: PoolSettings, key: str) -> object:
    return pool.model_dump(mode="json", include={key}, exclude_unset=True)[key]


def check_selected_elsewhere(draft: Draft) -> Iterator[Problem]:
    """Only nodes that stand already are found by their labels."""
    if draft.cluster is None or isinstance(draft.cluster, ExistingCluster):
        return
    for name, pool in draft.pools.items():
        if pool.nodes:
            text = (
                f"finds nodes that stand already, and a cluster of kind {draft.cluster.kind} makes its own. "
                "Remove it; labels sets labels on them."
            )
            yield problem(("pools", name, "nodes"), dict(pool.nodes), text)


def check_selectors(draft: Draft) -> Iterator[Problem]:
    """Each pool finds nodes by labels that a node can have, and that no other pool's nodes have too."""
    if not isinstance(draft.cluster, ExistingCluster):
        return
    for name, pool in draft.pools.items():
        given = {"kubelanes.dev/pool": name, "kubelanes.dev/lane": pool.lane.value}
        for key, value in pool.nodes.items():
            if fault := label_fault(key, value):
                yield problem(("pools", name, "nodes", key), value, fault)
            elif key.startswith(_SET_BY_US) and given.get(key) != value:
                text = (
                    "is set by the platform itself: with the value that it gives them, the nodes would not be found "
                    "any more, and be let go again. Find them by a label that they have already."
                )
                yield problem(("pools", name, "nodes", key), value, text)
    selectors = {name: pool.nodes for name, pool in draft.pools.items() if pool.nodes}
    for at, (name, wanted) in enumerate(selectors.items()):
        for other in list(selectors)[:at]:
            if wanted.items() <= selectors[other].items() or selectors[other].items() <= wanted.items():
                text = (
                    f"finds nodes that pools.{other} finds too, and a node belongs to one pool. "
                    "Add a label that tells the two apart."
                )
                yield problem(("pools", name, "nodes"), dict(wanted), text)


def check_cards(draft: Draft) -> Iterator[Problem]:
    """The number of cards on a node that somebody else bought is known to the reader alone."""
    if not isinstance(draft.cluster, ExistingCluster):
        return
    for name, pool in draft.pools.items():
        if pool.accelerator and pool.per_node is None:
            text = "missing: nothing else says how many accelerators each of these nodes has. Add per_node: 8, or so."
            yield problem(("pools", name, "per_node"), None, text)


RULES = (check_bought, check_selected_elsewhere, check_selectors, check_cards)
