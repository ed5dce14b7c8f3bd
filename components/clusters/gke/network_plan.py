"""The network of a GKE cluster, as the provider is told: subnets, the way out, and what may come in.

What is not allowed here is denied: a VPC lets nothing in by itself. GKE adds its own rules for what it makes, such as
nodes among each other and load balancers; ours are for what it cannot know. The API server needs none: with an
endpoint in a subnet of ours (Private Service Connect) it begins no connection into the network, and calls webhooks
through agents that run on the nodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, NotRequired, TypedDict

from .control_plane import PODS_RANGE, SERVICES_RANGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pulumi
    from pulumi_gcp import compute

    from ...catalogue.gke_networks import FastSubnet
    from .addresses import AddressPlan

HEALTH_CHECKS = ("35.191.0.0/16", "130.211.0.0/22")
"""Where Google's load balancers probe from. Source: Cloud Load Balancing, "Health checks overview"."""


class NetworkInputs(TypedDict):
    """The inputs of ``gcp.compute.Network`` that we give."""

    name: str
    auto_create_subnetworks: bool
    routing_mode: str
    mtu: NotRequired[int]
    network_profile: NotRequired[str]


class SubnetworkInputs(TypedDict):
    """The inputs of ``gcp.compute.Subnetwork`` that we give."""

    name: str
    network: pulumi.Input[str]
    region: str
    ip_cidr_range: str
    private_ip_google_access: NotRequired[bool]
    secondary_ip_ranges: NotRequired[Sequence[compute.SubnetworkSecondaryIpRangeArgsDict]]
    log_config: NotRequired[compute.SubnetworkLogConfigArgsDict]
    purpose: NotRequired[str]
    role: NotRequired[str]


class NatInputs(TypedDict):
    """The inputs of ``gcp.compute.RouterNat`` that we give."""

    name: str
    router: pulumi.Input[str]
    region: str
    nat_ip_allocate_option: str
    source_subnetwork_ip_ranges_to_nat: str
    subnetworks: Sequence[compute.RouterNatSubnetworkArgsDict]
    enable_dynamic_port_allocation: bool
    enable_endpoint_independent_mapping: bool
    min_ports_per_vm: int
    max_ports_per_vm: int
    log_config: compute.RouterNatLogConfigArgsDict


class FirewallInputs(TypedDict):
    """The inputs of ``gcp.compute.Firewall`` that we give."""

    name: str
    description: str
    network: pulumi.Input[str]
    direction: str
    source_ranges: Sequence[str]
    allows: Sequence[compute.FirewallAllowArgsDict]
    target_service_accounts: NotRequired[Sequence[pulumi.Input[str]]]
    log_config: compute.FirewallLogConfigArgsDict


@dataclass(frozen=True, slots=True, kw_only=True)
class FastNetwork:
    """One network of GPU interfaces with its subnets; its name has the cluster's in front."""

    name: str
    subnets: tuple[FastSubnet, ...]
    network: NetworkInputs


def network_inputs(cluster: str) -> NetworkInputs:
    """The cluster's own network."""
    return {"name": cluster, "auto_create_subnetworks": False, "routing_mode": "REGIONAL"}


def node_subnet(cluster: str, region: str, plan: AddressPlan, network: pulumi.Input[str]) -> SubnetworkInputs:
    """The subnet of nodes, with the ranges of pods and Services."""
    return {
        "name": f"{cluster}-nodes",
        "network": network,
        "region": region,
        "ip_cidr_range": str(plan.nodes),
        "secondary_ip_ranges": [
            {"range_name": PODS_RANGE, "ip_cidr_range": str(plan.pods)},
            {"range_name": SERVICES_RANGE, "ip_cidr_range": str(plan.services)},
        ],
        "private_ip_google_access": True,  # nodes have no public address, and need Google's services
        "log_config": _flow_logs(),
    }


def control_plane_subnet(cluster: str, region: str, plan: AddressPlan, network: pulumi.Input[str]) -> SubnetworkInputs:
    """The subnet of the API's private endpoint."""
    return {
        "name": f"{cluster}-control-plane",
        "network": network,
        "region": region,
        "ip_cidr_range": str(plan.control_plane),
        "private_ip_google_access": True,
        "log_config": _flow_logs(),
    }


def proxy_subnet(cluster: str, region: str, plan: AddressPlan, network: pulumi.Input[str]) -> SubnetworkInputs:
    """The subnet of the proxies that internal and regional Gateways consist of. It can have no flow logs."""
    return {
        "name": f"{cluster}-proxies",
        "network": network,
        "region": region,
        "ip_cidr_range": str(plan.proxies),
        "purpose": "REGIONAL_MANAGED_PROXY",
        "role": "ACTIVE",
    }


def _flow_logs() -> compute.SubnetworkLogConfigArgsDict:
    return {"aggregation_interval": "INTERVAL_5_MIN", "flow_sampling": 0.5, "metadata": "INCLUDE_ALL_METADATA"}


def nat_inputs(cluster: str, region: str, router: pulumi.Input[str], subnet: pulumi.Input[str]) -> NatInputs:
    """The way out of nodes and pods: connections that they begin, none that begin outside."""
    return {
        "name": f"{cluster}-nat",
        "router": router,
        "region": region,
        "nat_ip_allocate_option": "AUTO_ONLY",
        "source_subnetwork_ip_ranges_to_nat": "LIST_OF_SUBNETWORKS",
        "subnetworks": [{"name": subnet, "source_ip_ranges_to_nats": ["ALL_IP_RANGES"]}],
        # A node on which a hundred pods pull weights needs thousands of ports, most need few.
        "enable_dynamic_port_allocation": True,
        "enable_endpoint_independent_mapping": False,  # excludes the former
        "min_ports_per_vm": 128,
        "max_ports_per_vm": 32768,
        "log_config": {"enable": True, "filter": "ERRORS_ONLY"},
    }


def firewall_inputs(
    cluster: str, plan: AddressPlan, network: pulumi.Input[str], nodes: pulumi.Input[str]
) -> tuple[FirewallInputs, ...]:
    """What may come in from outside the nodes.

    nodes: the service account that nodes run as; the rules hold for them only.
    """
    rules = (
        ("health-checks", "Google's load balancers probe pods, on whatever port these serve.", HEALTH_CHECKS),
        ("proxies", "The proxies of internal and regional Gateways reach pods.", (str(plan.proxies),)),
    )
    return tuple(
        {
            "name": f"{cluster}-{name}",
            "description": description,
            "network": network,
            "direction": "INGRESS",
            "source_ranges": sources,
            "allows": [{"protocol": "tcp"}],
            "target_service_accounts": [nodes],
            "log_config": {"metadata": "INCLUDE_ALL_METADATA"},
        }
        for name, description, sources in rules
    )


def fast_networks(cluster: str, project: str, plan: AddressPlan) -> tuple[FastNetwork, ...]:
    """The networks of GPU interfaces that the pools need."""
    grouped = groupby(plan.fast, key=lambda subnet: subnet.network)
    return tuple(_fast_network(cluster, project, name, tuple(subnets)) for name, subnets in grouped)


def _fast_network(cluster: str, project: str, name: str, subnets: tuple[FastSubnet, ...]) -> FastNetwork:
    first = subnets[0]
    inputs: NetworkInputs = {
        "name": f"{cluster}-{name}",
        "auto_create_subnetworks": False,
        "routing_mode": "REGIONAL",
        "mtu": first.mtu,
    }
    if first.zone:
        inputs["network_profile"] = f"projects/{project}/global/networkProfiles/{first.zone}-vpc-roce"
    return FastNetwork(name=name, subnets=subnets, network=inputs)


def fast_subnet(
    cluster: str, region: str, plan: AddressPlan, subnet: FastSubnet, network: pulumi.Input[str]
) -> SubnetworkInputs:
    """One subnet of GPU interfaces. Without flow logs: they cost bandwidth there, and nothing leaves it."""
    return {
        "name": f"{cluster}-{subnet.name}",
        "network": network,
        "region": region,
        "ip_cidr_range": str(plan.fast[subnet]),
    }


def fast_firewall(
    cluster: str, plan: AddressPlan, fast: FastNetwork, network: pulumi.Input[str]
) -> FirewallInputs | None:
    """GPUs talk to each other within a network on any port; None for RDMA, whose networks take no such rules."""
    if fast.subnets[0].mode == "RDMA":
        return None
    return {
        "name": f"{cluster}-{fast.name}",
        "description": "GPU interfaces reach each other.",
        "network": network,
        "direction": "INGRESS",
        "source_ranges": [str(plan.fast[subnet]) for subnet in fast.subnets],
        "allows": [{"protocol": "tcp"}, {"protocol": "udp"}, {"protocol": "icmp"}],
        "log_config": {"metadata": "EXCLUDE_ALL_METADATA"},
    }
