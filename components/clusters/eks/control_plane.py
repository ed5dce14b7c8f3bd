"""The control plane of an EKS cluster."""

import pulumi
import pulumi_aws as aws

from ...settings.eks import EksCluster as EksSettings
from ...settings.environment import Environment
from .api_server import access_config, upgrade_policy, vpc_config
from .arns import managed_policy
from .encryption import ClusterKey, ClusterLogs
from .iam import Home, cluster_trust, render, secrets_encryption
from .kubeconfig import kubeconfig
from .network import Network
from .role import Role

_PATIENCE = pulumi.CustomTimeouts(create="60m", update="120m", delete="60m")
"""A control plane takes a quarter of an hour to make, and longer to upgrade."""


class ControlPlane(pulumi.ComponentResource):
    """The cluster itself, with its role, its key and its logs."""

    cluster_name: pulumi.Output[str]
    """Its name, once it stands."""
    arn: pulumi.Output[str]
    """Its ARN."""
    endpoint: pulumi.Output[str]
    """The URL of its API server."""
    certificate_authority: pulumi.Output[str]
    """The authority that signed the endpoint's certificate: base64 of PEM."""
    group: pulumi.Output[str]
    """The security group that EKS gives to the control plane's interfaces."""
    key: pulumi.Input[str]
    """The ARN of the key for Secrets, volumes and logs."""
    kubeconfig: pulumi.Output[str]
    """How it is reached; a secret."""

    def __init__(
        self,
        name: str,
        settings: EksSettings,
        environment: Environment,
        home: Home,
        network: Network,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("kubelanes:clusters:EksControlPlane", name, {}, opts)
        below, protect = pulumi.ResourceOptions(parent=self), environment.preset.protect
        role = Role(
            f"{name}-control-plane",
            f"The control plane of the EKS cluster {home.cluster}",
            cluster_trust(home),
            managed=[managed_policy(home.region, "AmazonEKSClusterPolicy")],
            opts=below,
        )
        self.key = ClusterKey(name, home, settings.kms_key, role.arn, environment, opts=below).arn
        secrets = aws.iam.RolePolicy(
            f"{name}-secrets", role=role.role_name, policy=render(secrets_encryption(self.key)), opts=below
        )
        logs = ClusterLogs(name, home, self.key, network.vpc_id, environment, opts=below)
        cluster = aws.eks.Cluster(
            name,
            name=settings.name,
            role_arn=role.arn,
            version=settings.version,
            vpc_config=vpc_config(settings, network.control_plane_subnets),
            access_config=access_config(),
            bootstrap_self_managed_addons=False,  # EKS's own add-ons from the start: no others to take over
            enabled_cluster_log_types=list(settings.logs),
            encryption_config={"provider": {"key_arn": self.key}, "resources": ["secrets"]},
            kubernetes_network_config={"service_ipv4_cidr": settings.network.services, "ip_family": "ipv4"},
            upgrade_policy=upgrade_policy(environment),
            zonal_shift_config={"enabled": True},
            deletion_protection=protect,
            opts=pulumi.ResourceOptions(
                parent=self,
                # Without its role's policies, EKS could not take away what it made in the VPC.
                depends_on=[role, secrets, network, logs],
                protect=protect,
                custom_timeouts=_PATIENCE,
            ),
        )
        self.cluster_name, self.arn, self.endpoint = cluster.name, cluster.arn, cluster.endpoint
        self.certificate_authority = cluster.certificate_authority.apply(lambda authority: authority.data or "")
        self.group = cluster.vpc_config.apply(lambda config: config.cluster_security_group_id or "")
        known = pulumi.Output.all(self.endpoint, self.certificate_authority)
        self.kubeconfig = pulumi.Output.secret(
            known.apply(lambda each: kubeconfig(settings.name, settings.region, each[0], each[1]))
        )
        self.register_outputs({"endpoint": self.endpoint})
