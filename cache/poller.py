"""Asks a source now and then what has changed, so that what is kept of it stays true without being read.

One gateway at a time polls a source. What has changed is read again, as far as anything is kept of it; only when all
of it has been settled does the feed's watermark move. A poll that fails moves nothing: the next one asks from the same
cursor, and meanwhile everything ages.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from cache.flight import Flights
from cache.lease import Leases
from cache.memory import Memory
from cache.stopping import stop
from cache.upstream import Upstream
from domain.call import Call
from domain.clock import Clock
from domain.errors import SourceError, StoreError, StoreUnavailable
from domain.feed import Feed, polled
from domain.listing import Shelf
from domain.lookup import Lookup, Question

FIRST_LOOK = timedelta(minutes=5)
"""How far back the first poll looks: its clock may not be ours, and too much is harmless."""

OVERLAP = timedelta(seconds=2)
"""How far each poll looks back before the last one's end."""

LEASED = 0.9
"""Share of the pause for which a poll keeps others from polling."""

MOST_PAGES = 100
"""Pages of changes that one poll reads; the rest comes with the next one."""

log = structlog.get_logger()


class Poller:
    """The pull feed of one source.

    Args:
        upstream: whom to ask; it can list changes.
        memory: where the feed is kept.
        flights: how what has changed is read again.
        clock: when.
        call: makes the request that a poll counts as.
    """

    def __init__(
        self, upstream: Upstream, memory: Memory, flights: Flights, clock: Clock, call: Callable[[], Call]
    ) -> None:
        self._upstream = upstream
        self._memory = memory
        self._flights = flights
        self._clock = clock
        self._call = call
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to poll."""
        self._task = asyncio.create_task(self._run())

    async def aclose(self) -> None:
        """Stop polling."""
        if self._task is not None:
            await stop([self._task])

    async def poll(self) -> bool:
        """Poll once, if nobody else does; says whether everything up to now is settled.

        Raises:
            SourceError: the source could not say.
            StoreError: the store could not be used.
        """
        feed = await self._begin()
        if feed is None:
            return False
        asked_at = self._clock.now()
        since = feed.cursor - OVERLAP if feed.cursor else asked_at - FIRST_LOOK
        for _ in range(MOST_PAGES):
            assert self._upstream.changes is not None  # noqa: S101  # see `Args`
            changes = await self._upstream.changes(since, self._call())
            await self._read_again(changes.lookups)
            if changes.is_whole:
                return await self._advance(feed, asked_at, changes.until)
            since = changes.until
        return False

    async def _run(self) -> None:
        while True:
            try:
                await self.poll()
            except (SourceError, StoreError) as error:
                log.info("poll failed", source=self._upstream.id, reason=str(error))
            except Exception:
                log.exception("poll failed", source=self._upstream.id)
            pause = self._upstream.poll_every.total_seconds()
            await asyncio.sleep(pause * random.uniform(0.9, 1.0))  # noqa: S311  # spreads load

    async def _begin(self) -> Feed | None:
        """The feed as it stands, if it is ours to poll now."""
        store = self._memory.store
        lease = store.keys.lease(f"poll:{self._upstream.id}")
        seconds = self._upstream.poll_every.total_seconds() * LEASED
        if await Leases(store.server).take([lease], seconds) == [False]:
            return None
        [(feed, _)] = await store.read([store.feed(self._upstream.id)])
        return feed or Feed()

    async def _read_again(self, lookups: Sequence[Lookup]) -> None:
        """Read what has changed, as far as anything is kept of it.

        Raises:
            SourceError: something could not be read.
        """
        store, call = self._memory.store, self._call()
        questions = [Question(self._upstream.id, lookup) for lookup in lookups]
        kept = await store.read([make(each) for each in questions for make in (store.listing, store.links)])
        listings, links = kept[::2], kept[1::2]
        flights = [
            self._flights.join(question, Shelf(listing), call, anew=True)
            for question, (listing, _), (linked, _) in zip(questions, listings, links, strict=True)
            if listing or linked
        ]
        for flight in flights:
            landed = await flight.landing
            if landed.shelf is None and landed.error is not None:
                raise landed.error

    async def _advance(self, feed: Feed, asked_at: datetime, until: datetime) -> bool:
        """Move the watermark; if somebody else did meanwhile, theirs stands."""
        if not self._memory.is_up:
            raise StoreUnavailable("what was read could not be kept")
        return await self._memory.store.swap_feed(self._upstream.id, feed, polled(feed, asked_at, until))
