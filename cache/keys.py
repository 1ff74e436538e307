"""Every Redis key, and every name on the announcement channel, is made here.

All keys of one partition share a hash tag, so that a cluster keeps them on one node and a script may touch them in one
atomic step. An entity belongs to one partition for ever; what links to it is kept there, too. A single Redis has one
partition, a cluster several.
"""

import hashlib
import re
import zlib
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import chain, count
from typing import NamedTuple
from urllib.parse import quote, unquote

from msgspec import Struct
from redis.crc import key_slot

from domain.identity import NAMES, CaseKey, EntityKey, EntityKind, Scheme, entity_key
from domain.lookup import Question
from domain.prediction import Lane
from domain.stages import Stage

PREFIX = "casefold"
DIGITS = 32
"""Hexadecimal digits of a digest in a key."""

_AT = quote("@", safe="")
_ADDRESS = re.compile(rf"[^:]*{_AT}[^:]*")

_PLAIN = re.compile(r"[A-Za-z0-9_.~-]*")
"""What `quote` leaves as it is."""

SLOTS = 16_384
"""Hash slots of a cluster."""


def spelled(*parts: str) -> str:
    """Parts joined so that no two lists of parts give the same text, and none of them can close a hash tag."""
    return ":".join(map(_quoted, parts))


def _quoted(part: str) -> str:
    """Nothing of it is kept: of a number that another tenant has asked for, no trace may be there, not even of time."""
    return part if _PLAIN.fullmatch(part) else quote(part, safe="")


def _impersonal(name: str) -> str:
    """A name of a key in which what looks like a mail address is a digest; names are seen in logs and tools of a store.

    No part that is spelled has an `@`, so a digest is never taken for one.
    """
    if _AT not in name:
        return name
    return _ADDRESS.sub(lambda found: f"@{hashlib.sha256(found[0].encode()).hexdigest()[:DIGITS]}", name)


@cache
def _tag(tenant: str, partition: int, partitions: int) -> str:
    """What stands in braces and so decides the slot: chosen so that the partitions lie evenly over the slots."""
    tags = (f"{spelled(tenant)}:{n}" for n in count())
    return next(tag for tag in tags if key_slot(tag.encode()) * partitions // SLOTS == partition)


@lru_cache(maxsize=NAMES)
def name_of(key: EntityKey) -> str:
    """An entity as a member of a link list, or as named by an announcement."""
    return spelled(key.source, key.kind.value, key.id)


@lru_cache(maxsize=NAMES)
def name_of_question(question: Question) -> str:
    """A question as named by an announcement."""
    by = question.lookup.by
    return spelled(question.source, question.lookup.kind.value, by.scheme.value, by.value, by.issuer or "")


@lru_cache(maxsize=NAMES)
def name_of_number(source: str, kind: EntityKind, scheme: Scheme, value: str) -> str:
    """A number, whoever issued it, under which entities of one kind of one source are found."""
    return spelled(source, kind.value, scheme.value, value)


def name_of_case(key: CaseKey) -> str:
    """The key of a view."""
    return spelled(key.scheme.value, key.value)


def name_of_order(number: str) -> str:
    """An order, whoever keeps it."""
    return spelled(number)


def agenda_of_entity(name: str) -> str:
    """An entity, by its name, as the agenda calls it."""
    return f"E {name}"


def agenda_of_order(number: str) -> str:
    """An order as the agenda calls it."""
    return f"O {spelled(number)}"


def named_by_agenda(name: str, tenant: str) -> EntityKey | str:
    """What is on the agenda: an entity, or the number of an order."""
    what, _, spelled = name.partition(" ")
    parts = [unquote(part) for part in spelled.split(":")]
    return entity_key(tenant, parts[0], EntityKind(parts[1]), parts[2]) if what == "E" else parts[0]


class Place(NamedTuple):
    """Where something is kept.

    Attributes:
        name: what it is called.
        partition: where it belongs.
        key: of its value.
    """

    name: str
    partition: int
    key: str


class Keys(Struct, frozen=True, cache_hash=True):
    """The keys of one tenant.

    Attributes:
        tenant: whose.
        partitions: how many hash tags its keys are spread over; fixed for the life of the state.
    """

    tenant: str
    partitions: int = 1

    def partition(self, name: str) -> int:
        """Where something of this name belongs."""
        return zlib.crc32(name.encode()) % self.partitions

    def place(self, of: EntityKey | Question) -> Place:
        """Where what is known of an entity is, or what a source answered when it was asked for a number."""
        return _place(self, of)

    def state(self, key: EntityKey) -> str:
        """What is known of an entity."""
        return _place(self, key).key

    def links(self, number: str, partition: int) -> str:
        """Ids of the entities of a partition that name a number."""
        return self._key(partition, "links", number)

    def all_links(self, number: str) -> list[str]:
        """`links` of every partition."""
        return [self.links(number, partition) for partition in range(self.partitions)]

    def listing(self, question: Question) -> str:
        """What a source answered when it was asked for a number."""
        return _place(self, question).key

    def footprint(self, key: CaseKey) -> str:
        """What a view of this key looked at last time."""
        name = name_of_case(key)
        return self._key(self.partition(name), "footprint", name)

    def feed(self, source: str) -> str:
        """What has been heard of a source's feed."""
        return self._key(self.partition(source), "feed", spelled(source))

    def named(self, name: str) -> str:
        """Where something is that announcements call so; of what is spread over partitions, where the first part is."""
        kind, _, rest = name.partition(" ")
        match kind:
            case "E":
                return self._state(rest)
            case "Q":
                return self._listing(rest)
            case "L":
                return self.links(rest, 0)
            case "D":
                return self._conclusions(rest)
            case "F":
                return self.feed(rest)
            case _:
                raise ValueError(f"nothing is called {kind}")

    def answer(self, name: str) -> str:
        """An answer that one process has found for others."""
        return self._key(self.partition(name), "answer", name)

    def lease(self, what: str) -> str:
        """Who does something that is done by one at a time."""
        return self._key(self.partition(what), "lease", what)

    def inbox(self) -> str:
        """What the keys of the inbox begin with; all of them are on one node."""
        return self._key(0, "events")

    def outgoing_inbox(self) -> str:
        """What the keys begin with of deliveries that nobody took."""
        return self._key(0, "deliveries")

    def transitions(self, partition: int) -> str:
        """Stream of the state transitions of a partition."""
        return self._key(partition, "transitions")

    def outgoing(self, partition: int) -> str:
        """Stream of the operational events that the transitions of a partition gave."""
        return self._key(partition, "outgoing")

    def told(self, partition: int) -> str:
        """Ids of those of them that are told already."""
        return self._key(partition, "told")

    def agenda(self, partition: int) -> str:
        """What has to be thought about in a partition, by when."""
        return self._key(partition, "agenda")

    def conclusions(self, number: str) -> str:
        """What was concluded about an order."""
        return self._conclusions(name_of_order(number))

    def board_rows(self, partition: int) -> str:
        """The rows of the stall board of a partition, by name."""
        return self._key(partition, "board")

    def board(self, partition: int, stage: Stage, attributes: Iterable[tuple[str, str]]) -> str:
        """The rows of a stage that have these attributes, by when they are overdue."""
        return self._key(partition, "board", spelled(stage.value, *chain.from_iterable(attributes)))

    def experience(self, lane: Lane) -> str:
        """What the keys begin with of what the deliveries of a lane have taught."""
        return self._key(self.partition(lane.name), "experience", lane.name)

    def rates(self) -> str:
        """What the keys begin with that count who asks how often; no two of them are needed together."""
        return spelled(PREFIX, self.tenant, "rates")

    def announcements(self) -> str:
        """Channel on which every write names what it changed."""
        return spelled(PREFIX, self.tenant, "announcements")

    def meta(self) -> str:
        """What the state as a whole is made like."""
        return spelled(PREFIX, self.tenant, "meta")

    def _state(self, name: str) -> str:
        return self._key(self.partition(name), "state", name)

    def _listing(self, name: str) -> str:
        return self._key(self.partition(name), "listing", name)

    def _conclusions(self, name: str) -> str:
        return self._key(self.partition(name), "conclusions", name)

    def _key(self, partition: int, *parts: str) -> str:
        tag = _tag(self.tenant, partition, self.partitions)
        return f"{PREFIX}:{{{tag}}}:{_impersonal(':'.join(parts))}"


@lru_cache(maxsize=NAMES)
def _place(keys: Keys, of: EntityKey | Question) -> Place:
    what, name = ("state", name_of(of)) if isinstance(of, EntityKey) else ("listing", name_of_question(of))
    partition = keys.partition(name)
    return Place(name, partition, keys._key(partition, what, name))  # noqa: SLF001  # of this very module
