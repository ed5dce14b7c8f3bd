"""The pools of a simulated cluster, carried out."""

from collections.abc import Sequence

import pulumi

from ..catalogue.machines import Cloud
from ..objects import Object
from ..registration import register
from .dra import device_classes, driver_classes, resource_slices
from .kwok import kwok_nodes
from .place import node_name
from .plan import PoolPlan


class KwokNodes(pulumi.ComponentResource):
    """Simulated nodes for every pool, with the ResourceSlices and DeviceClasses of those that DRA serves.

    cloud: whose machines the nodes look like.
    autoscaler: who adds and removes nodes, as in `ClusterFacts`; with ``none`` pools stand at their largest size,
        otherwise at their least.
    kubernetes: the minor version of Kubernetes, such as ``1.36``.
    """

    def __init__(
        self,
        name: str,
        pools: Sequence[PoolPlan],
        *,
        cloud: Cloud,
        autoscaler: str,
        kubernetes: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("kubelanes:pools:KwokNodes", name, {}, opts)
        sizes = {pool.name: pool.size.max if autoscaler == "none" else pool.size.min for pool in pools}
        for item in (*driver_classes(pools), *device_classes(pools, kubernetes)):
            register(Object(item), self)
        for pool in pools:
            self._pool(pool, cloud, sizes[pool.name], kubernetes)
        self.register_outputs({"sizes": sizes})

    def _pool(self, pool: PoolPlan, cloud: Cloud, size: int, kubernetes: str) -> None:
        for node in kwok_nodes(pool, cloud, size, kubernetes):
            # Both change at a node's birth only: the API server drops later changes or refuses them.
            register(Object(node), self, replace_on=["status", "spec.providerID"])
        for item in resource_slices(pool, [node_name(pool, index) for index in range(size)]):
            register(Object(item), self)
