"""When Karpenter may take a node away on purpose: disruption budgets from a lane's rules and the maintenance window."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..settings.cluster_parts import Day, Maintenance
from ..settings.pools import Lane
from ..settings.scalars import seconds

_DAYS: tuple[Day, ...] = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
"""In the order in which cron counts them: Sunday is 0."""
_DAY = 24 * 60
_WEEK = 7 * _DAY


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for the nodes of a lane.

    settled: how long a node is empty before it goes.
    grace: how long a node that goes is drained for; then its pods are killed, whatever their disruption budgets say.
    drift: the share of nodes that may be away at once because they are out of date; none may be where it is None.
    """

    settled: str
    grace: str
    drift: str | None


RULES: Mapping[Lane, Rules] = {
    # A model takes minutes to load: a node waits for the next one, and none is drained under its requests.
    Lane.GPU_INFERENCE: Rules(settled="10m", grace="1h", drift=None),
    Lane.BATCH: Rules(settled="2m", grace="4h", drift="10%"),
}
"""The lanes whose nodes Karpenter makes."""


@dataclass(frozen=True, slots=True, order=True)
class Recurrence:
    """A time that comes back every week.

    schedule: when it begins, as cron writes it, UTC.
    duration: how long it lasts, in hours and minutes.
    """

    schedule: str
    duration: str


def disruption(lane: Lane, maintenance: Maintenance) -> dict[str, Any]:
    """The ``disruption`` of a NodePool.

    Nodes go when they are empty. Nodes with pods on them are never moved to save money, and are replaced for being out
    of date only where the lane allows it, and only in the maintenance window. Karpenter takes the strictest budget that
    is active. Source: Karpenter 1.14, "Disruption", NodePool Disruption Budgets.
    """
    rules = RULES[lane]
    budgets: list[dict[str, Any]] = [
        {"nodes": "100%", "reasons": ["Empty"]},
        {"nodes": "0", "reasons": ["Underutilized"]},
        {"nodes": rules.drift or "0", "reasons": ["Drifted"]},
    ]
    if rules.drift:
        budgets += [
            {"nodes": "0", "reasons": ["Drifted"], "schedule": each.schedule, "duration": each.duration}
            for each in closed(maintenance)
        ]
    return {"consolidationPolicy": "WhenEmpty", "consolidateAfter": rules.settled, "budgets": budgets}


def closed(maintenance: Maintenance) -> Sequence[Recurrence]:
    """The times of a week outside the maintenance window, which budgets can name; none where it never shuts."""
    alike: dict[tuple[int, int], list[int]] = defaultdict(list)
    for begin, end in _gaps(maintenance):
        alike[begin % _DAY, end - begin].append(begin // _DAY)
    return tuple(
        Recurrence(
            schedule=f"{at % 60} {at // 60} * * {','.join(map(str, sorted(days)))}",
            duration=f"{length // 60}h{length % 60}m" if length % 60 else f"{length // 60}h",
        )
        for (at, length), days in sorted(alike.items())
    )


def _gaps(maintenance: Maintenance) -> Iterator[tuple[int, int]]:
    """From where a window ends to where the next one begins, in minutes since Sunday began; ends may be a week on."""
    hours, minutes = map(int, maintenance.start.split(":"))
    lasts = int(seconds(maintenance.lasts)) // 60
    opens = sorted({_DAYS.index(day) * _DAY + hours * 60 + minutes for day in maintenance.days})
    for at, following in zip(opens, (*opens[1:], opens[0] + _WEEK), strict=True):
        if (end := at + lasts) < following:
            yield end % _WEEK, end % _WEEK + following - end
