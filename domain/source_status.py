"""How a system of record is doing, seen from here."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from domain.feed import Feed
from domain.freshness import SourceProblem
from domain.identity import SourceKind


class CircuitState(Enum):
    """Whether a source is called."""

    CLOSED = "CLOSED"
    HALF_OPEN = "HALF_OPEN"
    OPEN = "OPEN"


@dataclass(frozen=True, slots=True)
class CallHealth:
    """What the calls of the last minute were like; latencies are of calls that were answered."""

    circuit: CircuitState = CircuitState.CLOSED
    calls_last_minute: int = 0
    errors_last_minute: int = 0
    latency_p50_ms: float | None = None
    latency_p95_ms: float | None = None
    last_success_at: datetime | None = None
    last_problem: SourceProblem | None = None


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """What has been heard of a source's feed: its events, or the changes that it is asked for.

    Attributes:
        watermark: moment up to which everything has been settled.
        continuous_since: start of the present stretch without a gap.
        lag_seconds: now less `watermark`.
        gaps: how many stretches of events are missing.
        pending: events that wait to be settled.
        dead_letters: events that could not be applied.
    """

    watermark: datetime | None
    continuous_since: datetime | None
    lag_seconds: float | None
    gaps: int
    pending: int
    dead_letters: int

    @classmethod
    def of(cls, feed: Feed, now: datetime, pending: int = 0, dead_letters: int = 0) -> "FeedStatus":
        """The status of a feed at a moment."""
        lag = None if feed.watermark is None else max((now - feed.watermark).total_seconds(), 0.0)
        return cls(feed.watermark, feed.continuous_since, lag, len(feed.gaps), pending, dead_letters)


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One configured source and its health; `feed` is null where it neither sends nor can say what has changed."""

    id: str
    kinds: tuple[SourceKind, ...]
    vendor: str
    health: CallHealth
    feed: FeedStatus | None = None
