"""What an EKS cluster decides without calling AWS."""

import json
import re
from typing import Any

import pytest

from components.catalogue.eks_addons import eks_catalogue
from components.clusters.eks.addons import before_nodes, on_nodes, plan_addons
from components.clusters.eks.api_server import access_config, upgrade_policy, vpc_config
from components.clusters.eks.arns import access_policy, managed_policy, partition
from components.clusters.eks.endpoints import INTERFACES, interface_endpoints, nat_gateways
from components.clusters.eks.facts import facts
from components.clusters.eks.kubeconfig import kubeconfig
from components.clusters.eks.logs import retention_days
from components.clusters.eks.ports import FROM_CONTROL_PLANE
from components.clusters.eks.storage import storage_class
from components.settings.eks import EksCluster, EksNetwork
from components.settings.environment import Environment

DEV, STAGING, PROD = Environment.DEV, Environment.STAGING, Environment.PROD


def cluster(**given: Any) -> EksCluster:
    base = {"kind": "eks", "name": "atlas", "region": "us-east-1", "version": "1.35"}
    return EksCluster.model_validate(base | given)


def test_the_api_is_private_unless_it_is_asked_for() -> None:
    assert vpc_config(cluster(), ["subnet-1", "subnet-2"]) == {
        "subnet_ids": ["subnet-1", "subnet-2"],
        "endpoint_private_access": True,
        "endpoint_public_access": False,
    }


def test_a_public_api_is_open_to_the_ranges_that_are_named() -> None:
    config = vpc_config(cluster(api={"public": True, "allow": ["203.0.113.0/24"]}), ["subnet-1"])
    assert config.get("public_access_cidrs") == ["203.0.113.0/24"]
    assert config.get("endpoint_private_access") is True


def test_access_is_by_entries_alone() -> None:
    assert access_config().get("authentication_mode") == "API"


@pytest.mark.parametrize(("environment", "support"), [(DEV, "STANDARD"), (STAGING, "STANDARD"), (PROD, "EXTENDED")])
def test_aws_upgrades_no_production_cluster_by_itself(environment: Environment, support: str) -> None:
    assert upgrade_policy(environment) == {"support_type": support}


@pytest.mark.parametrize(("environment", "days"), [(DEV, 3), (STAGING, 7), (PROD, 30)])
def test_logs_are_kept_as_long_as_the_environment_says_and_cloudwatch_offers(
    environment: Environment, days: int
) -> None:
    assert retention_days(environment) == days


@pytest.mark.parametrize(
    ("given", "environment", "nat", "endpoints"),
    [
        ({}, PROD, "per-zone", True),
        ({}, STAGING, "single", False),
        ({"endpoints": True}, DEV, "single", True),
        ({"endpoints": False}, PROD, "per-zone", False),
        ({"nat": "none"}, DEV, "none", True),
        ({"nat": "single"}, PROD, "single", True),
    ],
)
def test_the_ways_out_follow_from_settings_and_environment(
    given: dict[str, Any], environment: Environment, nat: str, endpoints: bool
) -> None:
    network = EksNetwork(**given)
    assert nat_gateways(network, environment) == nat
    assert interface_endpoints(network, environment) == (tuple(INTERFACES) if endpoints else ())


@pytest.mark.parametrize("version", eks_catalogue().kubernetes)
def test_every_offered_version_has_a_build_of_every_add_on(version: str) -> None:
    addons = plan_addons(version, "atlas", PROD)
    assert {addon.name for addon in addons} == set(eks_catalogue().addons)
    assert all(re.fullmatch(r"v\d+\.\d+\.\d+-eksbuild\.\d+", addon.version) for addon in addons)
    (proxy,) = [addon for addon in addons if addon.name == "kube-proxy"]
    assert proxy.version.startswith(f"v{version}.")


def test_a_version_that_nothing_is_pinned_for_is_named() -> None:
    with pytest.raises(LookupError, match=r"pins no kube-proxy for Kubernetes 1\.99"):
        plan_addons("1.99", "atlas", PROD)


def test_nodes_wait_for_what_makes_them_ready_and_the_rest_waits_for_nodes() -> None:
    addons = plan_addons("1.35", "atlas", PROD)
    assert [addon.name for addon in before_nodes(addons)] == ["eks-pod-identity-agent", "vpc-cni", "kube-proxy"]
    assert [addon.name for addon in on_nodes(addons)] == [
        "coredns",
        "aws-ebs-csi-driver",
        "metrics-server",
        "eks-node-monitoring-agent",
    ]


def test_the_cni_enforces_network_policies_and_delegates_prefixes() -> None:
    (cni,) = [addon for addon in plan_addons("1.35", "atlas", DEV) if addon.name == "vpc-cni"]
    assert cni.values["enableNetworkPolicy"] == "true"
    assert cni.values["env"]["ENABLE_PREFIX_DELEGATION"] == "true"
    assert all(isinstance(value, str) for value in cni.values["env"].values())
    assert json.dumps(dict(cni.values))


def test_add_ons_that_call_aws_have_an_identity_of_their_own() -> None:
    identities = {addon.name: addon.identity for addon in plan_addons("1.35", "atlas", DEV) if addon.identity}
    assert {name: identity.service_account for name, identity in identities.items()} == {
        "vpc-cni": "aws-node",
        "aws-ebs-csi-driver": "ebs-csi-controller-sa",
    }


@pytest.mark.parametrize(("environment", "copies"), [(DEV, 2), (STAGING, 2), (PROD, 3)])
def test_the_name_service_stands_at_least_twice(environment: Environment, copies: int) -> None:
    (dns,) = [addon for addon in plan_addons("1.35", "atlas", environment) if addon.name == "coredns"]
    assert dns.values["autoScaling"]["minReplicas"] == copies


def test_the_kubeconfig_holds_a_command_and_no_credential() -> None:
    content = json.loads(kubeconfig("atlas", "us-east-1", "https://example.com", "Q0E="))
    (user,) = content["users"]
    assert user["user"] == {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1beta1",
            "command": "aws",
            "args": ["eks", "get-token", "--cluster-name", "atlas", "--region", "us-east-1", "--output", "json"],
            "installHint": "Install the AWS CLI, version 2.",
            "interactiveMode": "Never",
        }
    }


def test_the_default_class_encrypts_volumes_with_the_clusters_key() -> None:
    made = storage_class("arn:aws:kms:us-east-1:123456789012:key/k")
    assert made["parameters"]["encrypted"] == "true"
    assert made["parameters"]["kmsKeyId"] == "arn:aws:kms:us-east-1:123456789012:key/k"
    assert made["metadata"]["annotations"]["storageclass.kubernetes.io/is-default-class"] == "true"
    assert made["metadata"]["name"] == facts(cluster()).storage_class


@pytest.mark.parametrize(("image", "plugin"), [("al2023", "operator"), ("bottlerocket", "image")])
def test_the_node_image_says_who_advertises_gpus(image: str, plugin: str) -> None:
    known = facts(cluster(image=image))
    assert (known.gpu_driver, known.device_plugin) == ("image", plugin)


@pytest.mark.parametrize("port", FROM_CONTROL_PLANE)
def test_every_open_port_says_what_listens_there_in_letters_that_ec2_takes(port: int) -> None:
    # EC2 API reference, AuthorizeSecurityGroupIngress, IpRange: up to 255 of these.
    text = f"The control plane to {FROM_CONTROL_PLANE[port]}"
    assert re.fullmatch(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}", text)


def test_kubelets_and_webhooks_are_reached() -> None:
    assert {10250, 9443} <= set(FROM_CONTROL_PLANE)


@pytest.mark.parametrize(
    ("region", "expected"), [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_names_follow_the_partition_of_the_region(region: str, expected: str) -> None:
    assert partition(region) == expected
    assert managed_policy(region, "X") == f"arn:{expected}:iam::aws:policy/X"
    assert access_policy(region, "Y") == f"arn:{expected}:eks::aws:cluster-access-policy/Y"


@pytest.mark.parametrize(
    ("network", "zones"),
    [
        ({}, ("us-east-1a", "us-east-1b", "us-east-1c")),
        ({"zones": 2}, ("us-east-1a", "us-east-1b")),
        ({"zone_names": ["us-east-1b", "us-east-1f"]}, ("us-east-1b", "us-east-1f")),
    ],
)
def test_zones_are_the_regions_first_unless_they_are_named(network: dict[str, Any], zones: tuple[str, ...]) -> None:
    assert cluster(network=network).zones == zones
