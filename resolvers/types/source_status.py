"""How the systems of record are doing."""

from datetime import datetime

import strawberry

from domain import source_status
from domain.identity import SourceKind
from domain.source_status import CircuitState
from resolvers.types.freshness import SourceProblem
from resolvers.types.publish import published, published_enum

published_enum(SourceKind)
published_enum(CircuitState)


@published(source_status.FeedStatus)
class FeedStatus:
    """What has been heard of a source's feed: its events, or the changes that it is asked for."""


@strawberry.type(description="One configured system of record and its health, seen from this gateway")
class SourceStatus:
    """See `domain.source_status`."""

    id: str
    kind: SourceKind = strawberry.field(description="The first of its kinds")
    kinds: list[SourceKind] = strawberry.field(description="Everything that it is the authority for")
    vendor: str
    circuit: CircuitState
    feed: FeedStatus | None
    calls_last_minute: int
    errors_last_minute: int
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    last_success_at: datetime | None
    last_problem: SourceProblem | None

    @classmethod
    def of(cls, status: source_status.SourceStatus) -> "SourceStatus":
        """The status as GraphQL shows it."""
        health = status.health
        return cls(
            id=status.id,
            kind=status.kinds[0],
            kinds=list(status.kinds),
            vendor=status.vendor,
            circuit=health.circuit,
            feed=status.feed,  # type: ignore[arg-type]  # the GraphQL type describes the domain value
            calls_last_minute=health.calls_last_minute,
            errors_last_minute=health.errors_last_minute,
            latency_p50_ms=health.latency_p50_ms,
            latency_p95_ms=health.latency_p95_ms,
            last_success_at=health.last_success_at,
            last_problem=health.last_problem,  # type: ignore[arg-type]  # the GraphQL type describes the domain value
        )
