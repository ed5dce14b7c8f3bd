"""A pool as EKS managed node groups: the nodes that always stand, and all of a pool that nothing else can scale."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from ..settings.pools import Lane, Reserved
from ..settings.scalars import Span
from .ec2 import Image, has_placement_group, in_zones, instance_types, interfaces, volumes
from .plan import PoolPlan
from .user_data import user_data

if TYPE_CHECKING:
    from typing import NotRequired

    import pulumi
    from pulumi_aws import ec2, eks

_AMI_TYPES: Mapping[tuple[Image, str, str | None], str] = {
    ("al2023", "amd64", None): "AL2023_x86_64_STANDARD",
    ("al2023", "amd64", "nvidia"): "AL2023_x86_64_NVIDIA",
    ("al2023", "amd64", "aws"): "AL2023_x86_64_NEURON",
    ("al2023", "arm64", None): "AL2023_ARM_64_STANDARD",
    ("al2023", "arm64", "nvidia"): "AL2023_ARM_64_NVIDIA",
    ("bottlerocket", "amd64", None): "BOTTLEROCKET_x86_64",
    ("bottlerocket", "amd64", "nvidia"): "BOTTLEROCKET_x86_64_NVIDIA",
    ("bottlerocket", "amd64", "aws"): "BOTTLEROCKET_x86_64",
    ("bottlerocket", "arm64", None): "BOTTLEROCKET_ARM_64",
    ("bottlerocket", "arm64", "nvidia"): "BOTTLEROCKET_ARM_64_NVIDIA",
}
"""By image, architecture and whose accelerators there are. Bottlerocket's plain image brings the Neuron driver.

Sources: Amazon EKS API, Nodegroup, ``amiType``; bottlerocket-os/bottlerocket#4400.
"""
_EFFECTS = {"NoSchedule": "NO_SCHEDULE", "NoExecute": "NO_EXECUTE", "PreferNoSchedule": "PREFER_NO_SCHEDULE"}
"""Taint effects as the EKS API spells them."""
_UPDATES: Mapping[Lane, eks.NodeGroupUpdateConfigArgsDict] = {
    Lane.GPU_INFERENCE: {"max_unavailable": 1},
    Lane.BATCH: {"max_unavailable_percentage": 10},
    Lane.PLATFORM: {"max_unavailable": 1},
}
"""How many nodes of a lane an update takes away at once. Services give up one at a time, whatever their budgets say."""
_OLD_ONES_FIRST: eks.NodeGroupUpdateConfigArgsDict = {"update_strategy": "MINIMAL"}
"""Reserved machines are all in use: EKS's default starts further ones first, and would wait for them in vain. Source:
Amazon EKS API, NodegroupUpdateConfig."""


class NodeGroupInputs(TypedDict):
    """The arguments of ``aws.eks.NodeGroup``, less its launch template, which is a resource of its own, and its name.

    Without a name of ours, a group that has to be replaced stands beside its successor until that is ready.
    """

    cluster_name: pulumi.Input[str]
    node_role_arn: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    version: str
    ami_type: str
    capacity_type: str
    instance_types: NotRequired[Sequence[str]]
    scaling_config: eks.NodeGroupScalingConfigArgsDict
    update_config: eks.NodeGroupUpdateConfigArgsDict
    node_repair_config: eks.NodeGroupNodeRepairConfigArgsDict
    force_update_version: bool
    labels: Mapping[str, str]
    taints: Sequence[eks.NodeGroupTaintArgsDict]


class LaunchTemplateInputs(TypedDict):
    """The arguments of ``aws.ec2.LaunchTemplate``. A placement group's name is in it, which orders the two."""

    name: str
    update_default_version: bool
    user_data: str
    metadata_options: ec2.LaunchTemplateMetadataOptionsArgsDict
    block_device_mappings: Sequence[ec2.LaunchTemplateBlockDeviceMappingArgsDict]
    monitoring: ec2.LaunchTemplateMonitoringArgsDict
    tag_specifications: Sequence[ec2.LaunchTemplateTagSpecificationArgsDict]
    vpc_security_group_ids: NotRequired[Sequence[pulumi.Input[str]]]
    network_interfaces: NotRequired[Sequence[ec2.LaunchTemplateNetworkInterfaceArgsDict]]
    placement: NotRequired[ec2.LaunchTemplatePlacementArgsDict]
    instance_type: NotRequired[str]
    capacity_reservation_specification: NotRequired[ec2.LaunchTemplateCapacityReservationSpecificationArgsDict]
    instance_market_options: NotRequired[ec2.LaunchTemplateInstanceMarketOptionsArgsDict]


class PlacementGroupInputs(TypedDict):
    """The arguments of ``aws.ec2.PlacementGroup``."""

    name: str
    strategy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeGroupContext:
    """What the nodes of a cluster have in common; ids are known only once the resources exist.

    cluster: the cluster's name.
    version: its Kubernetes minor version.
    image: the node image.
    subnets: the private subnets of each zone, by the zone's full name, in the order of the zones.
    node_role_arn: the role of the nodes.
    security_groups: of the nodes; with EFA, one that lets its members reach each other in both directions.
    kms_key_arn: encrypts the volumes.
    tags: on instances and volumes; what makes these has them from the provider.
    """

    cluster: str
    version: str
    image: Image
    subnets: Mapping[str, Sequence[pulumi.Input[str]]]
    node_role_arn: pulumi.Input[str]
    security_groups: Sequence[pulumi.Input[str]]
    kms_key_arn: pulumi.Input[str]
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeGroupPlan:
    """One node group with what it needs.

    name: of the node group, the same as the pool's.
    placement_group: where its instances stand close together; else None. The launch template names it.
    """

    name: str
    node_group: NodeGroupInputs
    launch_template: LaunchTemplateInputs
    placement_group: PlacementGroupInputs | None


def standing(pool: PoolPlan) -> Span:
    """The nodes that node groups keep; Karpenter adds those between ``max`` and the pool's largest size.

    Platform nodes are not Karpenter's, which runs on them.
    """
    return pool.size if pool.lane is Lane.PLATFORM else Span(pool.size.min, pool.size.min)


def node_groups(pool: PoolPlan, where: NodeGroupContext) -> Sequence[NodeGroupPlan]:
    """The pool's node groups: one, or none where no node always stands.

    Its desired size is where it begins: the caller ignores later changes, for they are an autoscaler's.
    """
    if not standing(pool).max:
        return ()
    return (
        NodeGroupPlan(
            name=pool.name,
            node_group=_node_group(pool, where),
            launch_template=_launch_template(pool, where),
            placement_group=placement_group(pool, where),
        ),
    )


def placement_group(pool: PoolPlan, where: NodeGroupContext) -> PlacementGroupInputs | None:
    """The pool's placement group, which its node group and Karpenter share; None where it has none."""
    if not has_placement_group(pool):
        return None
    return {"name": resource_name(pool, where), "strategy": "cluster"}


def subnets(pool: PoolPlan, where: NodeGroupContext) -> list[pulumi.Input[str]]:
    """The subnets that the pool's nodes stand in."""
    return [subnet for zone in in_zones(pool, tuple(where.subnets)) for subnet in where.subnets[zone]]


def resource_name(pool: PoolPlan, where: NodeGroupContext) -> str:
    """What the pool's EC2 resources are called: unique in the account and region."""
    return f"{where.cluster}-{pool.name}"


def _node_group(pool: PoolPlan, where: NodeGroupContext) -> NodeGroupInputs:
    size = standing(pool)
    inputs: NodeGroupInputs = {
        "cluster_name": where.cluster,
        "node_role_arn": where.node_role_arn,
        "subnet_ids": subnets(pool, where),
        "version": where.version,
        "ami_type": _AMI_TYPES[where.image, pool.machine.arch, pool.gpu.accelerator.vendor.name if pool.gpu else None],
        "capacity_type": _capacity_type(pool),
        "scaling_config": {"desired_size": size.min, "min_size": size.min, "max_size": size.max},
        "update_config": _update(pool),
        # EKS itself stops repairing where more than a fifth of a larger group seems to be broken.
        "node_repair_config": {"enabled": True, "max_parallel_nodes_repaired_count": 1},
        # Forced, an update would evict pods whose disruption budget forbids it.
        "force_update_version": False,
        "labels": dict(pool.labels),
        "taints": [{"key": t.key, "value": t.value, "effect": _EFFECTS[t.effect]} for t in pool.taints],
    }
    if inputs["capacity_type"] != "CAPACITY_BLOCK":  # its launch template names the one type that it has
        types = instance_types(pool) if inputs["capacity_type"] == "SPOT" else (pool.machine.name,)
        inputs["instance_types"] = list(types)
    return inputs


def is_scarce(pool: PoolPlan) -> bool:
    """Whether there are no more machines than the node group has: the old ones go before new ones come."""
    return isinstance(pool.capacity[0], Reserved)


def _update(pool: PoolPlan) -> eks.NodeGroupUpdateConfigArgsDict:
    return {**_UPDATES[pool.lane], **_OLD_ONES_FIRST} if is_scarce(pool) else _UPDATES[pool.lane]


def _capacity_type(pool: PoolPlan) -> str:
    """How the nodes that always stand are bought: the first of the pool's ways."""
    match pool.capacity[0]:
        case "spot":
            return "SPOT"
        case Reserved(block=True):
            return "CAPACITY_BLOCK"
        case _:
            return "ON_DEMAND"


def _launch_template(pool: PoolPlan, where: NodeGroupContext) -> LaunchTemplateInputs:
    name, tags = resource_name(pool, where), {**where.tags, "Name": resource_name(pool, where)}
    inputs: LaunchTemplateInputs = {
        "name": name,
        "update_default_version": True,
        "user_data": base64.b64encode(user_data(pool, where.image).encode()).decode(),
        # Tokens only, and none that travels one hop further, into a pod: pods get their roles by Pod Identity.
        "metadata_options": {
            "http_endpoint": "enabled",
            "http_tokens": "required",
            "http_put_response_hop_limit": 1,
            "instance_metadata_tags": "disabled",
        },
        "block_device_mappings": [
            {
                "device_name": volume.device,
                "ebs": {
                    "volume_size": volume.size,
                    "volume_type": "gp3",
                    "encrypted": "true",
                    "kms_key_id": where.kms_key_arn,
                    "delete_on_termination": "true",
                },
            }
            for volume in volumes(pool, where.image)
        ],
        "monitoring": {"enabled": True},
        "tag_specifications": [{"resource_type": kind, "tags": tags} for kind in ("instance", "volume")],
    }
    if cards := interfaces(pool):
        inputs["network_interfaces"] = [
            {
                "network_card_index": card.card,
                "device_index": card.device,
                "interface_type": card.kind,
                "security_groups": list(where.security_groups),
                "delete_on_termination": "true",
            }
            for card in cards
        ]
    else:
        inputs["vpc_security_group_ids"] = list(where.security_groups)
    if has_placement_group(pool):
        placement: ec2.LaunchTemplatePlacementArgsDict = {"group_name": name}
        inputs["placement"] = placement
    if isinstance(way := pool.capacity[0], Reserved):
        inputs["capacity_reservation_specification"] = _reservation(way)
        if way.block:
            market: ec2.LaunchTemplateInstanceMarketOptionsArgsDict = {"market_type": "capacity-block"}
            inputs["instance_market_options"] = market
            inputs["instance_type"] = pool.machine.name
    return inputs


def _reservation(way: Reserved) -> ec2.LaunchTemplateCapacityReservationSpecificationArgsDict:
    return {"capacity_reservation_target": {"capacity_reservation_id": way.reserved}}
