"""What an answer rests on: a feed is followed by one moment, for as long as it shows the same."""

from datetime import UTC, datetime, timedelta

from cache.grounds import Grounds
from domain.feed import Coverage
from domain.validity import plain

START = datetime(2026, 11, 23, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_feed_is_followed_by_one_moment():
    grounds = Grounds()
    first = grounds.follow("F tms", Coverage(START + HOUR, START))
    assert grounds.follow("F tms", Coverage(START + HOUR, START)) is first
    assert grounds.follow("F wms", Coverage(START + HOUR, START)).watermark.clock == "F wms"
    assert grounds.feeds == {"F tms": START, "F wms": START}


def test_a_feed_that_has_begun_anew_is_followed_anew():
    grounds = Grounds()
    grounds.follow("F tms", Coverage(START + HOUR, START))
    later = grounds.follow("F tms", Coverage(START + 2 * HOUR, START + HOUR))
    assert plain(later.watermark) == START + 2 * HOUR
    assert grounds.feeds == {"F tms": START + HOUR}
