"""What a tenant's pods may reach and be reached by: nothing, and then the openings."""

from collections.abc import Sequence
from ipaddress import ip_network

from ..objects import Manifest, Object, manifest
from ..settings.closed import Network, closed_ranges, within
from ..settings.settings import Settings

GATEWAY_NAMESPACE = "gateway-system"
MONITORING_NAMESPACE = "monitoring"


def network_policies(name: str, settings: Settings, workload_identity: str) -> tuple[Object, ...]:
    """The policies of tenant ``name``; only ``default-deny`` outlives the tenant.

    workload_identity: how its service accounts become cloud identities, as in `ClusterFacts`.
    """
    tenant = settings.tenants[name]
    callees = sorted(other for other, peer in settings.tenants.items() if name in peer.peers)
    openings = [
        _egress(name, "allow-dns", _DNS, (("UDP", 53), ("TCP", 53))),
        _policy(name, "allow-same-namespace", ingress=[{"from": [_PODS]}], egress=[{"to": [_PODS]}]),
        _ingress(name, "allow-gateway", [_namespace(GATEWAY_NAMESPACE)]),
        _ingress(name, "allow-monitoring", [_namespace(MONITORING_NAMESPACE)], (("TCP", "http"), ("TCP", "metrics"))),
    ]
    if agent := _IDENTITY_AGENTS.get(workload_identity):
        openings.append(_egress(name, "allow-workload-identity", [{"ipBlock": {"cidr": agent}}], (("TCP", 80),)))
    if tenant.peers:
        openings.append(_ingress(name, "allow-from-peers", [_namespace(peer) for peer in sorted(tenant.peers)]))
    if callees:
        openings.append(_egress(name, "allow-to-peers", [_namespace(callee) for callee in callees]))
    if tenant.egress:
        blocks = [_outside(ip_network(text), closed_ranges(settings.cluster)) for text in tenant.egress]
        openings.append(_egress(name, "allow-external", blocks, (("TCP", 443),)))
    return (Object(_policy(name, "default-deny", ingress=[], egress=[]), keep=True), *map(Object, openings))


_IDENTITY_AGENTS = {
    "pod-identity": "169.254.170.23/32",
    "gke-workload-identity": "169.254.169.254/32",
}
"""Where pods trade their service account's token for the cloud's; a node's agent gives each pod its own identity only.

Source: Amazon EKS user guide, "Understand how EKS Pod Identity works"; Google Kubernetes Engine documentation, "Use
network policy with Workload Identity Federation for GKE" (Dataplane V2).
"""


def _outside(network: Network, closed: Sequence[Network]) -> Manifest:
    inside = [str(other) for other in closed if within(other, network)]
    return {"ipBlock": {"cidr": str(network)} | ({"except": inside} if inside else {})}


_PODS: Manifest = {"podSelector": {}}


def _namespace(name: str) -> Manifest:
    # kubernetes.io/metadata.name is set by the API server: nobody can give another namespace this name.
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}


_DNS: list[Manifest] = [
    {
        **_namespace("kube-system"),
        "podSelector": {
            "matchExpressions": [{"key": "k8s-app", "operator": "In", "values": ["kube-dns", "node-local-dns"]}]
        },
    }
]

_Ports = Sequence[tuple[str, int | str]]


def _ingress(namespace: str, name: str, peers: list[Manifest], ports: _Ports = ()) -> Manifest:
    return _policy(namespace, name, ingress=[{"from": peers} | _ports(ports)])


def _egress(namespace: str, name: str, peers: list[Manifest], ports: _Ports = ()) -> Manifest:
    return _policy(namespace, name, egress=[{"to": peers} | _ports(ports)])


def _ports(ports: _Ports) -> Manifest:
    return {"ports": [{"protocol": protocol, "port": port} for protocol, port in ports]} if ports else {}


def _policy(namespace: str, name: str, **rules: list[Manifest]) -> Manifest:
    return manifest(
        "networking.k8s.io/v1",
        "NetworkPolicy",
        name,
        namespace,
        spec={
            "podSelector": {},
            "policyTypes": [direction.capitalize() for direction in rules],
            **{direction: rule for direction, rule in rules.items() if rule},
        },
    )
