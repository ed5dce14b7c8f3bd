"""A pool of nodes that stand already: how they are found, what must hold of them, and what is done to them."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...pools.plan import POOL_LABEL, PoolPlan
from ...pools.shares import GPU_RESOURCE, partitions
from ..api import Json

OURS = "kubelanes.dev/taints"
"""The annotation in which a node remembers the taints that we gave it, so that no others are ever taken away."""
_MODEL = re.compile(r"(?<![A-Z0-9])(?!SXM|HBM)[A-Z]{1,2}\d{1,4}[A-Z]?(?![A-Z0-9])")
"""``A100`` in ``NVIDIA-A100-SXM4-80GB``."""
_COUNT, _PRODUCT = "nvidia.com/gpu.count", "nvidia.com/gpu.product"


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolSpec:
    """What the nodes of a pool are to be; all of it plain values, for the engine's state.

    selector: the labels by which they are found.
    labels, taints: what they are given.
    least, most: how many there must be.
    cards: the GPUs of each; 0 where it has none.
    product: what NVIDIA's discovery calls them; empty where it has none, or another vendor's.
    shared: whether the device plugin counts more than the cards.
    resource: what a whole card is advertised as.
    partitions: how many partitions discovery counts as cards, once the cards are cut; 0 where each has its own name.
    """

    pool: str
    selector: Mapping[str, str]
    labels: Mapping[str, str]
    taints: Sequence[Mapping[str, str]]
    least: int
    most: int
    cards: int
    product: str
    shared: bool
    resource: str = GPU_RESOURCE
    partitions: int = 0

    @property
    def manager(self) -> str:
        """The field manager to which the labels belong: one for each pool, so that two cannot claim one node."""
        return f"kubelanes-{self.pool}"

    @property
    def query(self) -> str:
        """The selector as the API writes it."""
        return ",".join(f"{key}={value}" for key, value in sorted(self.selector.items()))


def plan_nodes(pool: PoolPlan) -> PoolSpec:
    """The spec of a pool; where it names no labels, its nodes are those labelled ``kubelanes.dev/pool=<its name>``."""
    return PoolSpec(
        pool=pool.name,
        selector=dict(pool.found_by) or {POOL_LABEL: pool.name},
        labels=dict(sorted(pool.labels.items())),
        taints=[{"key": t.key, "value": t.value, "effect": t.effect} for t in pool.taints],
        least=pool.size.min,
        most=pool.size.max,
        cards=pool.gpu.per_node if pool.gpu else 0,
        product=pool.gpu.accelerator.product if pool.gpu and pool.gpu.accelerator.is_nvidia else "",
        shared=bool(pool.gpu and not pool.gpu.share.whole),
        resource=pool.gpu.accelerator.vendor.resource if pool.gpu else GPU_RESOURCE,
        partitions=_called_like_cards(pool),
    )


def _called_like_cards(pool: PoolPlan) -> int:
    if pool.gpu is None or pool.gpu.mig_strategy != "single":
        return 0
    return pool.gpu.per_node * sum(partitions(pool.gpu).values())


def faults(spec: PoolSpec, nodes: Sequence[Json]) -> Iterator[str]:
    """Why these nodes cannot be the pool; each with what to do."""
    names = ", ".join(sorted(_name(node) for node in nodes)) or "none"
    if not spec.least <= len(nodes) <= spec.most:
        size = str(spec.least) if spec.least == spec.most else f"{spec.least}-{spec.most}"
        yield (
            f"size: {size}, but {len(nodes)} nodes have the labels {spec.query} ({names}). "
            f"Change the size, or label others: kubectl label node NAME {spec.query.replace(',', ' ')}."
        )
    for node in sorted(nodes, key=_name):
        yield from (f"node {_name(node)} {text}" for text in _node_faults(spec, node))


def _node_faults(spec: PoolSpec, node: Json) -> Iterator[str]:
    labels = _labels(node)
    if (other := labels.get(POOL_LABEL, spec.pool)) != spec.pool:
        yield f"belongs to the pool {other}. Tell the two apart by nodes, or remove its label {POOL_LABEL}."
    owned = _owned(node, spec.manager)
    for key, value in spec.labels.items():
        if key != POOL_LABEL and key not in owned and labels.get(key, value) != value:
            yield f"has the label {key}={labels[key]} from somebody else, and the pool says {value}. Change either."
    for wanted in spec.taints:
        for taint in _taints(node):
            if _place(taint) == _place(wanted) and taint.get("value", "") != wanted["value"]:
                yield (
                    f"has the taint {_written(taint)}, and the pool's pods tolerate {_written(wanted)} only. "
                    "Change it, or remove it: it is then set for you."
                )
    counted = labels.get(_COUNT) or ("" if spec.shared else _capacity(node).get(spec.resource, ""))
    if spec.cards and counted and counted not in {str(spec.cards), str(spec.partitions or spec.cards)}:
        yield f"has {counted} GPUs, and per_node says {spec.cards}. Change per_node, or leave the node out."
    product = labels.get(_PRODUCT, "")
    if spec.product and product and not _alike(spec.product, product):
        yield f"carries {product}, and the pool's accelerator is {spec.product}. Change either, or leave the node out."


def unlike(spec: PoolSpec, nodes: Sequence[Json]) -> Iterator[str]:
    """What is not as planned on nodes that may be labelled: the drift that the next update repairs."""
    for node in sorted(nodes, key=_name):
        labels = _labels(node)
        for key, value in spec.labels.items():
            if labels.get(key) != value:
                yield f"node {_name(node)} lacks the label {key}={value}"
        for wanted in spec.taints:
            if not any(_same(taint, wanted) for taint in _taints(node)):
                yield f"node {_name(node)} lacks the taint {_written(wanted)}"


def tainted(spec: PoolSpec | None, node: Json) -> Json | None:
    """The merge patch that gives a node the pool's taints and takes those of ours that it shall have no more.

    spec: None takes all of ours.
    The patch holds the version of the node that it was made from, so that no taint set meanwhile is lost. None where
    there is nothing to change.
    """
    wanted = spec.taints if spec else ()
    mine: list[dict[str, str]] = json.loads(_annotations(node).get(OURS, "[]"))
    others = [taint for taint in _taints(node) if not any(_same(taint, own) for own in mine)]
    added = [dict(taint) for taint in wanted if not any(_same(taint, other) for other in others)]
    if added == mine and len(others) + len(added) == len(_taints(node)):
        return None
    return {
        "metadata": {
            "resourceVersion": node["metadata"]["resourceVersion"],
            "annotations": {OURS: json.dumps(added) if added else None},
        },
        "spec": {"taints": [*others, *added] or None},
    }


def labelled(spec: PoolSpec, node: Json, *, release: bool = False) -> Json:
    """What is applied as the pool's field manager; with ``release`` it gives up all labels that it set.

    It holds the node's uid: without it, applying to a node that is gone meanwhile would make one.
    """
    labels = {} if release else {"labels": dict(spec.labels)}
    metadata = {"name": _name(node), "uid": node["metadata"]["uid"], **labels}
    return {"apiVersion": "v1", "kind": "Node", "metadata": metadata}


def _owned(node: Json, manager: str) -> set[str]:
    """The labels that a field manager set. Source: k8s.io/api, FieldsV1: ``f:<key>`` stands for a key."""
    mine = (each for each in node["metadata"].get("managedFields", []) if each.get("manager") == manager)
    fields = (each.get("fieldsV1", {}).get("f:metadata", {}).get("f:labels", {}) for each in mine)
    return {key.removeprefix("f:") for labels in fields for key in labels}


def _alike(wanted: str, found: str) -> bool:
    """Whether both are one model of card, however it is built in: an A100 SXM4 and an A100 PCIe of one memory size."""
    if found.startswith(wanted):
        return True
    models = [set(_MODEL.findall(each)) for each in (wanted, found)]
    sizes = [set(re.findall(r"\d+GB", each)) for each in (wanted, found)]
    return bool(models[0] & models[1]) and (not all(sizes) or sizes[0] == sizes[1])


def _name(node: Json) -> str:
    return node["metadata"]["name"]


def _labels(node: Json) -> Mapping[str, str]:
    return node["metadata"].get("labels", {})


def _annotations(node: Json) -> Mapping[str, str]:
    return node["metadata"].get("annotations", {})


def _taints(node: Json) -> list[dict[str, str]]:
    return node.get("spec", {}).get("taints", [])


def _capacity(node: Json) -> Mapping[str, str]:
    return node.get("status", {}).get("capacity", {})


def _place(taint: Mapping[str, str]) -> tuple[str, str]:
    """What the API lets stand once on a node."""
    return taint["key"], taint["effect"]


def _same(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    return _place(one) == _place(other) and one.get("value", "") == other.get("value", "")


def _written(taint: Mapping[str, str]) -> str:
    return f"{taint['key']}={taint.get('value', '')}:{taint['effect']}"
