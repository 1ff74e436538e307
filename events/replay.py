"""Settles again what the journal has kept: after state was lost, or after a source's events were read wrongly."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from msgspec.structs import asdict

from cache.inbox import Entry, InboxStream, Letter
from domain.clock import Clock
from domain.entity import Entity
from domain.fold import content_of
from domain.identity import EntityKey
from domain.known import Known
from events.settle import Settled, Settling

BATCH = 200
"""Letters that are settled in one step."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which letters of the journal are meant; what is null chooses all.

    Attributes:
        since: taken in at or after this moment.
        until: taken in before it.
        source: sent by this source.
        entity: about the entity of this id.
    """

    since: datetime | None = None
    until: datetime | None = None
    source: str | None = None
    entity: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What a replay would change of one entity.

    Attributes:
        key: which one.
        fields: what would be different, in the words of its model; none: only what is known of its age.
    """

    key: EntityKey
    fields: tuple[str, ...]


@dataclass(slots=True)
class Report:
    """What a replay has done so far.

    Attributes:
        entries: read from the journal.
        letters: of those, chosen.
        events: of those, understood.
        unusable: letters that could not be used this time either.
        changes: what would change, of a dry run.
    """

    entries: int = 0
    letters: int = 0
    events: int = 0
    unusable: int = 0
    changes: Sequence[Change] = ()
    _foreseen: dict[EntityKey, tuple[Known | None, Known]] = field(default_factory=dict)


class Replay:
    """A replay of the journal.

    Args:
        inbox: has the journal.
        settling: how letters are settled.
        clock: what time it is.
        per_second: letters that are settled a second at most, so that what comes live does not wait.
    """

    def __init__(self, inbox: InboxStream, settling: Settling, clock: Clock, per_second: int) -> None:
        self._inbox = inbox
        self._settling = settling
        self._clock = clock
        self._per_second = per_second

    async def run(self, choice: Choice, *, is_dry: bool, progress: Callable[[Report], None]) -> Report:
        """Settle what is chosen once more, oldest first; a dry run only says what would change.

        Settling again what is settled changes nothing, so a replay may be broken off, and done again.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        report, started = Report(), self._clock.monotonic()
        async for letters in self._chosen(choice, report):
            await (self._foresee(letters, report) if is_dry else self._settle(letters, report))
            progress(report)
            ahead = report.letters / self._per_second - (self._clock.monotonic() - started)
            await asyncio.sleep(max(0.0, ahead))
        report.changes = tuple(_changes(report._foreseen))  # noqa: SLF001  # kept there between steps
        progress(report)
        return report

    async def _chosen(self, choice: Choice, report: Report) -> AsyncIterator[Sequence[Letter]]:
        letters: list[Letter] = []
        async for entry in self._inbox.journal(choice.since, choice.until):
            report.entries += 1
            letters += self._of(entry, choice)
            while len(letters) >= BATCH:
                yield letters[:BATCH]
                del letters[:BATCH]
        if letters:
            yield letters

    def _of(self, entry: Entry, choice: Choice) -> Sequence[Letter]:
        if choice.source not in {None, entry.source}:
            return ()
        if choice.entity is None:
            return entry.letters
        return [each for each in entry.letters if choice.entity in self._settling.entities(each)]

    async def _settle(self, letters: Sequence[Letter], report: Report) -> None:
        _count(await self._settling.settle_again(letters), report)

    async def _foresee(self, letters: Sequence[Letter], report: Report) -> None:
        _count(await self._settling.foresee(letters, report._foreseen), report)  # noqa: SLF001  # as above


def _count(settled: Sequence[Settled], report: Report) -> None:
    report.letters += len(settled)
    report.events += sum(each.events for each in settled)
    report.unusable += sum(bool(each.reasons) for each in settled)


def _changes(foreseen: Mapping[EntityKey, tuple[Known | None, Known]]) -> Sequence[Change]:
    return [
        Change(key, _different(content_of(before) if before else None, content_of(after)))
        for key, (before, after) in foreseen.items()
        if before != after
    ]


def _different(before: Entity | None, after: Entity | None) -> tuple[str, ...]:
    one, other = (asdict(each) if each else {} for each in (before, after))
    return tuple(sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name)))
