"""A platform on a sim without the engine: what the planners make of a stack file, put on the API server by hand."""

from collections.abc import Iterator, Mapping
from typing import Any

from components.addons.gpus.admin_access import admin_namespace, admin_templates
from components.clusters.kinds import plan_facts
from components.clusters.sim.spec import KUBERNETES
from components.objects import Manifest
from components.pools.dra import device_classes, driver_classes, resource_slices
from components.pools.kwok import kwok_nodes
from components.pools.place import node_name
from components.pools.plan import PoolPlan
from components.pools.planner import cloud_of, plan_pools
from components.settings import parse_settings
from components.settings.tenants import Role
from components.tenancy.priorities import PRIORITY_CLASSES
from components.tenancy.roles import cluster_role
from components.tenancy.tenants import plan_tenants

from .kube import Kube, condition
from .waiting import eventually


def nodes_and_devices(pools: tuple[PoolPlan, ...], cloud: Any) -> Iterator[Manifest]:
    """Nodes of the pools at their largest, and what DRA knows of their devices."""
    yield from (*driver_classes(pools), *device_classes(pools, KUBERNETES))
    for pool in pools:
        yield from kwok_nodes(pool, cloud, pool.size.max, KUBERNETES)
        yield from resource_slices(pool, [node_name(pool, index) for index in range(pool.size.max)])


def platform_objects(stack: Mapping[str, Any]) -> Iterator[Manifest]:
    """Everything but the queues, in an order in which it can be made."""
    settings = parse_settings(stack)
    pools = plan_pools(settings)
    yield from (each.object.manifest for each in PRIORITY_CLASSES.values())
    yield from (cluster_role(role).manifest for role in Role)
    yield from nodes_and_devices(pools, cloud_of(settings.cluster))
    yield admin_namespace()
    yield from admin_templates(pools)
    for plan in plan_tenants(settings, pools, plan_facts(settings.cluster)):
        yield plan.namespace.manifest
        yield from (item.manifest for item in plan.objects if not item.patch)


def ready(kube: Kube) -> bool:
    """Whether all nodes are ready and pods may go there."""
    nodes = kube.every("v1", "Node")
    return all(condition(node, "Ready").get("status") == "True" for node in nodes) and not [
        taint
        for node in nodes
        for taint in node["spec"].get("taints", [])
        if taint["key"].startswith("node.kubernetes.io/")
    ]


def set_up(kube: Kube, stack: Mapping[str, Any]) -> None:
    """Makes all of it and waits until the nodes are ready and the quotas are counted."""
    for item in platform_objects(stack):
        kube.create(item)
    eventually(lambda: ready(kube), "the nodes should be ready")
    quotas = ("v1", "ResourceQuota")
    eventually(lambda: all(each.get("status") for each in kube.every(*quotas)), "every quota should be counted")
