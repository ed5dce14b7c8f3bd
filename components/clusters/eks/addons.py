"""The managed add-ons of an EKS cluster: which there are, in what version, with what configuration and what identity.

The configuration of an add-on is checked by EKS against a schema when it is made (DescribeAddonConfiguration shows it);
what stands here is kept to the little that the user guide documents. Controllers need no selector: only the platform
lane has no taint.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...catalogue.eks_addons import eks_catalogue
from ...settings.environment import Environment

NAMESPACE = "kube-system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The AWS identity of an add-on's pods, by Pod Identity.

    service_account: its service account in kube-system.
    managed: the policies of AWS that it needs, with their paths.
    """

    service_account: str
    managed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedAddon:
    """One add-on that EKS installs and keeps.

    version: the build.
    values: its configuration.
    before_nodes: whether nodes need it to become ready; the others need nodes to run on.
    """

    name: str
    version: str
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    identity: Identity | None = None
    before_nodes: bool = False


def plan_addons(kubernetes: str, cluster: str, environment: Environment) -> tuple[ManagedAddon, ...]:
    """The add-ons of every cluster, in the order in which they are installed.

    Raises LookupError for a version of Kubernetes that no build is pinned for.
    """
    catalogue, copies = eks_catalogue(), max(2, environment.preset.replicas)

    def addon(name: str, **rest: Any) -> ManagedAddon:  # noqa: ANN401 - the fields of ManagedAddon
        return ManagedAddon(name=name, version=catalogue.addon_version(name, kubernetes), **rest)

    return (
        addon("eks-pod-identity-agent", before_nodes=True),
        addon("vpc-cni", values=_CNI, identity=_CNI_IDENTITY, before_nodes=True),
        addon("kube-proxy", before_nodes=True),
        # The number of copies follows the nodes: too few of them, and a large cluster's look-ups time out.
        addon("coredns", values={"autoScaling": {"enabled": True, "minReplicas": copies, "maxReplicas": 50}}),
        # Volumes outlive their cluster: the tag tells whose they were.
        addon(
            "aws-ebs-csi-driver",
            values={"controller": {"extraVolumeTags": {"kubelanes.dev/cluster": cluster}}},
            identity=_STORAGE_IDENTITY,
        ),
        addon("metrics-server"),
        addon("eks-node-monitoring-agent"),
    )


_CNI: Mapping[str, Any] = {
    "enableNetworkPolicy": "true",
    "nodeAgent": {"enablePolicyEventLogs": "true"},
    # One prefix ahead, and none beyond the node's most pods: the address plan counts so.
    "env": {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"},
}
"""Source: amazon-vpc-cni-k8s, README.md and docs/prefix-and-ip-target.md."""

_CNI_IDENTITY = Identity(service_account="aws-node", managed=("AmazonEKS_CNI_Policy",))
"""Not the nodes' role: with that, every pod on the host network could take addresses from other nodes."""

_STORAGE_IDENTITY = Identity(service_account="ebs-csi-controller-sa", managed=("AmazonEBSCSIDriverPolicyV2",))
"""It reaches only volumes that a cluster's driver made. Source: AWS managed policy reference."""


def before_nodes(addons: Sequence[ManagedAddon]) -> tuple[ManagedAddon, ...]:
    """Those that nodes need."""
    return tuple(addon for addon in addons if addon.before_nodes)


def on_nodes(addons: Sequence[ManagedAddon]) -> tuple[ManagedAddon, ...]:
    """Those that need nodes."""
    return tuple(addon for addon in addons if not addon.before_nodes)
