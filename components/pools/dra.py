"""What the NVIDIA DRA driver publishes for its nodes, ResourceSlices, and the DeviceClasses that select from them.

Names, attributes and capacities are those of kubernetes-sigs/dra-driver-nvidia-gpu v0.5, cmd/gpu-kubelet-plugin:
deviceinfo.go, mig.go, partitions.go and, for how devices are spread over slices, driver.go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from uuid import NAMESPACE_DNS, uuid5

from ..catalogue.accelerators import accelerators
from ..catalogue.machines import Machine
from ..catalogue.mig import MigGeometry
from ..objects import Manifest, manifest
from ..quantities import canonical
from .claims import DRIVER, having
from .gpu_labels import cuda_version
from .plan import GpuPlan, PoolPlan
from .shares import (
    GPU_CLASS,
    GPU_RESOURCE,
    MIG_CLASS,
    VFIO_CLASS,
    answering_class,
    device_classes_of,
    is_divisible,
    partition_classes_of,
)

API = "resource.k8s.io/v1"
"""The group and version of everything here."""
COUNTER_SETS = 8
"""Counter sets in one slice. Source: k8s.io/api/resource/v1, ``ResourceSliceMaxCounterSets``."""


def resource_slices(pool: PoolPlan, nodes: Sequence[str]) -> list[Manifest]:
    """The slices of ``nodes``, each node one pool of devices; none where DRA does not serve the pool's cards."""
    if not (pool.gpu and pool.gpu.share.dra):
        return []
    return [item for node in nodes for item in _node_slices(pool.gpu, pool.machine, node)]


def device_classes(pools: Sequence[PoolPlan], kubernetes: str) -> list[Manifest]:
    """The classes by which tenants claim, and by which quota and queues count; none where DRA serves no pool.

    For each accelerator a class of its whole cards and, where claims cut them, one of its partitions.
    kubernetes: the minor version, such as ``1.36``, which decides about ``extendedResourceName``.
    """
    answering = answering_class(pools, kubernetes)
    kinds = (("gpu", device_classes_of(pools)), ("mig", partition_classes_of(pools)))
    return [
        _device_class(
            name,
            {"type": kind, "productName": accelerators()[accelerator].product_name},
            GPU_RESOURCE if name == answering else None,
        )
        for kind, classes in kinds
        for accelerator, name in classes.items()
    ]


def driver_classes(pools: Sequence[PoolPlan]) -> list[Manifest]:
    """The classes that NVIDIA's driver brings, of any model; none where DRA serves no pool.

    Its chart lets ``nvidia.com/gpu`` mean the class of any whole card; here it does not (`answering_class`).
    """
    brought = {GPU_CLASS: "gpu", MIG_CLASS: "mig", VFIO_CLASS: "vfio"} if device_classes_of(pools) else {}
    return [_device_class(name, {"type": kind}) for name, kind in brought.items()]


def _device_class(name: str, wanted: Mapping[str, str], extended_resource: str | None = None) -> Manifest:
    terms = (f"device.driver == '{DRIVER}'", *(having(attribute, value) for attribute, value in wanted.items()))
    spec: Manifest = {"selectors": [{"cel": {"expression": " && ".join(terms)}}]}
    if extended_resource:
        spec["extendedResourceName"] = extended_resource
    return manifest(API, "DeviceClass", name, spec=spec)


def _node_slices(gpu: GpuPlan, machine: Machine, node: str) -> list[Manifest]:
    cards = [_Card(gpu, machine, node, index) for index in range(gpu.per_node)]
    geometry = gpu.accelerator.mig if is_divisible(gpu) else None
    contents = _partitioned(cards, geometry) if geometry else [{"devices": [card.whole() for card in cards]}]
    pool = {"name": node, "generation": 1, "resourceSliceCount": len(contents)}
    return [
        manifest(
            API,
            "ResourceSlice",
            f"{node}-{DRIVER}-{at}",
            spec={"driver": DRIVER, "nodeName": node, "pool": pool, **content},
        )
        for at, content in enumerate(contents)
    ]


def _partitioned(cards: Sequence["_Card"], geometry: MigGeometry) -> list[Manifest]:
    """The cards' counters first, then a slice for each card, with it and every placement of every profile.

    The API refuses counters and devices in one slice, and more than 64 devices that consume counters.
    """
    sets = [{"name": card.counter_set, "counters": _values(geometry.counters)} for card in cards]
    counters = [{"sharedCounters": sets[at : at + COUNTER_SETS]} for at in range(0, len(sets), COUNTER_SETS)]
    return [*counters, *({"devices": [card.divisible(geometry), *card.parts(geometry)]} for card in cards)]


@dataclass(frozen=True, slots=True)
class _Card:
    """One card of one node, as devices."""

    gpu: GpuPlan
    machine: Machine
    node: str
    index: int

    @property
    def name(self) -> str:
        return f"gpu-{self.index}"

    @property
    def counter_set(self) -> str:
        return f"{self.name}-counter-set"

    @property
    def uuid(self) -> str:
        return f"GPU-{uuid5(NAMESPACE_DNS, f'{self.name}.{self.node}')}"

    def whole(self) -> Manifest:
        """The card where it is never cut."""
        memory = {"memory": f"{self.gpu.accelerator.memory}Mi"}
        return {"name": self.name, "attributes": self._attributes("gpu", uuid=self.uuid), "capacity": _values(memory)}

    def divisible(self, geometry: MigGeometry) -> Manifest:
        """The card beside its partitions: it takes all that they share, so that it and they exclude each other."""
        return {
            "name": self.name,
            "attributes": self._attributes("gpu", uuid=self.uuid),
            "capacity": _values(geometry.capacity),
            "consumesCounters": self._consumes(geometry.counters),
        }

    def parts(self, geometry: MigGeometry) -> list[Manifest]:
        """Every partition that the card can be cut into, wherever it may begin, in the order that they are tried in."""
        parts = [
            {
                "name": profile.device(self.index, start),
                "attributes": self._attributes("mig", parentUUID=self.uuid, profile=profile.name),
                "capacity": _values(profile.capacity),
                "consumesCounters": self._consumes(profile.counters(start)),
            }
            for profile in geometry.profiles.values()
            for start in profile.starts
        ]
        return sorted(parts, key=itemgetter("name"))

    def _consumes(self, counters: Mapping[str, str]) -> list[Manifest]:
        return [{"counterSet": self.counter_set, "counters": _values(counters)}]

    def _attributes(self, kind: str, **own: str) -> Manifest:
        card, bus = self.gpu.accelerator, _bus(self.index)
        root = _bus(self.index - self.index % (self.machine.cards_per_root or 1))
        strings = {
            "type": kind,
            **own,
            "productName": card.product_name,
            "brand": "Nvidia",
            "architecture": card.architecture,
            "addressingMode": "ATS" if self.machine.arch == "arm64" else "HMM",
            "resource.kubernetes.io/pciBusID": f"0000:{bus:02x}:00.0",
            "resource.kubernetes.io/pcieRoot": f"pci0000:{root:02x}",
        }
        versions = {
            "cudaComputeCapability": card.compute_capability,
            "driverVersion": self.gpu.driver,
            "cudaDriverVersion": cuda_version(self.gpu.driver),
        }
        return {name: {"string": value} for name, value in strings.items()} | {
            name: {"version": _semantic(value)} for name, value in versions.items()
        }


def _bus(card: int) -> int:
    return 16 + 8 * card


def _values(quantities: Mapping[str, str]) -> Manifest:
    return {name: {"value": canonical(quantity)} for name, quantity in quantities.items()}


def _semantic(version: str) -> str:
    """``version`` as semantic versioning wants it, three numbers without leading zeros: ``595.91.7``."""
    numbers = [int(number) for number in version.split(".")]
    return ".".join(map(str, (*numbers, 0, 0)[:3]))
