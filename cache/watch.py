"""Views that stay open: looked at again when something of them has changed, once for all who look at the same.

A look costs what a view of what is kept costs, and is taken at most every `PACE_SECONDS`; whoever is too slow to take
every one is given the latest. While the store is down nothing is looked at that was seen with it.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable
from contextlib import aclosing
from typing import Any, Generic, TypeVar

import structlog

from cache.errands import Errands, Glance
from cache.reader import Reader
from cache.stopping import stop
from domain.call import Call
from domain.freshness import Ask

PACE_SECONDS = 0.1
"""How often one view is looked at, at most."""

LOOKS_AT_ONCE = 4
"""Looks that one process takes at once; readers go between them."""

SHOWN_AT_ONCE = 20
"""Viewers who are shown a view in one turn of the loop."""

T = TypeVar("T")

Look = Callable[[Glance], Awaitable[T | None]]
"""Makes a view out of what is known at this moment; null: no system knows what it would be of."""

log = structlog.get_logger()


class Viewer(Generic[T]):
    """One who looks on."""

    def __init__(self) -> None:
        self._latest: T | None = None
        self._failure: Exception | None = None
        self._is_new = asyncio.Event()

    def show(self, seen: T | None) -> None:
        """It looks like this now; what was not taken yet is outdated."""
        self._latest = seen
        self._is_new.set()

    def end(self, failure: Exception) -> None:
        """There is no more to see."""
        self._failure = failure
        self._is_new.set()

    async def latest(self) -> T | None:
        """What it looks like, as soon as that is anything new."""
        await self._is_new.wait()
        self._is_new.clear()
        if self._failure is not None:
            raise self._failure
        return self._latest


class Closed(Exception):
    """The process ends."""


class Watch(Generic[T]):
    """One open view, for all who look on.

    Args:
        reader: what it reads from.
        ask: what they accept.
        correlation_id: of the first of them; calls to sources are made in this name.
        look: makes the view.
        places: how many may look at once.
    """

    def __init__(self, reader: Reader, ask: Ask, correlation_id: str, look: Look[T], places: asyncio.Semaphore) -> None:
        self._reader = reader
        self._ask = ask
        self._correlation_id = correlation_id
        self._look = look
        self._places = places
        self._interest = reader.memory.changes.interest()
        self._errands = Errands(reader, self._interest.wake)
        self._viewers: set[Viewer[T]] = set()
        self._is_seen_with_store = False
        patience = ask.deadline.total_seconds()
        self._patient_until = reader.clock.monotonic() + patience
        self._end_of_patience = asyncio.get_running_loop().call_later(patience, self._interest.wake)
        self.task = asyncio.create_task(self._keep_looking())

    @property
    def is_deserted(self) -> bool:
        """Whether nobody looks on."""
        return not self._viewers

    def join(self) -> Viewer[T]:
        """Look on; what is too old by now is asked for again."""
        viewer: Viewer[T] = Viewer()
        self._viewers.add(viewer)
        self._errands.forget()
        self._interest.wake()
        return viewer

    def leave(self, viewer: Viewer[T]) -> None:
        """Look on no more."""
        self._viewers.discard(viewer)

    def close(self, failure: Exception) -> None:
        """Look no more; what is under way goes on without it."""
        self._end_of_patience.cancel()
        self._interest.close()
        self.task.cancel()
        for viewer in self._viewers:
            viewer.end(failure)

    async def _keep_looking(self) -> None:
        try:
            while self._viewers:  # the task that is cancelled may not hear of it, see `cache.stopping`
                await self._interest.changed()
                if self._has_to_wait:
                    self._interest.wake()
                else:
                    await self._look_again()
                await asyncio.sleep(PACE_SECONDS)
        except Exception as error:
            log.exception("view lost", correlation_id=self._correlation_id)
            self.close(error)

    @property
    def _has_to_wait(self) -> bool:
        """Whether the store is down with which it was seen: without it there would be less to see."""
        return self._is_seen_with_store and not self._reader.memory.is_up

    async def _look_again(self) -> None:
        memory = self._reader.memory
        was_up = memory.is_up
        async with self._places, aclosing(self._glance()) as glance:
            seen = await self._look(glance)
        if not self._viewers:
            return
        if was_up and not memory.is_up:
            self._interest.wake()
            return
        self._is_seen_with_store = was_up
        if self._interest.turn_to(glance.names):
            self._interest.wake()  # what changed before it was waited for was not heard
        if not self._is_too_early(glance, seen):
            await self._show(seen)

    async def _show(self, seen: T | None) -> None:
        """Let everybody see it, but not all in one turn of the loop: others read meanwhile."""
        self._end_of_patience.cancel()
        for n, viewer in enumerate(tuple(self._viewers), start=1):
            viewer.show(seen)
            if n % SHOWN_AT_ONCE == 0:
                await asyncio.sleep(0)

    def _glance(self) -> Glance:
        clock = self._reader.clock
        call = Call(clock.monotonic() + self._ask.deadline.total_seconds(), self._correlation_id)
        return Glance(self._reader, call, self._ask, self._errands)

    def _is_too_early(self, glance: Glance, seen: T | None) -> bool:
        """Whether there is nothing to show yet: that nobody knows the key is said when everybody has answered."""
        if not self._errands.is_under_way:
            return False
        return seen is None or (glance.is_blank and self._reader.clock.monotonic() < self._patient_until)


class Watches:
    """All open views of one process.

    Args:
        reader: what they read from.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._open: dict[Hashable, Watch[Any]] = {}
        self._places = asyncio.Semaphore(LOOKS_AT_ONCE)
        self._ending: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._open)

    async def views(self, subject: Hashable, ask: Ask, correlation_id: str, look: Look[T]) -> AsyncGenerator[T | None]:
        """What is looked at, at once and after every change; null while no system knows it.

        Args:
            subject: what is looked at, and by whom it may be seen: all who name the same share one look.
            ask: what the caller accepts.
            correlation_id: of the caller.
            look: makes the view; raises what the caller is to be told.
        """
        watch: Watch[T] = self._watch(subject, ask, correlation_id, look)
        viewer = watch.join()
        try:
            while True:
                yield await viewer.latest()
        except Closed:
            return
        finally:
            watch.leave(viewer)
            if watch.is_deserted:
                self._close(subject, watch)

    async def aclose(self) -> None:
        """Close all of them."""
        for watch in self._open.values():
            watch.close(Closed())
        await stop([*self._ending, *(watch.task for watch in self._open.values())])

    def _watch(self, subject: Hashable, ask: Ask, correlation_id: str, look: Look[T]) -> Watch[T]:
        watch = self._open.get(subject)
        if watch is None or watch.task.done():
            watch = self._open[subject] = Watch(self._reader, ask, correlation_id, look, self._places)
        return watch

    def _close(self, subject: Hashable, watch: Watch[Any]) -> None:
        watch.close(Closed())
        self._ending.add(watch.task)
        watch.task.add_done_callback(self._ending.discard)
        if self._open.get(subject) is watch:
            del self._open[subject]
