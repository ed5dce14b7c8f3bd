"""A pool as Karpenter makes it: NodePools, one for each way of buying, and the class of node that they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..objects import Manifest, manifest
from ..settings.cluster_parts import Maintenance
from ..settings.pools import Capacity, Reserved
from .disruption import RULES, disruption
from .ec2 import (
    Image,
    has_placement_group,
    instance_types,
    interfaces,
    joins_local_disks,
    reservations,
    volumes,
)
from .eks import NodeGroupContext, resource_name, standing, subnets
from .fabric import huge_pages
from .plan import PoolPlan
from .rungs import Rung, rungs
from .shares import GPU_RESOURCE, extended_resources
from .user_data import amazon_linux, bottlerocket

if TYPE_CHECKING:
    import pulumi


API = "karpenter.sh/v1"
OVERLAYS = "karpenter.sh/v1alpha1"
_ALIASES: Mapping[Image, str] = {"al2023": "al2023@latest", "bottlerocket": "bottlerocket@latest"}
"""The newest image, with NVIDIA's driver on machines with its cards. A newer one makes nodes drift, and drifted nodes
are replaced as `disruption` allows."""
_HEAVIEST, _STEP = 100, 10
"""The weight of a ladder's first rung, and by how much each further one is lighter: heavier ones are tried first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeClass:
    """The kind of object that says what nodes are made of, and whose provider makes them.

    reservation: the label of a reservation's id; None where the provider knows none.
    """

    group: str
    kind: str
    version: str
    reservation: str | None = None

    @property
    def api_version(self) -> str:
        """As an object of it spells it."""
        return f"{self.group}/{self.version}"


EC2 = NodeClass(
    group="karpenter.k8s.aws",
    kind="EC2NodeClass",
    version="v1",
    reservation="karpenter.k8s.aws/capacity-reservation-id",
)
KWOK = NodeClass(group="karpenter.kwok.sh", kind="KWOKNodeClass", version="v1alpha1")


def scaled(pool: PoolPlan) -> int:
    """How many nodes Karpenter may add to those that always stand; 0 where the pool is not its business."""
    return pool.size.max - standing(pool).max if pool.lane in RULES else 0


def node_pools(
    pool: PoolPlan,
    maintenance: Maintenance,
    node_class: NodeClass,
    *,
    types: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
) -> list[Manifest]:
    """The pool's NodePools, heaviest first; none where every node always stands.

    Karpenter counts each one's limit for itself: a ladder may hold as many nodes on each step.

    types: what the node class calls the pool's instance types.
    labels: further labels of the nodes.
    """
    if not scaled(pool):
        return []
    made = [_node_pool(pool, rung, maintenance, node_class, types, labels or {}) for rung in rungs(pool)]
    if len(made) > 1:
        for at, each in enumerate(made):
            each["spec"]["weight"] = max(_HEAVIEST - _STEP * at, 1)
    return made


def ec2_node_class(pool: PoolPlan, where: NodeGroupContext, instance_profile: pulumi.Input[str]) -> Manifest:
    """What the pool's EC2 instances are made of: the same as in its node group.

    instance_profile: made by us, for Karpenter could make one only with rights to IAM, which no VPC endpoint reaches.
    Source: Karpenter 1.14, CRD EC2NodeClass and "NodeClasses".
    """
    return manifest(
        EC2.api_version,
        EC2.kind,
        pool.name,
        spec={
            "amiSelectorTerms": [{"alias": _ALIASES[where.image]}],
            "instanceProfile": instance_profile,
            "subnetSelectorTerms": [{"id": subnet} for subnet in subnets(pool, where)],
            "securityGroupSelectorTerms": [{"id": group} for group in where.security_groups],
            "associatePublicIPAddress": False,
            "metadataOptions": {
                "httpEndpoint": "enabled",
                "httpProtocolIPv6": "disabled",
                "httpPutResponseHopLimit": 1,
                "httpTokens": "required",
            },
            "blockDeviceMappings": _block_devices(pool, where),
            "kubelet": {"maxPods": pool.pods_per_node},
            "detailedMonitoring": True,
            "tags": dict(where.tags),
            **_fast_network(pool, where),
            **_only_where_needed(pool, where.image),
        },
    )


def kwok_node_class(pool: PoolPlan) -> Manifest:
    """What the pool's simulated nodes are made of. Source: sigs.k8s.io/karpenter 1.14, kwok/apis/crds."""
    return manifest(KWOK.api_version, KWOK.kind, pool.name, spec={"nodeRegistrationDelay": "0s"})


def kwok_node_classes(pools: Sequence[PoolPlan]) -> list[Manifest]:
    """The classes of the simulated nodes of all pools that are scaled."""
    return [kwok_node_class(pool) for pool in pools if scaled(pool)]


def node_overlay(pool: PoolPlan) -> Manifest | None:
    """What the pool's nodes advertise and EC2 does not tell Karpenter, which would make none for pods that ask for it.

    None where there is no such thing. Needs Karpenter's feature gate NodeOverlay. Source: Karpenter 1.14,
    "NodeOverlays"; only resources that it does not call well-known can be set, and ``nvidia.com/gpu`` is none of these.
    """
    if not scaled(pool) or not (capacity := _untold(pool)):
        return None
    names = [rung.name for rung in rungs(pool)]
    return manifest(
        OVERLAYS,
        "NodeOverlay",
        pool.name,
        spec={
            "requirements": [_in("karpenter.sh/nodepool", names)],
            "capacity": capacity,
        },
    )


def _untold(pool: PoolPlan) -> dict[str, str]:
    """Shared cards, where EC2 tells of whole ones only, and the huge pages that the node image sets aside for EFA.

    Of a card that is cut, nothing is left to be handed out whole. Source: kubernetes-sigs/karpenter,
    designs/node-overlay.md ("HugePage Support").
    """
    pages = {"hugepages-2Mi": huge_pages(pool.machine)} if pool.network == "efa" else {}
    if not pool.gpu or pool.gpu.share.whole or pool.gpu.share.dra:
        return pages
    shared = {GPU_RESOURCE: 0, **extended_resources(pool.gpu)}
    return {name: str(count) for name, count in shared.items()} | pages


def _node_pool(
    pool: PoolPlan,
    rung: Rung,
    maintenance: Maintenance,
    node_class: NodeClass,
    types: Sequence[str] | None,
    labels: Mapping[str, str],
) -> Manifest:
    bought = types or (instance_types(pool) if rung.way == "spot" else (pool.machine.name,))
    template = {
        "metadata": {"labels": {**labels, **pool.labels}},
        "spec": {
            "nodeClassRef": {"group": node_class.group, "kind": node_class.kind, "name": pool.name},
            "requirements": _requirements(pool, rung.way, bought, node_class),
            "taints": [{"key": taint.key, "value": taint.value, "effect": taint.effect} for taint in pool.taints],
            # Karpenter would drain a node that has grown old at any time, whatever its budgets say.
            "expireAfter": "Never",
            "terminationGracePeriod": RULES[pool.lane].grace,
        },
    }
    spec: dict[str, Any] = {
        "template": template,
        "disruption": disruption(pool.lane, maintenance),
        "limits": _limits(pool),
    }
    return manifest(API, "NodePool", rung.name, spec=spec)


def _requirements(pool: PoolPlan, way: Capacity, types: Sequence[str], node_class: NodeClass) -> list[Manifest]:
    wanted = {
        "kubernetes.io/os": ["linux"],
        "kubernetes.io/arch": [pool.machine.arch],
        "node.kubernetes.io/instance-type": list(types),
        "karpenter.sh/capacity-type": [_capacity_type(way, node_class)],
    }
    if isinstance(way, Reserved) and node_class.reservation:
        wanted[node_class.reservation] = [way.reserved]
    if pool.zones:
        wanted["topology.kubernetes.io/zone"] = list(pool.zones)
    return [_in(key, values) for key, values in wanted.items()]


def _capacity_type(way: Capacity, node_class: NodeClass) -> str:
    if isinstance(way, Reserved):
        return "reserved" if node_class.reservation else "on-demand"
    return way


def _limits(pool: PoolPlan) -> dict[str, str]:
    """How far a NodePool grows; Karpenter counts shared cards in two ways, so only whole ones can be a limit."""
    nodes = scaled(pool)
    whole = extended_resources(pool.gpu) if pool.gpu and pool.gpu.share.whole else {}
    return {"nodes": str(nodes), **{name: str(nodes * each) for name, each in whole.items()}}


def _block_devices(pool: PoolPlan, where: NodeGroupContext) -> list[Manifest]:
    return [
        {
            "deviceName": volume.device,
            "ebs": {
                "volumeSize": f"{volume.size}Gi",
                "volumeType": "gp3",
                "encrypted": True,
                "kmsKeyID": where.kms_key_arn,
                "deleteOnTermination": True,
            },
        }
        for volume in volumes(pool, where.image)
    ]


def _fast_network(pool: PoolPlan, where: NodeGroupContext) -> Manifest:
    cards = [
        {"networkCardIndex": each.card, "deviceIndex": each.device, "interfaceType": each.kind}
        for each in interfaces(pool)
    ]
    together = {"placementGroupSelector": {"name": resource_name(pool, where)}} if has_placement_group(pool) else {}
    return {**({"networkInterfaces": cards} if cards else {}), **together}


def _only_where_needed(pool: PoolPlan, image: Image) -> Manifest:
    spec: Manifest = {}
    if joins_local_disks(pool):
        spec["instanceStorePolicy"] = "RAID0"
    if ways := reservations(pool):
        spec["capacityReservationSelectorTerms"] = [{"id": way.reserved} for way in ways]
    if told := bottlerocket(pool, {}, local_disks=False) if image == "bottlerocket" else amazon_linux(pool):
        spec["userData"] = told
    return spec


def _in(key: str, values: Sequence[str]) -> Manifest:
    return {"key": key, "operator": "In", "values": list(values)}
