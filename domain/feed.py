"""No news on a healthy feed is good news; no news on a broken feed is no news.

A feed is one source's stream of events, or of complete polls. It tells until which moment everything has been heard
without a gap, so that the age of an entity is never "time since the last event".
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class FeedNature:
    """What a source's feed promises.

    Attributes:
        has_sequence: whether every event carries a number that rises by one.
        heartbeat: how often it says that it lives; null: never.
        is_polled: whether we ask for all changes since the last time, so that silence loses nothing.
    """

    has_sequence: bool = False
    heartbeat: timedelta | None = None
    is_polled: bool = False

    @property
    def gives_coverage(self) -> bool:
        """A feed that has none of them cannot tell silence from loss."""
        return self.has_sequence or self.heartbeat is not None or self.is_polled


@dataclass(frozen=True, slots=True)
class Tick:
    """A sign of life: an event or a heartbeat, all before it being settled.

    Attributes:
        time: on the source's clock.
        sequence: its number, where the source counts.
    """

    time: datetime
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Events that are missing: numbers `first` to `last`; noticed at `moment` of the source's clock."""

    first: int
    last: int
    moment: datetime


@dataclass(frozen=True, slots=True)
class Coverage:
    """Until when, and since when without a gap, everything has been heard."""

    watermark: datetime
    continuous_since: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """What has been heard of one feed.

    Attributes:
        watermark: source time up to which everything has been settled.
        begun_at: start of the present stretch, gaps aside.
        last_sequence: the highest number heard.
        gaps: what is missing below it, oldest first.
        cursor: source time from which the next poll asks; its clock may not be ours.
    """

    watermark: datetime | None = None
    begun_at: datetime | None = None
    last_sequence: int | None = None
    gaps: tuple[Gap, ...] = ()
    cursor: datetime | None = None

    @property
    def continuous_since(self) -> datetime | None:
        """Start of the present gapless stretch: the last gap that is still open, else the beginning."""
        return max((gap.moment for gap in self.gaps), default=self.begun_at)


def advance(
    feed: Feed,
    tick: Tick,
    nature: FeedNature,
    *,
    oldest_unsettled: datetime | None = None,
    received_at: datetime | None = None,
) -> Feed:
    """Take in a sign of life.

    Args:
        feed: as it was.
        tick: what was heard.
        nature: what the feed promises.
        oldest_unsettled: time of the oldest event of this feed that is not settled yet; the watermark stays before it.
        received_at: when the tick came, on the source's clock as far as we know it; null: at its own time.
    """
    heard = _resumed(feed, received_at or tick.time, nature)
    if nature.has_sequence and tick.sequence is not None:
        heard = _counted(heard, tick.sequence, tick.time)
    reached = tick.time if oldest_unsettled is None else min(tick.time, oldest_unsettled)
    watermark = reached if heard.watermark is None else max(heard.watermark, reached)
    return replace(heard, watermark=watermark, begun_at=heard.begun_at or tick.time)


def polled(feed: Feed, asked_at: datetime, until: datetime) -> Feed:
    """Take in a complete poll: every change before it is settled.

    Args:
        feed: as it was.
        asked_at: our clock when the source was asked.
        until: the source's clock up to which its answer leaves nothing out.
    """
    watermark = asked_at if feed.watermark is None else max(feed.watermark, asked_at)
    cursor = until if feed.cursor is None else max(feed.cursor, until)
    return replace(feed, watermark=watermark, begun_at=feed.begun_at or asked_at, cursor=cursor)


def coverage(feed: Feed, nature: FeedNature) -> Coverage | None:
    """What the feed covers; nothing if it cannot tell silence from loss, or was never heard."""
    if not nature.gives_coverage or feed.watermark is None or feed.continuous_since is None:
        return None
    return Coverage(watermark=feed.watermark, continuous_since=feed.continuous_since)


def _resumed(feed: Feed, now: datetime, nature: FeedNature) -> Feed:
    """After two missed heartbeats the feed begins anew, unless numbers prove that nothing was lost."""
    if nature.heartbeat is None or nature.has_sequence or nature.is_polled or feed.watermark is None:
        return feed
    return replace(feed, begun_at=now) if now - feed.watermark > 2 * nature.heartbeat else feed


def _counted(feed: Feed, sequence: int, moment: datetime) -> Feed:
    last = feed.last_sequence
    if last is None:
        return replace(feed, last_sequence=sequence)
    if sequence > last:
        missing = (Gap(last + 1, sequence - 1, moment),) if sequence > last + 1 else ()
        return replace(feed, last_sequence=sequence, gaps=feed.gaps + missing)
    return replace(feed, gaps=tuple(part for gap in feed.gaps for part in _without(gap, sequence)))


def _without(gap: Gap, sequence: int) -> tuple[Gap, ...]:
    """What is still missing when this number has come after all."""
    if not gap.first <= sequence <= gap.last:
        return (gap,)
    parts = (replace(gap, last=sequence - 1), replace(gap, first=sequence + 1))
    return tuple(part for part in parts if part.first <= part.last)
