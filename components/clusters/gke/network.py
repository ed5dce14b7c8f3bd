"""The network of a GKE cluster: its own VPC, and one more for each fast network of its GPUs."""

from collections.abc import Sequence

import pulumi
from pulumi_gcp import compute

from ...catalogue.gke_networks import FastSubnet
from ...pools.gke import NodeInterface
from ...settings.gke import GkeCluster
from .addresses import AddressPlan
from .network_plan import (
    FastNetwork,
    control_plane_subnet,
    fast_firewall,
    fast_networks,
    fast_subnet,
    firewall_inputs,
    nat_inputs,
    network_inputs,
    node_subnet,
    proxy_subnet,
)


class GkeNetwork(pulumi.ComponentResource):
    """VPC, subnets, the way out and the firewall of one cluster. The provider of ``opts`` is Google Cloud's.

    node_account: the service account that nodes run as.
    after: what has to be there before anything is made.
    """

    network: pulumi.Output[str]
    nodes: pulumi.Output[str]
    """The subnet of the nodes."""
    control_plane: pulumi.Output[str]
    """The subnet of the API's private endpoint."""
    complete: list[pulumi.Resource]
    """What the cluster's nodes need beside their subnet: without the way out they pull no image."""
    interfaces: dict[FastSubnet, NodeInterface]
    """The networks of GPU interfaces, by name."""

    def __init__(
        self,
        name: str,
        *,
        settings: GkeCluster,
        plan: AddressPlan,
        node_account: pulumi.Input[str],
        after: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("kubelanes:clusters:GkeNetwork", name, {}, opts)
        below = pulumi.ResourceOptions(parent=self, depends_on=after)
        cluster, region = settings.name, settings.region
        network = compute.Network(name, **network_inputs(cluster), opts=below)
        nodes = compute.Subnetwork(f"{name}-nodes", **node_subnet(cluster, region, plan, network.id), opts=below)
        control_plane = compute.Subnetwork(
            f"{name}-control-plane", **control_plane_subnet(cluster, region, plan, network.id), opts=below
        )
        proxies = compute.Subnetwork(f"{name}-proxies", **proxy_subnet(cluster, region, plan, network.id), opts=below)
        self.network, self.nodes, self.control_plane = network.id, nodes.id, control_plane.id
        self.complete = [proxies]
        for rule in firewall_inputs(cluster, plan, network.id, node_account):
            self.complete.append(compute.Firewall(rule["name"].replace(cluster, name, 1), **rule, opts=below))
        if settings.network.nat:
            router = compute.Router(name, name=f"{cluster}-router", network=network.id, region=region, opts=below)
            nat = compute.RouterNat(name, **nat_inputs(cluster, region, router.name, nodes.id), opts=below)
            self.complete.append(nat)
        self.interfaces = {}
        for fast in fast_networks(cluster, settings.project, plan):
            self._add(name, settings, plan, fast, below)
        self.register_outputs({})

    def _add(
        self, name: str, settings: GkeCluster, plan: AddressPlan, fast: FastNetwork, below: pulumi.ResourceOptions
    ) -> None:
        cluster, region = settings.name, settings.region
        network = compute.Network(f"{name}-{fast.name}", **fast.network, opts=below)
        for subnet in fast.subnets:
            inputs = fast_subnet(cluster, region, plan, subnet, network.id)
            made = compute.Subnetwork(f"{name}-{subnet.name}", **inputs, opts=below)
            self.interfaces[subnet] = NodeInterface(network.name, made.name)
        if rule := fast_firewall(cluster, plan, fast, network.id):
            compute.Firewall(f"{name}-{fast.name}", **rule, opts=below)
