"""Programs of a few lines, to see how the stand-ins answer."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

from tests.standins.world.world import World
from tests.support.cloud import CloudDeployment
from tests.support.deployment import ROOT

_PROJECT = """\
name: tiny
runtime: {{ name: python, options: {{ virtualenv: {venv} }} }}
stackConfigDir: stacks
"""

AWS = """\
import json
import pulumi
import pulumi_aws as aws

cloud = pulumi.ResourceOptions(provider=aws.Provider("aws", region="us-east-1"))
"""
"""How a program on AWS begins."""

GCP = """\
import pulumi
import pulumi_gcp as gcp

cloud = pulumi.ResourceOptions(provider=gcp.Provider("gcp", project="acme-ml", region="us-central1"))
"""
"""How a program on Google Cloud begins."""

CLUSTER = (
    AWS
    + """\
vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", opts=cloud)
subnets = [
    aws.ec2.Subnet(zone, vpc_id=vpc.id, cidr_block=f"10.0.{i}.0/24", availability_zone=f"us-east-1{zone}", opts=cloud)
    for i, zone in enumerate("abc")
]
role = aws.iam.Role("role", assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": []}), opts=cloud)
cluster = aws.eks.Cluster(
    "cluster", name="atlas", role_arn=role.arn, vpc_config={"subnet_ids": [each.id for each in subnets]}, opts=cloud
)
"""
)
"""The same with a network and an EKS cluster."""


class Tiny(CloudDeployment):
    """A deployment of one such program."""

    def __init__(self, home: Path, text: str, world: World | None = None) -> None:
        program = home / "program"
        program.mkdir()
        (program / "Pulumi.yaml").write_text(_PROJECT.format(venv=ROOT / ".venv"))
        self._main = program / "__main__.py"
        self.write(text)
        super().__init__(home, world, stack="tiny", program=program)
        self.configure("config: {}\n")

    def write(self, text: str) -> None:
        """Edits the program."""
        self._main.write_text(dedent(text))


@contextmanager
def standing(deployment: "Tiny") -> "Generator[Tiny, None, None]":
    """A deployment that is up, and is destroyed in the end."""
    try:
        deployment.up()
        yield deployment
    finally:
        deployment.destroy()
        deployment.close()
