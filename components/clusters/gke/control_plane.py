"""The cluster itself, as the provider is told: private, encrypted, upgraded by its channel in its windows.

Source: the provider's ``gcp.container.Cluster``; GKE, "Harden your cluster's security".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from ...settings.environment import Environment
from ...settings.gke import GkeCluster
from ...settings.scalars import seconds
from .maintenance import maintenance_policy
from .zones import zones_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pulumi
    from pulumi_gcp import container as gke

PODS_RANGE = "pods"
SERVICES_RANGE = "services"
_LOGS = ("SYSTEM_COMPONENTS", "WORKLOADS", "APISERVER", "CONTROLLER_MANAGER", "SCHEDULER")
_METRICS = (
    "SYSTEM_COMPONENTS", "APISERVER", "CONTROLLER_MANAGER", "SCHEDULER", "STORAGE", "HPA", "POD",
    "DAEMONSET", "DEPLOYMENT", "STATEFULSET", "KUBELET", "CADVISOR", "JOBSET",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterContext:
    """What the cluster stands on, known once it is there: network and subnets by their ids, key and identity."""

    network: pulumi.Input[str]
    subnetwork: pulumi.Input[str]
    control_plane_subnetwork: pulumi.Input[str]
    kms_key: pulumi.Input[str]
    service_account: pulumi.Input[str]


class ClusterInputs(TypedDict):
    """The inputs of ``gcp.container.Cluster`` that we give."""

    name: str
    location: str
    node_locations: Sequence[str] | None
    resource_labels: Mapping[str, str]
    deletion_protection: bool
    network: pulumi.Input[str]
    subnetwork: pulumi.Input[str]
    networking_mode: str
    datapath_provider: str
    ip_allocation_policy: gke.ClusterIpAllocationPolicyArgsDict
    private_cluster_config: gke.ClusterPrivateClusterConfigArgsDict
    master_authorized_networks_config: gke.ClusterMasterAuthorizedNetworksConfigArgsDict
    control_plane_endpoints_config: gke.ClusterControlPlaneEndpointsConfigArgsDict
    enable_intranode_visibility: bool
    enable_l4_ilb_subsetting: bool
    enable_multi_networking: bool
    gateway_api_config: gke.ClusterGatewayApiConfigArgsDict
    service_external_ips_config: gke.ClusterServiceExternalIpsConfigArgsDict
    release_channel: gke.ClusterReleaseChannelArgsDict
    min_master_version: str | None
    maintenance_policy: gke.ClusterMaintenancePolicyArgsDict
    remove_default_node_pool: bool
    initial_node_count: int
    node_config: gke.ClusterNodeConfigArgsDict
    node_pool_defaults: gke.ClusterNodePoolDefaultsArgsDict
    cluster_autoscaling: gke.ClusterClusterAutoscalingArgsDict
    vertical_pod_autoscaling: gke.ClusterVerticalPodAutoscalingArgsDict
    workload_identity_config: gke.ClusterWorkloadIdentityConfigArgsDict
    database_encryption: gke.ClusterDatabaseEncryptionArgsDict
    enable_shielded_nodes: bool
    enable_legacy_abac: bool
    master_auth: gke.ClusterMasterAuthArgsDict
    anonymous_authentication_config: gke.ClusterAnonymousAuthenticationConfigArgsDict
    rbac_binding_config: gke.ClusterRbacBindingConfigArgsDict
    authenticator_groups_config: gke.ClusterAuthenticatorGroupsConfigArgsDict | None
    security_posture_config: gke.ClusterSecurityPostureConfigArgsDict
    addons_config: gke.ClusterAddonsConfigArgsDict
    logging_config: gke.ClusterLoggingConfigArgsDict
    monitoring_config: gke.ClusterMonitoringConfigArgsDict
    cost_management_config: gke.ClusterCostManagementConfigArgsDict


def cluster_inputs(
    settings: GkeCluster, environment: Environment, labels: Mapping[str, str], where: ClusterContext
) -> ClusterInputs:
    """The cluster without nodes: each pool is a resource of its own.

    labels: of the cluster in the cloud.
    """
    zones = zones_of(settings.region)
    return {
        "name": settings.name,
        "location": settings.region,  # a region, not a zone: the API stays while a zone is away or it is upgraded
        "node_locations": zones[: settings.network.zones],
        "resource_labels": labels,
        "deletion_protection": environment.preset.protect,
        "network": where.network,
        "subnetwork": where.subnetwork,
        "networking_mode": "VPC_NATIVE",
        "datapath_provider": "ADVANCED_DATAPATH",  # Dataplane V2: enforces NetworkPolicy, without an add-on
        "ip_allocation_policy": {
            "cluster_secondary_range_name": PODS_RANGE,
            "services_secondary_range_name": SERVICES_RANGE,
            "stack_type": "IPV4",
        },
        **_access(settings, where),
        "enable_intranode_visibility": True,  # traffic between pods of one node meets firewall rules and flow logs too
        "enable_l4_ilb_subsetting": True,  # without it, an internal load balancer ends at 250 nodes
        # From the start: a pool with a fast network that is added later then leaves the cluster as it is.
        "enable_multi_networking": True,
        "gateway_api_config": {"channel": "CHANNEL_STANDARD"},
        "service_external_ips_config": {"enabled": False},  # CVE-2020-8554: a tenant could catch others' traffic
        "release_channel": {"channel": settings.channel.upper()},
        "min_master_version": settings.version,  # none: what the channel has, now and ever after
        "maintenance_policy": _maintenance(settings),
        **_nodes(where),
        **_security(settings, where),
        **_addons(settings),
    }


class _Access(TypedDict):
    private_cluster_config: gke.ClusterPrivateClusterConfigArgsDict
    master_authorized_networks_config: gke.ClusterMasterAuthorizedNetworksConfigArgsDict
    control_plane_endpoints_config: gke.ClusterControlPlaneEndpointsConfigArgsDict


def _access(settings: GkeCluster, where: ClusterContext) -> _Access:
    """Who reaches the API: the cluster's own nodes and pods, and the allow-list, at either address."""
    return {
        "private_cluster_config": {
            "enable_private_nodes": True,
            "enable_private_endpoint": not settings.api.public,
            "private_endpoint_subnetwork": where.control_plane_subnetwork,
            "master_global_access_config": {"enabled": False},
        },
        "master_authorized_networks_config": {
            "cidr_blocks": [
                {"cidr_block": allowed, "display_name": f"allow-{at}"} for at, allowed in enumerate(settings.api.allow)
            ],
            "gcp_public_cidrs_access_enabled": False,  # any customer's machine in Google Cloud has such an address
            "private_endpoint_enforcement_enabled": True,  # else whoever is routed to the private address may try
        },
        "control_plane_endpoints_config": {"dns_endpoint_config": {"allow_external_traffic": settings.api.dns}},
    }


def _maintenance(settings: GkeCluster) -> gke.ClusterMaintenancePolicyArgsDict:
    window = settings.maintenance
    return maintenance_policy(window.days, window.start, int(seconds(window.lasts) // 3600))


class _Nodes(TypedDict):
    remove_default_node_pool: bool
    initial_node_count: int
    node_config: gke.ClusterNodeConfigArgsDict
    node_pool_defaults: gke.ClusterNodePoolDefaultsArgsDict
    cluster_autoscaling: gke.ClusterClusterAutoscalingArgsDict
    vertical_pod_autoscaling: gke.ClusterVerticalPodAutoscalingArgsDict


def _nodes(where: ClusterContext) -> _Nodes:
    return {
        "remove_default_node_pool": True,
        "initial_node_count": 1,
        # Of the pool that is removed at once; it still may not run as the default account, nor on an open disk.
        "node_config": {
            "service_account": where.service_account,
            "oauth_scopes": ["https://www.googleapis.com/auth/cloud-platform"],
            "boot_disk_kms_key": where.kms_key,
            "shielded_instance_config": {"enable_secure_boot": True, "enable_integrity_monitoring": True},
            "workload_metadata_config": {"mode": "GKE_METADATA"},
        },
        "node_pool_defaults": {"node_config_defaults": {"insecure_kubelet_readonly_port_enabled": "FALSE"}},
        # The pools of the stack file and no others; an idle GPU node goes as soon as its pods fit elsewhere.
        "cluster_autoscaling": {"enabled": False, "autoscaling_profile": "OPTIMIZE_UTILIZATION"},
        "vertical_pod_autoscaling": {"enabled": True},
    }


class _Security(TypedDict):
    workload_identity_config: gke.ClusterWorkloadIdentityConfigArgsDict
    database_encryption: gke.ClusterDatabaseEncryptionArgsDict
    enable_shielded_nodes: bool
    enable_legacy_abac: bool
    master_auth: gke.ClusterMasterAuthArgsDict
    anonymous_authentication_config: gke.ClusterAnonymousAuthenticationConfigArgsDict
    rbac_binding_config: gke.ClusterRbacBindingConfigArgsDict
    authenticator_groups_config: gke.ClusterAuthenticatorGroupsConfigArgsDict | None
    security_posture_config: gke.ClusterSecurityPostureConfigArgsDict


def _security(settings: GkeCluster, where: ClusterContext) -> _Security:
    return {
        "workload_identity_config": {"workload_pool": f"{settings.project}.svc.id.goog"},
        "database_encryption": {"state": "ENCRYPTED", "key_name": where.kms_key},
        "enable_shielded_nodes": True,
        "enable_legacy_abac": False,
        "master_auth": {"client_certificate_config": {"issue_client_certificate": False}},
        "anonymous_authentication_config": {"mode": "LIMITED"},  # health checks only
        "rbac_binding_config": {
            "enable_insecure_binding_system_authenticated": False,
            "enable_insecure_binding_system_unauthenticated": False,
        },
        "authenticator_groups_config": {"security_group": settings.admins} if settings.admins else None,
        # GKE scans images no longer (basic mode is gone, "posture management deprecation"): that is the registry's.
        "security_posture_config": {"mode": "BASIC", "vulnerability_mode": "VULNERABILITY_DISABLED"},
    }


class _Addons(TypedDict):
    addons_config: gke.ClusterAddonsConfigArgsDict
    logging_config: gke.ClusterLoggingConfigArgsDict
    monitoring_config: gke.ClusterMonitoringConfigArgsDict
    cost_management_config: gke.ClusterCostManagementConfigArgsDict


def _addons(settings: GkeCluster) -> _Addons:
    # Of the driver's exporter there is one: GKE's beside its own driver, the operator's otherwise.
    gpus = ("DCGM",) if settings.gpu_driver == "gke" else ()
    return {
        "addons_config": {
            "dns_cache_config": {"enabled": True},
            "gce_persistent_disk_csi_driver_config": {"enabled": True},
            "http_load_balancing": {"disabled": False},
            "horizontal_pod_autoscaling": {"disabled": False},
            "network_policy_config": {"disabled": True},  # Calico; Dataplane V2 does it
        },
        "logging_config": {"enable_components": _LOGS},
        "monitoring_config": {
            "enable_components": (*_METRICS, *gpus),
            "managed_prometheus": {"enabled": True},
            "advanced_datapath_observability_config": {"enable_metrics": True, "enable_relay": False},
        },
        "cost_management_config": {"enabled": True},
    }
