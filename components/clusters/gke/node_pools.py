"""The node pools of a GKE cluster, each a resource of its own: none is touched by what happens to another."""

from collections.abc import Sequence

import pulumi
from pulumi_gcp import container

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
    return container.NodePool(
        plan.name,
        **plan.node_pool,
        opts=pulumi.ResourceOptions(
            parent=parent,
            provider=cloud,
            # The name is fixed, for labels and ComputeClasses say it: two of one name cannot stand at once.
            delete_before_replace=True,
            ignore_changes=list(plan.ignore),  # sizes are the autoscaler's; putting them back would end what runs
            custom_timeouts=_PATIENCE,
        ),
    )
