"""The networks of GPU interfaces on GKE: which there are, how they are called, and what the cluster must know of them.

GPUDirect-TCPX and -TCPXO take one network with one subnet for each interface of the GPUs; RDMA takes one network with a
network profile, which is a zone's, with one subnet for each interface, and one ordinary network for a second gVNIC.

Source: GKE, "Maximize GPU network bandwidth in Standard mode clusters" and "Create an AI-optimized GKE cluster with
GPUDirect RDMA"; google/dranet, docs for GKE (``<zone>-vpc-roce``, eight subnets).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

RDMA_ZONES = "abcdef"
"""The last letters of zones for which addresses of RDMA interfaces are kept; a rule refuses pools in others."""
_RDMA_INTERFACES = 8
_MTU = {"gpudirect-tcpx": 8244, "gpudirect-tcpxo": 8244, "rdma": 8896}


class Networked(Protocol):
    """What of a pool decides about its networks; a pool of the stack file and its plan both are such."""

    @property
    def network(self) -> str:
        """The fast network between nodes."""
        ...

    @property
    def zones(self) -> Sequence[str]:
        """Where its nodes stand."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FastSubnet:
    """One subnet of GPU interfaces.

    name: what its Network object is called, and with the cluster's name in front its subnet.
    network: what its network is called, likewise.
    serves_network: the pools' setting that asks for it.
    mode: how a pod is given the interface.
    zone: the only zone in which it serves, where its network belongs to one.
    slot: its place among all that there can be; it never changes.
    """

    name: str
    network: str
    serves_network: str
    mode: Literal["NetDevice", "RDMA"]
    zone: str | None
    slot: int

    @property
    def mtu(self) -> int:
        """The largest packet of its network, in bytes."""
        return _MTU[self.serves_network]

    def serves(self, pool: Networked) -> bool:
        """Whether the pool's nodes have an interface in it."""
        return pool.network == self.serves_network and (self.zone is None or self.zone in pool.zones)


def fast_subnets(pools: Iterable[Networked]) -> tuple[FastSubnet, ...]:
    """The subnets that the pools need, each once, in the order of a node's interfaces."""
    found = (subnet for pool in pools for subnet in subnets_of(pool.network, pool.zones))
    return tuple(dict.fromkeys(found))


def subnets_of(network: str, zones: Sequence[str]) -> tuple[FastSubnet, ...]:
    """The subnets of one kind of fast network in these zones; none of the default network."""
    match network:
        case "gpudirect-tcpx":
            return tuple(_apart(network, "tcpx", at, slot=at) for at in range(4))
        case "gpudirect-tcpxo":
            return tuple(_apart(network, "tcpxo", at, slot=4 + at) for at in range(8))
        case "rdma":
            return (
                _apart(network, "gvnic", 0, slot=12),
                *(subnet for zone in zones if zone[-1] in RDMA_ZONES for subnet in _rdma(zone)),
            )
        case _:
            return ()


def _apart(network: str, short: str, at: int, *, slot: int) -> FastSubnet:
    name = f"{short}-{at + 1}"
    return FastSubnet(name=name, network=name, serves_network=network, mode="NetDevice", zone=None, slot=slot)


def _rdma(zone: str) -> tuple[FastSubnet, ...]:
    letter = zone[-1]
    first = 13 + _RDMA_INTERFACES * RDMA_ZONES.index(letter)
    return tuple(
        FastSubnet(
            name=f"rdma-{letter}-{at}",
            network=f"rdma-{letter}",
            serves_network="rdma",
            mode="RDMA",
            zone=zone,
            slot=first + at,
        )
        for at in range(_RDMA_INTERFACES)
    )
