"""From a pool in the stack file to a cloud-neutral plan: what its nodes are, carry and are called."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..catalogue.accelerators import Accelerator
from ..catalogue.machines import Machine
from ..settings.pools import Capacity, Disk, Lane, Share
from ..settings.scalars import Span

LANE_LABEL = "kubelanes.dev/lane"
POOL_LABEL = "kubelanes.dev/pool"


@dataclass(frozen=True, slots=True, order=True)
class Taint:
    """A node taint, as Kubernetes spells it."""

    key: str
    value: str
    effect: str = "NoSchedule"


@dataclass(frozen=True, slots=True)
class GpuPlan:
    """The accelerators of one node and how they are handed out."""

    accelerator: Accelerator
    per_node: int
    share: Share
    driver: str
    """The NVIDIA driver's version, where the platform chooses it; what simulated nodes report."""
    mig_strategy: Literal["mixed", "single"] = "mixed"
    """How partitions are advertised: each profile under a name of its own, or all like whole cards."""
    libraries: Literal["injected", "mounted"] = "injected"
    """How containers come by the driver's libraries: one by one from the container toolkit, or because the device
    plugin mounts their whole folder at ``/usr/local/nvidia``, with all that stands in it."""

    @property
    def taint(self) -> Taint:
        """The taint that keeps pods without accelerators away from its nodes."""
        return Taint(self.accelerator.vendor.taint, "present")


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolPlan:
    """One node pool, complete: no setting is looked up again after this.

    upgrade: how nodes are replaced by newer ones.
    pods_per_node: the most pods on a node.
    found_by: the labels by which nodes that stand already are found; empty where the pool makes its nodes.
    topology: of TPUs, how the chips of a slice are arranged: ``2x2``, ``4x4``; None for other accelerators.
    queued: whether its nodes come only when Kueue asks for all that a job needs, through a ProvisioningRequest.
    """

    name: str
    lane: Lane
    machine: Machine
    gpu: GpuPlan | None
    capacity: tuple[Capacity, ...]
    size: Span
    zones: tuple[str, ...]
    network: str
    disk: Disk
    upgrade: Literal["surge", "blue-green"]
    pods_per_node: int
    found_by: Mapping[str, str]
    topology: str | None = None
    queued: bool = False
    labels: Mapping[str, str]
    taints: tuple[Taint, ...]

    @property
    def is_slice(self) -> bool:
        """Whether its nodes are one TPU slice: they come and go together, and none is of use alone."""
        return self.topology is not None and self.machine.makes_up(self.topology) > 1

    @property
    def cards(self) -> int:
        """The most accelerators that the pool can hold."""
        return self.size.max * self.gpu.per_node if self.gpu else 0
