"""What the real providers would refuse, the stand-ins refuse, and name the property."""

from pathlib import Path

import pytest

from .tiny import AWS, CLUSTER, GCP, Tiny

NODE_GROUP = (
    CLUSTER
    + """\
aws.eks.NodeGroup(
    "nodes",
    cluster_name=cluster.name,
    node_role_arn=role.arn,
    subnet_ids=[each.id for each in subnets],
    scaling_config={SCALING},
    MORE
    opts=cloud,
)
"""
)
SCALING = '{"desired_size": 1, "min_size": 1, "max_size": 2}'


def node_group(scaling: str = SCALING, more: str = "") -> str:
    return NODE_GROUP.replace("{SCALING}", scaling).replace("MORE", more)


REFUSED = {
    "a property that is not there": (
        AWS + 'pulumi.CustomResource("aws:ec2/vpc:Vpc", "vpc", {"cidrBlok": "10.0.0.0/16"}, cloud)',
        "cidrBlok: Vpc has no such property; is cidrBlock meant?",
    ),
    "a nested property that is not there": (
        node_group(scaling='{"desiredSize": 1, "min_size": 1, "max_sise": 2}'),
        "scalingConfig.max_sise: NodeGroupScalingConfig has no such property",
    ),
    "a required property that is missing": (
        AWS + 'pulumi.CustomResource("aws:ec2/subnet:Subnet", "subnet", {"cidrBlock": "10.0.0.0/24"}, cloud)',
        "vpcId: missing, and Subnet requires it",
    ),
    "a nested required property that is missing": (
        node_group(scaling='{"desired_size": 1, "max_size": 2}'),
        "scalingConfig.minSize: missing, and NodeGroupScalingConfig requires it",
    ),
    "a text for a number": (
        node_group(scaling='{"desired_size": "one", "min_size": 1, "max_size": 2}'),
        'scalingConfig.desiredSize: expected a whole number, found "one"',
    ),
    "a text for a list": (
        node_group(more='instance_types="m7i.large",'),
        'instanceTypes: expected a list, found "m7i.large"',
    ),
    "a number among tags": (
        AWS + 'aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", tags={"size": 3}, opts=cloud)',
        'tags["size"]: expected a text, found 3',
    ),
    "a value that is none of those there are": (
        node_group(more='ami_type="AL2023_x86_64_NVIDEA",'),
        'found "AL2023_x86_64_NVIDEA"',
    ),
    "a nested value that is none of those there are": (
        AWS + 'aws.ec2.LaunchTemplate("nodes", metadata_options={"http_tokens": "require"}, opts=cloud)',
        'metadataOptions.httpTokens: expected one of optional, required, found "require"',
    ),
    "an address that is no network": (
        AWS + 'aws.ec2.Vpc("vpc", cidr_block="10.0.0.1/16", opts=cloud)',
        'cidrBlock: "10.0.0.1/16" is no network in CIDR notation',
    ),
    "a policy that is no JSON": (
        AWS + 'aws.iam.Role("role", assume_role_policy="{", opts=cloud)',
        'assumeRolePolicy: "{" is no JSON',
    ),
    "two properties of which one may be given": (
        AWS + 'aws.iam.Role("role", name="a", name_prefix="b", assume_role_policy="{}", opts=cloud)',
        "name: conflicts with namePrefix",
    ),
    "a misspelled property of Google Cloud": (
        GCP + 'gcp.container.NodePool("pool", cluster="c", node_config={"machineTyp": "g2-standard-4"}, opts=cloud)',
        "nodeConfig.machineTyp: NodePoolNodeConfig has no such property; is machineType meant?",
    ),
    "a value of Google Cloud that is none of those there are": (
        GCP + 'gcp.container.NodePool("pool", cluster="c", placement_policy={"type": "TIGHT"}, opts=cloud)',
        'placementPolicy.type: expected one of COMPACT, found "TIGHT"',
    ),
    "a type that nothing is known of": (
        AWS + 'aws.s3.Bucket("bucket", opts=cloud)',
        "add its row to provider/clouds/aws.yaml",
    ),
    "an argument of a data source": (
        AWS
        + """\
token, given = "aws:index/getAvailabilityZones:getAvailabilityZones", {"stat": "available"}
pulumi.runtime.invoke(token, given, pulumi.InvokeOptions(provider=cloud.provider))
""",
        "stat: getAvailabilityZones has no such property; is state meant?",
    ),
    "another account": (
        AWS.replace('region="us-east-1"', 'region="us-east-1", allowed_account_ids=["111111111111"]')
        + 'aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=cloud)',
        "AWS account ID not allowed: 123456789012",
    ),
}


@pytest.mark.parametrize(("program", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_preview_is_refused_with_the_name_of_the_property(program: str, reason: str, tmp_path: Path) -> None:
    assert reason in Tiny(tmp_path, program).refusal("preview")


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    said = Tiny(tmp_path, node_group('{"max_size": "2"}', 'capacity_type="SPOTTY",')).refusal("preview")
    for reason in (
        "scalingConfig.maxSize: expected",
        "scalingConfig.minSize: missing",
        "capacityType: expected one of",
    ):
        assert reason in said


def test_what_is_not_there_cannot_be_referred_to(tmp_path: Path) -> None:
    program = AWS + 'aws.ec2.Subnet("subnet", vpc_id="vpc-0123", cidr_block="10.0.0.0/24", opts=cloud)'
    deployment = Tiny(tmp_path, program)
    deployment.preview()  # as with the real provider: only the cloud knows
    assert "InvalidVpcID.NotFound: The vpc ID 'vpc-0123' does not exist" in deployment.refusal(
        "up", "--yes", "--skip-preview"
    )
