"""What the NVIDIA DRA driver publishes for its nodes, ResourceSlices, and the DeviceClasses that select from them.

Names, attributes and capacities are those of kubernetes-sigs/dra-driver-nvidia-gpu v0.5, cmd/gpu-kubelet-plugin:
deviceinfo.go, mig.go, partitions.go and, for how devices are spread over slices, driver.go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from uuid import NAMESPACE_DNS, uuid5

from ..catalogue.accelerators import accelerators
from ..catalogue.mig import MigGeometry
from ..objects import Manifest, manifest
from ..quantities import canonical
from .gpu_labels import cuda_version
from .plan import GpuPlan, PoolPlan
from .shares import GPU_CLASS, MIG_CLASS, device_classes_of

API = "resource.k8s.io/v1"
"""The group and version of everything here."""
DRIVER = "gpu.nvidia.com"
"""The name of NVIDIA's driver, and the domain of its attributes."""
COUNTER_SETS = 8
"""Counter sets in one slice. Source: k8s.io/api/resource/v1, ``ResourceSliceMaxCounterSets``."""


def resource_slices(pool: PoolPlan, nodes: Sequence[str]) -> list[Manifest]:
    """The slices of ``nodes``, each node one pool of devices; none where DRA does not serve the pool's cards."""
    if not (pool.gpu and pool.gpu.share.dra):
        return []
    return [item for node in nodes for item in _node_slices(pool.gpu, pool.machine.arch, node)]


def device_classes(pools: Sequence[PoolPlan]) -> list[Manifest]:
    """A class for each accelerator that DRA serves: what quota and queues count by. None where it serves no pool."""
    return [
        _device_class(name, (("type", "gpu"), ("productName", accelerators()[accelerator].product_name)))
        for accelerator, name in device_classes_of(pools).items()
    ]


def driver_classes(pools: Sequence[PoolPlan]) -> list[Manifest]:
    """The classes that NVIDIA's driver brings, of whole cards and of partitions; none where DRA serves no pool."""
    brought = {GPU_CLASS: (("type", "gpu"),), MIG_CLASS: (("type", "mig"),)} if device_classes_of(pools) else {}
    return [_device_class(name, wanted) for name, wanted in brought.items()]


def _device_class(name: str, wanted: Sequence[tuple[str, str]]) -> Manifest:
    attributes = (f"device.attributes['{DRIVER}'].{attribute} == '{value}'" for attribute, value in wanted)
    expression = " && ".join((f"device.driver == '{DRIVER}'", *attributes))
    return manifest(API, "DeviceClass", name, spec={"selectors": [{"cel": {"expression": expression}}]})


def _node_slices(gpu: GpuPlan, arch: str, node: str) -> list[Manifest]:
    cards = [_Card(gpu, arch, node, index) for index in range(gpu.per_node)]
    geometry = gpu.accelerator.mig if gpu.share.dra == "dynamic-mig" else None
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
    arch: str
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
        card, bus = self.gpu.accelerator, 16 + 8 * self.index
        strings = {
            "type": kind,
            **own,
            "productName": card.product_name,
            "brand": "Nvidia",
            "architecture": card.architecture,
            "addressingMode": "ATS" if self.arch == "arm64" else "HMM",
            "resource.kubernetes.io/pciBusID": f"0000:{bus:02x}:00.0",
            "resource.kubernetes.io/pcieRoot": f"pci0000:{bus:02x}",
        }
        versions = {
            "cudaComputeCapability": card.compute_capability,
            "driverVersion": self.gpu.driver,
            "cudaDriverVersion": cuda_version(self.gpu.driver),
        }
        return {name: {"string": value} for name, value in strings.items()} | {
            name: {"version": _semantic(value)} for name, value in versions.items()
        }


def _values(quantities: Mapping[str, str]) -> Manifest:
    return {name: {"value": canonical(quantity)} for name, quantity in quantities.items()}


def _semantic(version: str) -> str:
    """``version`` as semantic versioning wants it, three numbers without leading zeros: ``595.91.7``."""
    numbers = [int(number) for number in version.split(".")]
    return ".".join(map(str, (*numbers, 0, 0)[:3]))
