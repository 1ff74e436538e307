"""What is known of every entity, kept in Redis.

The contract: `settle` merges what was seen into what is known, and whatever the order in which processes settle, the
result is the same; what is read back is never older than what was read before. State, links, the transition and the
announcement of one entity are written in one atomic step or not at all. Reading, and settling, any number of them is
one round trip, and one more each time that somebody else wrote first.
"""

import asyncio
import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any, TypeVar

import structlog

from cache.codec import (
    Footprint,
    decode_conclusions,
    decode_feed,
    decode_footprint,
    decode_ids,
    decode_listing,
    encode_feed,
    encode_footprint,
)
from cache.keys import Keys, name_of, name_of_case, name_of_number, name_of_order, name_of_question
from cache.own_writes import Copy
from cache.server import Script, Server, Step
from cache.settling import DIGEST, LONGEST_LINKS, Listed, Present, Put, Settling, read_known
from domain.conclusions import Conclusions
from domain.errors import StoreUnavailable
from domain.feed import Feed
from domain.identity import NAMES, CaseKey, EntityKey
from domain.known import Known, Nature, merge
from domain.listing import Listing
from domain.lookup import Question

SWAP = Script.named("swap")

FOOTPRINT_SECONDS = int(timedelta(days=7).total_seconds())

ATTEMPTS = 20
"""How often a write is tried again because somebody else wrote first."""

RETREAT_SECONDS = 0.01
"""Longest pause before a write is tried again."""

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
        written: told the names of everything that was written from here, before it is announced to everybody.
        dropped_links: how many links had no room; that there are any is logged once.
    """

    def __init__(self, server: Server, keys: Keys) -> None:
        self.server = server
        self.keys = keys
        self.written: Callable[[Collection[str]], None] = lambda _: None
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
        return _footprint(self.keys, key)

    def conclusions(self, number: str) -> Wanted:
        """What was concluded about an order: `Written`."""
        return Wanted(f"D {name_of_order(number)}", (self.keys.conclusions(number),), _first(_written))

    def feed(self, source: str) -> Wanted:
        """What has been heard of a feed."""
        return _feed(self.keys, source)

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
        written: Callable[[Mapping[str, Copy | None]], None] | None = None,
    ) -> dict[EntityKey, Known]:
        """Merge what was seen into what is known.

        Args:
            seen: what was seen, with the nature of its kind; several of one entity are merged first.
            listings: what was answered.
            before: what was known when it was looked up; if it still is, a round trip is saved.
            told_by: correlation ids of what brought it.
            is_news: whether the outside is told of what changes.
            written: told instead of `Store.written`, and what was written under each name, where that is known.

        Returns:
            What is known now of each entity.

        Raises:
            StoreFull: there is no room.
            StoreUnavailable: the store does not answer, or others write the same entity without end.
        """
        pending = _merged(seen)
        now: dict[EntityKey, Known] = {}
        present = {key: Present.of((before or {}).get(key)) for key in pending}
        listed = [Listed.of(self.keys, question, listing) for question, listing in (listings or {}).items()]
        for _ in range(ATTEMPTS):
            puts = []
            for key, (known, nature) in pending.items():
                then = present[key]
                after = known if then.known is None else merge(then.known, known, nature)
                if after == then.known:
                    now[key] = then.known
                    continue
                put = Put.of(self.keys, then, after, (told_by or {}).get(key), is_news=is_news)
                now[key] = put.known
                puts.append(put)
            conflicts = await self._write(puts, listed, written or self.written)
            if not conflicts:
                return now
            pending, listed = {key: pending[key] for key in conflicts}, []
            present.update({key: Present.read(key, stored) for key, stored in conflicts.items()})
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
        self.written([self.footprint(key).name for key in footprints])

    async def _write(
        self, puts: Iterable[Put], listed: Iterable[Listed], written: Callable[[Mapping[str, Copy | None]], None]
    ) -> dict[EntityKey, bytes]:
        """Write all that nobody else has written meanwhile; gives what they have written of the others."""
        settlings = list(Settling.all_of(self.keys, puts, listed))
        results = await self.server.run([each.step for each in settlings]) if settlings else []
        conflicts: dict[EntityKey, bytes] = {}
        for settling, (dropped, *ends) in zip(settlings, results, strict=True):
            self._count_dropped(dropped)
            conflicts.update(settling.conflicts(ends))
            written(settling.written(ends))
        return conflicts

    def _count_dropped(self, links: int) -> None:
        if links and not self.dropped_links:
            log.error("links dropped", longest=LONGEST_LINKS)
        self.dropped_links += links


@lru_cache(maxsize=NAMES)
def _entity(keys: Keys, key: EntityKey) -> Wanted:
    return Wanted(f"E {name_of(key)}", (keys.state(key),), lambda stored: read_known(key, stored[0]))


@lru_cache(maxsize=NAMES)
def _listing(keys: Keys, question: Question) -> Wanted:
    return Wanted(f"Q {name_of_question(question)}", (keys.listing(question),), _first(decode_listing))


@lru_cache(maxsize=NAMES)
def _feed(keys: Keys, source: str) -> Wanted:
    return Wanted(f"F {source}", (keys.feed(source),), _first(decode_feed))


@lru_cache(maxsize=NAMES)
def _footprint(keys: Keys, key: CaseKey) -> Wanted:
    return Wanted(f"C {name_of_case(key)}", (keys.footprint(key),), _first(decode_footprint))


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


def _number(question: Question) -> str:
    lookup = question.lookup
    return name_of_number(question.source, lookup.kind, lookup.by.scheme, lookup.by.value)


def _written(stored: bytes) -> "Written":
    return Written(stored[:DIGEST].decode("latin-1"), decode_conclusions(stored[DIGEST:]))


def _first(decoded: Callable[[bytes], T | None]) -> Callable[[Sequence[bytes | None]], T | None]:
    return lambda stored: decoded(stored[0]) if stored[0] else None


def _all_ids(stored: Sequence[bytes | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for ids in stored if ids for each in decode_ids(ids)))
