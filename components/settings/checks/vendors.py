"""Accelerators of other vendors than NVIDIA are handed out whole, and TPUs by slices that exist."""

from collections.abc import Iterator

from ...catalogue.machines import Machine, machines
from ...problems import Problem
from ..draft import Draft
from ..inventory import Stock, stocks
from ..kind import KindCluster
from ..wording import listed, problem


def check_shares(draft: Draft) -> Iterator[Problem]:
    """Only NVIDIA's device plugin shares a card, only its cards have MIG, and only its DRA driver is installed."""
    for stock in stocks(draft):
        card, share = stock.accelerator, stock.pool.share
        if card and not card.is_nvidia and not share.whole:
            vendor = card.vendor
            text = (
                f"is how NVIDIA's cards are shared, and {vendor.title}'s device plugin hands out each {card.name} to "
                f"one pod ({vendor.resource}). Write share: whole, or leave it out."
            )
            yield problem(("pools", stock.name, "share"), share.model_dump(), text)


def check_nvkind(draft: Draft) -> Iterator[Problem]:
    """Through nvkind come the cards of this machine that NVIDIA's driver knows."""
    if not (isinstance(draft.cluster, KindCluster) and draft.cluster.gpus == "nvkind"):
        return
    for stock in stocks(draft):
        if (card := stock.accelerator) and not card.is_nvidia:
            text = f"is {card.vendor.title}'s, and nvkind knows NVIDIA's cards only. Write cluster.gpus: simulated."
            yield problem(("pools", stock.name, "accelerator"), card.name, text)


def check_topologies(draft: Draft) -> Iterator[Problem]:
    """A topology arranges TPU chips, and some machine makes such a slice. Source: GKE, "Plan TPUs in GKE"."""
    for stock in stocks(draft):
        topology, path = stock.pool.topology, ("pools", stock.name, "topology")
        if topology is None or (stock.pool.accelerator and not stock.accelerator):
            continue
        carrying = [machine for machine in _machines(stock) if machine.topology]
        if not (stock.accelerator and stock.accelerator.vendor.name == "google"):
            named = stock.accelerator.name if stock.accelerator else "the pool"
            yield problem(path, topology, f"arranges the chips of TPUs, and {named} has none. Remove it.")
        elif carrying and not any(machine.makes(topology) for machine in carrying):
            offered = listed(_arrangements(machine) for machine in carrying)
            text = f"is no slice of {stock.accelerator.name} on these machines. There are: {offered}."
            yield problem(path, topology, text)


def _machines(stock: Stock) -> list[Machine]:
    """The machines that the pool may be made of, as far as it names them."""
    if stock.machine:
        return [stock.machine]
    return [
        machine
        for machine in machines().values()
        if machine.accelerator == stock.pool.accelerator and stock.pool.per_node in (None, machine.count)
    ]


def _arrangements(machine: Machine) -> str:
    cubed = (f"whole cubes of 4x4x4 up to {machine.cubes}",) if machine.cubes else ()
    return f"{', '.join(filter(None, (machine.topology, *machine.slices, *cubed)))} ({machine.name})"


def check_slices(draft: Draft) -> Iterator[Problem]:
    """The machines of a TPU slice come all together, in one zone, and are a pool of their own.

    Source: GKE, "About TPUs in GKE", multi-host TPU slice node pools.
    """
    for stock in stocks(draft):
        topology, machine, pool = stock.pool.topology, stock.machine, stock.pool
        if not (topology and machine and machine.makes(topology)) or (many := machine.makes_up(topology)) == 1:
            continue
        if (pool.size.min, pool.size.max) not in ((many, many), (0, many)):
            text = (
                f"is not the size of the slice: {topology} is {many} x {machine.name}, which come all together or not "
                f"at all, and further slices are pools of their own. Write {many}, or 0-{many}."
            )
            yield problem(("pools", stock.name, "size"), str(pool.size), text)
        if len(pool.zones) != 1:
            text = "names not exactly one zone, and the chips of a slice are wired to each other. Write one."
            yield problem(("pools", stock.name, "zones"), list(pool.zones) or None, text)
        if pool.upgrade == "blue-green":
            text = "needs each machine twice, and a slice is one wiring of so many. Write surge, or leave it out."
            yield problem(("pools", stock.name, "upgrade"), pool.upgrade, text)


RULES = (check_shares, check_nvkind, check_topologies, check_slices)
