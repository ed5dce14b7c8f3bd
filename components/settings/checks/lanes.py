"""Workloads find their tenant, their accelerators and their place in the queue."""

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

from ...catalogue.accelerators import accelerators
from ...problems import Problem
from ..draft import Draft
from ..inventory import Stock, stocks, surveyed
from ..lanes import Demand, Training
from ..wording import did_you_mean, listed, problem
from ..workloads import LANES, Placed, workloads


def check_tenants(draft: Draft) -> Iterator[Problem]:
    """A workload's tenant exists, and has no other workload of that name."""
    seen: dict[tuple[str, str], Placed] = {}
    for placed in workloads(draft):
        tenant = placed.workload.tenant
        if not draft.known("tenants", tenant):
            text = f"is no tenant.{did_you_mean(tenant, draft.tenants)} The tenants are: {listed(draft.tenants)}."
            yield problem((*placed.path, "tenant"), tenant, text)
        first = seen.setdefault((tenant, placed.name), placed)
        if first is not placed:
            text = f"{tenant} has a workload of this name in lanes.{first.sort}, in the same namespace. Rename one."
            yield problem(placed.path, placed.name, text)


def check_placement(draft: Draft) -> Iterator[Problem]:
    """Some pool of the right lane hands out what a workload uses, as much of it on one node."""
    pools = list(stocks(draft))
    for placed in workloads(draft):
        if placed.demand and (found := _misplaced(placed, placed.demand, pools, whole=surveyed(draft))):
            key, value, text = found
            yield problem((*placed.path, "accelerator", key), value, text)


def _misplaced(placed: Placed, demand: Demand, pools: list[Stock], *, whole: bool) -> tuple[str, object, str] | None:
    """The key that asks for what no pool has, its value and why; None where all is well."""
    lanes = LANES[placed.sort]
    if demand.product not in accelerators():
        known = list(dict.fromkeys(stock.accelerator.name for stock in pools if stock.accelerator))
        text = f"is no accelerator of the catalogue.{did_you_mean(demand.product, accelerators())}"
        return "product", demand.product, f"{text} The pools carry: {listed(known)}."
    if not whole:
        return None
    carrying = [stock for stock in pools if stock.pool.accelerator == demand.product]
    reachable = [stock for stock in carrying if stock.pool.lane in lanes]
    if not reachable:
        where = f"; it is in pools.{carrying[0].name}, lane {carrying[0].pool.lane}" if carrying else ""
        text = (
            f"is carried by no pool of lane {' or '.join(lanes)}{where}. Add such a pool, or use another accelerator."
        )
        return "product", demand.product, text
    if not (offering := [stock for stock in reachable if stock.units(demand)]):
        return _not_offered(demand, reachable)
    rooms = [stock.per_node * (stock.units(demand) or 0) for stock in offering if stock.per_node]
    if len(rooms) == len(offering) and demand.count > max(rooms):
        return (
            "count",
            demand.count,
            f"is more than one node holds: {max(rooms)} at the most. Lower it, or add a pool of larger nodes.",
        )
    return None


def _not_offered(demand: Demand, reachable: list[Stock]) -> tuple[str, object, str]:
    if demand.share and demand.share not in (ways := {stock.pool.share.way for stock in reachable}):
        text = f"is not how the pools hand out {demand.product}: {listed(sorted(ways))}. Write that, or leave it out."
        return "share", demand.share, text
    profiles = sorted({profile for stock in reachable for profile in stock.pool.share.mig or ()})
    offered = f"{listed(f'pools.{stock.name}' for stock in reachable)} offers: {listed(profiles)}."
    if demand.profile:
        return "profile", demand.profile, f"is a partition that no pool is cut into. {offered}"
    return "profile", None, f"missing: the cards are cut into partitions, and whole ones are not to be had. {offered}"


def check_quotas(draft: Draft) -> Iterator[Problem]:
    """What runs at the least fits into its tenant's quota; beyond it, up to the range's end, the quota decides."""
    pools = list(stocks(draft))
    if not surveyed(draft):
        return
    held: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for placed in workloads(draft):
        demand, owner = placed.demand, placed.owner
        if not demand or not owner or demand.product not in accelerators():
            continue
        tenant, product = placed.workload.tenant, demand.product
        own = owner.quota.gpu.get(product, 0)
        needed = placed.least * max((stock.cards_for(demand) for stock in _reached(placed, pools)), default=Fraction(0))
        job = isinstance(placed.workload, Training)
        most = own + owner.queue.borrow.get(product, 0) if job else own
        before = Fraction(0) if job else held[tenant, product]
        held[tenant, product] += 0 if job else needed
        if before + needed > most:
            others = f" beside {float(before):g} of its other workloads" if before else ""
            text = (
                f"needs {float(needed):g} {product} at once{others}, and {tenant} may hold {most}: "
                f"it would wait for ever. Lower it, or raise tenants.{tenant}.quota.gpu."
            )
            yield problem((*placed.path, "nodes" if job else "replicas"), placed.least, text)


def _reached(placed: Placed, pools: list[Stock]) -> list[Stock]:
    demand = placed.demand
    return [s for s in pools if demand and s.pool.accelerator == demand.product and s.pool.lane in LANES[placed.sort]]


def check_priorities(draft: Draft) -> Iterator[Problem]:
    """A job's priority exists, and its tenant may use it."""
    known = draft.queues.priorities
    for name, job in draft.lanes.training.items():
        path, owner = ("lanes", "training", name, "priority"), draft.tenants.get(job.tenant)
        if job.priority is None:
            continue
        if job.priority not in known and draft.intact("queues"):
            text = f"is none of queues.priorities: {listed(known)}.{did_you_mean(job.priority, known)}"
            yield problem(path, job.priority, text)
        elif owner and owner.priorities and job.priority not in owner.priorities:
            remedy = f"Add it to tenants.{job.tenant}.priorities."
            text = f"is none that {job.tenant} may use: {listed(owner.priorities)}. {remedy}"
            yield problem(path, job.priority, text)


RULES = (check_tenants, check_placement, check_quotas, check_priorities)
