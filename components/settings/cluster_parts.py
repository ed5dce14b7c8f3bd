"""What the kinds of cluster that we build have in common: version, access, addresses, maintenance."""

from ipaddress import IPv4Network, ip_network
from typing import Annotated, Literal

from pydantic import Field

from .model import Model
from .scalars import Cidr, Duration, matching, whole

KubernetesVersion = Annotated[
    str,
    *matching(
        "Kubernetes version",
        r"1\.(3[4-9]|[4-9][0-9])",
        'is no Kubernetes minor version from 1.34 on, where DRA is stable. Write one in quotes: "1.35".',
        "1.35",
    ),
]
"""A minor version of Kubernetes, in quotes (``"1.35"``; YAML reads 1.40 as 1.4). From 1.34 on DRA is stable."""


PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")))
"""The ranges that are nobody's on the internet. Sources: RFC 1918, RFC 6598."""


def is_private(network: str) -> bool:
    """Whether a range lies wholly within one of `PRIVATE`."""
    cidr = ip_network(network)
    return isinstance(cidr, IPv4Network) and any(cidr.subnet_of(block) for block in PRIVATE)


class ApiAccess(Model):
    """Who may reach the Kubernetes API from outside the cluster's network."""

    public: bool = False
    """Whether the endpoint has a public address. It then needs ``allow``."""
    allow: tuple[Cidr, ...] = ()
    """The ranges that may reach it: private ones, of networks that are joined to the cluster's by VPN or peering, its
    private endpoint; others its public one."""
    open_to_all: bool = False
    """Whether ``allow`` may name the whole internet (``0.0.0.0/0``); refused unless it is asked for here."""

    @property
    def joined(self) -> tuple[str, ...]:
        """The allowed ranges of joined networks."""
        return tuple(network for network in self.allow if is_private(network))

    @property
    def outside(self) -> tuple[str, ...]:
        """The allowed ranges of the internet."""
        return tuple(network for network in self.allow if not is_private(network))


class Network(Model):
    """The address ranges of a cluster that we build."""

    cidr: Cidr = "10.32.0.0/14"
    """The range for nodes, pods and load balancers; the address plan refuses what is too small for the pools."""
    services: Cidr = "172.20.0.0/16"
    """The range for Services; it may not overlap ``cidr``."""
    zones: Annotated[int, *whole(2, 6)] = 3
    """Availability zones to spread over."""


Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
"""A day of the week."""


TimeOfDay = Annotated[
    str,
    *matching(
        "time of day",
        r"([01][0-9]|2[0-3]):[0-5][0-9]",
        'is no time. Write hours and minutes, in quotes: "02:00".',
        "02:00",
    ),
]
"""A time of day, UTC."""


class Maintenance(Model):
    """When nodes may be replaced and control planes upgraded; at other times nothing is disrupted on purpose."""

    days: Annotated[tuple[Day, ...], Field(min_length=1)] = ("sat", "sun")
    """The days on which a window opens."""
    start: TimeOfDay = "02:00"
    """When it opens, UTC."""
    lasts: Duration = "6h"
    """How long it stays open, in whole hours; from 4h to 24h. GKE asks for 48 hours in 32 days."""
