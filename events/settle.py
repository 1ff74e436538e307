"""From letters to settled state: decode, merge, write, and say what became of each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from cache import mending
from cache.inbox import Letter
from cache.store import Store
from cache.upstream import Upstream
from domain.event import MOST_AHEAD, Decoded, Delivery, Event, Ignored, Unreadable
from domain.feed import Feed, Tick, advance
from domain.identity import EntityKey
from domain.known import Known, Nature, known_of, merge
from events import envelope

Decode = Callable[[Delivery], Sequence[Decoded]]
"""Understands the messages of one source; never raises."""

ATTEMPTS = 20
"""How often a feed is moved again because somebody else moved it meanwhile."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a letter.

    Attributes:
        events: how many events in it were understood.
        ignored: how many are of no use, by name.
        reasons: why the others could not be understood; the letter is parked if there are any.
    """

    events: int = 0
    ignored: int = 0
    reasons: tuple[str, ...] = ()


@dataclass(slots=True)
class Facts:
    """What settling has come to in this process, for telemetry.

    Attributes:
        events: understood.
        ignored: known to be of no use.
        unusable: letters that were parked.
        changed: entities of which something else is known now.
        outdated: entities of which events told nothing new: they came late, or again.
    """

    events: int = 0
    ignored: int = 0
    unusable: int = 0
    changed: int = 0
    outdated: int = 0

    def count(self, settled: Sequence[Settled]) -> None:
        """What became of letters."""
        self.events += sum(each.events for each in settled)
        self.ignored += sum(each.ignored for each in settled)
        self.unusable += sum(bool(each.reasons) for each in settled)


class Settling:
    """Settles letters.

    Attributes:
        store: where.
        facts: what it has come to.

    Args:
        store: where.
        upstreams: by configured id, what is known of each source.
        inboxes: by configured id, who understands a source's own messages.
    """

    def __init__(self, store: Store, upstreams: Mapping[str, Upstream], inboxes: Mapping[str, Decode]) -> None:
        self.store = store
        self.facts = Facts()
        self._upstreams = upstreams
        self._inboxes = inboxes

    @property
    def tenant(self) -> str:
        """Whose letters."""
        return self.store.keys.tenant

    async def settle(self, letters: Sequence[Letter]) -> list[Settled]:
        """Settle all that can be understood in one step, then move the feeds.

        Raises:
            StoreUnavailable: the store does not answer; settling again does no harm.
        """
        read = [self._decode(letter) for letter in letters]
        await self._apply(letters, read)
        understood = _understood(letters, read)
        for source in {letter.source for letter, _ in understood}:
            told = [(letter, event) for letter, event in understood if letter.source == source]
            await self._move(source, told)
            mending.report((each for _, event in told for each in event.mended), source)
        settled = [_settled(events) for events in read]
        self.facts.count(settled)
        return settled

    async def settle_again(self, letters: Sequence[Letter]) -> list[Settled]:
        """Settle what was settled before; no feed moves, and nobody is told: it is the past.

        Raises:
            StoreUnavailable: the store does not answer; settling again does no harm.
        """
        read = [self._decode(letter) for letter in letters]
        await self._apply(letters, read, is_news=False)
        return [_settled(events) for events in read]

    async def foresee(
        self, letters: Sequence[Letter], foreseen: dict[EntityKey, tuple[Known | None, Known]]
    ) -> list[Settled]:
        """Settle nothing, and say what would be known: of each entity, what is known now and what would be.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        read = [self._decode(letter) for letter in letters]
        seen = self._seen(letters, read)
        unread = [key for key in {known.key for known, _ in seen} if key not in foreseen]
        for key, known in zip(unread, await self.store.known(unread), strict=True):
            foreseen[key] = (known, known or Known(key))
        for known, nature in seen:
            before, after = foreseen[known.key]
            foreseen[known.key] = (before, merge(after, known, nature))
        return [_settled(events) for events in read]

    def entities(self, letter: Letter) -> frozenset[str]:
        """Ids of the entities that a letter is about."""
        events = [event for event in self._decode(letter) if isinstance(event, Event)]
        return frozenset(each.key.id for event in events for each in event.observations)

    async def _apply(
        self, letters: Sequence[Letter], read: Sequence[Sequence[Decoded]], *, is_news: bool = True
    ) -> None:
        seen = self._seen(letters, read)
        entities = list({known.key for known, _ in seen})
        before = dict(zip(entities, await self.store.known(entities), strict=True))
        told_by = {
            each.key: letter.correlation_id
            for letter, event in _understood(letters, read)
            for each in event.observations
        }
        after = await self.store.settle(seen, before=before, told_by=told_by, is_news=is_news)
        changed = sum(known != before[key] for key, known in after.items())
        self.facts.changed += changed
        self.facts.outdated += len(after) - changed

    def _decode(self, letter: Letter) -> Sequence[Decoded]:
        upstream = self._upstreams.get(letter.source)
        if upstream is None:
            return [Unreadable(f"source: found {letter.source}, allowed: a configured source", letter.id)]
        if letter.form == "event":
            events: Sequence[Decoded] = [envelope.decode(self.tenant, letter.body, upstream.links)]
        else:
            events = self._inboxes[letter.source](Delivery(letter.body, letter.headers, letter.received_at))
        return [self._believed(event, upstream, letter) for event in events]

    def _believed(self, event: Decoded, upstream: Upstream, letter: Letter) -> Decoded:
        """The event, unless it tells of what its source has no say in, or of what is yet to come."""
        if not isinstance(event, Event):
            return event
        strange = (_strange(observation.key, self.tenant, upstream) for observation in event.observations)
        reason = next(filter(None, strange), None) or _ahead(event, letter)
        return event if reason is None else Unreadable(reason, event.id)

    def _seen(self, letters: Sequence[Letter], read: Sequence[Sequence[Decoded]]) -> list[tuple[Known, Nature]]:
        natures = (
            (each, self._upstreams[letter.source].nature(each.key.kind))
            for letter, event in _understood(letters, read)
            for each in event.observations
        )
        return [(known_of(each), nature) for each, nature in natures]

    async def _move(self, source: str, told: Sequence[tuple[Letter, Event]]) -> None:
        """Take the events in as signs of life; all of them are settled by now."""
        nature = self._upstreams[source].feed
        if not nature.gives_coverage or nature.is_polled:
            return
        for _ in range(ATTEMPTS):
            [(stored, _)] = await self.store.read([self.store.feed(source)])
            before = after = stored or Feed()
            for letter, event in sorted(told, key=lambda each: (each[1].sequence or 0, each[1].time)):
                tick = Tick(event.time, event.sequence)
                after = advance(after, tick, nature, received_at=letter.received_at)
            if after == before or await self.store.swap_feed(source, before, after):
                return


def _strange(key: EntityKey, tenant: str, upstream: Upstream) -> str | None:
    """Why a source has no say in an entity: it speaks of its own, and of the kinds that it is the authority for."""
    if (key.tenant, key.source) != (tenant, upstream.id):
        return f"entity: found one of {key.source[:100]}, allowed: those of {upstream.id}"
    if key.kind not in upstream.terms:
        allowed = ", ".join(sorted(kind.value for kind in upstream.terms))
        return f"entity: found {key.kind.value}, allowed: {allowed}"
    return None


def _ahead(event: Event, letter: Letter) -> str | None:
    """Why an event is of no time: it came long before it happened."""
    latest = letter.received_at + MOST_AHEAD
    if event.latest <= latest:
        return None
    return f"time: found {event.latest.isoformat()}, allowed: until {latest.isoformat(timespec='seconds')}"


def _understood(letters: Sequence[Letter], read: Sequence[Sequence[Decoded]]) -> list[tuple[Letter, Event]]:
    told = zip(letters, read, strict=True)
    return [(letter, event) for letter, events in told for event in events if isinstance(event, Event)]


def _settled(events: Sequence[Decoded]) -> Settled:
    understood, ignored, reasons = 0, 0, []
    for event in events:
        match event:
            case Event():
                understood += 1
            case Ignored():
                ignored += 1
            case Unreadable():
                reasons.append(event.reason)
            case _:
                assert_never(event)
    return Settled(understood, ignored, tuple(reasons))
