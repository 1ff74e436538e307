"""The inbox: a stream of events that were taken and are settled one batch after another.

An entry is kept after it was settled, as the journal from which state can be settled again. What is accepted is on disk
before it is acknowledged to its sender, as far as the Redis is append-only.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Literal
from uuid import uuid4

import redis.exceptions

from cache.connections import store_failures
from cache.server import Script, Server, Step

ACCEPT, AGAIN, DONE = Script.named("accept"), Script.named("again"), Script.named("done")

GROUP = "workers"

REMEMBERED = timedelta(hours=72)
"""How long the id of an event is remembered; senders repeat for up to three days."""

MOST_WAITING = 100_000
"""Events that may wait; then senders are asked to come later, before memory is in danger."""


class Accepted(Enum):
    """What became of an event at the door."""

    ACCEPTED = "ACCEPTED"
    DUPLICATE = "DUPLICATE"
    FULL = "FULL"


@dataclass(frozen=True, slots=True)
class Letter:
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
    headers: Mapping[str, str]
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A letter in the inbox.

    Attributes:
        number: where it is in the stream; later is greater.
        letter: what was taken.
        is_conflict: whether its id was used before, for something else.
    """

    number: str
    letter: Letter
    is_conflict: bool


class InboxStream:
    """The inbox of one tenant.

    Args:
        server: where it is.
        prefix: makes its keys: all share a hash tag.
    """

    def __init__(self, server: Server, prefix: str) -> None:
        self._server = server
        self._stream, self._waiting = f"{prefix}:inbox", f"{prefix}:waiting"
        self._seen = f"{prefix}:seen"
        self.consumer = uuid4().hex

    async def accept(self, letters: Sequence[Letter]) -> list[Accepted]:
        """Take letters in; each is taken or not for itself.

        Raises:
            StoreFull: there is no room.
            StoreUnavailable: the store does not answer; nothing is known to be taken.
        """
        answers = await self._server.run([self._step(letter) for letter in letters])
        return [Accepted(answer.decode()) for answer in answers]

    async def put_back(self, letters: Sequence[Letter]) -> None:
        """Take letters in again that were taken in before.

        Raises:
            StoreFull: there is no room.
            StoreUnavailable: the store does not answer.
        """
        steps = [Step(AGAIN, [self._stream, self._waiting], _fields(letter)) for letter in letters]
        await self._server.run(steps)

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
        claimed = await self._server.command(*command)
        return [_entry(*each) for each in claimed[1] if each is not None]

    async def done(self, entries: Sequence[Entry]) -> None:
        """They are settled or parked.

        Raises:
            StoreUnavailable: the store does not answer; they will come again, which does no harm.
        """
        if entries:
            numbers = [entry.number for entry in entries]
            await self._server.run([Step(DONE, [self._stream, self._waiting], [GROUP, *numbers])])

    async def waiting(self) -> int:
        """How many are neither settled nor parked."""
        [found] = await self._server.read([self._waiting])
        return int(found or 0)

    async def _read(self, *arguments: str) -> Sequence[Any]:
        answer = await self._server.command("XREADGROUP", "GROUP", GROUP, self.consumer, *arguments)
        if not answer:
            return ()
        streams = answer.values() if isinstance(answer, dict) else [entries for _, entries in answer]
        return next(iter(streams), ())

    def _step(self, letter: Letter) -> Step:
        digest = hashlib.sha256(letter.body).hexdigest()
        seen = f"{self._seen}:{hashlib.sha256(f'{letter.source}/{letter.id}'.encode()).hexdigest()[:32]}"
        arguments = [digest, int(REMEMBERED.total_seconds()), MOST_WAITING, *_fields(letter)]
        return Step(ACCEPT, [self._stream, seen, self._waiting], arguments)


def _fields(letter: Letter) -> Sequence[str | bytes]:
    """The letter as names and values of an entry."""
    fields: dict[str, str | bytes] = {
        "form": letter.form,
        "source": letter.source,
        "id": letter.id,
        "body": letter.body,
        "received": letter.received_at.isoformat(),
        "correlation": letter.correlation_id,
        "attempts": str(letter.attempts),
    }
    fields |= {f"header:{name}": value for name, value in letter.headers.items()}
    return [part for field in fields.items() for part in field]


def pairs(fields: Any) -> Iterable[tuple[bytes, bytes]]:  # noqa: ANN401  # as below
    """The fields of a stream's entry: a mapping, or a flat list, depending on the protocol."""
    return fields.items() if isinstance(fields, dict) else zip(fields[::2], fields[1::2], strict=True)


def _entry(number: bytes, fields: Any) -> Entry:  # noqa: ANN401  # see `pairs`
    text = {name.decode(): value for name, value in pairs(fields)}
    headers = {name[7:]: value.decode() for name, value in text.items() if name.startswith("header:")}
    letter = Letter(
        form="event" if text["form"] == b"event" else "message",
        source=text["source"].decode(),
        id=text["id"].decode(),
        body=text["body"],
        received_at=datetime.fromisoformat(text["received"].decode()),
        correlation_id=text["correlation"].decode(),
        headers=headers,
        attempts=int(text["attempts"]),
    )
    return Entry(number.decode(), letter, "conflict" in text)
