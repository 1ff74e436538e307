"""What is written of entities and listings, made into atomic steps: one for each partition, however many they are."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from cache.codec import decode, encode, encode_ids, encode_listing, encode_operational
from cache.keys import Keys, agenda_of_entity, name_of_number
from cache.own_writes import Copy
from cache.server import Script, Step
from domain.identity import EntityKey, EntityKind
from domain.known import Known
from domain.listing import Listing, linked_to
from domain.lookup import Question
from domain.operational import news_of

SETTLE = Script.named("settle")

KEPT_SECONDS = int(timedelta(days=90).total_seconds())
"""How long an entity, or a listing, is kept after it was last written."""

TRANSITIONS = 100_000
"""Transitions that a partition's stream keeps, about."""

OUTGOING = 100_000
"""Operational events that a partition's stream keeps, about, for those who are told of them."""

LONGEST_LINKS = 1_000
"""Entities that one number leads to, per partition; beyond that the longest linked are dropped, and it is logged."""

MOST_AT_ONCE = 100
"""Entities, and listings, of one step: while it runs, Redis does nothing else."""

THOUGHT_ABOUT = frozenset(EntityKind) - {EntityKind.INVENTORY}
"""Kinds that conclusions about orders are drawn from; stock is of too many orders, and is looked at with each."""

DIGEST = 32
"""Characters of a digest."""


class Present(NamedTuple):
    """What is thought to be stored."""

    digest: str
    known: Known | None

    @classmethod
    def of(cls, known: Known | None) -> "Present":
        """What was looked up before."""
        if known is None:
            return cls("", None)
        return cls(known.kept_as or digest_of(encode(known)), known)

    @classmethod
    def read(cls, key: EntityKey, stored: bytes) -> "Present":
        """What somebody else has written."""
        return cls(stored[:DIGEST].decode("latin-1"), read_known(key, stored))


class _Entity(Struct, omit_defaults=True):
    """What `settle.lua` is told of one entity.

    Attributes:
        name: as announcements and transitions name it.
        state: what is written, digest first.
        expected: digest of what is thought to be stored; empty: nothing.
        numbers: names of the link lists that lead elsewhere now.
        id: what is put into link lists, and taken from them.
        added: how many link lists it is put into.
        removed: from how many it is taken.
        is_transition: whether something else is known now.
        agenda: what the agenda calls it; empty: there is nothing to be thought about.
        news: id and text of each event that the transition gives.
    """

    name: str
    state: str
    expected: str = ""
    numbers: Sequence[str] = ()
    id: str = ""
    added: int = 0
    removed: int = 0
    is_transition: bool = False
    agenda: str = ""
    news: Sequence[tuple[str, str]] = ()


class _Listing(Struct):
    """What `settle.lua` is told of one listing; its value begins with its moment, so that later is greater."""

    name: str
    value: str


class _Writing(Struct):
    """What `settle.lua` is told; in one piece, because many small arguments cost more than what they say.

    Attributes:
        channel: on which it is announced.
        entities: in the order of their keys.
        listings: in the order of their keys.
        seconds: how long it is kept.
        longest_transitions: entries of the stream of transitions, about.
        longest_links: ids of a link list.
        longest_outgoing: entries of the stream of outgoing events, about.
    """

    channel: str
    entities: Sequence[_Entity]
    listings: Sequence[_Listing]
    seconds: int
    longest_transitions: int
    longest_links: int
    longest_outgoing: int


class Put(NamedTuple):
    """What is written of one entity.

    Attributes:
        known: what is known of it once this is written.
        size: of it, in bytes.
        partition: where it belongs.
        keys: of its state, then of the link lists that change.
        told: what the script is told.
    """

    known: Known
    size: int
    partition: int
    keys: Sequence[str]
    told: _Entity

    @classmethod
    def of(cls, keys: Keys, present: Present, after: Known, told_by: str | None, *, is_news: bool) -> "Put":
        """Everything that goes with it.

        Args:
            keys: of the tenant.
            present: what is thought to be stored.
            after: what is known now.
            told_by: correlation id of what brought it.
            is_news: whether the outside is told of what changes.
        """
        place = keys.place(after.key)
        encoded = encode(after)
        digest = digest_of(encoded)
        is_transition = _is_transition(present.known, after)
        added, removed = _links(present.known, after, is_transition=is_transition)
        told = _Entity(place.name, digest + encoded.decode(), present.digest)
        if is_transition or added or removed:
            news = news_of(present.known, after, told_by) if is_transition and is_news else ()
            told.numbers = _changed(present.known, added, removed)
            told.id = encode_ids([after.key.id]).decode()
            told.added, told.removed = len(added), len(removed)
            told.is_transition = is_transition
            told.agenda = agenda_of_entity(place.name) if after.key.kind in THOUGHT_ABOUT else ""
            told.news = [(each.id, encode_operational(each).decode()) for each in news]
        links = [keys.links(number, place.partition) for number in (*added, *removed)]
        return cls(after.called(digest), len(encoded), place.partition, [place.key, *links], told)


class Listed(NamedTuple):
    """What is written of one listing: the newer one stays."""

    listing: Listing
    partition: int
    key: str
    told: _Listing

    @classmethod
    def of(cls, keys: Keys, question: Question, listing: Listing) -> "Listed":
        """What a source answered when it was asked."""
        place = keys.place(question)
        return cls(listing, place.partition, place.key, _Listing(place.name, encode_listing(listing).decode()))


class Settling(NamedTuple):
    """One step, and what is in it."""

    step: Step
    puts: Sequence[Put]
    listed: Sequence[Listed]

    @classmethod
    def all_of(cls, keys: Keys, puts: Iterable[Put], listed: Iterable[Listed]) -> Iterator["Settling"]:
        """As few steps as partitions and `MOST_AT_ONCE` allow."""
        partitions: dict[int, tuple[list[Put], list[Listed]]] = {}
        for put in puts:
            partitions.setdefault(put.partition, ([], []))[0].append(put)
        for each in listed:
            partitions.setdefault(each.partition, ([], []))[1].append(each)
        for partition, (of_entities, of_listings) in partitions.items():
            entities, listings = iter(of_entities), iter(of_listings)
            while True:
                some, more = list(islice(entities, MOST_AT_ONCE)), list(islice(listings, MOST_AT_ONCE))
                if not some and not more:
                    break
                yield cls(_step(keys, partition, some, more), some, more)

    def written(self, results: Sequence[Any]) -> dict[str, Copy | None]:
        """All that may have changed, by name; of what was written by this, the value."""
        copies: dict[str, Copy | None] = {}
        for put, result in zip(self.puts, results, strict=False):
            copy = Copy(put.known, put.size, put.known.kept_as) if result == 1 else None
            copies[f"E {put.told.name}"] = copy
            copies.update((f"L {number}", None) for number in put.told.numbers)
        for each, result in zip(self.listed, results[len(self.puts) :], strict=True):
            value = each.told.value
            copies[f"Q {each.told.name}"] = Copy(each.listing, len(value), value) if result == 1 else None
        return copies

    def conflicts(self, results: Sequence[Any]) -> Iterator[tuple[EntityKey, bytes]]:
        """The entities of which somebody else wrote first, and what that was."""
        for put, result in zip(self.puts, results, strict=False):
            if result != 1:
                yield put.known.key, result


_encoder = msgspec.msgpack.Encoder()


def _step(keys: Keys, partition: int, puts: Sequence[Put], listed: Sequence[Listed]) -> Step:
    touched = [
        keys.transitions(partition),
        keys.outgoing(partition),
        keys.told(partition),
        keys.agenda(partition),
        *(key for put in puts for key in put.keys),
        *(each.key for each in listed),
    ]
    writing = _Writing(
        keys.announcements(),
        [put.told for put in puts],
        [each.told for each in listed],
        KEPT_SECONDS,
        TRANSITIONS,
        LONGEST_LINKS,
        OUTGOING,
    )
    return Step(SETTLE, touched, [_encoder.encode(writing)])


def digest_of(stored: bytes) -> str:
    """What stands before bytes in the store, to tell whether they are still the same."""
    return hashlib.sha256(stored).hexdigest()[:DIGEST]


def read_known(key: EntityKey, stored: bytes | None) -> Known | None:
    """What is known of the entity, by the bytes that are stored of it; null for bytes that cannot be read."""
    known = decode(key, stored[DIGEST:]) if stored else None
    return known.called(stored[:DIGEST].decode("latin-1")) if stored and known else None


def _is_transition(before: Known | None, after: Known) -> bool:
    """Whether something else is known now, and not only for longer."""
    return before is None or _substance(before) != _substance(after)


def _substance(known: Known) -> tuple[Any, ...]:
    return (known.current and known.current.digest, known.occurrences, known.retracted)


def _links(before: Known | None, after: Known, *, is_transition: bool) -> tuple[list[str], list[str]]:
    """The numbers that it is to be found under, and those that it is not any more."""
    if not is_transition and not after.occurrences:  # the same snapshot, and nothing to fold into it
        return [], []
    old, new = _numbers(before), _numbers(after)
    return sorted(new if is_transition else new - old), sorted(old - new)  # adding again keeps a link from expiring


def _changed(before: Known | None, added: Sequence[str], removed: Sequence[str]) -> list[str]:
    """Those of them that lead to other entities now."""
    if not added and not removed:
        return []
    old = _numbers(before)
    return sorted({*removed, *(number for number in added if number not in old)})


def _numbers(known: Known | None) -> frozenset[str]:
    """Under what the entity is found by what it says itself."""
    if known is None:
        return frozenset()
    source, kind = known.key.source, known.key.kind
    return frozenset(name_of_number(source, kind, each.scheme, each.value) for each in linked_to(known))
