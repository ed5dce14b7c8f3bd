"""Pools that EKS, Karpenter or EC2 would refuse, or would carry out otherwise than they were meant.

Sources: Amazon EKS user guide, "Manage compute resources with node groups", "Capacity Blocks for ML" and "Choose an
optimal Amazon EC2 node instance type"; EC2 user guide, "Elastic Fabric Adapter" and "Capacity Blocks for ML"; issue
aws/karpenter-provider-aws#9519.
"""

from collections.abc import Iterable, Iterator

from ...pools.rungs import rung_names
from ...problems import Problem
from ..cluster import SimCluster
from ..draft import Draft
from ..eks import EksCluster
from ..inventory import Stock, cloud_of, stocks
from ..pools import Lane, PoolSettings, Reserved
from ..wording import listed, problem

_BLOCK_FAMILIES = ("p4d", "p4de", "p5", "p5e", "p5en", "p6-b200", "p6-b300", "p6e-gb200", "trn1", "trn2")
"""The machines that EC2 sells in capacity blocks. Source: EC2 user guide, "Capacity Blocks for ML"."""
_ULTRA = "p6e-"
"""The machines that EC2 sells in no other way: parts of an UltraServer."""
_FEW_PODS, _MANY_CORES = 110, 30
"""The most pods that a managed node group takes on a machine with fewer cores."""


def check_efa(draft: Draft) -> Iterator[Problem]:
    """EFA joins machines that have it, in one zone."""
    for stock in _on_eks(draft):
        if stock.pool.network != "efa":
            continue
        if stock.machine and stock.machine.network != "efa" and not stock.pool.accelerator:
            text = f"is not on {stock.machine.name}. Write default or leave it out, or choose a machine that has it."
            yield problem(("pools", stock.name, "network"), "efa", text)
        if len(stock.pool.zones) > 1:
            text = (
                "is more than one zone: EFA's traffic leaves no zone, and jobs across two hang until they time out. "
                f"Name one: [{stock.pool.zones[0]}]."
            )
            yield problem(("pools", stock.name, "zones"), list(stock.pool.zones), text)


def check_capacity_blocks(draft: Draft) -> Iterator[Problem]:
    """A capacity block is EC2's, of a machine that is sold so, and stands alone in its pool."""
    aws = cloud_of(draft.cluster) == "aws"
    for stock in stocks(draft):
        for at, way in enumerate(stock.pool.buys):
            if not (isinstance(way, Reserved) and way.block):
                continue
            path, machine = ("pools", stock.name, "capacity", at), stock.machine
            if not aws:
                text = "is what EC2 sells, and this cluster's machines are not EC2's. Leave block out."
                yield problem((*path, "block"), "true", text)
            elif machine and _family(machine.name) not in _BLOCK_FAMILIES:
                text = f"is not sold for {machine.name}. EC2 has capacity blocks of: {listed(_BLOCK_FAMILIES)}."
                yield problem((*path, "block"), "true", text)
            if aws and len(stock.pool.buys) > 1:
                text = (
                    "stands beside other ways of buying, and a node group holds one kind of capacity; the block ends "
                    "at its hour with all its nodes. Make it a pool of its own."
                )
                yield problem(path, _shown(way), text)


def check_ultra_servers(draft: Draft) -> Iterator[Problem]:
    """Parts of an UltraServer come in capacity blocks only."""
    for stock in _on_eks(draft):
        if not (stock.machine and stock.machine.name.startswith(_ULTRA)):
            continue
        for at, way in enumerate(stock.pool.buys):
            if not (isinstance(way, Reserved) and way.block):
                text = (
                    f"does not buy {stock.machine.name}, which comes in capacity blocks only. "
                    "Write { reserved: id of the block, block: true }."
                )
                yield problem(("pools", stock.name, "capacity", at), _shown(way), text)


def check_claims(draft: Draft) -> Iterator[Problem]:
    """Where Karpenter makes the nodes, a pool that DRA serves has a fixed size."""
    for name, pool in _scaled(draft):
        if pool.share.dra and pool.size.min != pool.size.max:
            text = (
                "would not grow: Karpenter makes no node for pods that ask for devices through claims "
                f"(aws/karpenter-provider-aws#9519). Write one number, size: {pool.size.max}, or another share."
            )
            yield problem(("pools", name, "size"), str(pool.size), text)


def check_bottlerocket(draft: Draft) -> Iterator[Problem]:
    """Bottlerocket's own device plugin hands cards out, whole or by turns."""
    if not (isinstance(draft.cluster, EksCluster) and draft.cluster.image == "bottlerocket"):
        return
    for name, pool in draft.pools.items():
        path, remedy = ("pools", name, "share"), "Use cluster.image: al2023, or share: whole, time_slicing or mps."
        if pool.share.mig:
            text = f"is the work of the GPU Operator's MIG manager, which cannot run on Bottlerocket's image. {remedy}"
            yield problem((*path, "mig"), list(pool.share.mig), text)
        if pool.share.dra:
            text = f"would hand each card out twice: Bottlerocket's image always runs its own device plugin. {remedy}"
            yield problem((*path, "dra"), pool.share.dra, text)


def check_pods_per_node(draft: Draft) -> Iterator[Problem]:
    """EKS caps the pods of small machines."""
    for stock in _on_eks(draft):
        if stock.machine and stock.pool.pods_per_node > _FEW_PODS and stock.machine.vcpu < _MANY_CORES:
            text = (
                f"is more than EKS lets a machine with fewer than {_MANY_CORES} virtual CPUs have, and "
                f"{stock.machine.name} has {stock.machine.vcpu}. Write {_FEW_PODS} or less, or choose a larger machine."
            )
            yield problem(("pools", stock.name, "pods_per_node"), stock.pool.pods_per_node, text)


def check_upgrades(draft: Draft) -> Iterator[Problem]:
    """EKS replaces nodes a few at a time."""
    for stock in _on_eks(draft):
        if stock.pool.upgrade == "blue-green":
            text = "is what GKE's node pools can do; EKS replaces nodes a few at a time. Write surge, or leave it out."
            yield problem(("pools", stock.name, "upgrade"), "blue-green", text)


def check_reserved_first(draft: Draft) -> Iterator[Problem]:
    """What is paid for already is used first."""
    for stock in _on_eks(draft):
        for at, way in enumerate(stock.pool.buys):
            if isinstance(way, Reserved) and not all(isinstance(other, Reserved) for other in stock.pool.buys[:at]):
                text = "is paid for whether it is used or not, and would be used last. Put it before all other ways."
                yield problem(("pools", stock.name, "capacity", at), _shown(way), text)


def check_reserved_zone(draft: Draft) -> Iterator[Problem]:
    """A node group of reserved machines stands in the zone of the reservation.

    Karpenter looks that up; a node group is spread over its subnets. Sources: Amazon EKS user guide, "Create a managed
    node group with Capacity Blocks for ML"; aws-ia/terraform-aws-eks-blueprints, patterns/targeted-odcr.
    """
    for stock in _on_eks(draft):
        pool, first = stock.pool, stock.pool.buys[0]
        told = pool.network == "efa" and pool.zones  # check_efa has told of two
        if isinstance(first, Reserved) and pool.size.min and len(pool.zones) != 1 and not told:
            text = (
                f"are not the one zone that {first.reserved} lies in, and EKS would start the {pool.size.min} nodes "
                "that always stand in others as well, where nothing is reserved. Name that zone."
            )
            yield problem(("pools", stock.name, "zones"), list(pool.zones), text)


def check_platform_capacity(draft: Draft) -> Iterator[Problem]:
    """The platform's node group is bought in one way: nothing would take the next step of a ladder."""
    for stock in _on_eks(draft):
        if stock.pool.lane is Lane.PLATFORM and len(stock.pool.buys) > 1:
            text = (
                "is a ladder, and platform nodes are a node group of EKS, which holds one kind of capacity: the other "
                "ways would never be tried. Write one."
            )
            yield problem(("pools", stock.name, "capacity"), [_shown(way) for way in stock.pool.buys], text)


def check_names(draft: Draft) -> Iterator[Problem]:
    """Every rung of a ladder is a NodePool of its own, with a name that no other has."""
    for name, pool in _scaled(draft):
        for at, rung in enumerate(rung_names(name, pool.buys)):
            if rung != name and draft.known("pools", rung):
                text = f"makes a NodePool called {rung}, and there is a pool of that name. Rename one of them."
                yield problem(("pools", name, "capacity", at), _shown(pool.buys[at]), text)


def _scaled(draft: Draft) -> Iterable[tuple[str, PoolSettings]]:
    """The pools of a cluster whose nodes Karpenter makes."""
    match draft.cluster:
        case EksCluster() | SimCluster(autoscaler="karpenter"):
            return draft.pools.items()
        case _:
            return ()


def _shown(way: object) -> object:
    return way.model_dump(exclude_defaults=True) if isinstance(way, Reserved) else way


def _family(machine: str) -> str:
    return machine.partition(".")[0]


def _on_eks(draft: Draft) -> Iterator[Stock]:
    if isinstance(draft.cluster, EksCluster):
        yield from stocks(draft)


RULES = (
    check_efa,
    check_capacity_blocks,
    check_ultra_servers,
    check_claims,
    check_bottlerocket,
    check_pods_per_node,
    check_upgrades,
    check_reserved_first,
    check_reserved_zone,
    check_platform_capacity,
    check_names,
)
