"""The key that encrypts a cluster's secrets, its nodes' disks and its volumes."""

from collections.abc import Sequence

import pulumi
from pulumi_gcp import kms, projects

from ...settings.environment import Environment
from ...settings.gke import GkeCluster

ROTATION = "7776000s"
"""90 days, in seconds; what was encrypted before stays readable."""
_REGRET = "2592000s"
"""30 days, in seconds, between the destruction of a key and its end."""
_USE = "roles/cloudkms.cryptoKeyEncrypterDecrypter"


def service_agents(gke_agent: str) -> dict[str, str]:
    """Google's own accounts that use the key, by what they do with it, as members of IAM policies.

    gke_agent: GKE's, ``service-123@container-engine-robot.iam.gserviceaccount.com``; Compute Engine's has its number.
    """
    number = gke_agent.partition("@")[0]
    return {
        "secrets": f"serviceAccount:{gke_agent}",
        "disks": f"serviceAccount:{number}@compute-system.iam.gserviceaccount.com",
    }


class ClusterKey(pulumi.ComponentResource):
    """The key of the settings, or one of the cluster's own, and who may use it: two of Google's accounts.

    A key ring can never be deleted, so its name is made up anew where a stack is brought up again.
    The provider of ``opts`` is Google Cloud's.

    after: what has to be there before anything is made.
    """

    key: pulumi.Output[str]
    grants: list[pulumi.Resource]
    """What the cluster depends on: without them it cannot encrypt, and is not created."""

    def __init__(
        self,
        name: str,
        *,
        settings: GkeCluster,
        environment: Environment,
        after: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("kubelanes:clusters:ClusterKey", name, {}, opts)
        below = pulumi.ResourceOptions(parent=self, depends_on=after)
        agent = projects.ServiceIdentity(name, project=settings.project, service="container.googleapis.com", opts=below)
        protected = pulumi.ResourceOptions(parent=self, depends_on=after, protect=environment.preset.protect)
        self.key = pulumi.Output.from_input(settings.kms_key or _own(settings, protected))
        agents = agent.email.apply(service_agents)
        self.grants = [
            kms.CryptoKeyIAMMember(f"{name}-{use}", crypto_key_id=self.key, role=_USE, member=agents[use], opts=below)
            for use in ("secrets", "disks")
        ]
        self.register_outputs({})


def _own(settings: GkeCluster, protected: pulumi.ResourceOptions) -> pulumi.Output[str]:
    # Called after the cluster, for the names that the provider makes up begin with these.
    ring = kms.KeyRing(settings.name, project=settings.project, location=settings.region, opts=protected)
    key = kms.CryptoKey(
        settings.name,
        key_ring=ring.id,
        purpose="ENCRYPT_DECRYPT",
        rotation_period=ROTATION,
        destroy_scheduled_duration=_REGRET,
        opts=protected,
    )
    return key.id
