"""How many calls may be repeated: a tenth of all, and one a second in any case."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class RetryBudget:
    """A token bucket that calls fill and retries drain; pure, as the breaker is.

    Attributes:
        tokens: retries that may still be made.
        filled_at: when time last filled it.
        share: retries that each call adds.
        per_second: retries that each second adds.
        most: retries that can be saved up.
    """

    tokens: float = 1.0
    filled_at: float = 0.0
    share: float = 0.1
    per_second: float = 1.0
    most: float = 10.0

    def called(self) -> "RetryBudget":
        """A call was made, be it a retry."""
        return replace(self, tokens=min(self.tokens + self.share, self.most))

    def spend(self, now: float) -> "RetryBudget | None":
        """The budget after one retry, or nothing when there is none left."""
        # Time alone never saves up more than one retry: an idle hour is no reason for a burst.
        by_time = min(self.tokens + max(now - self.filled_at, 0.0) * self.per_second, max(self.tokens, 1.0))
        # A retry is a call too, and gets a share when it is made: it pays for that as well.
        return replace(self, tokens=by_time - 1 - self.share, filled_at=now) if by_time >= 1 else None
