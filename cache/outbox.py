"""The operational events that go out: followed by those who are connected, and taken, one by one, by those who deliver.

Every partition of the store has a stream of its own; together they are the outbox. Each stream is ordered, so the
events of one entity are; across streams there is no order.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import redis.exceptions

from cache.codec import decode_operational
from cache.connections import store_failures
from cache.cursor import BEGINNING, cursor_of, is_later, place_of
from cache.inbox import pairs
from cache.keys import Keys
from cache.lease import Leases
from cache.settling import OUTGOING
from cache.stopping import stop
from cache.store import Store
from domain.errors import CursorExpired, FellBehind, StoreUnavailable
from domain.operational import OperationalEvent

CONSUMER = "deliverer"
"""Whoever delivers for a receiver goes by this name: there is one at a time, and the next takes over what is left."""

WAIT = timedelta(seconds=1)
RETREAT_SECONDS = 0.5
PAGE = 200


@dataclass(frozen=True, slots=True)
class Told:
    """An event of the outbox.

    Attributes:
        partition: whose stream it is in.
        number: where it is there; later is greater.
        entity: which entity it is about.
        event: what happened.
    """

    partition: int
    number: str
    entity: str
    event: OperationalEvent


class Outbox:
    """The outbox of one tenant.

    Args:
        store: what its events are written by; over how many partitions is known once it was reached.
    """

    def __init__(self, store: Store) -> None:
        self._server = store.server
        self._store = store
        self._leases = Leases(store.server)

    @property
    def _keys(self) -> Keys:
        return self._store.keys

    @property
    def partitions(self) -> range:
        """One stream each."""
        return range(self._keys.partitions)

    async def end(self) -> list[str]:
        """The newest position of every partition.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        return [await self._end(partition) for partition in self.partitions]

    async def page(self, partition: int, position: str) -> list[Told]:
        """What comes after a position, oldest first; none: there is nothing yet.

        Raises:
            CursorExpired: some of it may have been dropped from the stream.
            StoreUnavailable: the store does not answer.
        """
        stream = self._keys.outgoing(partition)
        if position == BEGINNING:
            found = await self._server.command("XRANGE", stream, "-", "+", "COUNT", str(PAGE))
            # A stream loses its oldest only where it would be longer.
            is_whole = len(found) < PAGE or int(await self._server.command("XLEN", stream)) < OUTGOING
        else:
            found = await self._server.command("XRANGE", stream, position, "+", "COUNT", str(PAGE + 1))
            is_whole = bool(found) and found[0][0].decode() == position
            found = found[1:]
        if not is_whole:
            raise CursorExpired
        return _told(partition, found)

    async def follow(self, place: Sequence[str]) -> AsyncGenerator[Told]:
        """Every event after a place, for ever; while the store is down it waits, and then goes on where it was."""
        heard: asyncio.Queue[Told] = asyncio.Queue(PAGE)
        tails = [asyncio.create_task(self._tail(*each, heard)) for each in enumerate(place)]
        try:
            while True:
                yield await heard.get()
        finally:
            await stop(tails)

    async def _tail(self, partition: int, last: str, heard: asyncio.Queue[Told]) -> None:
        while True:
            try:
                command = ("XREAD", "COUNT", str(PAGE), "BLOCK", _milliseconds(WAIT), "STREAMS")
                found = _entries(await self._server.command(*command, self._keys.outgoing(partition), last))
            except StoreUnavailable:
                await asyncio.sleep(RETREAT_SECONDS)
                continue
            for told in _told(partition, found):
                last = told.number
                await heard.put(told)

    async def _end(self, partition: int) -> str:
        newest = await self._server.command("XREVRANGE", self._keys.outgoing(partition), "+", "-", "COUNT", "1")
        return str(newest[0][0], "utf-8") if newest else BEGINNING

    async def open(self, receiver: str) -> None:
        """Make sure that events are kept for a receiver from now on, if they are not already.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        for partition in self.partitions:
            try:
                stream = self._keys.outgoing(partition)
                await self._server.command("XGROUP", "CREATE", stream, receiver, "$", "MKSTREAM")
            except redis.exceptions.ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    with store_failures():
                        raise

    async def lease(self, receiver: str, seconds: float) -> bool:
        """Whether it is this process that delivers for a receiver now.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        return await self._leases.take([self._keys.lease(f"hook:{receiver}")], seconds) == [True]

    async def left(self, receiver: str, partition: int) -> list[Told]:
        """Events that were taken for a receiver and are not done, oldest first.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        found: list[Told] = []
        after = "0"
        while page := await self._take(receiver, partition, after, None):
            found += page
            after = page[-1].number
        return found

    async def take(self, receiver: str, partition: int) -> list[Told]:
        """New events for a receiver, in order; waits for a while if there are none.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        return await self._take(receiver, partition, ">", WAIT)

    async def done(self, receiver: str, told: Told) -> None:
        """One is delivered, or given up.

        Raises:
            StoreUnavailable: the store does not answer; it will come again.
        """
        await self._server.command("XACK", self._keys.outgoing(told.partition), receiver, told.number)

    async def _take(self, receiver: str, partition: int, after: str, wait: timedelta | None) -> list[Told]:
        block = () if wait is None else ("BLOCK", _milliseconds(wait))
        command = ("XREADGROUP", "GROUP", receiver, CONSUMER, "COUNT", str(PAGE), *block, "STREAMS")
        try:
            answer = await self._server.command(*command, self._keys.outgoing(partition), after)
        except redis.exceptions.ResponseError as error:
            if "NOGROUP" not in str(error):
                with store_failures():
                    raise
            await self.open(receiver)
            return []
        return _told(partition, _entries(answer))


def _milliseconds(wait: timedelta) -> str:
    return str(int(wait.total_seconds() * 1_000))


def _entries(answer: Any) -> Sequence[Any]:  # noqa: ANN401  # a mapping or a list, depending on the protocol
    if not answer:
        return ()
    streams = answer.values() if isinstance(answer, dict) else [entries for _, entries in answer]
    return next(iter(streams), ())


def _told(partition: int, entries: Sequence[Any]) -> list[Told]:
    told = []
    for number, fields in entries:
        if fields:  # null: it was dropped from the stream meanwhile
            found = dict(pairs(fields))
            event = decode_operational(found[b"event"])
            told.append(Told(partition, number.decode(), found[b"entity"].decode(), event))
    return told


@dataclass(frozen=True, slots=True)
class Heard:
    """An event as who listens is told of it.

    Attributes:
        event: what happened.
        place: up to where everything of the outbox has been told, this included.
    """

    event: OperationalEvent
    place: tuple[str, ...]

    @property
    def cursor(self) -> str:
        """After this, nothing is told again and nothing is left out."""
        return cursor_of(self.place)


class Broadcast:
    """One reading of the outbox for everybody who is connected to this process.

    Args:
        outbox: what is read, from when first somebody listens.
        is_ready: whether it is known by now over how many partitions it is spread.
    """

    def __init__(self, outbox: Outbox, is_ready: Callable[[], bool]) -> None:
        self._outbox = outbox
        self._is_ready = is_ready
        self._listeners: set[asyncio.Queue[Told | None]] = set()
        self._reading: asyncio.Task[None] | None = None
        self._place: list[str] = []
        self._is_placed = asyncio.Event()
        self._is_closed = False

    async def listen(self, after: str | None = None) -> AsyncGenerator[Heard]:
        """Every event after a cursor, each once; while the store is down it waits.

        Args:
            after: the cursor of the last event that was taken; null: everything from now on.

        Raises:
            InvalidRequest: it is no cursor.
            CursorExpired: what came after it is not kept any more.
            FellBehind: who listens is too slow; says from where to go on, rather than leave some out.
        """
        await self._begin()
        place = list(self._place) if after is None else place_of(after, len(self._place))
        if after is not None:
            async for told in self._missed(place):
                yield _heard(told, place)
        queue: asyncio.Queue[Told | None] = asyncio.Queue(MOST_UNHEARD)
        self._listeners.add(queue)
        try:
            if after is not None:  # once more: what came between the last look and now
                async for told in self._missed(place):
                    yield _heard(told, place)
            while (news := await queue.get()) is not None:
                if is_later(news.number, place[news.partition]):
                    yield _heard(news, place)
        finally:
            self._listeners.discard(queue)
        if not self._is_closed:
            raise FellBehind(cursor_of(place))

    async def now(self) -> str:
        """A cursor after everything that there is.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        if not self._is_ready():
            raise StoreUnavailable("it did not answer yet")
        return cursor_of(await self._outbox.end())

    async def aclose(self) -> None:
        """Stop reading; everybody who listens is told that it ends."""
        self._is_closed = True
        self._is_placed.set()
        if self._reading is not None:
            await stop([self._reading])
        for queue in tuple(self._listeners):
            self._end(queue)

    async def _begin(self) -> None:
        if self._reading is None and not self._is_closed:
            self._reading = asyncio.create_task(self._read())
        await self._is_placed.wait()

    async def _missed(self, place: list[str]) -> AsyncGenerator[Told]:
        """What the streams have after a place that moves on."""
        for partition in self._outbox.partitions:
            while page := await self._page(partition, place[partition]):
                for told in page:
                    yield told

    async def _page(self, partition: int, position: str) -> list[Told]:
        while True:
            with suppress(StoreUnavailable):
                return await self._outbox.page(partition, position)
            await asyncio.sleep(RETREAT_SECONDS)

    async def _read(self) -> None:
        self._place = await self._first_place()
        self._is_placed.set()
        async with aclosing(self._outbox.follow(self._place)) as told:
            async for each in told:
                self._place[each.partition] = each.number
                for queue in tuple(self._listeners):
                    self._pass_on(each, queue)
                await asyncio.sleep(0)  # a burst must not fill the queues of those who would take it

    async def _first_place(self) -> list[str]:
        while True:
            with suppress(StoreUnavailable):
                if self._is_ready():
                    return await self._outbox.end()
            await asyncio.sleep(RETREAT_SECONDS)

    def _pass_on(self, told: Told, queue: asyncio.Queue[Told | None]) -> None:
        if queue.full():
            self._end(queue)
        else:
            queue.put_nowait(told)

    def _end(self, queue: asyncio.Queue[Told | None]) -> None:
        self._listeners.discard(queue)
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)


def _heard(told: Told, place: list[str]) -> Heard:
    place[told.partition] = told.number
    return Heard(told.event, tuple(place))


MOST_UNHEARD = 1_000
"""Events that may wait for one who listens."""
