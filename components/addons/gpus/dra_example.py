"""The DRA example driver: simulated GPUs on real nodes, for a cluster on a machine that has none.

It publishes devices that no hardware stands behind. A pod that asks for ``nvidia.com/gpu`` gets one, because the
driver's DeviceClass claims that name; so does one that asks for a MIG partition or claims a device through DRA. All are
alike: the driver knows one model, so what tells an L4 from an H100 is the pool whose node a pod is on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi

from ...catalogue.charts import ChartPin, chart_for
from ...clusters.cluster import Cluster
from ...clusters.facts import ClusterFacts
from ...objects import Manifest, Object, manifest
from ...pools.plan import PoolPlan
from ...pools.shares import GPU_RESOURCE, device_classes_of, extended_resources
from ...registration import register
from ..addon import Addon
from ..daemons import on_pools
from ..plan import AddonPlan, Probe

NAME = "dra-example-driver"
NAMESPACE = "dra-example-driver"
DRIVER = "gpu.example.com"
"""The driver's name and that of its DeviceClass. Upstream: the chart's helpers, ``<deviceProfile>.example.com``."""

_API = "resource.k8s.io/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedGpus:
    """Simulated GPUs for the pools of a cluster, decided.

    addon: the driver.
    devices: how many devices each node of these pools has, a number for all.
    classes: DeviceClasses beside the driver's own.
    pools: the pools, with what one of their nodes is meant to have.
    """

    addon: AddonPlan
    devices: int
    classes: tuple[Manifest, ...]
    pools: dict[str, int]

    @property
    def notes(self) -> tuple[str, ...]:
        """What is not as it would be with real cards, by pool; for the preview."""
        return tuple(
            f"pools.{name}: its GPUs are simulated, {self.devices} on each node, of class {DRIVER}"
            + (f"; the pool says {meant}, the driver knows one number for all" if meant < self.devices else "")
            for name, meant in self.pools.items()
        )


def plan_simulated_gpus(facts: ClusterFacts, pools: Sequence[PoolPlan], mirror: Path) -> SimulatedGpus | None:
    """Plans the driver; None where no pool has GPUs.

    Raises ChartError where the chart cannot be had, or does not support the cluster's Kubernetes.
    """
    meant = {pool.name: _devices(pool) for pool in pools if pool.gpu}
    if not meant:
        return None
    (pin, source), devices = chart_for(NAME, facts.kubernetes, mirror), max(meant.values())
    return SimulatedGpus(
        addon=AddonPlan(
            name=NAME,
            namespace=NAMESPACE,
            pin=pin,
            source=source,
            values=values(pin, sorted(meant), devices),
            probe=_PROBE,
            workload=f"daemonset/{NAME}-kubeletplugin",
        ),
        devices=devices,
        classes=tuple(device_classes(pools)),
        pools=meant,
    )


def _devices(pool: PoolPlan) -> int:
    """The devices that stand for what a node of the pool hands out: cards, turns on them, or partitions."""
    return (sum(extended_resources(pool.gpu).values()) or pool.gpu.per_node) if pool.gpu else 0


def values(pin: ChartPin, pools: Sequence[str], devices: int) -> dict[str, Any]:
    """The chart's values: its plugin on the nodes of ``pools`` only, without its webhook.

    Source: dra-example-driver v0.3.0, deployments/helm/dra-example-driver/values.yaml.
    """
    requested = {"cpu": "10m", "memory": "64Mi"}
    return {
        "deviceProfile": "gpu",
        "image": {"tag": pin.app_version},
        "deviceClass": {"extendedResourceName": GPU_RESOURCE},
        "kubeletPlugin": {
            "numDevices": devices,
            "affinity": on_pools(pools),
            # It is what makes a node one of its pool: no taint of ours keeps it away.
            "tolerations": [{"operator": "Exists"}],
            "containers": {"plugin": {"resources": {"requests": requested, "limits": {"memory": "128Mi"}}}},
        },
        "webhook": {"enabled": False},  # it judges parameters of the driver's own, and wants cert-manager
    }


def device_classes(pools: Sequence[PoolPlan]) -> list[Manifest]:
    """The classes by which workloads and queues ask for what the pools hand out, beside the driver's own.

    One for each kind of MIG partition, found by the name of its extended resource, and one for each accelerator that
    DRA serves.
    """
    partitions = sorted({name for pool in pools if pool.gpu for name in extended_resources(pool.gpu)} - {GPU_RESOURCE})
    named = {f"{name.partition('/')[2]}.{DRIVER}": name for name in partitions}
    return [
        *(_class(name, extendedResourceName=resource) for name, resource in named.items()),
        *(_class(name) for name in device_classes_of(pools).values()),
    ]


def _class(name: str, **spec: str) -> Manifest:
    selectors = [{"cel": {"expression": f"device.driver == '{DRIVER}'"}}]
    return manifest(_API, "DeviceClass", name, spec={"selectors": selectors, **spec})


_PROBE = Probe(
    plural="deviceclasses",
    manifest=manifest(_API, "DeviceClass", "readiness.kubelanes.dev", spec={}),
)
"""It has no webhook to wait for: what it publishes appears node by node, and pods wait for that by themselves."""


class GpuSimulation(pulumi.ComponentResource):
    """The driver and the classes of what it simulates. The provider of ``opts`` is the cluster's."""

    def __init__(self, plan: SimulatedGpus, cluster: Cluster, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kubelanes:addons:GpuSimulation", "simulated-gpus", {}, opts)
        for note in plan.notes:
            pulumi.log.warn(note, self)
        Addon(plan.addon, cluster, pulumi.ResourceOptions(parent=self))
        for item in plan.classes:
            register(Object(item), self)
        self.register_outputs({"devices": plan.devices})
