"""The node pools of a GKE cluster, each a resource of its own: none is touched by what happens to another."""

from collections.abc import Sequence

import pulumi
from pulumi_gcp import compute, container

from ...pools.gke import NodePoolContext, NodePoolPlan, node_pools
from ...pools.plan import PoolPlan
from ...settings.pools import Lane

_PATIENCE = pulumi.CustomTimeouts(create="60m", update="6h", delete="90m")
"""Nodes are replaced one by one, each after its pods have left; those of GPU pools leave slowly."""


def register_pools(
    pools: Sequence[PoolPlan], where: NodePoolContext, parent: pulumi.Resource, cloud: pulumi.ProviderResource
) -> list[pulumi.Resource]:
    """Makes the pools children of ``parent``; returns those of the lane ``platform``, for which everything waits."""
    made = [(pool.lane, _register(plan, parent, cloud)) for pool in pools for plan in node_pools(pool, where)]
    return [pool for lane, pool in made if lane is Lane.PLATFORM]


def _register(plan: NodePoolPlan, parent: pulumi.Resource, cloud: pulumi.ProviderResource) -> pulumi.Resource:
    inputs = plan.node_pool.copy()
    if plan.workload_policy and "placement_policy" in inputs:
        policy = compute.ResourcePolicy(
            plan.name,
            project=inputs["project"],
            region=inputs["location"],
            workload_policy=plan.workload_policy,
            opts=pulumi.ResourceOptions(parent=parent, provider=cloud),
        )
        inputs["placement_policy"] = {**inputs["placement_policy"], "policy_name": policy.name}
    return container.NodePool(
        plan.name,
        **inputs,
        opts=pulumi.ResourceOptions(
            parent=parent,
            provider=cloud,
            # The name is fixed, for labels and ComputeClasses say it: two of one name cannot stand at once.
            delete_before_replace=True,
            ignore_changes=list(plan.ignore),  # sizes are the autoscaler's; putting them back would end what runs
            custom_timeouts=_PATIENCE,
        ),
    )
