"""The classes by which workloads and queues ask for devices, carried out."""

from collections.abc import Sequence

import pulumi

from ..objects import Manifest, Object
from ..registration import register


class DeviceClasses(pulumi.ComponentResource):
    """The DeviceClasses of ours; those of a driver come with its chart. The provider of ``opts`` is the cluster's."""

    def __init__(self, name: str, classes: Sequence[Manifest], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kubelanes:pools:DeviceClasses", name, {}, opts)
        for each in classes:
            register(Object(each), self)
        self.register_outputs({})
