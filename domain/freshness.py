"""How old what is known is, and where it comes from. The words mean what RFC 9111 and RFC 5861 mean by them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from domain.errors import ProblemCode, SourceError


class FreshnessState(Enum):
    """How a section stands to the age asked for."""

    FRESH = "FRESH"
    STALE = "STALE"
    REVALIDATING = "REVALIDATING"
    UNAVAILABLE = "UNAVAILABLE"
    FORBIDDEN = "FORBIDDEN"


class Origin(Enum):
    """How something came to be known."""

    EVENT = "EVENT"
    API = "API"
    CACHE = "CACHE"


class OnStale(Enum):
    """What to do with a section older than the age asked for."""

    REFRESH = "REFRESH"
    SERVE_STALE = "SERVE_STALE"
    STATE_ONLY = "STATE_ONLY"


@dataclass(frozen=True, slots=True)
class Ask:
    """What a caller accepts.

    Attributes:
        max_age: oldest acceptable knowledge; null: the section's policy.
        on_stale: what to do with older knowledge.
        deadline: longest the whole view may take.
    """

    max_age: timedelta | None = None
    on_stale: OnStale = OnStale.REFRESH
    deadline: timedelta = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old one section is.

    Attributes:
        state: how it stands to the age asked for.
        as_of: when the source itself last changed it, as far as it says.
        verified_at: latest moment at which it is known to have been true.
        age_seconds: now less `verified_at`, when the answer was put together.
        max_age_seconds: the age that the decision was made against.
        origin: how it came to be known.
        source: configured id of the source.
    """

    state: FreshnessState
    as_of: datetime | None = None
    verified_at: datetime | None = None
    age_seconds: float | None = None
    max_age_seconds: float | None = None
    origin: Origin | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class SourceProblem:
    """Why a section is not fresh, as data."""

    code: ProblemCode
    source: str
    message: str
    correlation_id: str
    retry_after_seconds: float | None = None

    @classmethod
    def of(cls, error: SourceError, correlation_id: str) -> "SourceProblem":
        """The problem that a failed call to a source is."""
        return cls(
            code=error.code,
            source=error.source,
            message=str(error),
            correlation_id=correlation_id,
            retry_after_seconds=error.retry_after,
        )
