"""What is known of every entity, kept in Redis.

The contract: `settle` merges what was seen into what is known, and whatever the order in which processes settle, the
result is the same; what is read back is never older than what was read before. State, links, the transition and the
announcement of one entity are written in one atomic step or not at all. Reading, and settling, any number of them is
one round trip, and one more each time that somebody else wrote first.
"""

import asyncio
import hashlib
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any, TypeVar

import structlog

from cache.codec import (
    Footprint,
    decode,
    decode_conclusions,
    decode_feed,
    decode_footprint,
    decode_ids,
    decode_listing,
    encode,
    encode_feed,
    encode_footprint,
    encode_ids,
    encode_listing,
    encode_operational,
)
from cache.keys import (
    NAMES,
    Keys,
    agenda_of_entity,
    name_of,
    name_of_case,
    name_of_number,
    name_of_order,
    name_of_question,
)
from cache.server import Script, Server, Step
from domain.conclusions import Conclusions
from domain.errors import StoreUnavailable
from domain.feed import Feed
from domain.identity import CaseKey, EntityKey, EntityKind
from domain.known import Known, Nature, merge
from domain.listing import Listing, linked_to
from domain.lookup import Question
from domain.operational import OperationalEvent, news_of

PUT, LIST, SWAP = Script.named("put"), Script.named("list"), Script.named("swap")

KEPT_SECONDS = int(timedelta(days=90).total_seconds())
"""How long an entity, or a listing, is kept after it was last written."""

FOOTPRINT_SECONDS = int(timedelta(days=7).total_seconds())

TRANSITIONS = 100_000
"""Transitions that a partition's stream keeps, about."""

OUTGOING = 100_000
"""Operational events that a partition's stream keeps, about, for those who are told of them."""

LONGEST_LINKS = 1_000
"""Entities that one number leads to, per partition; beyond that the longest linked are dropped, and it is logged."""

ATTEMPTS = 20
"""How often a write is tried again because somebody else wrote first."""

RETREAT_SECONDS = 0.01
"""Longest pause before a write is tried again."""

THOUGHT_ABOUT = frozenset(EntityKind) - {EntityKind.INVENTORY}
"""Kinds that conclusions about orders are drawn from; stock is of too many orders, and is looked at with each."""

DIGEST = 32
"""Characters of a digest."""

T = TypeVar("T")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Wanted:
    """One value to read: under which keys it is kept, and what its bytes say.

    Attributes:
        name: what announcements call it.
        keys: where it is; a value may be spread over several.
        read: makes it out of the bytes of each key.
    """

    name: str
    keys: tuple[str, ...]
    read: Callable[[Sequence[bytes | None]], Any]


@dataclass(frozen=True, slots=True)
class Written:
    """Conclusions as they are kept.

    Attributes:
        digest: of their bytes.
        conclusions: what was concluded; null if the bytes cannot be read.
    """

    digest: str
    conclusions: Conclusions | None


class Store:
    """The kept state of one tenant.

    Attributes:
        written: told the name of everything that was written from here, before it is announced to everybody.
        dropped_links: how many links had no room; that there are any is logged once.
    """

    def __init__(self, server: Server, keys: Keys) -> None:
        self.server = server
        self.keys = keys
        self.written: Callable[[str], None] = lambda _: None
        self.dropped_links = 0

    def entity(self, key: EntityKey) -> Wanted:
        """What is known of an entity."""
        return _entity(self.keys, key)

    def listing(self, question: Question) -> Wanted:
        """What a source answered when it was asked."""
        return _listing(self.keys, question)

    def links(self, question: Question) -> Wanted:
        """Ids of the entities of the source that name the number themselves, each once."""
        return _links(self.keys, question)

    def footprint(self, key: CaseKey) -> Wanted:
        """What a view looked at last time."""
        return Wanted(f"C {name_of_case(key)}", (self.keys.footprint(key),), _first(decode_footprint))

    def conclusions(self, number: str) -> Wanted:
        """What was concluded about an order: `Written`."""
        return Wanted(f"D {name_of_order(number)}", (self.keys.conclusions(number),), _first(_written))

    def feed(self, source: str) -> Wanted:
        """What has been heard of a feed."""
        return Wanted(f"F {source}", (self.keys.feed(source),), _first(decode_feed))

    async def read(self, wanted: Sequence[Wanted]) -> list[tuple[Any, int]]:
        """Each value, null where there is none, with its size in bytes; in one round trip.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        stored = iter(await self.server.read([key for each in wanted for key in each.keys]))
        parts = [[next(stored) for _ in each.keys] for each in wanted]
        return [
            (each.read(part), sum(len(value) for value in part if value))
            for each, part in zip(wanted, parts, strict=True)
        ]

    async def known(self, entities: Sequence[EntityKey]) -> list[Known | None]:
        """What is known of each; null where nothing is, or where it cannot be read.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        return [known for known, _ in await self.read([self.entity(key) for key in entities])]

    async def settle(
        self,
        seen: Sequence[tuple[Known, Nature]],
        listings: Mapping[Question, Listing] | None = None,
        *,
        before: Mapping[EntityKey, Known | None] | None = None,
        told_by: Mapping[EntityKey, str] | None = None,
        is_news: bool = True,
    ) -> dict[EntityKey, Known]:
        """Merge what was seen into what is known.

        Args:
            seen: what was seen, with the nature of its kind; several of one entity are merged first.
            listings: what was answered.
            before: what was known when it was looked up; if it still is, a round trip is saved.
            told_by: correlation ids of what brought it.
            is_news: whether the outside is told of what changes.

        Returns:
            What is known now of each entity.

        Raises:
            StoreFull: there is no room.
            StoreUnavailable: the store does not answer, or others write the same entity without end.
        """
        pending = _merged(seen)
        now: dict[EntityKey, Known] = {}
        expected = {key: _Present.of((before or {}).get(key)) for key in pending}
        listed = [self._list(question, listing) for question, listing in (listings or {}).items()]
        for _ in range(ATTEMPTS):
            writes = {}
            for key, (known, nature) in pending.items():
                present = expected[key]
                now[key] = known if present.known is None else merge(present.known, known, nature)
                if now[key] != present.known:
                    is_told = is_news and _is_transition(present.known, now[key])
                    news = news_of(present.known, now[key], (told_by or {}).get(key)) if is_told else ()
                    writes[key] = self._put(present, now[key], news)
            results = await self._run([*writes.values(), *listed])
            listed = []
            conflicts = {
                key: result[1] for key, result in zip(writes, results, strict=False) if not self._is_written(result)
            }
            if not conflicts:
                return now
            pending = {key: pending[key] for key in conflicts}
            expected.update({key: _Present.read(key, stored) for key, stored in conflicts.items()})
            await asyncio.sleep(random.uniform(0, RETREAT_SECONDS))  # noqa: S311  # lets others out of step
        raise StoreUnavailable(f"{ATTEMPTS} attempts to write one entity met others")

    async def swap_feed(self, source: str, before: Feed, after: Feed) -> bool:
        """Write what has been heard, if nobody else has since; says whether it was written.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        value = encode_feed(after)
        expected = b"" if before == Feed() else encode_feed(before)
        announcement = f"F {source} {value.decode()}"
        step = Step(SWAP, [self.keys.feed(source)], [expected, value, self.keys.announcements(), announcement])
        [result] = await self.server.run([step])
        return bool(result[0])

    async def remember(self, footprints: Mapping[CaseKey, Footprint]) -> None:
        """Keep what views looked at.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        values = {self.keys.footprint(key): encode_footprint(each) for key, each in footprints.items()}
        await self.server.write(values, FOOTPRINT_SECONDS)
        for key in footprints:
            self.written(self.footprint(key).name)

    async def _run(self, writes: Sequence["_Write"]) -> list[Any]:
        results = await self.server.run([write.step for write in writes]) if writes else []
        for write in writes:
            for name in write.names:
                self.written(name)
        return results

    def _is_written(self, result: Sequence[Any]) -> bool:
        written, _, dropped = result
        if dropped and not self.dropped_links:
            log.error("links dropped", longest=LONGEST_LINKS)
        self.dropped_links += dropped
        return bool(written)

    def _list(self, question: Question, listing: Listing) -> "_Write":
        name = f"Q {name_of_question(question)}"
        arguments: list[str | int | bytes] = [encode_listing(listing), KEPT_SECONDS, self.keys.announcements(), name]
        return _Write(Step(LIST, [self.keys.listing(question)], arguments), [name])

    def _put(self, present: "_Present", after: Known, news: Sequence[OperationalEvent]) -> "_Write":
        key, name = after.key, name_of(after.key)
        partition = self.keys.partition(name)
        old, new = _numbers(present.known), _numbers(after)
        is_transition = _is_transition(present.known, after)
        added = sorted(new if is_transition else new - old)  # adding again keeps a link from expiring
        lists = [*added, *sorted(old - new)]
        stored = encode(after)
        names = [f"E {name}", *(f"L {number}" for number in sorted(old ^ new))]
        step = Step(
            PUT,
            [
                self.keys.state(key),
                self.keys.transitions(partition),
                self.keys.outgoing(partition),
                self.keys.told(partition),
                self.keys.agenda(partition),
                *(self.keys.links(number, partition) for number in lists),
            ],
            [
                present.digest,
                digest_of(stored).encode() + stored,
                name,
                encode_ids([key.id]),
                len(added),
                KEPT_SECONDS,
                TRANSITIONS,
                LONGEST_LINKS,
                self.keys.announcements(),
                "\n".join(names),
                int(is_transition),
                OUTGOING,
                agenda_of_entity(name) if key.kind in THOUGHT_ABOUT else "",
                *(part for each in news for part in (each.id, encode_operational(each))),
            ],
        )
        return _Write(step, names)


@dataclass(frozen=True, slots=True)
class _Write:
    """One atomic step, and what it changes."""

    step: Step
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Present:
    """What is thought to be stored."""

    digest: str
    known: Known | None

    @classmethod
    def of(cls, known: Known | None) -> "_Present":
        return cls("" if known is None else digest_of(encode(known)), known)

    @classmethod
    def read(cls, key: EntityKey, stored: bytes) -> "_Present":
        return cls(stored[:DIGEST].decode("latin-1"), _known(key, stored))


@lru_cache(maxsize=NAMES)
def _entity(keys: Keys, key: EntityKey) -> Wanted:
    return Wanted(f"E {name_of(key)}", (keys.state(key),), lambda stored: _known(key, stored[0]))


@lru_cache(maxsize=NAMES)
def _listing(keys: Keys, question: Question) -> Wanted:
    return Wanted(f"Q {name_of_question(question)}", (keys.listing(question),), _first(decode_listing))


@lru_cache(maxsize=NAMES)
def _links(keys: Keys, question: Question) -> Wanted:
    number = _number(question)
    return Wanted(f"L {number}", tuple(keys.all_links(number)), _all_ids)


def _merged(seen: Iterable[tuple[Known, Nature]]) -> dict[EntityKey, tuple[Known, Nature]]:
    merged: dict[EntityKey, tuple[Known, Nature]] = {}
    for known, nature in seen:
        other = merged.get(known.key)
        merged[known.key] = (known if other is None else merge(other[0], known, nature), nature)
    return merged


def _is_transition(before: Known | None, after: Known) -> bool:
    """Whether something else is known now, and not only for longer."""
    return before is None or _substance(before) != _substance(after)


def _substance(known: Known) -> tuple[Any, ...]:
    return (known.current and known.current.digest, known.occurrences, known.retracted)


def _numbers(known: Known | None) -> frozenset[str]:
    """Under what the entity is found by what it says itself."""
    if known is None:
        return frozenset()
    source, kind = known.key.source, known.key.kind
    return frozenset(name_of_number(source, kind, each.scheme, each.value) for each in linked_to(known))


def _number(question: Question) -> str:
    lookup = question.lookup
    return name_of_number(question.source, lookup.kind, lookup.by.scheme, lookup.by.value)


def digest_of(stored: bytes) -> str:
    """What stands before bytes in the store, to tell whether they are still the same."""
    return hashlib.sha256(stored).hexdigest()[:DIGEST]


def _known(key: EntityKey, stored: bytes | None) -> Known | None:
    return decode(key, stored[DIGEST:]) if stored else None


def _written(stored: bytes) -> "Written":
    return Written(stored[:DIGEST].decode("latin-1"), decode_conclusions(stored[DIGEST:]))


def _first(decoded: Callable[[bytes], T | None]) -> Callable[[Sequence[bytes | None]], T | None]:
    return lambda stored: decoded(stored[0]) if stored[0] else None


def _all_ids(stored: Sequence[bytes | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for ids in stored if ids for each in decode_ids(ids)))
