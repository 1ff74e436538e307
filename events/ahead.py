"""Reads views before anybody asks for them: of cases that were just opened, and of orders where something seems wrong.

The first look at a new case is warm, and what seems to contradict by events alone is made sure by asking.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from uuid import uuid4

import structlog

from cache.reader import Reader
from cache.stopping import stop
from cache.trail import read_cases
from domain.call import Call
from domain.errors import StoreError
from domain.freshness import Ask
from domain.identity import CaseKey, EntityKind, Scheme
from domain.service_case import ServiceCase, ServiceCaseStatus

AT_ONCE = 2
"""Views that are read at once; people who ask now go first."""

WAITING = 200
"""Views that wait for their turn; more are dropped: whoever opens one then waits, as if there were no reading ahead."""

TO_BE_READ = frozenset({ServiceCaseStatus.NEW, ServiceCaseStatus.OPEN})

log = structlog.get_logger()

Afterwards = Callable[[], Awaitable[None]]


class ReadAhead:
    """The views that are read beforehand.

    Args:
        reader: reads them.
        ask: what is accepted, as if somebody asked without wishes.
    """

    def __init__(self, reader: Reader, ask: Ask) -> None:
        self._reader = reader
        self._ask = ask
        self._places = asyncio.Semaphore(AT_ONCE)
        self._tasks: dict[CaseKey, asyncio.Task[None]] = {}
        self.dropped = 0

    async def warm(self, cases: Sequence[ServiceCase]) -> None:
        """Read the views of those that are open and that nobody has looked at yet.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        keys = [CaseKey(scheme=Scheme.CASE, value=case.number) for case in cases if case.status in TO_BE_READ]
        store = self._reader.memory.store
        seen = await store.read([store.footprint(key) for key in keys])
        for key, (footprint, _) in zip(keys, seen, strict=True):
            if footprint is None:
                self.begin(key)

    def begin(self, key: CaseKey, afterwards: Afterwards | None = None) -> None:
        """Read a view when there is a place, unless that is under way; then do something with what is kept by then."""
        if key in self._tasks:
            return
        if len(self._tasks) >= WAITING:
            self.dropped += 1
            return
        task = self._tasks[key] = asyncio.create_task(self._read(key, afterwards))
        task.add_done_callback(lambda _: self._tasks.pop(key, None))

    async def aclose(self) -> None:
        """Read no more."""
        await stop(list(self._tasks.values()))

    async def _read(self, key: CaseKey, afterwards: Afterwards | None) -> None:
        async with self._places:
            deadline = self._reader.clock.monotonic() + self._ask.deadline.total_seconds()
            try:
                async with aclosing(self._reader.reading(Call(deadline, uuid4().hex), self._ask)) as reading:
                    await read_cases(reading, [key], frozenset(EntityKind))
                if afterwards is not None:
                    await afterwards()
            except StoreError as error:
                log.info("a view was not read ahead", reason=str(error))
