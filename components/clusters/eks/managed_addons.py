"""The managed add-ons of an EKS cluster, carried out."""

import json
from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from .addons import NAMESPACE, Identity, ManagedAddon
from .arns import managed_policy
from .iam import Document, Home, pod_trust
from .role import Role


class ManagedAddons(pulumi.ComponentResource):
    """Some of a cluster's managed add-ons, each with its identity.

    own: further policies of an add-on's role, by add-on and title.
    cluster_name: the cluster's name, known once it stands.
    """

    def __init__(
        self,
        name: str,
        home: Home,
        cluster_name: pulumi.Input[str],
        addons: Sequence[ManagedAddon],
        *,
        own: Mapping[str, Mapping[str, Document]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("kubelanes:clusters:EksAddons", name, {}, opts)
        self._name, self._home, self._cluster_name = name, home, cluster_name
        for addon in addons:
            self._install(addon, (own or {}).get(addon.name, {}))
        self.register_outputs({})

    def _install(self, addon: ManagedAddon, own: Mapping[str, Document]) -> None:
        role = self._role(addon.name, addon.identity, own) if addon.identity else None
        aws.eks.Addon(
            f"{self._name}-{addon.name}",
            cluster_name=self._cluster_name,
            addon_name=addon.name,
            addon_version=addon.version,
            configuration_values=json.dumps(addon.values, sort_keys=True) if addon.values else None,
            pod_identity_associations=[{"role_arn": role.arn, "service_account": addon.identity.service_account}]
            if role and addon.identity
            else None,
            # What stands here holds: a change by hand would otherwise stop every later upgrade of the add-on.
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[role] if role else []),
        )

    def _role(self, addon: str, identity: Identity, own: Mapping[str, Document]) -> Role:
        return Role(
            f"{self._home.cluster}-{addon}",  # short: IAM takes 64 letters, and this is a cluster's longest
            f"The add-on {addon} of the EKS cluster {self._home.cluster}",
            pod_trust(self._home, NAMESPACE, identity.service_account),
            managed=[managed_policy(self._home.region, policy) for policy in identity.managed],
            own=own,
            opts=pulumi.ResourceOptions(parent=self),
        )
