from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.feed import Coverage, Feed, FeedNature, Tick, advance, coverage

START = datetime(2026, 11, 23, tzinfo=UTC)
COUNTING = FeedNature(has_sequence=True)
BEATING = FeedNature(heartbeat=timedelta(seconds=10))
NEITHER = FeedNature()


def at(second):
    return START + timedelta(seconds=second)


def heard(nature, *ticks, **options):
    feed = Feed()
    for second, sequence in ticks:
        feed = advance(feed, Tick(at(second), sequence), nature, **options)
    return feed


@pytest.mark.parametrize(
    ("nature", "ticks", "since", "until"),
    [
        pytest.param(COUNTING, [(0, 1), (5, 2), (9, 3)], 0, 9, id="without a gap"),
        pytest.param(COUNTING, [(0, 1), (5, 2), (9, 5)], 9, 9, id="a gap ends coverage at once"),
        pytest.param(
            COUNTING, [(0, 1), (9, 4), (10, 2), (11, 3)], 0, 11, id="a gap that closes brings the old coverage back"
        ),
        pytest.param(COUNTING, [(0, 1), (9, 4), (10, 3)], 9, 10, id="a gap that closes in part is still a gap"),
        pytest.param(COUNTING, [(0, 1), (5, 3), (9, 6), (10, 2)], 9, 10, id="the last open gap counts"),
        pytest.param(COUNTING, [(0, 1), (5, 2), (6, 1), (7, 2)], 0, 7, id="repetitions are harmless"),
        pytest.param(BEATING, [(0, None), (10, None), (20, None)], 0, 20, id="heartbeats"),
        pytest.param(BEATING, [(0, None), (10, None), (30, None)], 0, 30, id="one missed heartbeat is forgiven"),
        pytest.param(BEATING, [(0, None), (10, None), (31, None)], 31, 31, id="two missed heartbeats are a gap"),
    ],
)
def test_what_is_covered(nature, ticks, since, until):
    assert coverage(heard(nature, *ticks), nature) == Coverage(watermark=at(until), continuous_since=at(since))


def test_a_feed_that_cannot_tell_silence_from_loss_covers_nothing():
    assert coverage(heard(NEITHER, (0, None), (5, None)), NEITHER) is None


def test_a_feed_that_was_never_heard_covers_nothing():
    assert coverage(Feed(), COUNTING) is None


def test_the_watermark_stays_before_what_is_not_settled():
    feed = heard(COUNTING, (0, 1), (9, 2), oldest_unsettled=at(4))
    assert feed.watermark == at(4)


@given(st.permutations(range(1, 9)))
def test_once_every_number_has_come_there_is_no_gap(order):
    first = heard(COUNTING, (0, 0))
    feed = first
    for second, sequence in enumerate(order, start=1):
        before, feed = feed, advance(feed, Tick(at(second), sequence), COUNTING)
        assert feed.watermark >= before.watermark
        missing = {number for gap in feed.gaps for number in range(gap.first, gap.last + 1)}
        assert missing == set(range(1, feed.last_sequence)) - set(order[:second])
    assert feed.gaps == ()
    assert feed.continuous_since == first.continuous_since
