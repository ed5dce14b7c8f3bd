"""What a live cluster says of NVIDIA's cards: which of its nodes have them advertised, by whom, and how many.

A pool without nodes is well: nothing is asked of it, nor waited for.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ....clusters.api import Api, Json
from ....pools.claims import DRIVER
from ....pools.plan import POOL_LABEL, PoolPlan
from ....pools.shares import extended_resources
from ....settings.scalars import amount
from ..served import nvidia

Kind = Literal["two", "lost", "silent"]
"""``two``: somebody advertises cards whom the pool does not name, and they are handed out twice. ``lost``: fewer are
offered than there are. ``silent``: nobody advertises those of a ready node."""

_CARD = "gpu"
"""The type of a whole card among the devices of the DRA driver."""
NODES, SLICES = "/api/v1/nodes", "/apis/resource.k8s.io/v1/resourceslices"
_COUNTED = ("nvidia.com/gpu", "nvidia.com/mig-")
"""How the names of the device plugin's resources begin, shared ones too. Source: NVIDIA/k8s-device-plugin, README."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What is to be seen of each node of a pool; plain values, for the engine's state.

    cards: how many it carries.
    resources: what the device plugin advertises; empty where DRA serves them.
    """

    pool: str
    cards: int
    resources: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What is not as it should be on a node."""

    kind: Kind
    pool: str
    node: str
    text: str

    @property
    def line(self) -> str:
        """As people read it: where, and what."""
        return f"pools.{self.pool}, node {self.node}: {self.text}"


def expected(pools: Sequence[PoolPlan]) -> list[Expected]:
    """What is to be seen of the pools with NVIDIA's cards."""
    return [
        Expected(pool=pool.name, cards=pool.gpu.per_node, resources=extended_resources(pool.gpu))
        for pool in nvidia(pools)
        if pool.gpu
    ]


def look(api: Api, wanted: Iterable[Expected]) -> tuple[dict[str, int], list[Sight]]:
    """How many nodes each pool has, and what is not as it should be; raises ApiError where looking is not allowed."""
    published = _published(api.get(SLICES)["items"])
    found: dict[str, int] = {}
    sights: list[Sight] = []
    for each in wanted:
        nodes = api.get(NODES, labelSelector=f"{POOL_LABEL}={each.pool}")["items"]
        found[each.pool] = len(nodes)
        for node in sorted(nodes, key=_name):
            sights += judge(each, node, published.get(_name(node), Counter()))
    return found, sights


def judge(wanted: Expected, node: Json, devices: Mapping[str, int]) -> Iterator[Sight]:
    """What is not as it should be on one node.

    devices: how many the DRA driver publishes for it, by type: ``gpu`` is a whole card, ``mig`` a partition.
    """

    def sight(kind: Kind, text: str) -> Sight:
        return Sight(kind=kind, pool=wanted.pool, node=_name(node), text=text)

    status = node.get("status", {})
    offered, counted = _amounts(status.get("allocatable", {})), _amounts(status.get("capacity", {}))
    plugin = ", ".join(f"{many} {name}" for name, many in sorted(counted.items()))
    whole, others = devices.get(_CARD, 0), sum(devices.values()) - devices.get(_CARD, 0)
    # Of cards that were cut beforehand the driver publishes the partitions alone.
    dra = f"{whole} devices of {DRIVER}" if whole or not others else f"{others} parts of devices of {DRIVER}"
    if wanted.resources and devices:
        yield sight("two", f"the DRA driver publishes {dra}, and the pool's cards are the device plugin's")
    if not wanted.resources and plugin:
        yield sight("two", f"a device plugin advertises {plugin}, and the pool's cards are the DRA driver's")
    if not plugin and not devices and _is_ready(node):
        yield sight("silent", f"it is ready, and nobody advertises its {wanted.cards} GPUs")
    if not wanted.resources and devices and whole < wanted.cards:
        yield sight("lost", f"the DRA driver publishes {dra}, and the node has {wanted.cards}")
    for name, many in wanted.resources.items():
        if counted and (has := counted.get(name, 0)) < many:
            yield sight("lost", f"it has {has} {name}, and {many} are planned")
        elif (left := offered.get(name, 0)) < counted.get(name, 0):
            yield sight(
                "lost", f"it offers {left} of {counted[name]} {name}: the device plugin found the others unwell"
            )


def _published(slices: Iterable[Json]) -> Mapping[str, Counter[str]]:
    """By node and type, the devices that NVIDIA's DRA driver publishes; of each pool its newest generation."""
    ours = [each["spec"] for each in slices if each["spec"]["driver"] == DRIVER]
    newest: Counter[str] = Counter()
    for spec in ours:
        newest[spec["pool"]["name"]] = max(newest[spec["pool"]["name"]], spec["pool"]["generation"])
    found: dict[str, Counter[str]] = {}
    for spec in ours:
        if spec["pool"]["generation"] == newest[spec["pool"]["name"]]:
            types = (device.get("attributes", {}).get("type", {}) for device in spec.get("devices", []))
            found.setdefault(spec.get("nodeName", ""), Counter()).update(each.get("string", "") for each in types)
    return found


def _amounts(quantities: Mapping[str, Any]) -> dict[str, int]:
    """NVIDIA's extended resources; what a plugin that is gone has left behind is zero, and left out."""
    amounts = {name: int(amount(many)) for name, many in quantities.items() if name.startswith(_COUNTED)}
    return {name: many for name, many in amounts.items() if many}


def _is_ready(node: Json) -> bool:
    conditions = node.get("status", {}).get("conditions", [])
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def _name(node: Json) -> str:
    return node["metadata"]["name"]
