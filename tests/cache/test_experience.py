"""What deliveries have taught is kept lane by lane, over a real Redis: whatever order it is learned in, and how often."""

from datetime import UTC, datetime, timedelta

import pytest

from cache.experience import Experience
from domain.clock import ManualClock
from domain.prediction import Horizon, Lane, Residual

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LANE, OTHER = Lane(Horizon.DAYS, carrier="UPSN"), Lane(Horizon.DAYS, carrier="FXFE")


def residual(number, *, hours_late=1, told=NOW):
    return Residual(f"tms {number}", NOW - number * HOUR, hours_late * HOUR, told)


@pytest.fixture
def clock():
    return ManualClock(NOW)


@pytest.fixture
def experience(store, clock):
    return Experience(store, clock, most=5)


async def known(store, clock, lane=LANE):
    """As a process knows it that has not read it lately."""
    return (await Experience(store, clock).recall([lane]))[lane]


async def test_the_latest_are_kept_in_whatever_order_they_are_learned(store, clock, experience):
    for number in (7, 1, 4, 9, 2, 5, 1, 3):
        await experience.learn([(LANE, residual(number))])
    assert await known(store, clock) == tuple(residual(number) for number in (1, 2, 3, 4, 5))
    assert await known(store, clock, OTHER) == ()


async def test_a_delivery_counts_once_as_it_was_told_last(store, clock, experience):
    corrected = Residual("tms 1", NOW + HOUR, 3 * HOUR, NOW + HOUR)
    await experience.learn([(LANE, corrected)])
    await experience.learn([(LANE, residual(1))])
    assert await known(store, clock) == (corrected,)


async def test_lanes_are_apart(store, clock, experience):
    await experience.learn([(LANE, residual(1)), (OTHER, residual(2))])
    assert await known(store, clock) == (residual(1),)
    assert await known(store, clock, OTHER) == (residual(2),)


async def test_what_was_read_lately_is_not_read_again(store, clock, experience):
    assert await experience.recall([LANE]) == {LANE: ()}
    await Experience(store, clock).learn([(LANE, residual(1))])
    assert await experience.recall([LANE]) == {LANE: ()}
    clock.advance(timedelta(minutes=2))
    assert await experience.recall([LANE]) == {LANE: (residual(1),)}
