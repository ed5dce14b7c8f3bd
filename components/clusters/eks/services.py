"""What an EKS cluster offers to pods as soon as it has nodes: names, volumes, metrics, repair."""

from collections.abc import Sequence

import pulumi

from ...objects import Object
from ...registration import register
from .addons import ManagedAddon
from .iam import Home, volume_encryption
from .managed_addons import ManagedAddons
from .storage import storage_class


class NodeServices(pulumi.ComponentResource):
    """The managed add-ons that need nodes, and the default class for volumes.

    The providers of ``opts`` are the cloud's and the cluster's; its dependencies, the nodes.
    """

    def __init__(
        self,
        name: str,
        home: Home,
        cluster_name: pulumi.Input[str],
        addons: Sequence[ManagedAddon],
        key: pulumi.Input[str],
        nodes: pulumi.Resource,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("kubelanes:clusters:EksServices", name, {}, opts)
        ManagedAddons(
            name,
            home,
            cluster_name,
            addons,
            own={"aws-ebs-csi-driver": {"volumes": volume_encryption(key)}},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[nodes]),
        )
        # Parameters of a class can never be changed; another key makes another one.
        fixed = ["parameters", "volumeBindingMode"]
        register(Object(storage_class(key)), self, depends_on=[nodes], replace_on=fixed)
        self.register_outputs({})
