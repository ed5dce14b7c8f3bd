"""When GKE may upgrade a cluster: the recurring window, and whether it is open for as long as GKE asks.

Source: GKE, "Configure maintenance windows and exclusions": at least 48 hours within any 32 days, of which only windows
of at least four hours count; the recurrence is an RFC 5545 rule, in UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulumi_gcp.container import ClusterMaintenancePolicyArgsDict

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FIRST_MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
"""Windows are counted from the first chosen day on or after it; a fixed day, or every run would move the window."""
ASKED = 48
"""Hours in which GKE wants to be let in, within any `PERIOD`."""
PERIOD = 32
SHORTEST = 4
LONGEST = 24


def hours_open(days: Sequence[str], hours: int) -> int:
    """The hours within the worst 32 days on end in which a window is open."""
    weekly = [day in days for day in _DAYS]
    return hours * min(sum(weekly[(start + at) % 7] for at in range(PERIOD)) for start in range(7))


def days_needed(hours: int) -> int:
    """How many days a week are enough for windows of this length, however they lie."""
    return next((count for count in range(1, 8) if hours_open(_DAYS[:count], hours) >= ASKED), 7)


def maintenance_policy(days: Sequence[str], start: str, hours: int) -> ClusterMaintenancePolicyArgsDict:
    """The policy of the cluster.

    start: the time of day, UTC (``02:00``). hours: how long the window stays open.
    """
    first = next(day for day in range(7) if _DAYS[day] in days)
    at = timedelta(hours=int(start[:2]), minutes=int(start[3:]))
    opens = _FIRST_MONDAY + timedelta(days=first) + at
    chosen = ",".join(day[:2].upper() for day in _DAYS if day in days)
    return {
        "recurring_window": {
            "start_time": _zulu(opens),
            "end_time": _zulu(opens + timedelta(hours=hours)),
            "recurrence": f"FREQ=WEEKLY;BYDAY={chosen}",
        }
    }


def _zulu(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
