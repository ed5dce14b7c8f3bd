"""When Karpenter may take nodes away: the budgets' closed times are exactly what the maintenance window leaves."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.pools.disruption import RULES, Recurrence, closed, disruption
from components.settings.cluster_parts import Day, Maintenance
from components.settings.pools import Lane

DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
WEEK = [MONDAY + timedelta(minutes=30 * half) for half in range(7 * 24 * 2)]
"""Every half hour of a week."""


def opens(maintenance: Maintenance) -> Iterator[datetime]:
    hours, minutes = map(int, maintenance.start.split(":"))
    for day in maintenance.days:
        for week in (-1, 0):
            yield MONDAY + timedelta(days=DAYS.index(day) + 7 * week, hours=hours, minutes=minutes)


def is_open(maintenance: Maintenance, now: datetime) -> bool:
    lasts = timedelta(hours=int(maintenance.lasts.removesuffix("h")))
    return any(begin <= now < begin + lasts for begin in opens(maintenance))


def is_closed(recurrence: Recurrence, now: datetime) -> bool:
    """As Karpenter decides it: some beginning lies within the duration that ends now.

    Source: sigs.k8s.io/karpenter 1.14, pkg/apis/v1/nodepool.go, Budget.IsActive.
    """
    minute, hour, _, _, days = recurrence.schedule.split()
    hours, _, minutes = recurrence.duration.removesuffix("m").partition("h")
    lasts = timedelta(hours=int(hours), minutes=int(minutes or 0))
    for back in range(8):
        begin = (now - timedelta(days=back)).replace(hour=int(hour), minute=int(minute))
        if str((begin.weekday() + 1) % 7) in days.split(",") and begin <= now < begin + lasts:
            return True
    return False


windows = st.builds(
    Maintenance,
    days=st.sets(st.sampled_from(DAYS), min_size=1).map(tuple),
    start=st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 30])),
    lasts=st.integers(4, 24).map("{}h".format),
)


@settings(deadline=None)
@given(windows)
def test_at_every_time_of_the_week_either_the_window_or_a_budget_is_in_force(maintenance: Maintenance) -> None:
    times = closed(maintenance)
    for now in WEEK:
        assert is_open(maintenance, now) != any(is_closed(each, now) for each in times)


@settings(deadline=None)
@given(windows)
def test_no_two_closed_times_overlap(maintenance: Maintenance) -> None:
    times = closed(maintenance)
    assert all(sum(is_closed(each, now) for each in times) <= 1 for now in WEEK)


def test_a_window_that_never_shuts_leaves_nothing() -> None:
    assert closed(Maintenance(days=DAYS, lasts="24h")) == ()


def test_the_weekend_nights_leave_a_long_week_and_a_saturday() -> None:
    assert set(closed(Maintenance())) == {Recurrence("0 8 * * 0", "138h"), Recurrence("0 8 * * 6", "18h")}


@pytest.mark.parametrize("lane", RULES)
def test_nodes_with_pods_are_never_moved_to_save_money(lane: Lane) -> None:
    rules = disruption(lane, Maintenance())
    assert rules["consolidationPolicy"] == "WhenEmpty"
    assert {"nodes": "0", "reasons": ["Underutilized"]} in rules["budgets"]


def test_inference_nodes_are_never_replaced_for_being_out_of_date() -> None:
    always = [each for each in disruption(Lane.GPU_INFERENCE, Maintenance())["budgets"] if "Drifted" in each["reasons"]]
    assert always == [{"nodes": "0", "reasons": ["Drifted"]}]
