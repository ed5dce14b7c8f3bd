"""A card is shared in a way that it has."""

from collections import Counter
from collections.abc import Iterator, Sequence

from ...catalogue.accelerators import Accelerator, accelerators
from ...catalogue.mig import MigGeometry
from ...problems import Problem
from ..draft import Draft
from ..inventory import obtainable, stocks
from ..wording import listed, problem

_TIMES = {1: "once", 2: "twice"}


def check_mig(draft: Draft) -> Iterator[Problem]:
    """The partitions exist on the card, and one card holds all of them at once."""
    for stock in stocks(draft):
        if (card := stock.accelerator) and card.is_nvidia and (mix := stock.pool.share.mig):
            text = _misfit(card.name, card.mig, mix) if card.mig else _no_mig(card, obtainable(draft.cluster))
            if text:
                yield problem(("pools", stock.name, "share", "mig"), mix, text)


def check_dynamic_mig(draft: Draft) -> Iterator[Problem]:
    """Only a card with MIG is cut into partitions when they are claimed."""
    for stock in stocks(draft):
        if (card := stock.accelerator) and card.is_nvidia and stock.pool.share.dra == "dynamic-mig" and not card.mig:
            text = _no_mig(card, obtainable(draft.cluster))
            yield problem(("pools", stock.name, "share", "dra"), "dynamic-mig", text)


def _no_mig(card: Accelerator, known: Sequence[str]) -> str:
    others = listed(name for name in known if accelerators()[name].mig)
    has = f"the partitions of {card.name} are not published" if card.mig_capable else f"{card.name} has no MIG"
    return f"{has}. Use share: whole or {{ time_slicing: N }}, or an accelerator with MIG: {others}."


def _misfit(card: str, geometry: MigGeometry, mix: Sequence[str]) -> str | None:
    if unknown := [profile for profile in dict.fromkeys(mix) if profile not in geometry.profiles]:
        does = "does" if len(unknown) == 1 else "do"
        return f"{listed(unknown)} {does} not exist on {card}. It has: {listed(geometry.profiles)}."
    if geometry.fits(mix):
        return None
    wanted = ", ".join(f"{profile} {_TIMES.get(many, f'{many} times')}" for profile, many in Counter(mix).items())
    near = ", ".join(f"[{', '.join(other)}]" for other in geometry.nearest(mix))
    return f"{wanted} does not fit on {card} ({_obstacle(geometry, mix)}); nearest that fit: {near}"


def _obstacle(geometry: MigGeometry, mix: Sequence[str]) -> str:
    profiles = [geometry.profiles[name] for name in mix]
    compute, memory = sum(p.compute for p in profiles), sum(p.size for p in profiles)
    if compute > geometry.compute_slices:
        return f"{compute} of {geometry.compute_slices} compute slices"
    if memory > geometry.memory_slices:
        return f"{memory} of {geometry.memory_slices} memory slices"
    crowded = (p for p in profiles if mix.count(p.name) > p.instances)
    return next((f"at most {p.instances} of {p.name}" for p in crowded), "they cannot be placed side by side")


RULES = (check_mig, check_dynamic_mig)
