"""Who the nodes are in Google Cloud: an account of their own that may do what a node does, and nothing else."""

import hashlib
from collections.abc import Sequence

import pulumi
from pulumi_gcp import projects, serviceaccount

NODE_ROLES = ("roles/container.defaultNodeServiceAccount", "roles/artifactregistry.reader")
"""What a node does: write logs and metrics, and pull the project's images. Workloads have identities of their own.
Source: GKE, "Use least privilege IAM service accounts"."""
_LONGEST = 30
"""Letters of an account's id. Source: IAM, "Create service accounts"."""


def node_account_id(cluster: str) -> str:
    """The id of the nodes' account; of a long name the beginning, and a mark that keeps two of them apart."""
    plain = f"{cluster}-nodes"
    if len(plain) <= _LONGEST:
        return plain
    mark = hashlib.sha256(cluster.encode()).hexdigest()[:6]
    return f"{cluster[: _LONGEST - len('--nodes') - len(mark)].rstrip('-')}-{mark}-nodes"


class NodeIdentity(pulumi.ComponentResource):
    """The nodes' account with its roles. The provider of ``opts`` is Google Cloud's.

    after: what has to be there before anything is made.
    """

    email: pulumi.Output[str]
    grants: list[pulumi.Resource]
    """What a node needs before it starts: without them it joins and reports nothing."""

    def __init__(
        self, name: str, *, project: str, cluster: str, after: Sequence[pulumi.Resource], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("kubelanes:clusters:NodeIdentity", name, {}, opts)
        below = pulumi.ResourceOptions(parent=self, depends_on=after)
        account = serviceaccount.Account(
            name, account_id=node_account_id(cluster), display_name=f"Nodes of the GKE cluster {cluster}", opts=below
        )
        self.email = account.email
        self.grants = [
            projects.IAMMember(
                f"{name}-{role.rpartition('.')[2]}", project=project, role=role, member=account.member, opts=below
            )
            for role in NODE_ROLES
        ]
        self.register_outputs({})
