"""Allowances pass only while somebody works: shifts, weekends, holidays, nights on which clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.working_time import LONGEST_LOOK, OFFICE_HOURS, WorkingTime

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = WorkingTime(BERLIN, OFFICE_HOURS, {date(2026, 12, 25)}.__contains__)
TWO_SHIFTS = WorkingTime(BERLIN, {0: ((time(6), time(14)), (time(22), time.min))})
HOUR = timedelta(hours=1)


def berlin(text):
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-11-23 10:00", 4, "2026-11-23 14:00"),
        ("2026-11-23 16:00", 4, "2026-11-24 11:00"),
        ("2026-11-23 05:00", 9, "2026-11-23 17:00"),
        ("2026-11-27 16:00", 2, "2026-11-30 09:00"),  # over a weekend
        ("2026-12-24 16:00", 2, "2026-12-28 09:00"),  # and over Christmas
        ("2026-11-28 12:00", 0.5, "2026-11-30 08:30"),
    ],
)
def test_only_working_hours_count(start, hours, due):
    assert OFFICE.after(berlin(start), hours * HOUR) == berlin(due)


def test_a_site_may_work_in_several_shifts():
    assert TWO_SHIFTS.after(berlin("2026-11-23 13:00"), 2 * HOUR) == berlin("2026-11-23 23:00")
    assert TWO_SHIFTS.after(berlin("2026-11-23 13:00"), 4 * HOUR) == berlin("2026-11-30 07:00")


def test_a_night_on_which_clocks_change_has_the_hours_that_it_has():
    always = WorkingTime(BERLIN)
    assert always.after(berlin("2026-10-25 00:00"), 24 * HOUR) == berlin("2026-10-25 23:00")
    assert always.after(berlin("2026-03-29 00:00"), 24 * HOUR) == berlin("2026-03-30 01:00")


def test_a_site_that_never_works_is_not_waited_for_without_end():
    start = datetime(2026, 11, 23, tzinfo=UTC)
    assert WorkingTime(UTC, {}).after(start, HOUR) == start + LONGEST_LOOK


moments = st.integers(0, 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
allowances = st.timedeltas(timedelta(minutes=1), timedelta(days=5))


@given(moments, allowances, allowances)
def test_allowances_add_up(start, one, other):
    assert OFFICE.after(OFFICE.after(start, one), other) == OFFICE.after(start, one + other)


@given(moments, allowances)
def test_nothing_is_due_before_so_much_time_has_passed(start, allowance):
    assert OFFICE.after(start, allowance) >= start + allowance
    assert WorkingTime().after(start, allowance) == start + allowance
