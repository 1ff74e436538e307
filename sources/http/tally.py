"""What the calls of the last minute were like; bounded."""

from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime

from domain.freshness import SourceProblem
from domain.source_status import CallHealth, CircuitState

MINUTE_SECONDS = 60.0
MOST_CALLS = 10_000
"""Calls that are kept; a source that is called more often is judged by the latest."""


@dataclass(frozen=True, slots=True)
class _Call:
    ended_at: float
    seconds: float
    is_answered: bool


class Tally:
    """Counts calls; times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._calls: deque[_Call] = deque(maxlen=MOST_CALLS)
        self._last_success_at: datetime | None = None
        self._success_before: datetime | None = None
        self._last_problem: SourceProblem | None = None

    def answered(self, ended_at: float, seconds: float, now: datetime) -> None:
        """A call was answered."""
        self._calls.append(_Call(ended_at, seconds, is_answered=True))
        self._success_before, self._last_success_at = self._last_success_at, now

    def failed(self, ended_at: float, seconds: float, problem: SourceProblem) -> None:
        """A call failed."""
        self._calls.append(_Call(ended_at, seconds, is_answered=False))
        self._last_problem = problem

    def spoiled(self, problem: SourceProblem) -> None:
        """The latest answer turned out to be none."""
        if self._calls and self._calls[-1].is_answered:
            self._calls[-1] = replace(self._calls[-1], is_answered=False)
            self._last_success_at = self._success_before
        self._last_problem = problem

    def health(self, monotonic: float, circuit: CircuitState) -> CallHealth:
        """The last minute."""
        while self._calls and self._calls[0].ended_at < monotonic - MINUTE_SECONDS:
            self._calls.popleft()
        latencies = sorted(call.seconds * 1_000 for call in self._calls if call.is_answered)
        return CallHealth(
            circuit=circuit,
            calls_last_minute=len(self._calls),
            errors_last_minute=len(self._calls) - len(latencies),
            latency_p50_ms=_quantile(latencies, 0.50),
            latency_p95_ms=_quantile(latencies, 0.95),
            last_success_at=self._last_success_at,
            last_problem=self._last_problem,
        )


def _quantile(ordered: list[float], share: float) -> float | None:
    return round(ordered[min(int(share * len(ordered)), len(ordered) - 1)], 3) if ordered else None
