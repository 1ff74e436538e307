"""How a system of record is doing, seen from here."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

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

    circuit: CircuitState
    calls_last_minute: int
    errors_last_minute: int
    latency_p50_ms: float | None = None
    latency_p95_ms: float | None = None
    last_success_at: datetime | None = None
    last_problem: SourceProblem | None = None


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One configured source and its health."""

    id: str
    kinds: tuple[SourceKind, ...]
    vendor: str
    health: CallHealth
