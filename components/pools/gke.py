"""A pool as GKE node pools: one for each way of buying its nodes, with exactly what the provider is told.

Source: the provider's ``gcp.container.NodePool``; what GKE asks for in return stands at each part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING, Literal, TypedDict

from ..settings.pools import Capacity, Lane, Reserved
from ..settings.scalars import amount
from .gke_accelerators import accelerators, driver_labels, is_tpu
from .plan import PoolPlan
from .rungs import Rung, rungs

if TYPE_CHECKING:
    from typing import NotRequired

    import pulumi
    from pulumi_gcp import compute
    from pulumi_gcp import container as gke

_EFFECTS = {"NoSchedule": "NO_SCHEDULE", "NoExecute": "NO_EXECUTE", "PreferNoSchedule": "PREFER_NO_SCHEDULE"}
"""Taint effects as the GKE API spells them."""
_ONE_MORE: gke.NodePoolUpgradeSettingsArgsDict = {"strategy": "SURGE", "max_surge": 1, "max_unavailable": 0}
_ONE_LESS: gke.NodePoolUpgradeSettingsArgsDict = {"strategy": "SURGE", "max_surge": 0, "max_unavailable": 1}
_BLUE_GREEN: gke.NodePoolUpgradeSettingsArgsDict = {
    "strategy": "BLUE_GREEN",
    "blue_green_settings": {
        "standard_rollout_policy": {"batch_percentage": 0.25, "batch_soak_duration": "600s"},
        "node_pool_soak_duration": "3600s",
    },
}
"""A quarter of the pool at a time, each watched for ten minutes; for an hour after that there is a way back."""


_IMAGES = {"cos": "COS_CONTAINERD", "ubuntu": "UBUNTU_CONTAINERD"}
"""The image types that GKE knows. Source: GKE, "Node images"."""


class NodePoolInputs(TypedDict):
    """The arguments of ``gcp.container.NodePool``."""

    name: str
    cluster: pulumi.Input[str]
    location: str
    project: str
    node_locations: NotRequired[Sequence[str]]
    node_count: NotRequired[int]
    initial_node_count: NotRequired[int]
    autoscaling: NotRequired[gke.NodePoolAutoscalingArgsDict]
    max_pods_per_node: int
    management: gke.NodePoolManagementArgsDict
    upgrade_settings: NotRequired[gke.NodePoolUpgradeSettingsArgsDict]
    placement_policy: NotRequired[gke.NodePoolPlacementPolicyArgsDict]
    queued_provisioning: NotRequired[gke.NodePoolQueuedProvisioningArgsDict]
    network_config: gke.NodePoolNetworkConfigArgsDict
    node_config: gke.NodePoolNodeConfigArgsDict


@dataclass(frozen=True, slots=True)
class NodeInterface:
    """A further interface of a node: the names or ids of its network and subnet."""

    network: pulumi.Input[str]
    subnetwork: pulumi.Input[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePoolContext:
    """What the nodes of a cluster have in common; ids are known only once the resources exist.

    cluster: the cluster's name or id.
    location: its region.
    zones: where its nodes stand unless a pool says otherwise.
    service_account: the e-mail address of the nodes' identity.
    kms_key: encrypts the boot disks.
    gpu_driver: who installs the GPU driver and the device plugin: GKE or the GPU Operator.
    image: what the nodes run.
    labels: of every machine in the cloud.
    interfaces: of each pool with a fast network, by its name: the networks of its nodes' further interfaces, in order;
        those that the machine has no card for are left over.
    """

    cluster: pulumi.Input[str]
    location: str
    project: str
    zones: Sequence[str]
    service_account: pulumi.Input[str]
    kms_key: pulumi.Input[str]
    gpu_driver: Literal["gke", "operator"]
    image: Literal["cos", "ubuntu"]
    labels: Mapping[str, str]
    interfaces: Mapping[str, Sequence[NodeInterface]]


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePoolPlan:
    """One node pool.

    workload_policy: a resource policy that its placement policy names; None where it takes none.
    ignore: the properties that are the autoscaler's once the pool is there, spelled as in Pulumi's schema. To be put
        into ``ignore_changes``: a change of ``initialNodeCount`` would replace the pool with all that runs on it.
    """

    name: str
    node_pool: NodePoolInputs
    workload_policy: compute.ResourcePolicyWorkloadPolicyArgsDict | None = None
    ignore: tuple[str, ...] = ()


def node_pools(pool: PoolPlan, where: NodePoolContext) -> tuple[NodePoolPlan, ...]:
    """The pool's node pools, the best way of buying first."""
    return tuple(_node_pool(pool, rung, where) for rung in rungs(pool))


def _node_pool(pool: PoolPlan, rung: Rung, where: NodePoolContext) -> NodePoolPlan:
    way = rung.way
    inputs: NodePoolInputs = {
        "name": rung.name,
        "cluster": where.cluster,
        "location": where.location,
        "project": where.project,
        "max_pods_per_node": pool.pods_per_node,
        # Flex-start machines are given back, not repaired. Release channels insist on upgrades.
        "management": {"auto_repair": way != "flex-start", "auto_upgrade": True},
        "network_config": _network(pool, where),
        "node_config": _node_config(pool, way, where),
    }
    if pool.zones:
        inputs["node_locations"] = list(pool.zones)
    if way != "flex-start":  # there GKE waits until the machines' days are over: a strategy that none may ask for
        inputs["upgrade_settings"] = _upgrade(pool, way)
    if pool.is_slice and pool.topology:
        inputs["placement_policy"] = {"type": "COMPACT", "tpu_topology": pool.topology}
    elif _is_compact(pool, way):
        inputs["placement_policy"] = {"type": "COMPACT"}
    if pool.queued:
        inputs["queued_provisioning"] = {"enabled": True}
    plan = NodePoolPlan(name=rung.name, node_pool=inputs, workload_policy=_workload_policy(pool))
    return _sized(plan, pool, rung, len(pool.zones or where.zones))


def _workload_policy(pool: PoolPlan) -> compute.ResourcePolicyWorkloadPolicyArgsDict | None:
    """What puts a slice together, for TPUs that a topology alone does not.

    Source: GKE, "Plan TPUs in GKE" (TPU7x); GoogleCloudPlatform/cluster-toolkit, examples/gke-tpu-7x.
    """
    if not (pool.is_slice and pool.topology and pool.machine.workload_policy):
        return None
    return {"type": "HIGH_THROUGHPUT", "accelerator_topology": pool.topology}


def _sized(plan: NodePoolPlan, pool: PoolPlan, rung: Rung, zones: int) -> NodePoolPlan:
    """The plan with its size: counts of nodes are each zone's, limits of the autoscaler the whole pool's."""
    size, inputs = rung.size, plan.node_pool
    if size.min == size.max and len(pool.capacity) == 1 and rung.way != "flex-start":
        return replace(plan, node_pool={**inputs, "node_count": size.max // zones})
    begin = ceil(size.min / zones)
    limits: gke.NodePoolAutoscalingArgsDict = {
        "total_min_node_count": size.min,
        "total_max_node_count": size.max,
        "location_policy": "ANY" if pool.gpu or rung.way in ("spot", "flex-start") else "BALANCED",
    }
    return replace(
        plan,
        node_pool={**inputs, "initial_node_count": begin, "autoscaling": limits},
        ignore=("initialNodeCount", "nodeCount"),
    )


def _upgrade(pool: PoolPlan, way: Capacity) -> gke.NodePoolUpgradeSettingsArgsDict:
    """How nodes are replaced by newer ones.

    A reservation has no room for one node more, nor has a TPU slice. Jobs begin again elsewhere, and are not worth a
    further GPU machine; services are. Source: GKE, "Node pool upgrade strategies".
    """
    if pool.upgrade == "blue-green":
        return _BLUE_GREEN
    scarce = isinstance(way, Reserved) or pool.is_slice or pool.lane is Lane.BATCH
    return _ONE_LESS if scarce else _ONE_MORE


def _is_compact(pool: PoolPlan, way: Capacity) -> bool:
    """Whether nodes are asked to stand close together.

    Reserved ones stand where they stand. Of flex-start, only machines with RDMA take it, and queued ones never do.
    Source: GKE, "Define compact placement for GKE nodes"; cluster-toolkit, modules/compute/gke-node-pool/main.tf.
    """
    if pool.network == "default" or isinstance(way, Reserved):
        return False
    return way != "flex-start" or (pool.network == "rdma" and not pool.queued)


def _network(pool: PoolPlan, where: NodePoolContext) -> gke.NodePoolNetworkConfigArgsDict:
    """Private nodes; on a fast network each with the interfaces of its GPUs.

    RDMA machines have a second ordinary card, which comes first.
    """
    private: gke.NodePoolNetworkConfigArgsDict = {"enable_private_nodes": True}
    if pool.network == "default":
        return private
    count = pool.machine.interfaces + (1 if pool.network == "rdma" else 0)
    further = where.interfaces[pool.name][:count]
    return {
        **private,
        "additional_node_network_configs": [
            {"network": each.network, "subnetwork": each.subnetwork} for each in further
        ],
    }


def _node_config(pool: PoolPlan, way: Capacity, where: NodePoolContext) -> gke.NodePoolNodeConfigArgsDict:
    config: gke.NodePoolNodeConfigArgsDict = {
        "machine_type": pool.machine.name,
        "image_type": _IMAGES["cos" if is_tpu(pool) else where.image],
        "disk_type": pool.machine.boot_disk,
        "disk_size_gb": ceil(amount(pool.disk.size) / 2**30),
        "boot_disk_kms_key": where.kms_key,
        "service_account": where.service_account,
        "oauth_scopes": ["https://www.googleapis.com/auth/cloud-platform"],  # roles decide, not scopes
        "metadata": {"disable-legacy-endpoints": "true"},
        "workload_metadata_config": {"mode": "GKE_METADATA"},
        "shielded_instance_config": {
            "enable_secure_boot": not _builds_driver(pool, where),
            "enable_integrity_monitoring": True,
        },
        "kubelet_config": {"insecure_kubelet_readonly_port_enabled": "FALSE"},
        "gvnic": {"enabled": True},
        "resource_labels": {**where.labels, "kubelanes-lane": pool.lane.value, "kubelanes-pool": pool.name},
        "labels": {**pool.labels, **driver_labels(pool, where.gpu_driver)},
        **_bought(way),
        **_local_disks(pool),
    }
    if pool.taints:
        config["taints"] = [
            {"key": taint.key, "value": taint.value, "effect": _EFFECTS[taint.effect]} for taint in pool.taints
        ]
    if pool.gpu and not is_tpu(pool):  # TPUs come with the machine type
        config["guest_accelerators"] = [accelerators(pool, pool.gpu, where.gpu_driver)]
    if pool.machine.arch == "arm64":
        config["taint_config"] = {"architecture_taint_behavior": "NONE"}  # the pool's own taints keep others away
    return config


def _builds_driver(pool: PoolPlan, where: NodePoolContext) -> bool:
    """Whether the nodes load a driver that was built on them: Secure Boot refuses what nobody has signed.

    On Container-Optimized OS the driver is signed by Google. Source: GKE, "Using Shielded GKE Nodes" ("Secure Boot").
    """
    ours = where.image == "ubuntu" and where.gpu_driver == "operator"
    return ours and pool.gpu is not None and not is_tpu(pool)


def _bought(way: Capacity) -> gke.NodePoolNodeConfigArgsDict:
    """How machines are bought. Spot and flex-start may not touch a reservation.

    Source: GKE, "Consume reserved zonal resources", "Spot VMs" and "Run a large-scale workload with flex-start".
    """
    match way:
        case Reserved():
            return {
                "reservation_affinity": {
                    "consume_reservation_type": "SPECIFIC_RESERVATION",
                    "key": "compute.googleapis.com/reservation-name",
                    "values": [way.reserved],
                }
            }
        case "spot":
            return {"spot": True, "reservation_affinity": {"consume_reservation_type": "NO_RESERVATION"}}
        case "flex-start":
            return {"flex_start": True, "reservation_affinity": {"consume_reservation_type": "NO_RESERVATION"}}
        case "on-demand":
            return {}


def _local_disks(pool: PoolPlan) -> gke.NodePoolNodeConfigArgsDict:
    """The local disks that come with the machine: one volume for pods' scratch space, or untouched as block devices.

    Source: GKE, "About Local SSD for GKE".
    """
    if not (count := pool.machine.local_disks):
        return {}
    if pool.disk.local_nvme == "raid0":
        return {"ephemeral_storage_local_ssd_config": {"local_ssd_count": count}}
    return {"local_nvme_ssd_block_config": {"local_ssd_count": count}}
