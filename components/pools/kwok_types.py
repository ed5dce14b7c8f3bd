"""The machines of pools as instance types of Karpenter's KWOK provider: what a sim scales with.

Source: sigs.k8s.io/karpenter 1.14, kwok/cloudprovider/helpers.go (InstanceTypeOptions) and kwok/examples.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ..catalogue.machines import Cloud
from .karpenter import scaled
from .kwok import allocatable
from .labels import discovered
from .place import place, zones_of
from .plan import PoolPlan

_SPOT = 0.4
"""What spot costs, of the price on demand. Prices here only tell which is cheaper."""


def kwok_types(pools: Sequence[PoolPlan], cloud: Cloud) -> list[dict[str, Any]]:
    """One instance type for each pool that is scaled: of one machine, pools may share the cards in two ways."""
    return [_type(pool, cloud) for pool in pools if scaled(pool)]


def type_name(pool: PoolPlan) -> str:
    """What a pool's instance type is called."""
    return f"{pool.machine.name}.{pool.name}"


def simulated_labels(pool: PoolPlan, cloud: Cloud) -> Mapping[str, str]:
    """What a vendor's discovery and the cloud would say of the pool's nodes, where it is the same for all of them."""
    return {**discovered(pool), "topology.kubernetes.io/region": place(pool, 0, cloud).region}


def _type(pool: PoolPlan, cloud: Cloud) -> dict[str, Any]:
    return {
        "name": type_name(pool),
        "architecture": pool.machine.arch,
        "operatingSystems": ["linux"],
        "resources": allocatable(pool, cloud),
        "offerings": [
            {
                "Price": round(pool.machine.vcpu * share, 2),
                "Available": True,
                "Requirements": [
                    {"key": "karpenter.sh/capacity-type", "operator": "In", "values": [way]},
                    {"key": "topology.kubernetes.io/zone", "operator": "In", "values": [zone]},
                ],
            }
            for way, share in (("on-demand", 1.0), ("spot", _SPOT))
            for zone in zones_of(pool, cloud)
        ],
    }
