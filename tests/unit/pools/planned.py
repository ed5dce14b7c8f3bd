"""Pools as tests of this folder need them: any machine of the catalogue, shared in any way that its card allows."""

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from components.catalogue.accelerators import accelerators
from components.catalogue.machines import Cloud, Machine, machines
from components.pools.plan import PoolPlan
from components.pools.planner import plan_pools
from components.settings.settings import Settings

KINDS: dict[Cloud, str] = {"aws": "eks", "gcp": "gke"}


def plan(cloud: Cloud = "aws", **pool: Any) -> PoolPlan:
    """The plan of one pool, called ``pool`` and in the batch lane where nothing else is said."""
    cluster = {"kind": "sim", "imitates": KINDS[cloud]}
    (planned,) = plan_pools(Settings.model_validate({"cluster": cluster, "pools": {"pool": {"lane": "batch", **pool}}}))
    return planned


def plan_standing(**pool: Any) -> PoolPlan:
    """The plan of one pool of nodes that stand already, whatever they carry: no cloud has all models of card."""
    cluster = {"kind": "existing", "name": "own", "kubeconfig": "~/.kube/config"}
    (planned,) = plan_pools(
        Settings.model_validate({"cluster": cluster, "pools": {"pool": {"lane": "batch", "per_node": 4, **pool}}})
    )
    return planned


def shares(machine: Machine) -> Iterator[object]:
    """Every way in which the machine's cards can be shared, each MIG profile for itself."""
    yield "whole"
    if machine.accelerator is None:
        return
    card = accelerators()[machine.accelerator]
    if not card.is_nvidia:
        return
    yield from ("dra", {"time_slicing": 4}, {"mps": 3})
    if geometry := card.mig:
        yield {"dra": "dynamic-mig"}
        yield from ({"mig": [profile] * figures.instances} for profile, figures in geometry.profiles.items())


EVERY: list[tuple[Cloud, dict[str, Any]]] = [
    (
        machine.cloud,
        {"machine": machine.name, "accelerator": machine.accelerator, "network": machine.network, "share": share},
    )
    for machine in machines().values()
    for share in shares(machine)
]
"""Every machine with every share, as a cloud and the settings of a pool."""

CAPACITIES: dict[Cloud, list[object]] = {
    "aws": ["on-demand", "spot", {"reserved": "cr-0a1b2c3d"}],
    "gcp": ["on-demand", "spot", "flex-start", {"reserved": "training"}],
}


@st.composite
def plans(draw: st.DrawFn) -> tuple[Cloud, PoolPlan]:
    """Any pool that there can be, and its cloud."""
    cloud, pool = draw(st.sampled_from(EVERY))
    lane = draw(st.sampled_from(["batch", "gpu-inference"] if pool["accelerator"] else ["batch", "platform"]))
    capacity = [draw(st.sampled_from(CAPACITIES[cloud]))]
    return cloud, plan(cloud, **pool, lane=lane, capacity=capacity, size=draw(st.integers(1, 9)))
