"""Hears what other gateways, and this one, have changed.

Every write names on one channel what it changed. Silence proves nothing by itself, so every gateway says now and then
that it is there: when not even that is heard, the channel is not to be trusted, and no near copy is used.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from uuid import uuid4

import structlog
from redis.asyncio.client import PubSub

from cache.connections import STORE_ERRORS
from cache.server import Server
from cache.stopping import stop
from domain.clock import Clock
from domain.errors import StoreUnavailable

BEAT_SECONDS = 1.0
"""How often a gateway says that it is there."""

SILENCE_SECONDS = 2 * BEAT_SECONDS
"""How long nothing at all may be heard."""

ALONE_SECONDS = 3 * BEAT_SECONDS
"""After how long without a word of others a gateway takes itself to be the only one."""

BEAT = "B"

log = structlog.get_logger()


class Announcements:
    """The channel, heard.

    Args:
        server: whose channel.
        channel: its name.
        clock: for how long it was silent.
        heard: told of changes that were announced together, values by name; empty where the name is all that is said.
        missed: told when changes may have been missed.
    """

    def __init__(
        self,
        server: Server,
        channel: str,
        clock: Clock,
        *,
        heard: Callable[[Mapping[str, str]], None],
        missed: Callable[[], None],
    ) -> None:
        self._server = server
        self._channel = channel
        self._clock = clock
        self._tell_heard = heard
        self._tell_missed = missed
        self._name = uuid4().hex
        self._heard_at: float | None = None
        self._heard_others_at = clock.monotonic()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def is_live(self) -> bool:
        """Whether every change is heard."""
        return self._heard_at is not None and self._clock.monotonic() - self._heard_at <= SILENCE_SECONDS

    @property
    def is_alone(self) -> bool:
        """Whether every change is heard, and nobody else has been for a while."""
        return self.is_live and self._clock.monotonic() - self._heard_others_at > ALONE_SECONDS

    def open(self) -> None:
        """Begin to listen."""
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._beat())]

    async def aclose(self) -> None:
        """Stop listening."""
        await stop(self._tasks)

    async def _listen(self) -> None:
        """Subscribe for ever: after every loss anew, on a connection of its own."""
        while True:
            client = self._server.subscriber()
            try:
                async with client.pubsub(ignore_subscribe_messages=False) as channel:
                    await channel.subscribe(self._channel)
                    await self._hear(channel)
            except (TimeoutError, *STORE_ERRORS):
                await asyncio.sleep(BEAT_SECONDS / 4)
            finally:
                self._heard_at = None
                with suppress(*STORE_ERRORS):
                    await client.aclose()

    async def _hear(self, channel: PubSub) -> None:
        while True:
            message = await channel.get_message(timeout=SILENCE_SECONDS)
            if message is None:
                log.warning("announcements silent", seconds=SILENCE_SECONDS)
                return
            if message["type"] == "subscribe":
                self._tell_missed()
            else:
                self._take(message["data"].decode())
            self._heard_at = self._clock.monotonic()

    def _take(self, announced: str) -> None:
        versions = {}
        for line in announced.split("\n"):
            kind, _, rest = line.partition(" ")
            if kind == BEAT:
                if rest != self._name:
                    self._heard_others_at = self._clock.monotonic()
            else:
                name, _, version = rest.partition(" ")
                versions[f"{kind} {name}"] = version
        if versions:
            self._tell_heard(versions)

    async def _beat(self) -> None:
        while True:
            with suppress(StoreUnavailable):
                await self._server.publish(self._channel, f"{BEAT} {self._name}")
            await asyncio.sleep(BEAT_SECONDS)
