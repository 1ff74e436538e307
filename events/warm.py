"""Reads the view of a case that was just opened, before anybody asks for it: the first look at it is warm."""

import asyncio
from collections.abc import Sequence
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
"""Views that wait for their turn; more are dropped: who opens one then waits as if there were no warming up."""

TO_BE_READ = frozenset({ServiceCaseStatus.NEW, ServiceCaseStatus.OPEN})

log = structlog.get_logger()


class WarmUp:
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

    async def __call__(self, cases: Sequence[ServiceCase]) -> None:
        """Read the views of those that are open and that nobody has looked at yet.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        keys = [_key_of(case) for case in cases if case.status in TO_BE_READ]
        store = self._reader.memory.store
        seen = await store.read([store.footprint(key) for key in keys])
        for key, (footprint, _) in zip(keys, seen, strict=True):
            if footprint is None:
                self._begin(key)

    async def aclose(self) -> None:
        """Read no more."""
        await stop(list(self._tasks.values()))

    def _begin(self, key: CaseKey) -> None:
        if key in self._tasks:
            return
        if len(self._tasks) >= WAITING:
            self.dropped += 1
            return
        task = self._tasks[key] = asyncio.create_task(self._read(key))
        task.add_done_callback(lambda _: self._tasks.pop(key, None))

    async def _read(self, key: CaseKey) -> None:
        async with self._places:
            deadline = self._reader.clock.monotonic() + self._ask.deadline.total_seconds()
            try:
                async with aclosing(self._reader.reading(Call(deadline, uuid4().hex), self._ask)) as reading:
                    await read_cases(reading, [key], frozenset(EntityKind))
            except StoreError as error:
                log.info("a view was not warmed up", reason=str(error))


def _key_of(case: ServiceCase) -> CaseKey:
    return CaseKey(scheme=Scheme.CASE, value=case.number)
