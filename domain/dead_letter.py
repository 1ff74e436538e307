"""Events that were taken but could not be applied, and what can be done about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class DeadLetterResult(Enum):
    """What became of a dead letter."""

    APPLIED = "APPLIED"
    STILL_FAILING = "STILL_FAILING"
    DISCARDED = "DISCARDED"
    NOT_FOUND = "NOT_FOUND"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event, or a vendor's message, that could not be applied.

    Attributes:
        id: what it is called here.
        source: configured id of who sent it.
        event_id: what its sender called it.
        received_at: our clock.
        reason: what is wrong, naming the field, what was found and what is allowed.
        attempts: how often it was tried.
        payload: its body as it came; what is no text is replaced.
        correlation_id: of the request that brought it.
    """

    id: str
    source: str
    event_id: str | None
    received_at: datetime
    reason: str
    attempts: int
    payload: str
    correlation_id: str | None


@dataclass(frozen=True, slots=True)
class DeadLetterPage:
    """Some dead letters, newest first.

    Attributes:
        letters: this page.
        has_more: whether there are older ones.
        total: how many there are in all.
    """

    letters: Sequence[DeadLetter]
    has_more: bool
    total: int


@dataclass(frozen=True, slots=True)
class DeadLetterOutcome:
    """What became of one; `message` says why it still fails."""

    id: str
    outcome: DeadLetterResult
    message: str | None = None
