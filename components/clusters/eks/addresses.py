"""The address plan of an EKS cluster: which subnet lies where, and whether the range carries the pools.

Where a subnet lies follows from the range and the number of zones alone, never from the pools. So a pool that is added
or grows moves no subnet, and neither does a range that is made wider while it begins at the same address: the further
blocks come after those that are there.

A VPC takes blocks of at most a /16, so a wider range becomes several. Each block is cut into as many equal parts as
there are zones (the next power of two); what is left over goes to the zones in turn, another one in each block. The
last sixteenth of the first block holds the small subnets: public ones (NAT, public load balancers), internal ones
(VPC endpoints, internal load balancers) and those of the control plane's interfaces. Node subnets hold nothing but
nodes and their pods, for a single address in the wrong place costs a whole prefix.

Sources:
- Amazon VPC user guide, "VPC CIDR blocks", "Subnet CIDR blocks" and "Amazon VPC quotas": blocks from /28 to /16, 5 per
  VPC and on request 50; 200 subnets and on request more; a subnet's first four addresses and its last are taken;
- Amazon EKS user guide, "networking requirements for VPC and subnets" and "Assign more IP addresses to Amazon EKS nodes
  with prefixes";
- Elastic Load Balancing user guide: a load balancer takes 8 free addresses of a /27 or larger;
- amazon-vpc-cni-k8s, pkg/ipamd/ipamd.go, isDatastorePoolTooLow: no prefix beyond the node's most pods.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from ...settings.scalars import Span

Purpose = Literal["nodes", "public", "internal", "control-plane"]
"""What a subnet is for."""

MOST_NODES = 100_000
"""Nodes that one cluster takes. Source: AWS, "Amazon EKS ultra scale clusters" (July 2025)."""
WIDEST = 11
"""The length of the widest range: 32 blocks. A /10 would be 64, and a VPC takes at most 50."""

_BLOCK = 16
_PREFIX = 16
"""Addresses of one delegated prefix, a /28."""
_PREFIXES_PER_INTERFACE = 9
"""Prefixes that an interface holds on small machines (``large``: ten addresses, one of them its own); a node with
more has another interface, which takes an address too. Source: EC2 user guide, "Maximum IP addresses per interface"."""
_HEADROOM = Fraction(1, 8)
"""What fragmentation and nodes that stand beside those they replace may cost of a node subnet."""
_TAKEN = 5
_LOAD_BALANCER = 8


class Demand(Protocol):
    """What a pool tells of the addresses it takes: a pool of the settings, or its plan."""

    @property
    def size(self) -> "Span":
        """How many nodes."""
        ...

    @property
    def pods_per_node(self) -> int:
        """The most pods on a node."""
        ...

    @property
    def zones(self) -> tuple[str, ...]:
        """Its zones; all of the cluster's where there are none."""
        ...

    @property
    def network(self) -> str:
        """The fast network between its nodes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SubnetPlan:
    """One subnet.

    name: unique in the plan: ``nodes-us-east-1a-1``.
    zone: the zone's name.
    """

    name: str
    zone: str
    cidr: str
    purpose: Purpose

    @property
    def addresses(self) -> int:
        """The addresses that it has for others than AWS itself."""
        return IPv4Network(self.cidr).num_addresses - _TAKEN


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneLoad:
    """What the pools ask of one zone at their largest.

    nodes: nodes in it, where pools spread evenly over their zones.
    prefixes: /28 prefixes for their pods.
    interfaces: network interfaces with an address of their own.
    needed: addresses for all of these.
    available: addresses that its node subnets give away, headroom taken off.
    """

    zone: str
    nodes: int
    prefixes: int
    interfaces: int
    needed: int
    available: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressPlan:
    """The subnets of a cluster and what they carry.

    blocks: the VPC's blocks; the first is its primary one.
    load: what the pools ask of each zone.
    """

    blocks: tuple[str, ...]
    zones: tuple[str, ...]
    subnets: tuple[SubnetPlan, ...]
    load: tuple[ZoneLoad, ...]

    def of(self, purpose: Purpose) -> tuple[SubnetPlan, ...]:
        """The subnets for a purpose, in the order of the plan."""
        return tuple(subnet for subnet in self.subnets if subnet.purpose == purpose)

    def block_of(self, subnet: SubnetPlan) -> str:
        """The block that a subnet lies in."""
        cidr = IPv4Network(subnet.cidr)
        return next(block for block in self.blocks if cidr.subnet_of(IPv4Network(block)))

    @property
    def short(self) -> tuple[ZoneLoad, ...]:
        """The zones that cannot carry what is asked of them."""
        return tuple(load for load in self.load if load.needed > load.available)

    @property
    def demands(self) -> Mapping[str, int]:
        """What it takes of the account's quotas, by what AWS counts.

        A prefix counts as one network address unit, as a single address does.
        """
        units = sum(load.prefixes + load.interfaces for load in self.load)
        return {
            "ipv4-blocks-per-vpc": len(self.blocks),
            "subnets-per-vpc": len(self.subnets),
            "network-address-units-per-vpc": units,
        }

    def summary(self) -> list[dict[str, str]]:
        """Rows for people: each zone's node subnets, then the small ones."""
        rows = [
            {
                "zone": load.zone,
                "purpose": "nodes and pods",
                "subnets": ", ".join(each.cidr for each in self.of("nodes") if each.zone == load.zone),
                "holds": f"{load.available} addresses",
                "needs": f"{load.needed} ({load.nodes} nodes, {load.prefixes} prefixes)",
            }
            for load in self.load
        ]
        return rows + [_small_row(subnet) for subnet in self.subnets if subnet.purpose != "nodes"]


def _small_row(subnet: SubnetPlan) -> dict[str, str]:
    holds = f"{subnet.addresses} addresses"
    if subnet.purpose != "control-plane":
        holds += f", at most {subnet.addresses // _LOAD_BALANCER} load balancers"
    return {"zone": subnet.zone, "purpose": subnet.purpose, "subnets": subnet.cidr, "holds": holds, "needs": ""}


def zones_of(pool: Demand, zones: Sequence[str]) -> tuple[str, ...]:
    """The zones that a pool's nodes stand in; one only with EFA, whose traffic leaves no zone."""
    if pool.zones:
        return pool.zones
    return tuple(zones[:1]) if pool.network == "efa" else tuple(zones)


def plan_addresses(cidr: str, zones: Sequence[str], pools: Sequence[Demand]) -> AddressPlan:
    """The subnets of a range, with what the pools ask of them at their largest.

    cidr: an IPv4 range, from a /11 to `narrowest`. Whether it carries the pools is told by ``short``.
    zones: the zones' names.
    """
    return _planned(IPv4Network(cidr), zones, pools)


def narrowest(zones: int) -> int:
    """The length of the narrowest range for a number of zones: its small subnets hold a load balancer each (/27)."""
    return 19 if zones <= 4 else 18


def smallest_range(cidr: str, zones: Sequence[str], pools: Sequence[Demand]) -> int | None:
    """The length of the narrowest range that carries the pools; None where a VPC can have none that does."""
    first = IPv4Network(cidr).network_address
    for length in range(narrowest(len(zones)), WIDEST - 1, -1):
        if not _planned(IPv4Network((first, length), strict=False), zones, pools).short:
            return length
    return None


def _planned(cidr: IPv4Network, zones: Sequence[str], pools: Sequence[Demand]) -> AddressPlan:
    blocks = tuple(cidr.subnets(new_prefix=max(_BLOCK, cidr.prefixlen)))
    subnets = (*_node_subnets(blocks, zones), *_small_subnets(_shared(blocks[0]), zones))
    return AddressPlan(
        blocks=tuple(map(str, blocks)),
        zones=tuple(zones),
        subnets=subnets,
        load=tuple(_load(zone, zones, subnets, pools) for zone in zones),
    )


def _shared(block: IPv4Network) -> IPv4Network:
    """The part of the first block that holds the small subnets."""
    return list(block.subnets(prefixlen_diff=4))[-1]


def _node_subnets(blocks: Sequence[IPv4Network], zones: Sequence[str]) -> Iterator[SubnetPlan]:
    count, halvings, shared = [0] * len(zones), (len(zones) - 1).bit_length(), _shared(blocks[0])
    for turn, block in enumerate(blocks):
        for index, part in enumerate(block.subnets(prefixlen_diff=halvings)):
            zone = index if index < len(zones) else (turn + index) % len(zones)
            pieces = sorted(part.address_exclude(shared)) if shared.subnet_of(part) else [part]
            for piece in pieces:
                count[zone] += 1
                name = f"nodes-{zones[zone]}-{count[zone]}"
                yield SubnetPlan(name=name, zone=zones[zone], cidr=str(piece), purpose="nodes")


def _small_subnets(shared: IPv4Network, zones: Sequence[str]) -> Iterator[SubnetPlan]:
    """A quarter of the shared part for each purpose, the last one free; within a quarter a slot for each zone."""
    purposes: tuple[Purpose, ...] = ("public", "internal", "control-plane")
    for purpose, quarter in zip(purposes, shared.subnets(prefixlen_diff=2), strict=False):
        for zone, slot in zip(zones, quarter.subnets(prefixlen_diff=2 if len(zones) <= 4 else 3), strict=False):
            # EKS takes 6 addresses of each subnet, and recommends that there be 16.
            cidr = next(slot.subnets(new_prefix=28)) if purpose == "control-plane" else slot
            yield SubnetPlan(name=f"{purpose}-{zone}", zone=zone, cidr=str(cidr), purpose=purpose)


def _load(zone: str, zones: Sequence[str], subnets: Sequence[SubnetPlan], pools: Sequence[Demand]) -> ZoneLoad:
    nodes = prefixes = interfaces = 0
    for pool in pools:
        if zone in (standing := zones_of(pool, zones)):
            share = -(-pool.size.max // len(standing))
            each = -(-pool.pods_per_node // _PREFIX)
            nodes += share
            prefixes += share * each
            interfaces += share * -(-each // _PREFIXES_PER_INTERFACE)
    sizes = [IPv4Network(each.cidr).num_addresses for each in subnets if (each.zone, each.purpose) == (zone, "nodes")]
    # AWS's own addresses break the first and the last prefix of a subnet.
    whole = sum(size - 2 * _PREFIX for size in sizes)
    return ZoneLoad(
        zone=zone,
        nodes=nodes,
        prefixes=prefixes,
        interfaces=interfaces,
        needed=prefixes * _PREFIX + interfaces,
        available=int(whole * (1 - _HEADROOM)),
    )
