"""The plan of a stack, as people read it."""

from collections.abc import Iterator

from ..catalogue.prices import HOURS, Between, Unit
from ..cost.nodes import PoolCost
from ..cost.place import Place, reference_region
from ..cost.plan import StackPlan
from ..cost.quotas import QuotaNeed
from ..pools.plan import PoolPlan
from ..settings.gke import GkeCluster
from ..settings.pools import Capacity, Reserved
from ..settings.scalars import Span
from .tables import paragraph, table

_KINDS = {
    "eks": "EKS cluster",
    "gke": "GKE cluster",
    "kind": "kind cluster",
    "sim": "simulated cluster",
    "existing": "existing cluster",
}


def plan_text(name: str, plan: StackPlan) -> str:
    """The plan of the stack called ``name``."""
    sections = [[_heading(name, plan)], _pools(plan), _parts(plan), _cost(plan), _addresses(plan), _quotas(plan)]
    sections += [_left_out(plan), _sources(plan)]
    return "\n\n".join("\n".join(lines) for section in sections if (lines := list(section))) + "\n"


def _heading(name: str, plan: StackPlan) -> str:
    cluster = plan.settings.cluster
    where = f" in {plan.place.region}" if plan.place and not plan.place.imagined else ""
    return f"{name}: {_KINDS[cluster.kind]} {cluster.name}{where}, {plan.settings.environment.value}"


def _pools(plan: StackPlan) -> Iterator[str]:
    yield "POOLS"
    if plan.place:
        head = ("pool", "lane", ">nodes", "machine", ">GPUs", "", "bought as", ">USD an hour")
        yield from table(head, map(_bought, plan.costs))
    else:
        yield from table(("pool", "lane", ">nodes", ">GPUs", ""), map(_own, plan.pools))
    nodes = f"  together {_count(plan.nodes, 'node')}"
    yield f"{nodes}, {_count(plan.cards, 'GPU')}" if plan.cards.max else nodes


def _own(pool: PoolPlan) -> tuple[str, ...]:
    return (pool.name, pool.lane.value, _span(pool.size), *_cards(pool))


def _bought(cost: PoolCost) -> tuple[str, ...]:
    pool, usd = cost.pool, _usd(cost.hourly) if cost.hourly else "not known"
    ways = ", then ".join(map(_way, pool.capacity))
    return (pool.name, pool.lane.value, _span(pool.size), pool.machine.name, *_cards(pool), ways, usd)


def _cards(pool: PoolPlan) -> tuple[str, str]:
    if pool.gpu is None:
        return "", ""
    each = pool.gpu.per_node
    return _span(Span(pool.size.min * each, pool.size.max * each)), pool.gpu.accelerator.name


def _parts(plan: StackPlan) -> Iterator[str]:
    if not plan.around.parts:
        return
    yield "AROUND THE NODES"
    yield from table(
        ("", ">number", "", ">USD for one", ">USD an hour"),
        (
            (
                part.title,
                _span(Span(part.least, part.most)),
                part.detail,
                _price(part.price),
                _usd(part.hourly),
            )
            for part in plan.around.parts
        ),
    )


def _cost(plan: StackPlan) -> Iterator[str]:
    if plan.place is None:
        yield "COST"
        yield "  The nodes are your own: nothing is known of what they cost."
        return
    low, high = plan.hourly.low, plan.hourly.high
    yield f"COST in USD{_imagined(plan.place)}"
    yield from table(
        ("", ">an hour", f">a month ({HOURS} h)", ""),
        (
            ("low end", f"{low:,.2f}", f"{low * HOURS:,.0f}", "every pool at its least size, bought the first way"),
            (
                "high end",
                f"{high:,.2f}",
                f"{high * HOURS:,.0f}",
                "every pool at its largest size, bought the dearest way",
            ),
        ),
    )
    yield from _warnings(plan)


def _imagined(place: Place) -> str:
    if not place.imagined:
        return ""
    kind = {"aws": "EKS", "gcp": "GKE"}[place.cloud]
    return f": nothing, for the nodes are simulated. As nodes of {kind} in {place.region} they would cost"


def _warnings(plan: StackPlan) -> Iterator[str]:
    if plan.unpriced:
        yield from paragraph(f"No price is known for {'; '.join(plan.unpriced)}. It is missing above.")
    ladders = [cost for cost in plan.costs if cost.hourly and cost.ceiling > cost.hourly.high]
    if ladders and plan.place and not plan.place.imagined:
        names = " and ".join(cost.pool.name for cost in ladders)
        more = sum(cost.ceiling - cost.hourly.high for cost in ladders if cost.hourly)
        yield from paragraph(
            "Each way of buying a pool's nodes may fill up to the pool's size: "
            f"with all those of {names} full at once, {more:,.2f} USD an hour more."
        )
    if any(way.market in ("reserved", "block") for cost in plan.costs for way in cost.ways):
        yield from paragraph("A reservation is paid for whether nodes stand in it or not.")


def _addresses(plan: StackPlan) -> Iterator[str]:
    if not plan.around.addresses:
        return
    yield "ADDRESSES"
    yield from table(
        ("for", "ranges", ">there are", ">needed"),
        (
            (row.use, row.ranges, f"{row.has:,}", "" if row.needs is None else f"{row.needs:,}")
            for row in plan.around.addresses
        ),
    )


def _quotas(plan: StackPlan) -> Iterator[str]:
    needs = plan.around.quotas
    whose = "project" if isinstance(plan.settings.cluster, GkeCluster) else "account"
    if lacking := [need for need in needs if not need.enough]:
        yield f"QUOTAS that a new {whose} does not have"
        head = ("quota", "code", f">a new {whose} has", ">needed", "")
        yield from table(head, map(_lacking, lacking))
        yield from paragraph(_how_to_ask(plan))
    if enough := [need for need in needs if need.enough]:
        yield from paragraph(f"Enough in a new {whose}: {', '.join(_of(need) for need in enough)}.")


def _lacking(need: QuotaNeed) -> tuple[str, ...]:
    quota = need.quota
    code = f"{quota.service} {quota.code}" if quota.cloud == "aws" else quota.code
    has = "it depends" if quota.default is None else f"{quota.default:,}"
    return (quota.name, code, has, f"{need.needed:,}", quota.unit)


def _how_to_ask(plan: StackPlan) -> str:
    match plan.settings.cluster:
        case GkeCluster(project=project):
            how = f"under IAM & Admin, Quotas & System Limits, of the project {project}"
        case _:
            region = f"--region {plan.place.region} " if plan.place else ""
            how = (
                f"aws service-quotas request-service-quota-increase {region}--service-code SERVICE --quota-code CODE "
                "--desired-value NEEDED"
            )
    return (
        f"Ask for more: {how}. What else runs there comes on top; `kubelanes doctor STACK --online` asks what there is."
    )


def _of(need: QuotaNeed) -> str:
    return f"{need.quota.name} ({need.needed:,} of {need.quota.default:,})"


def _left_out(plan: StackPlan) -> Iterator[str]:
    if not plan.costs:
        return
    yield "NOT COUNTED"
    for text in (*plan.around.left_out, "taxes, support plans, discounts and commitments"):
        yield from paragraph(text, indent="    ", first="  - ")


def _sources(plan: StackPlan) -> Iterator[str]:
    if not plan.sources:
        return
    yield "PRICES are list prices of"
    for as_of, source in plan.sources:
        yield from paragraph(source, indent=" " * 14, first=f"  {as_of}  ")
    if plan.place and plan.around.parts and plan.place.region != (reference := reference_region(plan.place.cloud)):
        yield from paragraph(f"What is around the nodes is priced as in {reference}.")


def _way(way: Capacity) -> str:
    if isinstance(way, Reserved):
        # A reservation of Compute Engine is named by its path.
        return f"{'capacity block' if way.block else 'reserved'} {way.reserved.rpartition('/')[2]}"
    return way


def _span(span: Span) -> str:
    return f"{span.min:,}" if span.min == span.max else f"{span.min:,} - {span.max:,}"


def _count(span: Span, what: str) -> str:
    return f"{_span(span)} {what}{'' if span.max == 1 else 's'}"


def _price(unit: Unit) -> str:
    """``0.10 an hour``, ``0.0014 an hour``: at least the cents."""
    return f"{max(f'{unit.usd:g}', f'{unit.usd:.2f}', key=len)} {'an' if unit.per == 'hour' else 'a'} {unit.per}"


def _usd(amount: Between) -> str:
    low, high = f"{amount.low:,.2f}", f"{amount.high:,.2f}"
    return low if low == high else f"{low} - {high}"
