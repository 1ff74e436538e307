"""A circuit breaker as a pure state machine: every function takes the state and the time and returns the next state.

It watches a sliding window of outcomes, not consecutive failures: a source that fails two calls of three must be left
alone although every third call succeeds. When it is open, exactly one call at a time is let through as a probe.
"""

from dataclasses import dataclass, field, replace
from enum import Enum


class Outcome(Enum):
    """What a call says about the health of a source; a cancelled, refused or rate-limited call says nothing."""

    GOOD = "GOOD"
    BAD = "BAD"
    NEUTRAL = "NEUTRAL"


class Admission(Enum):
    """Whether a call may go out."""

    CALL = "CALL"
    PROBE = "PROBE"
    NO = "NO"


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """When to stop calling, and for how long.

    Attributes:
        window: how many outcomes are looked at.
        least: how many outcomes are needed before anything is concluded.
        share: the share of bad ones at which the circuit opens.
        first_pause: seconds for which it stays open the first time; doubled each time it opens again.
        longest_pause: seconds that it stays open at most.
    """

    window: int = 20
    least: int = 10
    share: float = 0.5
    first_pause: float = 5.0
    longest_pause: float = 60.0


@dataclass(frozen=True, slots=True)
class Closed:
    """Calls go out.

    Attributes:
        recent: the last outcomes, true for bad.
        times: how often it opened in a row before a probe closed it; forgotten with the next good call.
    """

    recent: tuple[bool, ...] = ()
    times: int = 0


@dataclass(frozen=True, slots=True)
class Open:
    """No calls until `until`, then one probe; `times` counts how often it opened in a row."""

    until: float
    times: int


@dataclass(frozen=True, slots=True)
class HalfOpen:
    """A probe is out."""

    times: int


State = Closed | Open | HalfOpen


@dataclass(frozen=True, slots=True)
class Breaker:
    """The circuit to one source."""

    policy: BreakerPolicy = field(default_factory=BreakerPolicy)
    state: State = field(default_factory=Closed)

    def admit(self, now: float) -> tuple["Breaker", Admission]:
        """Decide whether a call may go out now; a probe must be followed by `record`."""
        match self.state:
            case Closed():
                return self, Admission.CALL
            case Open(until=until, times=times) if now >= until:
                return replace(self, state=HalfOpen(times)), Admission.PROBE
            case _:
                return self, Admission.NO

    def record(self, admission: Admission, outcome: Outcome, now: float, jitter: float = 0.0) -> "Breaker":
        """Take in how an admitted call ended.

        Args:
            admission: what `admit` said of the call.
            outcome: how it ended.
            now: seconds on the clock that `admit` was given.
            jitter: -1..1, spreads the end of a pause by a fifth either way.
        """
        match self.state:
            case HalfOpen(times=times) if admission is Admission.PROBE:
                return self._after_probe(times, outcome, now, jitter)
            case Closed(recent=recent) if outcome is Outcome.GOOD:
                return self._judged(Closed((*recent, False)), now, jitter)
            case Closed(recent=recent, times=times) if outcome is Outcome.BAD:
                return self._judged(Closed((*recent, True), times), now, jitter)
            case _:
                return self

    def spoiled(self, now: float, jitter: float = 0.0) -> "Breaker":
        """Take in that the latest good outcome was a bad one: the answer looked good until it was read."""
        match self.state:
            case Closed(recent=(*before, False), times=times):
                return self._judged(Closed((*before, True), times), now, jitter)
            case _:
                return self.record(Admission.CALL, Outcome.BAD, now, jitter)

    def pause_left(self, now: float) -> float:
        """Seconds until a probe may go out; zero when nothing is paused."""
        return max(self.state.until - now, 0.0) if isinstance(self.state, Open) else 0.0

    def _after_probe(self, times: int, outcome: Outcome, now: float, jitter: float) -> "Breaker":
        match outcome:
            case Outcome.GOOD:
                return replace(self, state=Closed((False,), times))
            case Outcome.BAD:
                return self._opened(times + 1, now, jitter)
            case Outcome.NEUTRAL:  # it told nothing: the next call is the probe
                return replace(self, state=Open(until=now, times=times))

    def _judged(self, closed: Closed, now: float, jitter: float) -> "Breaker":
        recent = closed.recent[-self.policy.window :]
        is_relapse = closed.times > 0 and recent[-1]
        is_failing = len(recent) >= self.policy.least and sum(recent) >= self.policy.share * len(recent)
        if is_relapse or is_failing:
            return self._opened(closed.times + 1, now, jitter)
        return replace(self, state=Closed(recent, closed.times))

    def _opened(self, times: int, now: float, jitter: float) -> "Breaker":
        pause = min(self.policy.first_pause * 2.0 ** min(times - 1, 16), self.policy.longest_pause)
        return replace(self, state=Open(until=now + pause * (1 + jitter / 5), times=times))
