"""The inbox: a stream of letters that were taken and are settled one batch after another.

What came together is one entry. An entry is kept after it was settled, as the journal from which state can be settled
again. What is accepted is on disk before it is acknowledged to its sender, as far as the Redis is append-only.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from hashlib import blake2b
from itertools import groupby
from typing import Any, Literal
from uuid import uuid4

import msgspec
import redis.exceptions
from msgspec import Struct

from cache.connections import store_failures
from cache.server import Script, Server, Step
from domain.errors import InboxFull

ACCEPT, DONE, SETTLED, TRIM = (Script.named(name) for name in ("accept", "done", "settled", "trim"))

GROUP = "workers"

REMEMBERED = timedelta(hours=72)
"""How long the id of an event is remembered; senders repeat for up to three days."""

MOST_WAITING = 100_000
"""Letters that may wait; then senders are asked to come later, before memory is in danger."""

MOST_TOGETHER = 1_000
"""Letters in one entry."""

PAGE = 100
"""Entries of the journal that are read at once."""


class Accepted(Enum):
    """What became of a letter at the door."""

    ACCEPTED = "ACCEPTED"
    DUPLICATE = "DUPLICATE"


_CODES: Mapping[int, Accepted] = {ord("A"): Accepted.ACCEPTED, ord("D"): Accepted.DUPLICATE}


class Letter(Struct, frozen=True, array_like=True):
    """An event, or a vendor's message, as it is kept in the inbox.

    Attributes:
        form: how its body is read: a canonical event, or whatever the source's own inbox understands.
        source: configured id of who sent it.
        id: unique within the source; the same id is the same event.
        body: as it came, or for a canonical event in structured mode.
        received_at: our clock.
        correlation_id: of the request that brought it.
        headers: of a vendor's message, names in lower case.
        attempts: how often it was tried and parked before.
    """

    form: Literal["event", "message"]
    source: str
    id: str
    body: bytes
    received_at: datetime
    correlation_id: str
    headers: dict[str, str] = {}
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """Letters of one source that came together.

    Attributes:
        number: where it is in the stream; later is greater.
        source: configured id of who sent them.
        letters: what was taken.
        conflicts: those of them whose id was used before, for something else.
    """

    number: str
    source: str
    letters: tuple[Letter, ...]
    conflicts: tuple[Letter, ...] = ()

    @property
    def size(self) -> int:
        """How many letters there are in it."""
        return len(self.letters) + len(self.conflicts)


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Letter)


@dataclass(frozen=True, slots=True)
class Retention:
    """How much of the journal is kept.

    Attributes:
        time: entries that are older go.
        size: bytes of memory; beyond, the oldest entries go.
    """

    time: timedelta
    size: int


class InboxStream:
    """The inbox of one tenant.

    Args:
        server: where it is.
        prefix: makes its keys: all share a hash tag.
        retention: how much of it is kept after it was settled.
    """

    def __init__(self, server: Server, prefix: str, retention: Retention) -> None:
        self._server = server
        self._retention = retention
        self._stream, self._waiting = f"{prefix}:inbox", f"{prefix}:pending"
        self._seen = f"{prefix}:seen"
        self.consumer = uuid4().hex

    async def accept(self, letters: Sequence[Letter]) -> list[Accepted]:
        """Take letters in; what is there already is left out. Those of one source are taken together, or none.

        Raises:
            InboxFull: too many wait already.
            StoreFull: there is no room.
            StoreUnavailable: the store does not answer; nothing is known to be taken.
        """
        places = sorted(range(len(letters)), key=lambda place: letters[place].source)
        groups = [list(group) for _, group in groupby(places, key=lambda place: letters[place].source)]
        bundles = [group[i : i + MOST_TOGETHER] for group in groups for i in range(0, len(group), MOST_TOGETHER)]
        answers = await self._server.run([self._step([letters[place] for place in bundle]) for bundle in bundles])
        if b"F" in answers:
            raise InboxFull
        outcomes = {
            place: _CODES[code]
            for bundle, answer in zip(bundles, answers, strict=True)
            for place, code in zip(bundle, answer, strict=True)
        }
        return [outcomes[place] for place in range(len(letters))]

    async def open(self) -> None:
        """Make sure that there is a group of workers."""
        try:
            await self._server.command("XGROUP", "CREATE", self._stream, GROUP, "0", "MKSTREAM")
        except redis.exceptions.ResponseError as error:
            if "BUSYGROUP" not in str(error):
                with store_failures():
                    raise

    async def take(self, most: int, wait: timedelta) -> list[Entry]:
        """Entries that nobody has taken yet; waits for a while if there are none."""
        block = str(int(wait.total_seconds() * 1_000))
        found = await self._read("COUNT", str(most), "BLOCK", block, "STREAMS", self._stream, ">")
        return [_entry(*each) for each in found]

    async def take_again(self, most: int, idle: timedelta) -> list[Entry]:
        """Entries that somebody took so long ago that they will not come back to them."""
        least = str(int(idle.total_seconds() * 1_000))
        command = ("XAUTOCLAIM", self._stream, GROUP, self.consumer, least, "0-0", "COUNT", str(most))
        claimed = await self._of_the_group(*command)
        return [_entry(*each) for each in claimed[1] if each is not None] if claimed else []

    async def done(self, entries: Sequence[Entry]) -> None:
        """They are settled or parked.

        Raises:
            StoreUnavailable: the store does not answer; they will come again, which does no harm.
        """
        if entries:
            told = [part for each in entries for part in (each.number, each.source, each.size)]
            await self._server.run([Step(DONE, [self._stream, self._waiting], [GROUP, *told])])

    async def pending(self) -> dict[str, int]:
        """How many letters of each source are neither settled nor parked."""
        return counts(await self._server.command("HGETALL", self._waiting))

    async def waiting(self) -> int:
        """How many letters are neither settled nor parked."""
        return sum((await self.pending()).values())

    async def journal(self, since: datetime | None = None, until: datetime | None = None) -> AsyncIterator[Entry]:
        """Every entry that is kept and was settled, oldest first, by when it was taken in.

        What waits to be settled is not the past yet: who settles it first tells it, and a replay tells nobody.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        settled = await self._settled()
        first, last = _number(since) or "-", _number(until) or "+"
        while found := await self._server.command("XRANGE", self._stream, first, last, "COUNT", str(PAGE)):
            for number, fields in found:
                if not settled(number):
                    return
                yield _entry(number, fields)
            first = f"({found[-1][0].decode()}"

    async def _settled(self) -> Callable[[bytes], bool]:
        """Whether an entry is, and all before it: by its number, as of now."""
        [[delivered, waiting]] = await self._server.run([Step(SETTLED, [self._stream], [GROUP])])
        last, first = _order(delivered), _order(waiting) if waiting else None
        return lambda number: _order(number) <= last and (first is None or _order(number) < first)

    async def length(self) -> int:
        """How many entries are kept.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        return int(await self._server.command("XLEN", self._stream))

    async def trim(self, now: datetime) -> int:
        """Keep the journal within its time and its size; what is not settled is kept. Says how many entries went.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        oldest = _number(now - self._retention.time) or "0"
        step = Step(TRIM, [self._stream], [GROUP, oldest, self._retention.size])
        return int((await self._server.run([step]))[0])

    async def _read(self, *arguments: str) -> Sequence[Any]:
        answer = await self._of_the_group("XREADGROUP", "GROUP", GROUP, self.consumer, *arguments)
        if not answer:
            return ()
        streams = answer.values() if isinstance(answer, dict) else [entries for _, entries in answer]
        return next(iter(streams), ())

    async def _of_the_group(self, *command: str) -> Any:  # noqa: ANN401  # whatever the command answers
        """What a command answers; nothing, and there is a group again, where the store was emptied meanwhile."""
        try:
            return await self._server.command(*command)
        except redis.exceptions.ResponseError as error:
            if "NOGROUP" not in str(error):
                with store_failures():
                    raise
            await self.open()
            return None

    def _step(self, letters: Sequence[Letter]) -> Step:
        source = letters[0].source
        arguments: list[str | int | bytes] = [source, int(REMEMBERED.total_seconds()), MOST_WAITING]
        for letter in letters:
            arguments += (blake2b(letter.body, digest_size=16).digest(), _encoder.encode(letter))
        seen = [
            f"{self._seen}:{blake2b(f'{source}/{each.id}'.encode(), digest_size=16).hexdigest()}" for each in letters
        ]
        return Step(ACCEPT, [self._stream, self._waiting, *seen], arguments)


def _number(moment: datetime | None) -> str | None:
    """The first number that an entry of this moment can have."""
    return None if moment is None else str(int(moment.timestamp() * 1_000))


def _order(number: bytes) -> tuple[int, int]:
    """The number of an entry, so that numbers can be compared."""
    milliseconds, _, place = number.partition(b"-")
    return int(milliseconds), int(place or 0)


def pairs(fields: Any) -> Iterable[tuple[bytes, bytes]]:  # noqa: ANN401  # as below
    """The fields of a stream's entry: a mapping, or a flat list, depending on the protocol."""
    return fields.items() if isinstance(fields, dict) else zip(fields[::2], fields[1::2], strict=True)


def counts(fields: Any) -> dict[str, int]:  # noqa: ANN401  # see `pairs`
    """Counters by name."""
    return {name.decode(): int(count) for name, count in pairs(fields)}


def _entry(number: bytes, fields: Any) -> Entry:  # noqa: ANN401  # see `pairs`
    (_, source), *letters = pairs(fields)
    decoded = [(name.endswith(b"!"), _decoder.decode(each)) for name, each in letters]
    return Entry(
        number=number.decode(),
        source=source.decode(),
        letters=tuple(letter for is_conflict, letter in decoded if not is_conflict),
        conflicts=tuple(letter for is_conflict, letter in decoded if is_conflict),
    )
