"""Which pods go first when a node is full: one PriorityClass per lane."""

from dataclasses import dataclass

from ..objects import Object, manifest
from ..settings.pools import Lane


@dataclass(frozen=True, slots=True)
class PriorityClass:
    """A PriorityClass of the platform."""

    name: str
    value: int
    description: str

    @property
    def object(self) -> Object:
        """The class as a Kubernetes object."""
        return Object(
            manifest("scheduling.k8s.io/v1", "PriorityClass", self.name, value=self.value, description=self.description)
        )


PRIORITY_CLASSES = {
    Lane.PLATFORM: PriorityClass("kubelanes-platform", 100_000, "Services that other workloads need."),
    Lane.GPU_INFERENCE: PriorityClass("kubelanes-inference", 50_000, "Models that answer requests."),
    Lane.BATCH: PriorityClass("kubelanes-batch", 0, "Batch work; its order in the queue is Kueue's."),
}
"""The pod priority of each lane."""

SYSTEM_PRIORITIES = ("system-cluster-critical", "system-node-critical")
"""Kubernetes' own classes; any namespace may use them unless a quota says otherwise."""
