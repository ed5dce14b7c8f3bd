"""From the settings to the plans of all pools: machine, accelerators, labels and taints, with every default applied."""

from dataclasses import replace

from ..catalogue.accelerators import accelerators
from ..catalogue.machines import Cloud, Machine, machine_for, machines
from ..settings.gke import GkeCluster
from ..settings.inventory import cloud_of
from ..settings.pools import Lane, PoolSettings
from ..settings.settings import Settings
from .fabric import network_labels
from .gke_marks import on_gke
from .gpu_steering import steering_labels
from .plan import LANE_LABEL, POOL_LABEL, GpuPlan, PoolPlan, Taint

_GENERAL_PURPOSE = "m7i.2xlarge"
"""What a node without accelerators is taken for where it is no cloud's: eight virtual CPUs and 32 GiB."""


def plan_pools(settings: Settings) -> tuple[PoolPlan, ...]:
    """One plan for each pool, in the order of the stack file.

    Raises LookupError where no machine is what a pool asks for; `load_settings` finds that before, and says what to do.
    """
    cloud = cloud_of(settings.cluster)
    plans = (_plan(name, pool, cloud, settings.gpu.driver) for name, pool in settings.pools.items())
    cluster = settings.cluster
    placed = (on_gke(plan, cluster) if isinstance(cluster, GkeCluster) else plan for plan in plans)
    return tuple(
        replace(plan, labels={**plan.labels, **steering_labels(plan.gpu, cluster), **network_labels(plan.network)})
        for plan in placed
    )


def _plan(name: str, pool: PoolSettings, cloud: Cloud | None, driver: str) -> PoolPlan:
    machine = _machine(name, pool, cloud) if cloud else _alike(pool)
    gpu = _gpu(pool, machine, driver)
    return PoolPlan(
        name=name,
        lane=pool.lane,
        machine=machine,
        gpu=gpu,
        capacity=pool.buys,
        size=pool.size,
        zones=pool.zones,
        network=pool.network,
        topology=pool.topology or machine.topology,
        disk=pool.disk,
        upgrade=pool.upgrade or "surge",
        pods_per_node=pool.pods_per_node,
        found_by=pool.nodes,
        labels={**pool.labels, LANE_LABEL: pool.lane.value, POOL_LABEL: name},
        taints=_taints(pool.lane, gpu),
    )


def _machine(name: str, pool: PoolSettings, cloud: Cloud) -> Machine:
    """The machine that the pool names, else the smallest of its cloud that carries what it asks for."""
    if pool.machine:
        return machines()[pool.machine]
    if found := machine_for(pool.accelerator or "", pool.per_node, cloud, pool.network, pool.topology):
        return found
    asked = f"{pool.per_node or 'any number'} x {pool.accelerator} on the network {pool.network}"
    raise LookupError(f"pools.{name}: no machine of {cloud} has {asked}")


def _alike(pool: PoolSettings) -> Machine:
    """The cloud machine most like a node that somebody else bought, under that node's own name and count."""
    alike = machines()[_GENERAL_PURPOSE]
    if pool.accelerator:
        carrying = [machine for machine in machines().values() if machine.accelerator == pool.accelerator]
        wanted = pool.per_node or max((machine.count for machine in carrying), default=1)
        alike = min(
            carrying, key=lambda machine: (abs(machine.count - wanted), machine.vcpu, machine.memory), default=alike
        )
        # How its cards are wired nobody knows: what is taken for one root could refuse claims that the node can serve.
        alike = alike.model_copy(update={"accelerator": pool.accelerator, "count": wanted, "cards_per_root": None})
    return alike.model_copy(update={"name": pool.machine or alike.name})


def _gpu(pool: PoolSettings, machine: Machine, driver: str) -> GpuPlan | None:
    if machine.accelerator is None:
        return None
    return GpuPlan(
        accelerators()[machine.accelerator],
        machine.count,
        pool.share,
        driver,
        pool.share.strategy or "mixed",
        "mounted" if machine.cloud == "gcp" else "injected",
    )


def _taints(lane: Lane, gpu: GpuPlan | None) -> tuple[Taint, ...]:
    own = () if lane is Lane.PLATFORM else (Taint(LANE_LABEL, lane.value),)
    return (*own, gpu.taint) if gpu else own
