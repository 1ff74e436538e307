"""Events that were taken but could not be applied, and what can be done about them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from domain.foreign import cut

LONGEST_REASON = 200
"""Characters of a reason that is kept."""

_SENT = re.compile(r"(?<=Invalid enum value ).*(?= - at `)|(?<=: found ).*(?=, allowed: )", re.DOTALL)


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
        reason: what is wrong, naming the field, what kind of thing was found and what is allowed; never a value.
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


def without_values(reason: str, instead: str) -> str:
    """The reason with something instead of what somebody sent, where it repeats that: it may be about a person."""
    return _SENT.sub(instead, reason)


def kept_reason(reasons: Iterable[str]) -> str:
    """What is kept of why a letter could not be used."""
    return cut("; ".join(reasons), LONGEST_REASON)


def kind_of(value: object) -> str:
    """What kind of thing a value is, for a reason that must not repeat it."""
    match value:
        case None | "":
            return "nothing"
        case str():
            return f"a text of {len(value)} characters"
        case _:
            return type(value).__name__
