"""What can be done about parked letters: try them again, or give them up, with the reason on record."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import structlog
from msgspec.structs import replace

from cache.inbox import Letter
from cache.parking import Done, Parked, Parking, number_of
from domain.clock import Clock
from domain.dead_letter import DeadLetter, DeadLetterOutcome, DeadLetterPage, DeadLetterResult, kept_reason
from domain.errors import InvalidRequest
from events.settle import Settled

log = structlog.get_logger()


class Again(Protocol):
    """Does once more what could not be done with letters."""

    async def settle(self, letters: Sequence[Letter]) -> Sequence[Settled]:
        """Says of each letter what became of it."""


class DeadLetters:
    """The parked letters of one tenant.

    Args:
        parking: where they are.
        again: how they are tried again.
        clock: when.
    """

    def __init__(self, parking: Parking, again: Again, clock: Clock) -> None:
        self._parking = parking
        self._again = again
        self._clock = clock

    async def page(self, first: int, after: str | None = None, source: str | None = None) -> DeadLetterPage:
        """Some of them, newest first.

        Args:
            first: how many.
            after: only those older than the one of this name.
            source: only those of this source.

        Raises:
            InvalidRequest: `after` is no name.
            StoreUnavailable: the store does not answer.
        """
        counts = await self._parking.counts()
        found = await self._parking.newest(first + 1, _number(after), source)
        letters = [_dead_letter(name, parked) for name, parked in found.items()]
        total = sum(counts.values()) if source is None else counts.get(source, 0)
        return DeadLetterPage(letters[:first], has_more=len(letters) > first, total=total)

    async def named(self, name: str) -> DeadLetter | None:
        """The one of this name.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        found = await self._parking.named([name])
        return _dead_letter(name, found[name]) if found else None

    async def revealed(self, name: str, by: str) -> DeadLetter | None:
        """The one of this name, for somebody who wants it as it came: it is on record before it is shown.

        Args:
            name: what it is called.
            by: who wants it, as far as it may be kept.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        found = await self.named(name)
        if found is not None:
            await self._parking.note(name, "revealed", by)
        return found

    async def retry(self, names: Sequence[str]) -> list[DeadLetterOutcome]:
        """Settle letters now; what still fails stays where it is.

        Raises:
            StoreUnavailable: the store does not answer; what was settled stays parked, too, which does no harm.
        """
        parked = await self._parking.named(names)
        settled = await self._again.settle([each.letter for each in parked.values()])
        reasons = {name: kept_reason(each.reasons) for name, each in zip(parked, settled, strict=True)}
        await self._parking.park_again({name: self._tried(parked[name], why) for name, why in reasons.items() if why})
        applied = [name for name, why in reasons.items() if not why]
        await self._parking.forget(applied, "applied", "") if applied else None
        return [_retried(name, reasons) for name in names]

    async def discard(self, names: Sequence[str], reason: str) -> list[DeadLetterOutcome]:
        """Give letters up; what and why is kept on record, and logged.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        discarded = await self._parking.forget(names, "discarded", reason) if names else []
        log.warning("parked letters discarded", names=discarded, reason=reason)
        gone, unknown = DeadLetterResult.DISCARDED, DeadLetterResult.NOT_FOUND
        return [DeadLetterOutcome(name, gone if name in discarded else unknown) for name in names]

    async def record(self, most: int) -> list[Done]:
        """What was done, newest first.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        return await self._parking.record(most)

    def _tried(self, parked: Parked, reason: str) -> Parked:
        letter = replace(parked.letter, attempts=parked.letter.attempts + 1)
        return Parked(letter, reason, self._clock.now())


def _retried(name: str, reasons: Mapping[str, str]) -> DeadLetterOutcome:
    if name not in reasons:
        return DeadLetterOutcome(name, DeadLetterResult.NOT_FOUND)
    why = reasons[name]
    return DeadLetterOutcome(name, DeadLetterResult.STILL_FAILING if why else DeadLetterResult.APPLIED, why or None)


def _number(after: str | None) -> int | None:
    if after is None:
        return None
    try:
        return number_of(after)
    except ValueError as error:
        raise InvalidRequest(field="after", found=after[:40], allowed="the cursor of a page") from error


def _dead_letter(name: str, parked: Parked) -> DeadLetter:
    letter = parked.letter
    return DeadLetter(
        id=name,
        source=letter.source,
        event_id=letter.id,
        received_at=letter.received_at,
        reason=parked.reason,
        attempts=letter.attempts,
        payload=letter.body.decode(errors="replace"),
        correlation_id=letter.correlation_id,
    )
