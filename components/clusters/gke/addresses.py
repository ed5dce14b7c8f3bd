"""The address plan of a GKE cluster: which part of ``network.cidr`` is for what, and whether it is enough.

Every range follows from ``network.cidr`` alone, so that a pool that grows, comes or goes never moves one; what the
pools may grow to decides only whether the plan is accepted:

    0 ........ 1/16 ..... 3/32 ........ 1/4 ............ 1/2 ......................... 1
    nodes      proxies    API           GPU interfaces   pods

Half is for pods, because each node takes a block of at least twice as many addresses as it may run pods. The ranges of
GPU interfaces lie in networks of their own, yet apart from all others: a node is in all these networks at once.

Nothing is imported from ``settings``: the rules of the stack file call this module.

Source: GKE, "About VPC-native clusters" (the block of a node; four addresses of each subnet are Google's), "Proxy-only
subnets for Envoy-based load balancers" (/26 at least, /23 advised), "Quotas and limits" (15,000 nodes, where the
autoscaler ends as well: GoogleCloudPlatform/cluster-autoscaler, standardMaxNodesPerCluster; the rule on pool sizes
holds all pools together below that. From 5,000 nodes on, Google has to agree).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network
from itertools import chain
from typing import TYPE_CHECKING

from ...catalogue.gke_networks import FastSubnet, fast_subnets
from ...problems import InvalidSettingsError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .housed import Housed

SMALLEST = 21
"""The longest prefix that a plan takes: of a /22, the part for load balancers' proxies would be below their least."""
LARGEST = 8
LOAD_BALANCERS = 64
"""Addresses kept in the nodes' range for internal load balancers, one each, and for the API's forwarding rule."""
SURGE = 1
"""Nodes that a node pool has above its size while its nodes are replaced in a surge."""
_OWN = 4
"""Addresses of each subnet that are Google's: the first two and the last two."""
_LEAST_BLOCK = 16
_PROXIES = 23
_PRIVATE = [IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")]


def node_block(pods_per_node: int) -> int:
    """The pod addresses that one node takes: 256 for 110 pods, 64 for 32, 16 for 8."""
    return max(_LEAST_BLOCK, 1 << (2 * pods_per_node - 1).bit_length())


def most_nodes(pool: Housed) -> int:
    """The most nodes that a pool has at a time: all rungs of its ladder full, in the middle of an upgrade."""
    rungs = len(pool.capacity or (None,))
    return rungs * (2 * pool.size.max if pool.upgrade == "blue-green" else pool.size.max + SURGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeLoad:
    """One range of the plan and what is asked of it.

    has: addresses that it may give out.
    needs: what the pools take of it, all at their largest; 0 where that does not depend on them.
    zone: the only zone that it serves; None for the whole region.
    """

    purpose: str
    range: IPv4Network
    has: int
    needs: int = 0
    zone: str | None = None


@dataclass(frozen=True)
class AddressPlan:
    """The ranges of one cluster.

    nodes: the subnet of nodes and internal load balancers. pods, services: its secondary ranges.
    control_plane: the subnet of the API's private endpoint. proxies: the proxy-only subnet.
    fast: the subnets of GPU interfaces that the pools need.
    """

    cidr: IPv4Network
    services: IPv4Network
    pools: tuple[Housed, ...]

    @property
    def nodes(self) -> IPv4Network:
        """One address for each node and each internal load balancer."""
        return self._part(4, 0)

    @property
    def proxies(self) -> IPv4Network:
        """For the proxies of internal and regional Gateways."""
        longest = max(_PROXIES, self.cidr.prefixlen + 5)
        return IPv4Network((int(self._part(5, 2).network_address), longest))

    @property
    def control_plane(self) -> IPv4Network:
        """For the API's private endpoint, and nothing else."""
        return IPv4Network((int(self._part(5, 3).network_address), 28))

    @property
    def pods(self) -> IPv4Network:
        """One block for each node."""
        return self._part(1, 1)

    @cached_property
    def fast(self) -> dict[FastSubnet, IPv4Network]:
        """The range of each subnet of GPU interfaces; one address for each node in it."""
        return {subnet: self._part(8, 64 + subnet.slot) for subnet in fast_subnets(self.pools)}

    def _part(self, bits: int, index: int) -> IPv4Network:
        """Of ``2**bits`` equal parts of the whole, the one with this index."""
        length = self.cidr.prefixlen + bits
        return IPv4Network((int(self.cidr.network_address) + (index << (32 - length)), length))

    @cached_property
    def loads(self) -> tuple[RangeLoad, ...]:
        """Every range with what is asked of it, pods first."""
        blocks = sum(most_nodes(pool) * node_block(pool.pods_per_node) for pool in self.pools)
        nodes = sum(map(most_nodes, self.pools)) + LOAD_BALANCERS
        return (
            RangeLoad(purpose="pods", range=self.pods, has=self.pods.num_addresses, needs=blocks),
            RangeLoad(purpose="nodes and load balancers", range=self.nodes, has=_usable(self.nodes), needs=nodes),
            *(self._fast_load(subnet, network) for subnet, network in self.fast.items()),
            RangeLoad(purpose="proxies of gateways", range=self.proxies, has=_usable(self.proxies)),
            RangeLoad(purpose="private API endpoint", range=self.control_plane, has=_usable(self.control_plane)),
            RangeLoad(purpose="services", range=self.services, has=self.services.num_addresses),
        )

    def _fast_load(self, subnet: FastSubnet, network: IPv4Network) -> RangeLoad:
        standing = sum(most_nodes(pool) for pool in self.pools if subnet.serves(pool))
        purpose = f"GPU interfaces {subnet.name}"
        return RangeLoad(purpose=purpose, range=network, has=_usable(network), needs=standing, zone=subnet.zone)

    @property
    def short(self) -> tuple[RangeLoad, ...]:
        """The ranges that are too small for what is asked of them."""
        return tuple(load for load in self.loads if load.needs > load.has)

    @property
    def demands(self) -> dict[str, int]:
        """What it takes of the project's quotas, by what Google Cloud counts."""
        networks = {subnet.network for subnet in self.fast}
        return {"networks": 1 + len(networks), "subnetworks": 3 + len(self.fast)}

    def summary(self) -> list[dict[str, str]]:
        """Rows for people, one for each range."""
        return [
            {
                "zone": load.zone or "all",
                "purpose": load.purpose,
                "subnets": str(load.range),
                "holds": f"{load.has} addresses",
                "needs": str(load.needs or ""),
            }
            for load in self.loads
        ]


def _usable(network: IPv4Network) -> int:
    return network.num_addresses - _OWN


def plan_addresses(cidr: str, services: str, pools: Iterable[Housed]) -> AddressPlan:
    """The plan for the pools at their largest.

    Raises InvalidSettingsError where the range is too small, with what is missing and the smallest range that is not.
    """
    plan = AddressPlan(IPv4Network(cidr), IPv4Network(services), tuple(pools))
    if plan.cidr.prefixlen > SMALLEST:
        text = f"is too small for any GKE cluster. Use {_such_as(SMALLEST, plan)}."
        raise InvalidSettingsError([Problem("cluster.network.cidr", cidr, text)])
    if plan.short:
        raise InvalidSettingsError([Problem("cluster.network.cidr", cidr, f"{_told(plan)} {_remedy(plan)}")])
    return plan


def _told(plan: AddressPlan) -> str:
    parts = (f"{load.purpose}: {load.needs:,} needed, {load.has:,} in {load.range}" for load in plan.short)
    return f"has too few addresses for the pools at their largest ({'; '.join(parts)})."


def _remedy(plan: AddressPlan) -> str:
    for length in range(plan.cidr.prefixlen - 1, LARGEST - 1, -1):
        if not AddressPlan(IPv4Network((0, length)), plan.services, plan.pools).short:
            return f"Use {_such_as(length, plan)}, or lower pods_per_node or the sizes of the largest pools."
    return "No private range is large enough: lower pods_per_node or the sizes of the largest pools."


def _such_as(length: int, plan: AddressPlan) -> str:
    """A range of that length: the one around the present range where it may be used."""
    around = plan.cidr.supernet(new_prefix=min(length, plan.cidr.prefixlen))
    tries = chain([around], IPv4Network("10.0.0.0/8").subnets(new_prefix=length))
    good = (each for each in tries if not each.overlaps(plan.services) and any(map(each.subnet_of, _PRIVATE)))
    return f"a /{length} or larger, such as {next(good, IPv4Network((10 << 24, length)))}"
