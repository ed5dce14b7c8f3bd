"""The services of Google Cloud that a cluster needs, turned on in its project."""

import pulumi
from pulumi_gcp import projects

APIS = (
    "artifactregistry",
    "cloudkms",
    "cloudresourcemanager",
    "compute",
    "container",
    "containersecurity",
    "iam",
    "iamcredentials",
    "logging",
    "monitoring",
    "networkservices",
)
"""Their names, before ``.googleapis.com``; networkservices is what inference pools behind a Gateway are made of,
iamcredentials what lets workloads act as service accounts (Workload Identity)."""


class ProjectApis(pulumi.ComponentResource):
    """The services. They stay on when the stack goes: something else in the project may use them."""

    def __init__(self, name: str, *, project: str, opts: pulumi.ResourceOptions) -> None:
        super().__init__("kubelanes:clusters:ProjectApis", name, {}, opts)
        below = pulumi.ResourceOptions(parent=self)
        for api in APIS:
            service = f"{api}.googleapis.com"
            projects.Service(api, project=project, service=service, disable_on_destroy=False, opts=below)
        self.register_outputs({})
