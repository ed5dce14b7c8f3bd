"""The managed node groups of some pools, carried out."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from ...pools.eks import NodeGroupContext, NodeGroupPlan, node_groups, placement_group
from ...pools.plan import PoolPlan
from ...settings.pools import Reserved

_PATIENCE = pulumi.CustomTimeouts(create="60m", update="24h", delete="60m")
"""An update replaces node after node and waits for each disruption budget, for hours where models are large."""


class NodeGroups(pulumi.ComponentResource):
    """Each pool's placement group, launch template and node group; no pool's resources name another pool's."""

    def __init__(
        self,
        name: str,
        pools: Sequence[PoolPlan],
        where: NodeGroupContext,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("kubelanes:clusters:EksNodeGroups", name, {}, opts)
        inside = pulumi.ResourceOptions(parent=self)
        for pool in pools:
            # Karpenter's nodes of the pool stand in it too, so it is there without any node group.
            close = placement_group(pool, where)
            place = [aws.ec2.PlacementGroup(f"{where.cluster}-{pool.name}", **close, opts=inside)] if close else []
            for plan in node_groups(pool, where):
                # Of reserved machines there are no more than these: the old ones go before the new ones come.
                self._make(f"{where.cluster}-{plan.name}", plan, place, scarce=isinstance(pool.capacity[0], Reserved))
        self.register_outputs({})

    def _make(self, name: str, plan: NodeGroupPlan, place: Sequence[pulumi.Resource], *, scarce: bool) -> None:
        template = aws.ec2.LaunchTemplate(
            name, **plan.launch_template, opts=pulumi.ResourceOptions(parent=self, depends_on=list(place))
        )
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
