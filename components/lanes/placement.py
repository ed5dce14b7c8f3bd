"""Where a workload's pods run and how they get their accelerators."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..objects import Manifest
from ..pools.claims import SAME_PCIE_ROOT, DeviceRequest, card_request, claim_spec, partition_request
from ..pools.compute_class import class_selector
from ..pools.plan import LANE_LABEL, POOL_LABEL, GpuPlan, PoolPlan
from ..pools.shares import partition_resource
from ..problems import InvalidSettingsError
from ..settings.choices import choose
from ..settings.lanes import Demand
from ..settings.offers import Offer, offers
from ..settings.options import Choice, Option, RefusedError, Uses
from ..settings.pools import Lane
from ..settings.wording import Path, problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """The pools that a workload may run on, all of one lane.

    lane: the lane.
    pools: the pools; all of the lane's where no accelerator is asked for.
    options: what each pod may get, best first, and the pools that have it; empty where it uses no accelerators.
    resource: the extended resource by which a pod asks for it; None where DRA serves the pools.
    match: attributes that all devices of a claim have in common.
    """

    lane: Lane
    pools: tuple[PoolPlan, ...]
    options: tuple[Option, ...] = ()
    resource: str | None = None
    match: tuple[str, ...] = ()

    @property
    def accelerated(self) -> bool:
        """Whether its pods use accelerators."""
        return bool(self.options)

    @property
    def by_mps(self) -> bool:
        """Whether its pods are clients of an MPS server, which shares their cards."""
        return any(offer.way == "mps" for option in self.options for offer in option.offers)

    @property
    def host_ipc(self) -> bool:
        """Whether they find that server only among the processes of their node.

        NVIDIA's device plugin mounts the server's shared memory into each container; GKE's leaves it in the node's IPC
        namespace. Source: GKE, "Share GPUs with multiple workloads using NVIDIA MPS" (``hostIPC``).
        """
        return self.by_mps and any(pool.gpu.libraries == "mounted" for pool in self.pools if pool.gpu)

    def takes_nodes_of(self, pool: PoolPlan) -> bool:
        """Whether a pod takes all accelerators of a node of ``pool``, which then is its own."""
        (option,) = self.options
        whole = not (option.offer.profile or option.offer.turn)
        return pool.gpu is not None and whole and option.count == pool.gpu.per_node

    def on(self, pools: Sequence[PoolPlan]) -> "Placement":
        """The same on some of its pools only."""
        named = {pool.name for pool in pools}
        options = (
            Option(option.count, tuple(offer for offer in option.offers if offer.pool in named))
            for option in self.options
        )
        return replace(self, pools=tuple(pools), options=tuple(option for option in options if option.offers))

    @property
    def pod_spec(self) -> Manifest:
        """The part of a pod's spec that keeps it to its pools, whose taints are the only ones it tolerates."""
        taints = sorted({taint for pool in self.pools for taint in pool.taints})
        ladder = class_selector(self.pools[0]) if len(self.pools) == 1 else {}  # a pod chooses one class or none
        spec: Manifest = {
            "nodeSelector": {LANE_LABEL: self.lane.value, **ladder},
            "tolerations": [
                {"key": taint.key, "operator": "Equal", "value": taint.value, "effect": taint.effect}
                for taint in taints
            ],
        }
        if self.host_ipc:
            spec["hostIPC"] = True
        if self.accelerated:
            required = {"nodeSelectorTerms": [_among(pool.name for pool in self.pools)]}
            affinity: Manifest = {"requiredDuringSchedulingIgnoredDuringExecution": required}
            if self.preferences:
                affinity["preferredDuringSchedulingIgnoredDuringExecution"] = list(self.preferences)
            spec["affinity"] = {"nodeAffinity": affinity}
        return spec

    @property
    def preferences(self) -> tuple[Manifest, ...]:
        """What makes pods keep to the order of their options between nodes; none where the same pools have them all.

        On one node DRA takes the first option that is free. Between nodes its order is worth 25 points of a scheduler's
        hundreds, less than free memory; the pools are worth the 200 that node affinity has, the last of them nothing.
        Source: kubernetes 1.36, dynamicresources.go (``computeScore``) and default_plugins.go (weights).
        """
        ranks: list[list[str]] = []
        for option in self.options:
            new = dict.fromkeys(offer.pool for offer in option.offers)
            if fresh := [name for name in new if not any(name in rank for rank in ranks)]:
                ranks.append(fresh)
        last = len(ranks) - 1
        return tuple(
            {"weight": 100 * (last - at) // last, "preference": _among(rank)} for at, rank in enumerate(ranks[:-1])
        )

    @property
    def limits(self) -> dict[str, str]:
        """The extended resources of each pod; requests follow from them."""
        return {self.resource: str(self.options[0].count)} if self.resource else {}

    @property
    def claim(self) -> Manifest | None:
        """The spec of the template of each pod's claim; None where a device plugin serves the pools."""
        if self.resource or not self.accelerated:
            return None
        return {"spec": claim_spec(CLAIM, [_request(option) for option in self.options], self.match)}


def _among(pools: Iterable[str]) -> Manifest:
    return {"matchExpressions": [{"key": POOL_LABEL, "operator": "In", "values": sorted(pools)}]}


CLAIM = "accelerator"
"""What a pod calls its claim."""


def place(path: Path, demand: Demand | None, uses: Uses, pools: Sequence[PoolPlan], pods: int = 1) -> Placement:
    """The placement for ``demand``, or without accelerators where it is None, in the first lane that serves it.

    path: where the workload stands.
    pods: how many of them start at once or not at all.
    Raises InvalidSettingsError below ``path`` where there is none, or where it is not clear what is meant.
    """
    if demand:
        try:
            choice = choose(demand, uses, pool_offers(pools), pods)
        except RefusedError as error:
            raise InvalidSettingsError([problem((*path, *error.path), error.value, error.text)]) from None
        return _placed(choice, demand, {pool.name: pool for pool in pools})
    for lane in uses.lanes:
        if plain := tuple(pool for pool in pools if pool.lane is lane and not pool.gpu):
            return Placement(lane=lane, pools=plain)
    text = f"would wait for ever: lane {' or '.join(uses.lanes)} has no pool without accelerators. Add one."
    raise InvalidSettingsError([problem(path, None, text)])


def pool_offers(pools: Iterable[PoolPlan]) -> tuple[Offer, ...]:
    """What these pools hand out."""
    return tuple(
        offer
        for pool in pools
        if (gpu := pool.gpu)
        for offer in offers(
            pool.name,
            pool.lane,
            gpu.accelerator,
            gpu.share,
            cards=gpu.per_node,
            nodes=pool.size.max,
            per_root=pool.machine.cards_per_root,
            slice_of=pool.machine.makes_up(pool.topology) if pool.topology else 1,
        )
    )


def _placed(choice: Choice, demand: Demand, pools: dict[str, PoolPlan]) -> Placement:
    """Pools that hand a device out in different ways cannot serve one pod template: the way that the most have wins."""
    match choice.options:
        case (option,):
            resource, serving = _most(option, pools)
            only = Option(option.count, serving)
            if resource is None:
                return _claimed(Choice(choice.lane, (only,)), demand, pools)
            return Placement(lane=choice.lane, pools=_pools([only], pools), options=(only,), resource=resource)
        case _:
            return _claimed(choice, demand, pools)


def _most(option: Option, pools: dict[str, PoolPlan]) -> tuple[str | None, tuple[Offer, ...]]:
    """The extended resource, or None for DRA, by which most of it is to be had, and the offers that say so."""
    ways = defaultdict[str | None, list[Offer]](list)
    for offer in option.offers:
        gpu = pools[offer.pool].gpu
        ways[_resource(offer, gpu) if gpu else None].append(offer)
    resource, serving = max(ways.items(), key=lambda way: (sum(map(_devices, way[1])), str(way[0])))
    return resource, tuple(serving)


def _claimed(choice: Choice, demand: Demand, pools: dict[str, PoolPlan]) -> Placement:
    match = (SAME_PCIE_ROOT,) if demand.near else ()
    return Placement(lane=choice.lane, pools=_pools(choice.options, pools), options=choice.options, match=match)


def _pools(options: Iterable[Option], pools: dict[str, PoolPlan]) -> tuple[PoolPlan, ...]:
    named = {offer.pool for option in options for offer in option.offers}
    return tuple(pool for name, pool in pools.items() if name in named)


def _devices(offer: Offer) -> int:
    """The most of it that its pool can hold."""
    return (offer.room or 0) * offer.nodes


def _resource(offer: Offer, gpu: GpuPlan) -> str | None:
    """The extended resource that it is; None where DRA serves it."""
    if offer.way == "dra":
        return None
    return partition_resource(gpu, offer.profile) if offer.profile else gpu.accelerator.vendor.resource


def _request(option: Option) -> DeviceRequest:
    offer = option.offer
    if offer.profile:
        return partition_request(offer.accelerator, offer.profile, option.count)
    return card_request(offer.accelerator, option.count)
