"""The pack under the real engine, on a program that makes what a case says."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.support.cloud import CloudDeployment
from tests.support.deployment import ROOT
from tests.support.events import events

PACK = ROOT / "policy"

_PROJECT = f"""
name: judged
runtime: {{ name: python, options: {{ virtualenv: "{ROOT / ".venv"}" }} }}
stackConfigDir: stacks
"""

_PROGRAM = """
import json
from pathlib import Path

import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class Nobody(ResourceProvider):
    def create(self, props):
        return CreateResult("nobody", {"says": "now"})


class Later(Resource):
    says: pulumi.Output[str]

    def __init__(self):
        super().__init__(Nobody(), "later", {"says": None})


def filled(value):
    match value:
        case dict():
            return {key: filled(each) for key, each in value.items()}
        case list():
            return [filled(each) for each in value]
        case "(known later)":
            return later.says
        case _:
            return value


def provider(package):
    match package:
        case "kubernetes":
            import pulumi_kubernetes as kubernetes

            return kubernetes.Provider(package, render_yaml_to_directory="rendered")
        case "aws":
            import pulumi_aws

            return pulumi_aws.Provider(package, region="us-east-1")
        case "gcp":
            import pulumi_gcp

            return pulumi_gcp.Provider(package, project="acme-ml", region="us-central1")


class LabelledPool(Resource, module="kubelanes", name="LabelledPool"):
    pass


later = Later()
given = json.loads(Path(__file__).with_name("given.json").read_text())
providers = {package: provider(package) for package in {made["type"].partition(":")[0] for made in given}}
for at, made in enumerate(given):
    parent = None
    for depth, around in enumerate(made.get("inside", ())):
        options = pulumi.ResourceOptions(parent=parent)
        parent = pulumi.ComponentResource(around, f"around-{at}-{depth}", None, options)
    if made["type"] == "pulumi-python:dynamic/kubelanes:LabelledPool":
        LabelledPool(Nobody(), made["name"], made["props"], pulumi.ResourceOptions(parent=parent))
        continue
    options = pulumi.ResourceOptions(parent=parent, provider=providers[made["type"].partition(":")[0]])
    pulumi.CustomResource(made["type"], made["name"], filled(made["props"]), options)
"""
"""``(known later)`` in a case stands for what a provider says once it has made something."""


class Judged(CloudDeployment):
    """A program that makes what it is given."""

    def __init__(self, home: Path) -> None:
        folder = home / "program"
        folder.mkdir()
        (folder / "Pulumi.yaml").write_text(_PROJECT)
        (folder / "__main__.py").write_text(_PROGRAM)
        super().__init__(home, stack="judged", program=folder)
        self.configure("config: {}\n")

    def given(self, resources: list[Mapping[str, Any]]) -> "Judged":
        """Takes what the program makes."""
        (self.program / "given.json").write_text(json.dumps(resources))
        return self

    def findings(self) -> Iterator[tuple[str, str, str]]:
        """What the pack says of a preview: policy, level and message of each finding."""
        self.pulumi("preview", "--policy-pack", str(PACK), *self._logged(), check=False)
        for event in events(self._log(), "policyEvent"):
            yield event["policyName"], event["enforcementLevel"], event["message"]
