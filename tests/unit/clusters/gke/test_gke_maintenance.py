"""When GKE is let in."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.clusters.gke.maintenance import ASKED, PERIOD, days_needed, hours_open, maintenance_policy

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
UNTIMED = settings(deadline=None)
some_days = st.lists(st.sampled_from(DAYS), min_size=1, unique=True)


@UNTIMED
@given(some_days, st.integers(4, 24), st.dates(date(2026, 1, 1), date(2030, 1, 1)))
def test_no_period_has_fewer_hours_than_are_counted(days: list[str], hours: int, start: date) -> None:
    period = (start + timedelta(days=at) for at in range(PERIOD))
    assert hours_open(days, hours) <= hours * sum(DAYS[day.weekday()] in days for day in period)


@pytest.mark.parametrize(("days", "hours", "open_for"), [(["sat", "sun"], 6, 48), (["sun"], 6, 24), (DAYS, 4, 128)])
def test_the_worst_period_counts(days: list[str], hours: int, open_for: int) -> None:
    assert hours_open(days, hours) == open_for


@UNTIMED
@given(st.integers(4, 24))
def test_so_many_days_as_are_advised_are_enough(hours: int) -> None:
    count = days_needed(hours)
    assert hours_open(DAYS[:count], hours) >= ASKED
    assert count == 1 or hours_open(DAYS[: count - 1], hours) < ASKED


@UNTIMED
@given(some_days, st.sampled_from(["00:00", "02:30", "23:45"]), st.integers(4, 24))
def test_a_window_begins_on_a_chosen_day_and_is_as_long_as_it_was_asked_for(
    days: list[str], start: str, hours: int
) -> None:
    window = maintenance_policy(days, start, hours).get("recurring_window")
    assert isinstance(window, dict)
    opens, closes = (datetime.fromisoformat(str(window[key])) for key in ("start_time", "end_time"))
    assert closes - opens == timedelta(hours=hours)
    assert DAYS[opens.weekday()] in days
    assert f"{opens:%H:%M}" == start


def test_the_rule_names_the_days_in_the_order_of_the_week() -> None:
    window = maintenance_policy(["sun", "tue"], "02:00", 8).get("recurring_window")
    assert window == {
        "start_time": "2026-01-06T02:00:00Z",
        "end_time": "2026-01-06T10:00:00Z",
        "recurrence": "FREQ=WEEKLY;BYDAY=TU,SU",
    }
