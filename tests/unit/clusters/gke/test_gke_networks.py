"""The networks of a GKE cluster, and who may come in."""

import json
from ipaddress import IPv4Network

import pytest

from components.addons.critical_quota import critical_quota
from components.catalogue.gke_networks import subnets_of
from components.clusters.gke.addresses import AddressPlan
from components.clusters.gke.kubeconfig import kubeconfig
from components.clusters.gke.network_plan import (
    fast_firewall,
    fast_networks,
    fast_subnet,
    firewall_inputs,
    nat_inputs,
    node_subnet,
    proxy_subnet,
)
from components.clusters.gke.zones import zones_of
from components.settings.pools import PoolSettings

NODES = "atlas-nodes@acme-prod.iam.gserviceaccount.com"


def pool(network: str, *zones: str) -> PoolSettings:
    given = {"lane": "batch", "accelerator": "h100-80gb", "network": network, "zones": zones, "size": 4}
    return PoolSettings.model_validate(given)


def plan(*pools: PoolSettings) -> AddressPlan:
    return AddressPlan(IPv4Network("10.32.0.0/14"), IPv4Network("172.20.0.0/16"), pools)


def test_nodes_have_private_addresses_and_flow_logs_and_reach_googles_services() -> None:
    subnet = node_subnet("atlas", "us-central1", plan(), "network")
    assert subnet.get("private_ip_google_access") is True
    assert "log_config" in subnet
    ranges = subnet.get("secondary_ip_ranges")
    assert ranges == [
        {"range_name": "pods", "ip_cidr_range": "10.34.0.0/15"},
        {"range_name": "services", "ip_cidr_range": "172.20.0.0/16"},
    ]


def test_the_subnet_of_proxies_has_the_purpose_that_gateways_look_for() -> None:
    subnet = proxy_subnet("atlas", "us-central1", plan(), "network")
    assert (subnet.get("purpose"), subnet.get("role")) == ("REGIONAL_MANAGED_PROXY", "ACTIVE")
    assert IPv4Network(subnet["ip_cidr_range"]).prefixlen <= 26


def test_nat_is_for_the_nodes_only() -> None:
    nat = nat_inputs("atlas", "us-central1", "router", "nodes")
    assert nat["subnetworks"] == [{"name": "nodes", "source_ip_ranges_to_nats": ["ALL_IP_RANGES"]}]
    assert nat["enable_dynamic_port_allocation"] is not nat["enable_endpoint_independent_mapping"]


def test_only_load_balancers_and_proxies_come_in_and_to_nodes_only() -> None:
    rules = firewall_inputs("atlas", plan(), "network", NODES)
    sources = {source for rule in rules for source in rule["source_ranges"]}
    assert sources == {"35.191.0.0/16", "130.211.0.0/22", str(plan().proxies)}
    assert all(rule.get("target_service_accounts") == [NODES] for rule in rules)
    assert {rule["direction"] for rule in rules} == {"INGRESS"}


@pytest.mark.parametrize(
    ("network", "networks", "subnets", "mtu"),
    [("default", 0, 0, None), ("gpudirect-tcpx", 4, 4, 8244), ("gpudirect-tcpxo", 8, 8, 8244), ("rdma", 2, 9, 8896)],
)
def test_a_fast_network_has_as_many_networks_as_google_documents(
    network: str, networks: int, subnets: int, mtu: int | None
) -> None:
    found = fast_networks("atlas", "acme-prod", plan(pool(network, "us-central1-b")))
    assert (len(found), sum(len(each.subnets) for each in found)) == (networks, subnets)
    assert all(each.network.get("mtu") == mtu for each in found)


def test_an_rdma_network_has_its_zones_profile_and_no_firewall() -> None:
    planned = plan(pool("rdma", "us-central1-b"))
    gvnic, rdma = fast_networks("atlas", "acme-prod", planned)
    assert rdma.network.get("network_profile") == "projects/acme-prod/global/networkProfiles/us-central1-b-vpc-roce"
    assert "network_profile" not in gvnic.network
    assert fast_firewall("atlas", planned, rdma, "network") is None
    rule = fast_firewall("atlas", planned, gvnic, "network")
    assert rule
    assert rule["source_ranges"] == [str(planned.fast[gvnic.subnets[0]])]


def test_rdma_in_two_zones_is_two_networks_that_share_the_second_gvnic() -> None:
    planned = plan(pool("rdma", "us-central1-a"), pool("rdma", "us-central1-c"))
    names = [each.name for each in fast_networks("atlas", "acme-prod", planned)]
    assert names == ["gvnic-1", "rdma-a", "rdma-c"]


def test_every_subnet_of_interfaces_is_called_after_its_network_object() -> None:
    planned = plan(pool("gpudirect-tcpxo"))
    for subnet in subnets_of("gpudirect-tcpxo", ()):
        made = fast_subnet("atlas", "us-central1", planned, subnet, "network")
        assert made["name"] == f"atlas-{subnet.name}"


def test_a_region_without_a_zone_a_begins_with_b() -> None:
    assert zones_of("europe-west1") == ("europe-west1-b", "europe-west1-c", "europe-west1-d")
    assert zones_of("europe-west4") == ("europe-west4-a", "europe-west4-b", "europe-west4-c")


def test_a_kubeconfig_holds_a_command_and_no_credentials() -> None:
    written = json.loads(kubeconfig("atlas", "10.32.192.2", "Q0E="))
    assert written["clusters"][0]["cluster"] == {
        "server": "https://10.32.192.2",
        "certificate-authority-data": "Q0E=",
    }
    (user,) = written["users"]
    assert set(user["user"]) == {"exec"}
    assert user["user"]["exec"]["command"] == "gke-gcloud-auth-plugin"


def test_a_name_at_google_needs_no_authority() -> None:
    written = json.loads(kubeconfig("atlas", "gke-123.us-central1.gke.goog", None))
    assert written["clusters"][0]["cluster"] == {"server": "https://gke-123.us-central1.gke.goog"}


def test_critical_pods_of_an_add_on_are_admitted_by_a_quota_of_their_namespace() -> None:
    quota = critical_quota("gpu-operator")
    assert quota["metadata"]["namespace"] == "gpu-operator"
    (selector,) = quota["spec"]["scopeSelector"]["matchExpressions"]
    assert selector["values"] == ["system-node-critical", "system-cluster-critical"]
