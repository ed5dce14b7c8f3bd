"""Pods fit on a node, and what runs at the least fits into its tenant's quota of cores, memory and pods."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from ...problems import Problem
from ..draft import Draft
from ..inventory import Stock, stocks
from ..lanes import Training
from ..pools import Lane
from ..scalars import amount
from ..wording import problem
from ..workloads import USES, Placed, workloads


def check_nodes(draft: Draft) -> Iterator[Problem]:
    """Some node that a pod may run on has the cores and the memory that it asks for."""
    pools = list(stocks(draft))
    for placed in workloads(draft):
        machines = [stock.machine for stock in pools if _is_reachable(placed, stock)]
        known = [machine for machine in machines if machine]
        if not draft.intact("pools") or not known or len(known) < len(machines):
            continue
        cores, gibibytes = max(machine.vcpu for machine in known), max(machine.memory for machine in known)
        for key, most, shown in (("cpu", cores, f"{cores}"), ("memory", gibibytes * 2**30, f"{gibibytes}Gi")):
            wanted = getattr(placed.workload, key)
            if not amount(wanted):
                yield problem((*placed.path, key), wanted, "is nothing to run on. Write what one pod needs.")
            elif amount(wanted) > most:
                text = f"is more than any node has that it may run on: {shown}. Lower it, or add larger machines."
                yield problem((*placed.path, key), wanted, text)


def _is_reachable(placed: Placed, stock: Stock) -> bool:
    if placed.demand:
        products = {each.product for each in (placed.demand, *placed.demand.instead)}
        return stock.pool.accelerator in products and stock.pool.lane in USES[placed.sort].lanes
    lane = Lane.BATCH if isinstance(placed.workload, Training) else Lane.PLATFORM
    return stock.pool.accelerator is None and stock.pool.lane is lane


def check_quotas(draft: Draft) -> Iterator[Problem]:
    """Services run beside each other within the quota; a job alone does, for jobs wait for each other."""
    held: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for placed in workloads(draft):
        if not placed.owner:
            continue
        tenant, quota, job = placed.workload.tenant, placed.owner.quota, isinstance(placed.workload, Training)
        for key, each, most in (
            ("cpu", amount(placed.workload.cpu), quota.cpu),
            ("memory", amount(placed.workload.memory), quota.memory),
            ("pods", Decimal(1), str(quota.pods)),
        ):
            before = Decimal() if job else held[tenant, key]
            held[tenant, key] += 0 if job else placed.least * each
            if before + placed.least * each > amount(most):
                beside = " beside the tenant's other workloads" if before else ""
                count, unit = placed.least, "node" if job else "replica"
                many = f"{count} {unit}s{beside} ask" if count > 1 else f"one {unit}{beside} asks"
                text = (
                    f"{many} for more than the quota of {tenant} holds ({key}: {most}): not all would start. "
                    f"Lower it, or raise tenants.{tenant}.quota.{key}."
                )
                where = ("nodes" if job else "replicas") if key == "pods" else key
                shown = count if key == "pods" else getattr(placed.workload, key)
                yield problem((*placed.path, where), shown, text)


RULES = (check_nodes, check_quotas)
