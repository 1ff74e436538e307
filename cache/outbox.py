"""The operational events that go out: followed by those who are connected, and taken, one by one, by those who deliver.

Every partition of the store has a stream of its own; together they are the outbox. Each stream is ordered, so the
events of one entity are; across streams there is no order.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import redis.exceptions

from cache.codec import decode_operational
from cache.connections import store_failures
from cache.inbox import pairs
from cache.keys import Keys
from cache.lease import Leases
from cache.stopping import stop
from cache.store import Store
from domain.errors import StoreUnavailable
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

    async def follow(self) -> AsyncGenerator[Told]:
        """Every event from now on, for ever; while the store is down it waits, and then goes on where it was."""
        heard: asyncio.Queue[Told] = asyncio.Queue(PAGE)
        tails: dict[int, asyncio.Task[None]] = {}
        try:
            while True:
                for partition in self.partitions:
                    if partition not in tails:
                        tails[partition] = asyncio.create_task(self._tail(partition, heard))
                with suppress(TimeoutError):
                    async with asyncio.timeout(WAIT.total_seconds()):
                        told = await heard.get()
                    yield told
        finally:
            await stop(tails.values())

    async def _tail(self, partition: int, heard: asyncio.Queue[Told]) -> None:
        last: str | None = None
        while True:
            try:
                last = last or await self._end(partition)
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
        return newest[0][0].decode() if newest else "0-0"

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


class Broadcast:
    """One reading of the outbox for everybody who is connected to this process.

    Args:
        outbox: what is read, as long as somebody listens.
    """

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._listeners: set[asyncio.Queue[OperationalEvent | None]] = set()
        self._reading: asyncio.Task[None] | None = None

    async def listen(self) -> AsyncGenerator[OperationalEvent]:
        """Every event from now on; ends for who is too slow to take them, rather than leave some out."""
        queue: asyncio.Queue[OperationalEvent | None] = asyncio.Queue(MOST_UNHEARD)
        self._listeners.add(queue)
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())
        try:
            while (event := await queue.get()) is not None:
                yield event
        finally:
            self._listeners.discard(queue)

    async def aclose(self) -> None:
        """Stop reading; everybody who listens is told that it ends."""
        if self._reading is not None:
            await stop([self._reading])
        for queue in tuple(self._listeners):
            self._end(queue)

    async def _read(self) -> None:
        async with aclosing(self._outbox.follow()) as told:
            async for each in told:
                for queue in tuple(self._listeners):
                    self._pass_on(each.event, queue)
                await asyncio.sleep(0)  # a burst must not fill the queues of those who would take it

    def _pass_on(self, event: OperationalEvent, queue: asyncio.Queue[OperationalEvent | None]) -> None:
        if queue.full():
            self._end(queue)
        else:
            queue.put_nowait(event)

    def _end(self, queue: asyncio.Queue[OperationalEvent | None]) -> None:
        self._listeners.discard(queue)
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)


MOST_UNHEARD = 1_000
"""Events that may wait for one who listens."""
