"""Workloads find their tenant, room in its quota and their place in the queue."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction

from ...problems import Problem
from ..draft import Draft
from ..holdings import holdings
from ..inventory import Stock, stocks, surveyed
from ..lanes import Training
from ..offers import Offer
from ..options import Choice
from ..tenants import TenantSettings
from ..wording import did_you_mean, listed, problem
from ..workloads import Placed, workloads


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


def check_quotas(draft: Draft) -> Iterator[Problem]:
    """What runs at the least fits into its tenant's quota; beyond it, up to the range's end, the quota decides."""
    if not surveyed(draft):
        return
    offers = [offer for stock in stocks(draft) for offer in stock.offers]
    held: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for placed in workloads(draft):
        choice, owner = placed.choice(offers), placed.owner
        if not isinstance(choice, Choice) or not owner:
            continue
        tenant, job = placed.workload.tenant, isinstance(placed.workload, Training)
        for at, (product, cards) in enumerate(choice.cards.items()):
            needed, most = placed.least * cards, _together(owner, product, job=job)
            before = Fraction(0) if job else held[tenant, product]
            held[tenant, product] += 0 if job else needed
            if before + needed > most:
                others = f" beside {float(before):g} of its other workloads" if before else ""
                every = ", for a claim counts each of its choices in full" if at else ""
                text = (
                    f"needs {float(needed):g} {product} at once{others}{every}, and {tenant} may hold {most}: "
                    f"it would wait for ever. Lower it, or raise tenants.{tenant}.quota.gpu."
                )
                where = ("accelerator", "instead") if at else ("nodes" if job else "replicas",)
                yield problem((*placed.path, *where), [product] if at else placed.least, text)


def check_places(draft: Draft) -> Iterator[Problem]:
    """What fits into a quota fits where it runs: the cards of a quota are spread over all pools that carry them."""
    if not surveyed(draft) or not (held := holdings(draft)):
        return
    pools = list(stocks(draft))
    offers = [offer for stock in pools for offer in stock.offers]
    taken: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for placed in workloads(draft):
        choice = placed.choice(offers)
        if not isinstance(choice, Choice) or not placed.owner:
            continue
        tenant, option, job = placed.workload.tenant, choice.options[0], isinstance(placed.workload, Training)
        places = [[offer.pool] for offer in option.offers] if job else [_beside(option.offer, pools)]
        rooms = {listed(each): held.room(tenant, each, borrowing=job) for each in places}
        needed, at = placed.least * option.cards, (tenant, "" if job else listed(rooms))
        before = Fraction(0) if job else taken[at]
        taken[at] += needed
        together = _together(placed.owner, option.offer.product, job=job)
        if max(rooms.values()) < before + needed <= together:
            where = "in one pool" if job else f"in the lane {choice.lane}"
            others = " with its other workloads" if before else ""
            found = listed(f"{each} {room}" for each, room in rooms.items())
            text = (
                f"needs {float(before + needed):g} {option.offer.product} at once {where}{others}, and of the "
                f"{together} that {tenant} may hold there are: {found}. The cards of a quota are spread over all pools "
                "that carry them, by their size: it would wait for ever. Lower it, or raise "
                f"tenants.{tenant}.quota.gpu."
            )
            yield problem((*placed.path, "nodes" if job else "replicas"), placed.least, text)


def _together(owner: TenantSettings, product: str, *, job: bool) -> int:
    """The most cards of a model that a tenant may hold; only jobs borrow."""
    return owner.quota.gpu.get(product, 0) + (owner.queue.borrow.get(product, 0) if job else 0)


def _beside(offer: Offer, pools: Sequence[Stock]) -> list[str]:
    """The pools that a quota counts together with the offer's: those of its lane; of claims, which have none, all."""
    claimed = offer.way == "dra"
    return [
        stock.name
        for stock in pools
        if stock.pool.accelerator == offer.product
        and bool(stock.pool.share.dra) is claimed
        and (claimed or stock.pool.lane is offer.lane)
    ]


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


RULES = (check_tenants, check_quotas, check_places, check_priorities)
