"""What a GKE cluster needs inside before anything else: encrypted volumes, names for GPU interfaces, ladders."""

from collections.abc import Iterable, Sequence

import pulumi

from ...catalogue.gke_networks import FastSubnet
from ...objects import Manifest, Object, manifest
from ...pools.compute_class import compute_classes
from ...pools.plan import PoolPlan
from ...registration import register
from .facts import STORAGE_CLASS

_NETWORKING = "networking.gke.io/v1"


def storage_class(kms_key: pulumi.Input[str]) -> Manifest:
    """The class of volumes that are encrypted with ``kms_key``.

    Source: GKE, "Use customer-managed encryption keys (CMEK)"; the Compute Engine persistent disk CSI driver.
    """
    return manifest(
        "storage.k8s.io/v1",
        "StorageClass",
        STORAGE_CLASS,
        provisioner="pd.csi.storage.gke.io",
        parameters={"type": "pd-balanced", "disk-encryption-kms-key": kms_key},
        # A disk is a zone's: it is made where its pod was placed, or the pod could not reach it.
        volumeBindingMode="WaitForFirstConsumer",
        allowVolumeExpansion=True,
        reclaimPolicy="Delete",
    )


def network_objects(cluster: str, subnet: FastSubnet) -> tuple[Manifest, Manifest]:
    """What lets pods ask for a GPU interface: its parameters, and the Network that they name in an annotation.

    Source: GKE, "Set up multi-network support for Pods".
    """
    parameters = {
        "vpc": f"{cluster}-{subnet.network}",
        "vpcSubnet": f"{cluster}-{subnet.name}",
        "deviceMode": subnet.mode,
    }
    reference = {"group": "networking.gke.io", "kind": "GKENetworkParamSet", "name": subnet.name}
    return (
        manifest(_NETWORKING, "GKENetworkParamSet", subnet.name, spec=parameters),
        manifest(_NETWORKING, "Network", subnet.name, spec={"type": "Device", "parametersRef": reference}),
    )


class GkeInside(pulumi.ComponentResource):
    """The objects; who depends on them waits for the nodes. The provider of ``opts`` is the cluster's.

    pools: of the ones with several ways of buying, the order becomes an object.
    nodes: the node pools that everything else needs.
    """

    def __init__(
        self,
        name: str,
        *,
        cluster: str,
        kms_key: pulumi.Input[str],
        fast: Iterable[FastSubnet],
        pools: Sequence[PoolPlan],
        nodes: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("kubelanes:clusters:GkeInside", name, {}, opts)
        # Parameters of a class can never be changed; another key makes another one.
        replaced = ["parameters", "volumeBindingMode"]
        register(Object(storage_class(kms_key)), self, depends_on=nodes, replace_on=replaced)
        for subnet in fast:
            parameters, network = network_objects(cluster, subnet)
            first = register(Object(parameters), self, depends_on=nodes)
            register(Object(network), self, depends_on=[first])
        for ladder in compute_classes(pools):
            register(Object(ladder), self, depends_on=nodes)
        self.register_outputs({})
