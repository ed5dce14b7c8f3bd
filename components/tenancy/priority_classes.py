"""The pod priorities of the platform, in the cluster."""

import pulumi

from ..registration import register
from .priorities import PRIORITY_CLASSES


class PriorityClasses(pulumi.ComponentResource):
    """One PriorityClass per lane."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kubelanes:tenancy:PriorityClasses", name, {}, opts)
        self.classes = {lane: register(item.object, self) for lane, item in PRIORITY_CLASSES.items()}
        self.register_outputs({lane.value: resource.id for lane, resource in self.classes.items()})
