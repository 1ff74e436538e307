"""Refreshes that nobody waits for: few at a time, and the first to go when there is too much to do."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from itertools import islice

import structlog

from cache.flight import Flights
from cache.stopping import stop
from cache.upstream import Upstream
from domain.call import Call
from domain.listing import Shelf
from domain.lookup import Question

WAITING = 500
"""Questions per source that wait for their turn; more are dropped: whoever looks next asks again."""

BATCH = 50
"""Questions that are sent in one turn."""

SHARE = 4
"""One of so many places of a source is for the background."""

log = structlog.get_logger()


class Background:
    """The refreshes of one process.

    Args:
        upstreams: whom to ask.
        flights: how.
        call: makes the request that a refresh counts as.
    """

    def __init__(self, upstreams: Iterable[Upstream], flights: Flights, call: Callable[[], Call]) -> None:
        self._flights = flights
        self._call = call
        self._free = {upstream.id: max(1, upstream.concurrency // SHARE) for upstream in upstreams}
        self._waiting: Mapping[str, dict[Question, Shelf]] = {source: {} for source in self._free}
        self._tasks: set[asyncio.Task[None]] = set()
        self.dropped = 0

    def refresh(self, question: Question, shelf: Shelf) -> None:
        """Ask when there is a place, unless somebody asks anyway."""
        waiting = self._waiting[question.source]
        if question in waiting or self._flights.is_under_way(question):
            return
        if len(waiting) >= WAITING:
            self.dropped += 1
            return
        waiting[question] = shelf
        asyncio.get_running_loop().call_soon(self._begin, question.source)

    async def aclose(self) -> None:
        """Stop refreshing."""
        await stop(self._tasks)

    def _begin(self, source: str) -> None:
        if self._free[source] and self._waiting[source]:
            self._free[source] -= 1
            task = asyncio.create_task(self._refresh(source))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _refresh(self, source: str) -> None:
        waiting = self._waiting[source]
        batch = dict(islice(waiting.items(), BATCH))
        for question in batch:
            del waiting[question]
        call = self._call()
        try:
            flights = [self._flights.join(question, shelf, call) for question, shelf in batch.items()]
            if flights:  # none: whoever began a moment earlier has taken them along
                await asyncio.wait([flight.landing for flight in flights])
        finally:
            self._free[source] += 1
            self._begin(source)
