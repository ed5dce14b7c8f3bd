"""Pools stand on machines that exist and carry the accelerators that they name."""

from collections.abc import Iterator, Sequence

from ...catalogue.accelerators import accelerators
from ...catalogue.machines import Cloud, Machine, machine_for, machines
from ...problems import Problem
from ..draft import Draft
from ..existing import ExistingCluster
from ..inventory import cloud_of, obtainable
from ..pools import Lane, PoolSettings
from ..wording import did_you_mean, listed, problem


def check_accelerators(draft: Draft) -> Iterator[Problem]:
    """An accelerator is a row of the catalogue, stands in a lane that may have one, and some machine carries it."""
    cloud = cloud_of(draft.cluster)
    for name, pool in draft.pools.items():
        path, wanted = ("pools", name, "accelerator"), pool.accelerator
        if wanted is None:
            yield from _needless(name, pool, obtainable(draft.cluster))
        elif wanted not in accelerators():
            known = f"The catalogue has: {listed(obtainable(draft.cluster))}."
            yield problem(path, wanted, f"is unknown.{did_you_mean(wanted, accelerators())} {known}")
        elif pool.lane is Lane.PLATFORM:
            yield problem(
                path,
                wanted,
                "would stand idle: platform nodes run controllers, and pods without a GPU would land beside it. "
                "Use lane gpu-inference or batch, or remove accelerator.",
            )
        elif cloud and not _carrying(wanted, cloud):
            offered = listed(obtainable(draft.cluster))
            yield problem(path, wanted, f"is carried by no machine of {cloud}. There are: {offered}.")


def _needless(name: str, pool: PoolSettings, known: Sequence[str]) -> Iterator[Problem]:
    path = ("pools", name)
    if pool.lane is Lane.GPU_INFERENCE:
        text = f"missing: the lane gpu-inference is for GPUs. Add accelerator: {' | '.join(known)}."
        yield problem((*path, "accelerator"), None, text)
    if not pool.share.whole:
        text = "has no accelerator to share. Add accelerator, or remove share."
        yield problem((*path, "share"), pool.share.model_dump(), text)
    if pool.per_node is not None:
        text = "counts accelerators, and none is named. Add accelerator, or remove per_node."
        yield problem((*path, "per_node"), pool.per_node, text)


def check_machines(draft: Draft) -> Iterator[Problem]:
    """A machine is one of this cloud's and carries what the pool names."""
    if cloud := cloud_of(draft.cluster):
        for name, pool in draft.pools.items():
            yield from _machine(name, pool, cloud)


def _machine(name: str, pool: PoolSettings, cloud: Cloud) -> Iterator[Problem]:
    path = ("pools", name, "machine")
    machine = machines().get(pool.machine or "")
    if pool.machine is None:
        if pool.accelerator is None and pool.lane is not Lane.GPU_INFERENCE:
            plain = next(iter(_offered(cloud, None)))
            yield problem(
                path, None, f"missing: without an accelerator nothing says what to buy. Add machine: {plain}."
            )
    elif machine is None or machine.cloud != cloud:
        offered = _offered(cloud, pool.accelerator)
        why = f"is a machine of {machine.cloud}." if machine else "is not in the catalogue."
        fitting = f"With {pool.accelerator or 'no accelerator'} {cloud} has: {listed(offered)}."
        yield problem(path, pool.machine, f"{why}{did_you_mean(pool.machine, offered)} {fitting}")
    elif machine.accelerator != pool.accelerator:
        carried = f"carries {machine.accelerator}" if machine.accelerator else "carries no accelerator"
        named = f"the pool names {pool.accelerator}" if pool.accelerator else "the pool names none"
        remedy = f"Write accelerator: {machine.accelerator}" if machine.accelerator else "Remove machine"
        yield problem(path, pool.machine, f"{carried}, and {named}. {remedy}, or choose another machine.")
    elif pool.per_node not in (None, machine.count):
        text = f"is not what {machine.name} carries: {machine.count}. Remove per_node, which follows from the machine."
        yield problem(("pools", name, "per_node"), pool.per_node, text)


def _offered(cloud: Cloud, accelerator: str | None) -> list[str]:
    """The machines of a cloud that carry an accelerator, or none."""
    return [m.name for m in machines().values() if (m.cloud, m.accelerator) == (cloud, accelerator)]


def check_per_node(draft: Draft) -> Iterator[Problem]:
    """Some machine carries that many accelerators."""
    cloud = cloud_of(draft.cluster)
    for name, pool in draft.pools.items():
        if not cloud or pool.machine or not pool.accelerator or pool.per_node is None:
            continue
        carrying = _carrying(pool.accelerator, cloud)
        if carrying and not machine_for(pool.accelerator, pool.per_node, cloud):
            offered = ", ".join(f"{machine.count} ({machine.name})" for machine in carrying)
            text = f"is carried by no machine of {cloud}. With {pool.accelerator} it has: {offered}."
            yield problem(("pools", name, "per_node"), pool.per_node, text)


def check_fast_network(draft: Draft) -> Iterator[Problem]:
    """The fast network is one that the cloud and the machine have."""
    cloud = cloud_of(draft.cluster)
    for name, pool in draft.pools.items():
        if pool.network in ("default", "infiniband") or draft.cluster is None:
            continue
        path = ("pools", name, "network")
        theirs = [machine for machine in machines().values() if machine.network == pool.network]
        home = theirs[0].cloud
        if cloud != home:
            where = f"this cluster's machines are {cloud}'s" if cloud else "this kind of cluster has no machine types"
            instead = "infiniband, default" if isinstance(draft.cluster, ExistingCluster) else "default"
            yield problem(path, pool.network, f"is a network of {home}, and {where}. Write {instead} or leave it out.")
        elif pool.accelerator in accelerators() and not _has_network(pool, home):
            fitting = [f"{m.name} ({m.count})" for m in theirs if m.accelerator == pool.accelerator]
            text = f"is not on that machine. With {pool.accelerator} it is on: {listed(fitting)}. Else write default."
            yield problem(path, pool.network, text)


def _has_network(pool: PoolSettings, cloud: Cloud) -> bool:
    if pool.machine:
        machine = machines().get(pool.machine)
        return machine is None or machine.network == pool.network
    if not machine_for(pool.accelerator or "", pool.per_node, cloud):
        return True  # there is no such machine at all: another rule says so
    return machine_for(pool.accelerator or "", pool.per_node, cloud, pool.network) is not None


def _carrying(accelerator: str, cloud: Cloud) -> list[Machine]:
    """The machines with an accelerator, one for each number of cards, fewest first."""
    found = (m for m in machines().values() if (m.cloud, m.accelerator) == (cloud, accelerator))
    return list({m.count: m for m in sorted(found, key=lambda m: (m.count, -m.vcpu, -m.memory))}.values())


RULES = (check_accelerators, check_machines, check_per_node, check_fast_network)
