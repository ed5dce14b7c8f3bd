"""The ranges that no tenant's pods reach, whatever the stack file opens to them."""

from ipaddress import IPv4Network, IPv6Network, ip_network

from .cluster import Cluster

Network = IPv4Network | IPv6Network

METADATA = tuple(ip_network(text) for text in ("169.254.0.0/16", "fe80::/10", "fd00:ec2::/32"))
"""Link-local ranges, where clouds serve metadata and with it the node's credentials (169.254.169.254 and its like)."""


def closed_ranges(cluster: Cluster | None) -> tuple[Network, ...]:
    """Where metadata is served, and the cluster's own addresses, as far as they are known."""
    network = getattr(cluster, "network", None)
    own = (network.cidr, network.services) if network else ()
    return (*METADATA, *map(ip_network, own))


def within(network: Network, other: Network) -> bool:
    """Whether ``network`` lies wholly in ``other``; ranges of two IP versions never do."""
    return (
        network.version == other.version
        and int(network.network_address) >= int(other.network_address)
        and int(network.broadcast_address) <= int(other.broadcast_address)
    )
