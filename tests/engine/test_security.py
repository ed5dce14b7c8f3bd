"""The security table: what a review asks of a cluster, each line held against what the stacks would make."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.previews import readable

from .conftest import Previewed

EKS, GKE = ("eks-staging", "eks-prod"), ("gke-staging", "gke-prod")
ANYWHERE = ("0.0.0.0/0", "::/0")

Inputs = Mapping[str, Any]


@dataclass(frozen=True)
class Made:
    """Everything that a preview of one stack would make."""

    stack: str
    resources: tuple[tuple[str, str, Inputs], ...]

    def of(self, kind: str) -> dict[str, Inputs]:
        """The inputs of all resources whose type ends so, by name; there is at least one."""
        found = {name: inputs for token, name, inputs in self.resources if token.endswith(kind)}
        assert found, f"{self.stack} makes no {kind}"
        return found

    def only(self, kind: str) -> Inputs:
        """The inputs of the one resource of a type."""
        (inputs,) = self.of(kind).values()
        return inputs


@pytest.fixture
def made(request: pytest.FixtureRequest, previewed: Previewed) -> Made:
    rows = [
        (step["type"], step["urn"].rpartition("::")[2], readable(step["new"]["inputs"]))
        for step in previewed(request.param)
        if step["op"] == "create"
    ]
    return Made(request.param, tuple(rows))


def every(kind: str, holds: Callable[[Inputs], bool]) -> Callable[[Made], None]:
    """A line that holds of every resource of a type."""

    def line(made: Made) -> None:
        wrong = [name for name, inputs in made.of(kind).items() if not holds(inputs)]
        assert not wrong

    return line


def statements(made: Made) -> Iterator[tuple[str, Inputs]]:
    """Every statement of every policy, with the name of what it belongs to."""
    for token, name, inputs in made.resources:
        for key in ("policy", "assumeRolePolicy"):
            document = inputs.get(key)
            if token.startswith("aws:") and isinstance(document, Mapping):
                for statement in document["Statement"]:
                    yield f"{token} {name} {statement.get('Sid', '')}", statement


def listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])


def no_statement_allows_everything(made: Made) -> None:
    wrong = [
        name
        for name, each in statements(made)
        if each["Effect"] == "Allow"
        and any(action in ("*", "*:*") or action.endswith(":*") for action in listed(each.get("Action")))
    ]
    # A key's own policy has to leave its administration to the account, or nobody could ever change it.
    assert not [name for name in wrong if "kms/key:Key" not in name]


def every_statement_on_everything_has_a_condition(made: Made) -> None:
    wrong = [
        name
        for name, each in statements(made)
        if each["Effect"] == "Allow" and "*" in listed(each.get("Resource")) and not each.get("Condition")
    ]
    assert not [name for name in wrong if "kms/key:Key" not in name and "ReadOnly" not in name]


def nobody_outside_is_trusted(made: Made) -> None:
    wrong = [
        name
        for name, each in statements(made)
        if each["Effect"] == "Allow" and each.get("Principal") in ("*", {"AWS": "*"}) and not each.get("Condition")
    ]
    assert not wrong


def no_rule_lets_the_internet_in(made: Made) -> None:
    wrong = [
        name
        for name, inputs in made.of("vpc/securityGroupIngressRule:SecurityGroupIngressRule").items()
        if inputs.get("cidrIpv4") in ANYWHERE or inputs.get("cidrIpv6") in ANYWHERE
    ]
    assert not wrong


def the_control_plane_reaches_nodes_on_named_ports_only(made: Made) -> None:
    for name, inputs in made.of("vpc/securityGroupIngressRule:SecurityGroupIngressRule").items():
        # Among themselves nodes and their pods speak whatever they speak: there NetworkPolicy decides.
        assert name.endswith("-self") or inputs["ipProtocol"] != "-1", name


def the_api_is_private_or_names_who_may_reach_it(made: Made) -> None:
    access = made.only("eks/cluster:Cluster")["vpcConfig"]
    assert access["endpointPrivateAccess"]
    assert not access["endpointPublicAccess"] or not set(ANYWHERE) & set(access["publicAccessCidrs"])


def the_gke_api_is_private_or_names_who_may_reach_it(made: Made) -> None:
    cluster = made.only("container/cluster:Cluster")
    private = cluster["privateClusterConfig"]
    ranges = [block["cidrBlock"] for block in cluster["masterAuthorizedNetworksConfig"].get("cidrBlocks", [])]
    assert private["enablePrivateNodes"]
    assert not set(ANYWHERE) & set(ranges)


def node_config(holds: Callable[[Inputs], bool]) -> Callable[[Made], None]:
    """A line that holds of the nodes of every GKE node pool."""
    return every("container/nodePool:NodePool", lambda pool: holds(pool["nodeConfig"]))


def prod_is_protected(kind: str) -> Callable[[Made], None]:
    """Clusters of prod refuse to be deleted; those of other environments need not."""
    return every(kind, lambda cluster: bool(cluster.get("deletionProtection", False)))


LINES: dict[str, tuple[tuple[str, ...], Callable[[Made], None]]] = {
    "the Kubernetes API is private, or names who may reach it": (EKS, the_api_is_private_or_names_who_may_reach_it),
    "Kubernetes secrets are encrypted with a key of ours": (
        EKS,
        every("eks/cluster:Cluster", lambda c: c["encryptionConfig"]["resources"] == ["secrets"]),
    ),
    "the control plane keeps all five logs": (
        EKS,
        every("eks/cluster:Cluster", lambda c: len(set(c["enabledClusterLogTypes"])) == 5),
    ),
    "access is by access entries only": (
        EKS,
        every("eks/cluster:Cluster", lambda c: c["accessConfig"]["authenticationMode"] == "API"),
    ),
    "a cluster of prod refuses to be deleted": (("eks-prod",), prod_is_protected("eks/cluster:Cluster")),
    "instance metadata wants a token, which no pod gets": (
        EKS,
        every(
            "ec2/launchTemplate:LaunchTemplate",
            lambda t: (
                (t["metadataOptions"]["httpTokens"], t["metadataOptions"]["httpPutResponseHopLimit"]) == ("required", 1)
            ),
        ),
    ),
    "nodes' volumes are encrypted with a key of ours": (
        EKS,
        every(
            "ec2/launchTemplate:LaunchTemplate",
            lambda t: all(d["ebs"]["encrypted"] == "true" and d["ebs"]["kmsKeyId"] for d in t["blockDeviceMappings"]),
        ),
    ),
    "nodes that Karpenter adds ask for a token, and no pod gets it": (
        EKS,
        every(
            ":EC2NodeClass",
            lambda c: (
                (c["spec"]["metadataOptions"]["httpTokens"], c["spec"]["metadataOptions"]["httpPutResponseHopLimit"])
                == ("required", 1)
            ),
        ),
    ),
    "volumes of nodes that Karpenter adds are encrypted with a key of ours": (
        EKS,
        every(
            ":EC2NodeClass",
            lambda c: all(d["ebs"]["encrypted"] and d["ebs"]["kmsKeyID"] for d in c["spec"]["blockDeviceMappings"]),
        ),
    ),
    "Karpenter takes no node with running inference away": (
        EKS,
        every(":NodePool", lambda p: p["spec"]["disruption"]["consolidationPolicy"] == "WhenEmpty"),
    ),
    "the queue of interruptions is encrypted": (
        EKS,
        every("sqs/queue:Queue", lambda q: bool(q.get("sqsManagedSseEnabled") or q.get("kmsMasterKeyId"))),
    ),
    "keys are rotated": (EKS, every("kms/key:Key", lambda key: key["enableKeyRotation"])),
    "logs are encrypted and end": (
        EKS,
        every("cloudwatch/logGroup:LogGroup", lambda group: group["kmsKeyId"] and group["retentionInDays"] > 0),
    ),
    "the network's traffic is logged": (EKS, every("ec2/flowLog:FlowLog", lambda log: log["trafficType"] == "ALL")),
    "no subnet gives machines a public address": (
        EKS,
        every("ec2/subnet:Subnet", lambda subnet: not subnet.get("mapPublicIpOnLaunch", False)),
    ),
    "the VPC's default security group is empty": (
        EKS,
        every("ec2/defaultSecurityGroup:DefaultSecurityGroup", lambda g: not g.get("ingress") and not g.get("egress")),
    ),
    "nothing is let in from the internet": (EKS, no_rule_lets_the_internet_in),
    "the control plane reaches nodes on named ports only": (EKS, the_control_plane_reaches_nodes_on_named_ports_only),
    "no role may do everything": (EKS, no_statement_allows_everything),
    "what holds for every resource has a condition": (EKS, every_statement_on_everything_has_a_condition),
    "no policy trusts everybody": (EKS, nobody_outside_is_trusted),
    "GKE: the API is private, or names who may reach it": (GKE, the_gke_api_is_private_or_names_who_may_reach_it),
    "GKE: secrets are encrypted with a key of ours": (
        GKE,
        every("container/cluster:Cluster", lambda c: c["databaseEncryption"]["state"] == "ENCRYPTED"),
    ),
    "GKE: pods have identities of their own": (
        GKE,
        every("container/cluster:Cluster", lambda c: bool(c["workloadIdentityConfig"]["workloadPool"])),
    ),
    "GKE: no certificates, no ABAC, no anonymous requests": (
        GKE,
        every(
            "container/cluster:Cluster",
            lambda c: (
                not c["masterAuth"]["clientCertificateConfig"]["issueClientCertificate"]
                and not c["enableLegacyAbac"]
                and c["anonymousAuthenticationConfig"]["mode"] == "LIMITED"
            ),
        ),
    ),
    "GKE: NetworkPolicy is enforced": (
        GKE,
        every("container/cluster:Cluster", lambda c: c["datapathProvider"] == "ADVANCED_DATAPATH"),
    ),
    "GKE: the control plane's logs are kept": (
        GKE,
        every("container/cluster:Cluster", lambda c: "APISERVER" in c["loggingConfig"]["enableComponents"]),
    ),
    "GKE: a cluster of prod refuses to be deleted": (("gke-prod",), prod_is_protected("container/cluster:Cluster")),
    "GKE: nodes are shielded": (
        GKE,
        node_config(
            lambda c: all(c["shieldedInstanceConfig"][k] for k in ("enableSecureBoot", "enableIntegrityMonitoring"))
        ),
    ),
    "GKE: metadata gives pods their own identity only": (
        GKE,
        node_config(lambda c: c["workloadMetadataConfig"]["mode"] == "GKE_METADATA"),
    ),
    "GKE: nodes have an account of their own": (GKE, node_config(lambda c: bool(c["serviceAccount"]))),
    "GKE: nodes' disks are encrypted with a key of ours": (GKE, node_config(lambda c: bool(c["bootDiskKmsKey"]))),
    "GKE: the kubelet's read-only port is closed": (
        GKE,
        node_config(lambda c: c["kubeletConfig"]["insecureKubeletReadonlyPortEnabled"] == "FALSE"),
    ),
    "GKE: nodes have no public address": (
        GKE,
        every("container/nodePool:NodePool", lambda pool: pool["networkConfig"]["enablePrivateNodes"]),
    ),
    "GKE: nothing is let in from the internet": (
        GKE,
        every("compute/firewall:Firewall", lambda rule: not set(ANYWHERE) & set(rule.get("sourceRanges", []))),
    ),
    "GKE: networks have the subnets that we give them": (
        GKE,
        every("compute/network:Network", lambda network: not network["autoCreateSubnetworks"]),
    ),
    "GKE: keys are rotated": (GKE, every("kms/cryptoKey:CryptoKey", lambda key: bool(key["rotationPeriod"]))),
}
"""Each line with the stacks that it is asked of."""


@pytest.mark.parametrize(
    ("line", "made"),
    [pytest.param(line, stack, id=f"{stack}: {line}") for line, (stacks, _) in LINES.items() for stack in stacks],
    indirect=["made"],
)
def test_the_line_holds(line: str, made: Made) -> None:
    LINES[line][1](made)


OPEN_ON_PURPOSE = {
    "aws:ec2/route:Route": "the way out of a network, to NAT or the internet gateway",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "what nodes may reach: images, models, the clouds' APIs",
}
"""Where the whole internet may be named, and what it stands for there."""


@pytest.mark.parametrize("made", [*EKS, *GKE], indirect=True)
def test_the_whole_internet_is_named_for_ways_out_only(made: Made) -> None:
    named = {
        f"{token} {name}"
        for token, name, inputs in made.resources
        if token.startswith(("aws:", "gcp:")) and any(range_ in json.dumps(inputs) for range_ in ANYWHERE)
    }
    assert not {each for each in named if each.split()[0] not in OPEN_ON_PURPOSE}
