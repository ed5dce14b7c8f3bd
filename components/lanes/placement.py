"""Where a workload's pods run and how they get their GPUs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..objects import Manifest
from ..pools.compute_class import class_selector
from ..pools.dra import DRIVER
from ..pools.plan import LANE_LABEL, POOL_LABEL, GpuPlan, PoolPlan
from ..pools.shares import GPU_RESOURCE, MIG_CLASS, device_class, partition_resource, partitions, replicas
from ..problems import InvalidSettingsError, Problem
from ..settings.lanes import Demand
from ..settings.pools import Lane


@dataclass(frozen=True, slots=True)
class Device:
    """How pods ask for an accelerator: an extended resource or, through DRA, a device class.

    selector: a CEL expression that narrows the class; None takes any device of it.
    """

    resource: str | None = None
    device_class: str | None = None
    selector: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """The pools that a workload may run on, all of one lane.

    lane: the lane.
    pools: the pools; all of the lane's where no accelerator is asked for.
    device: how each pod asks for its accelerators; None where it uses none.
    count: how many it asks for.
    """

    lane: Lane
    pools: tuple[PoolPlan, ...]
    device: Device | None = None
    count: int = 0

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
        if self.device:
            names = sorted(pool.name for pool in self.pools)
            term = {"matchExpressions": [{"key": POOL_LABEL, "operator": "In", "values": names}]}
            required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}
            spec["affinity"] = {"nodeAffinity": required}
        return spec

    @property
    def limits(self) -> dict[str, str]:
        """The extended resources of each pod; requests follow from them."""
        return {self.device.resource: str(self.count)} if self.device and self.device.resource else {}

    @property
    def claim(self) -> Manifest | None:
        """The spec of the template of each pod's claim; None where the device plugin serves the pools."""
        if not self.device or not self.device.device_class:
            return None
        exactly: Manifest = {"deviceClassName": self.device.device_class, "count": self.count}
        if self.device.selector:
            exactly["selectors"] = [{"cel": {"expression": self.device.selector}}]
        return {"spec": {"devices": {"requests": [{"name": CLAIM, "exactly": exactly}]}}}


CLAIM = "accelerator"
"""What a pod calls its claim."""


def place(path: str, demand: Demand | None, lanes: Sequence[Lane], pools: Sequence[PoolPlan]) -> Placement:
    """The placement in the first of ``lanes`` that has pools for ``demand``, or without GPUs where it is None.

    Pools that hand the accelerator out in different ways cannot serve one pod template: the way that the most
    cards have wins.

    Raises InvalidSettingsError at ``path`` where there are none.
    """
    for lane in lanes:
        members = tuple(pool for pool in pools if pool.lane is lane)
        if demand is None:
            if plain := tuple(pool for pool in members if not pool.gpu):
                return Placement(lane=lane, pools=plain)
        elif found := _serving(demand, members):
            device, serving = found
            return Placement(lane=lane, pools=serving, device=device, count=demand.count)
    where = " or ".join(lanes)
    asked = f"{demand.count} x {demand.profile or demand.product}" if demand else "a node without GPUs"
    text = f"would wait for ever: no node of lane {where} offers {asked}. Add a pool that does, or ask for less."
    raise InvalidSettingsError([Problem(path, demand.product if demand else "", text)])


def _serving(demand: Demand, pools: Iterable[PoolPlan]) -> tuple[Device, tuple[PoolPlan, ...]] | None:
    ways: dict[Device, tuple[PoolPlan, ...]] = {}
    for pool in pools:
        if pool.gpu and (device := _device(demand, pool.gpu)):
            ways[device] = (*ways.get(device, ()), pool)
    return max(ways.items(), key=lambda way: (sum(pool.cards for pool in way[1]), str(way[0])), default=None)


def _device(demand: Demand, gpu: GpuPlan) -> Device | None:
    """How nodes with ``gpu`` hand out what is asked for; None where they have none, or too little on one node."""
    if gpu.accelerator.name != demand.product or demand.share not in (None, gpu.share.way):
        return None
    device, on_each_card = _partition(demand.profile, gpu) if demand.profile else _card(gpu)
    return device if demand.count <= on_each_card * gpu.per_node else None


def _card(gpu: GpuPlan) -> tuple[Device, int]:
    """How cards, or turns on them, are asked for, and how many each card is; none where it is cut into partitions."""
    if gpu.share.dra:
        return Device(device_class=device_class(gpu.accelerator.name)), 1
    return Device(resource=GPU_RESOURCE), 0 if gpu.share.mig else replicas(gpu)


def _partition(name: str, gpu: GpuPlan) -> tuple[Device | None, int]:
    """How partitions of a profile are asked for, and how many each card is."""
    profile = gpu.accelerator.mig and gpu.accelerator.mig.profiles.get(name)
    if not profile:
        return None, 0
    if gpu.share.dra == "dynamic-mig":
        wanted = {"productName": gpu.accelerator.product_name, "profile": profile.name}
        terms = (f"device.attributes['{DRIVER}'].{key} == '{value}'" for key, value in wanted.items())
        return Device(device_class=MIG_CLASS, selector=" && ".join(terms)), profile.instances
    return Device(resource=partition_resource(gpu, profile)), partitions(gpu).get(profile, 0)
