"""``kubelanes:pools``: the node pools, each in one lane."""

from enum import StrEnum
from typing import Annotated, Literal, cast

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, model_serializer
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from ..catalogue.machines import Network
from .model import Model
from .scalars import ByteCount, Name, Size, Span, Text, matching, refuse, whole


class Lane(StrEnum):
    """What a pool is for. Each lane is tainted for itself, but ``platform``, where everything else runs."""

    GPU_INFERENCE = "gpu-inference"
    BATCH = "batch"
    PLATFORM = "platform"


class Share(Model):
    """How a pool hands out its GPUs. Exactly one of device plugin and DRA serves a pool.

    In a stack file: ``whole``, ``dra``, or a mapping with one key, ``mig`` also with its ``strategy``.
    """

    time_slicing: Annotated[int, *whole(2, 48)] | None = None
    """How many pods take turns on each GPU, without memory isolation."""
    mps: Annotated[int, *whole(2, 48)] | None = None
    """How many pods run at once on each GPU through CUDA MPS, each with its part of the memory."""
    mig: Annotated[tuple[Text, ...], Field(min_length=1, examples=[["3g.40gb", "2g.20gb", "2g.20gb"]])] | None = None
    """The MIG profiles that each GPU is cut into, such as ``[3g.40gb, 2g.20gb, 2g.20gb]``; isolated in hardware."""
    strategy: Literal["mixed", "single"] | None = None
    """With ``mig`` only: how partitions are called. ``mixed``, each by its profile (``nvidia.com/mig-3g.40gb``);
    ``single``, like whole cards (``nvidia.com/gpu``), which takes partitions of one profile. ``mixed`` where it is left
    out; GKE's own device plugin is always ``single``."""
    dra: Literal["whole", "dynamic-mig"] | None = None
    """Dynamic Resource Allocation: ``whole`` GPUs, or ``dynamic-mig``: partitions cut when they are claimed."""

    @property
    def whole(self) -> bool:
        """Whether each GPU goes to one pod through the device plugin."""
        return not self.model_fields_set

    @property
    def way(self) -> str:
        """Its key in a stack file: ``whole``, ``time_slicing``, ``mps``, ``mig`` or ``dra``."""
        return next(iter(self.model_fields_set - {"strategy"}), "whole")

    @model_serializer
    def _as_written(self) -> str | dict[str, object]:
        return "whole" if self.whole else {key: getattr(self, key) for key in sorted(self.model_fields_set)}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        mapping = handler.resolve_ref_schema(handler(schema))
        one = {"oneOf": [{"required": [way]} for way in _WAYS], "dependentRequired": {"strategy": ["mig"]}}
        return {"anyOf": [{"enum": ["whole", "dra"]}, {**mapping, **one}]}


_WAYS = ("time_slicing", "mps", "mig", "dra")
"""The keys of `Share` that say how; exactly one of them stands in a mapping."""


def _says_one_way(written: dict[object, object]) -> bool:
    ways = [key for key in written if key != "strategy"]
    return len(ways) == 1 and None not in written.values() and ("strategy" not in written or ways == ["mig"])


def _share(value: object) -> object:
    match value:
        case "whole":
            return {}
        case "dra":
            return {"dra": "whole"}
        case Share():
            return value
        case dict() if _says_one_way(written := cast("dict[object, object]", value)):
            return written
        case _:
            raise refuse(
                "says not how to share a GPU. Write whole, dra, or exactly one of "
                "{ time_slicing: N }, { mps: N }, { mig: [profile, ...] }, { dra: dynamic-mig }; "
                "strategy goes with mig only."
            )


class Reserved(Model):
    """Capacity that was reserved beforehand."""

    reserved: Text
    """The reservation's id (EC2 capacity reservation or block, Compute Engine reservation)."""
    block: bool = False
    """Whether it is an EC2 Capacity Block for ML, which begins and ends at a fixed time."""


def _capacity(value: object) -> object:
    match value:
        case "on-demand" | "spot" | "flex-start" | Reserved():
            return value
        case {"reserved": str(reservation)} if reservation.strip() and len(cast("dict[object, object]", value)) == 1:
            return Reserved(reserved=reservation)
        case {"reserved": str(reservation), "block": bool(block)} if reservation.strip():
            return Reserved(reserved=reservation, block=block)
        case _:
            raise refuse(
                "is no way of buying nodes. Write on-demand, spot, flex-start or { reserved: id of the reservation }."
            )


Capacity = Annotated[Literal["on-demand", "spot", "flex-start"] | Reserved, BeforeValidator(_capacity)]
"""A way of buying nodes."""


class Disk(Model):
    """A node's disks."""

    size: ByteCount = "200Gi"
    """The boot disk."""
    local_nvme: Literal["raid0", "none"] = "raid0"
    """What becomes of local NVMe disks, where the machine has them."""


class PoolSettings(Model):
    """One node pool."""

    lane: Lane
    """What the pool is for."""
    accelerator: Text | None = None
    """A row of the accelerator catalogue, such as ``h100-80gb``."""
    per_node: Annotated[int, *whole(1, 16)] | None = None
    """Accelerators on each node; as many as the largest machine carries where it is left out."""
    topology: Text | None = None
    """Of TPUs: how the chips of the slice are arranged, such as ``4x4`` or ``2x2x4``. A slice of several machines is a
    pool of its own; where it is left out, each machine is a slice."""
    machine: Text | None = None
    """The cloud's machine type; follows from ``accelerator`` and ``per_node`` where it is left out."""
    share: Annotated[Share, BeforeValidator(_share)] = Share()
    """How the GPUs are handed out: ``whole``, ``dra``, ``{ time_slicing: N }``, ``{ mps: N }``, ``{ mig: [...] }``."""
    capacity: Annotated[tuple[Capacity, ...], Field(min_length=1)] | None = None
    """How nodes are bought, best first; ``[spot]`` in the batch lane, else ``[on-demand]``."""
    size: Size = Span(1, 1)
    """How many nodes: a number, or a range for the autoscaler."""
    zones: tuple[Text, ...] = ()
    """The zones to use; all of the cluster's where it is left out."""
    network: Network = "default"
    """The fast network between nodes: EC2's ``efa``, Compute Engine's ``gpudirect-tcpx``, ``gpudirect-tcpxo`` or
    ``rdma``, or the ``infiniband`` of an existing cluster's nodes, with NVIDIA's adapters and their driver in the node
    image."""
    disk: Disk = Disk()
    """The nodes' disks."""
    upgrade: Literal["surge", "blue-green"] | None = None
    """How nodes are replaced by newer ones: ``surge``, a few at a time, or ``blue-green``, beside each other (GKE).
    ``surge`` where it is left out."""
    pods_per_node: Annotated[int, *whole(8, 250)] = 110
    """The most pods on a node. Each takes an address: pools of many nodes with few pods save addresses here."""
    nodes: dict[str, str] = {}
    """On an existing cluster: the labels by which the pool's nodes are found. Elsewhere nodes are made."""
    labels: dict[str, str] = {}
    """Further node labels."""

    @property
    def buys(self) -> tuple[Capacity, ...]:
        """How nodes are bought, defaults applied."""
        return self.capacity or (("spot",) if self.lane is Lane.BATCH else ("on-demand",))


Pools = Annotated[dict[Name, PoolSettings], Field(min_length=1)]
"""The pools by name."""

DriverVersion = Annotated[
    str,
    *matching(
        "driver version",
        r"[0-9]{3}\.[0-9]+(\.[0-9]+)?",
        'is no version of the NVIDIA driver. Write it in full and in quotes: "595.91.07".',
        "595.91.07",
    ),
]
"""A version of the NVIDIA driver."""


class GpuSettings(Model):
    """What holds for all GPU pools."""

    stack: Literal["operator", "standalone"] = "operator"
    """What serves NVIDIA's cards where the cluster does not itself: the GPU ``operator``, or the ``standalone`` device
    plugin and DCGM exporter, which need a driver in the node image and cannot cut cards by MIG."""
    driver: DriverVersion = "595.91.07"
    """The NVIDIA driver's version, where we own the driver. Source: GPU Operator v26.7.0."""
    metrics: Literal["none", "standard", "profiling"] = "standard"
    """What the DCGM exporter reports of each GPU: nothing, its health and use, or also the profiling counters (SM,
    tensor and DRAM activity, PCIe and NVLink traffic), which no other profiler can read at the same time."""
