"""The managed node groups of some pools, carried out."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from ...pools.eks import NodeGroupContext, NodeGroupPlan, is_scarce, node_groups, placement_group
from ...pools.plan import PoolPlan

_PATIENCE = pulumi.CustomTimeouts(create="60m", update="24h", delete="60m")
"""An update replaces node after node and waits for each disruption budget, for hours where models are large."""


class PlacementGroups(pulumi.ComponentResource):
    """The placement groups of all pools that have one.

    Karpenter's nodes stand in them too: they are there before Karpenter, and go when its nodes have gone.
    """

    def __init__(
        self,
        name: str,
        pools: Sequence[PoolPlan],
        where: NodeGroupContext,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("kubelanes:clusters:EksPlacementGroups", name, {}, opts)
        for pool in pools:
            if close := placement_group(pool, where):
                aws.ec2.PlacementGroup(
                    f"{where.cluster}-{pool.name}", **close, opts=pulumi.ResourceOptions(parent=self)
                )
        self.register_outputs({})


class NodeGroups(pulumi.ComponentResource):
    """Each pool's launch template and node group; no pool's resources name another pool's."""

    def __init__(
        self,
        name: str,
        pools: Sequence[PoolPlan],
        where: NodeGroupContext,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("kubelanes:clusters:EksNodeGroups", name, {}, opts)
        for pool in pools:
            for plan in node_groups(pool, where):
                self._make(f"{where.cluster}-{plan.name}", plan, scarce=is_scarce(pool))
        self.register_outputs({})

    def _make(self, name: str, plan: NodeGroupPlan, *, scarce: bool) -> None:
        template = aws.ec2.LaunchTemplate(name, **plan.launch_template, opts=pulumi.ResourceOptions(parent=self))
        size = plan.node_group["scaling_config"]
        ranges = size["min_size"] != size["max_size"]
        aws.eks.NodeGroup(
            name,
            **plan.node_group,
            launch_template={"id": template.id, "version": template.latest_version.apply(str)},
            opts=pulumi.ResourceOptions(
                parent=self,
                # The size between its limits is an autoscaler's, or the operator's of the day. Without a range it
                # follows the limits: EKS refuses a least size above the size that is wanted.
                ignore_changes=["scalingConfig.desiredSize"] if ranges else None,
                delete_before_replace=scarce,
                custom_timeouts=_PATIENCE,
            ),
        )
