"""On whose behalf, and until when, a source is called."""

from dataclasses import dataclass

from domain.clock import Clock


@dataclass(frozen=True, slots=True)
class Call:
    """The request that a call to a source belongs to.

    Attributes:
        deadline: the moment, on the monotonic clock, after which nobody waits for the answer.
        correlation_id: found in every log line and sent on to every source.
        traceparent: W3C Trace Context header of the request, if it had one.
    """

    deadline: float
    correlation_id: str
    traceparent: str | None = None

    def seconds_left(self, clock: Clock) -> float:
        """How long the caller still waits; zero or less when the time is over."""
        return self.deadline - clock.monotonic()
