"""One call for all who ask the same: in this process, and, by a short lease, over all gateways.

Questions that arise in the same moment go to a source in one call, whoever asks them. A flight belongs to nobody: when
a reader's time is over the reader leaves, and the flight goes on and lands in the store.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

import structlog

from cache import mending
from cache.keys import name_of_question
from cache.lease import Leases
from cache.memory import Memory
from cache.stopping import stop
from cache.upstream import Fetcher, Upstream
from domain.call import Call
from domain.clock import Clock
from domain.errors import DeadlineExceeded, SourceError, StoreError, TooSlow, Unlisted, UnusableAnswer
from domain.identity import EntityKey, entity_key
from domain.known import Known, Nature, known_of
from domain.listing import Listing, Shelf, missing
from domain.lookup import Findings, Lookup, Question
from domain.observation import Absence, Hint

LEASE_SECONDS = 1.0
"""How long others wait for one that has gone silent."""

LOOK_SECONDS = 0.03
"""How often those who wait for another gateway look whether its answer is there."""

GRACE_SECONDS = 0.02
"""How long after its time is over a fetch may still report how it failed, before it is cut."""

log = structlog.get_logger()


@dataclass(slots=True, eq=False)
class Trip:
    """One call to a source, on behalf of many flights."""

    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Landed:
    """How a flight ended.

    Attributes:
        shelf: all that is kept under the number now; null: the source could not say.
        verified_at: when the source was asked.
        error: why it could not say, or what is doubtful about its answer.
        trip: the call that was made for it; null: another gateway made it.
    """

    shelf: Shelf | None
    verified_at: datetime
    error: SourceError | None = None
    trip: Trip | None = None


@dataclass(slots=True, eq=False)
class Flight:
    """One question under way.

    Attributes:
        question: what is asked, and whom.
        shelf: what was kept when it began.
        landing: how it will end.
        is_sent: whether the question has left.
    """

    question: Question
    shelf: Shelf
    landing: asyncio.Future[Landed]
    is_sent: bool = False

    def is_news(self, listing: Listing) -> bool:
        """Whether this is a newer answer than the one that was kept when it began."""
        return self.shelf.listing is None or listing.verified_at > self.shelf.listing.verified_at

    def land(self, landed: Landed) -> None:
        """Tell everybody who waits."""
        if not self.landing.done():
            self.landing.set_result(landed)


@dataclass(slots=True)
class _Batch:
    """Flights of one moment with one fetcher; `timer` is set while it waits for more."""

    call: Call
    waiting: list[Flight] = field(default_factory=list)
    timer: asyncio.TimerHandle | None = None
    is_leaving: bool = False


class Flights:
    """All flights of one process.

    Args:
        upstreams: whom to ask.
        memory: where answers land.
        clock: when.
    """

    def __init__(self, upstreams: Iterable[Upstream], memory: Memory, clock: Clock) -> None:
        self._upstreams = {upstream.id: upstream for upstream in upstreams}
        self._fetchers = {
            (upstream.id, kind, scheme): fetcher
            for upstream in self._upstreams.values()
            for fetcher in reversed(upstream.fetchers)
            for kind, schemes in fetcher.answers.items()
            for scheme in schemes
        }
        # Without a store nothing is kept: everybody comes again, and the sources must not pay for it.
        self._direct = {
            upstream.id: asyncio.Semaphore(max(1, upstream.concurrency // 2)) for upstream in self._upstreams.values()
        }
        self._memory = memory
        self._leases = Leases(memory.server)
        self._clock = clock
        self._flights: dict[Question, Flight] = {}
        self._batches: dict[int, _Batch] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def join(
        self, question: Question, shelf: Shelf, call: Call, *, window_seconds: float = 0.0, anew: bool = False
    ) -> Flight:
        """Ask, or wait for the answer to whoever asked before.

        Args:
            question: what to ask, and whom.
            shelf: what is kept under the number.
            call: the request that asks; its correlation id goes along, its deadline does not.
            window_seconds: how long more questions to the same source may be waited for.
            anew: whether an answer to a question that is already on its way comes too early.
        """
        flight = self._flights.get(question)
        if flight is None or (anew and flight.is_sent):
            flight = Flight(question, shelf, asyncio.get_running_loop().create_future())
            self._flights[question] = flight
            flight.landing.add_done_callback(lambda _: self._forget(flight))
            self._enqueue(flight, call, window_seconds)
        return flight

    def is_under_way(self, question: Question) -> bool:
        """Whether it is being asked."""
        return question in self._flights

    async def aclose(self) -> None:
        """Stop asking."""
        await stop(self._tasks)

    def _forget(self, flight: Flight) -> None:
        if self._flights.get(flight.question) is flight:
            del self._flights[flight.question]

    def _fetcher(self, question: Question) -> Fetcher:
        return self._fetchers[question.source, question.lookup.kind, question.lookup.by.scheme]

    def _enqueue(self, flight: Flight, call: Call, window_seconds: float) -> None:
        fetcher = self._fetcher(flight.question)
        batch = self._batches.setdefault(id(fetcher), _Batch(call))
        batch.waiting.append(flight)
        if window_seconds > 0:
            if batch.timer is None and not batch.is_leaving:
                batch.timer = asyncio.get_running_loop().call_later(window_seconds, self._leave, fetcher, batch)
        elif not batch.is_leaving:
            self._leave(fetcher, batch)

    def _leave(self, fetcher: Fetcher, batch: _Batch) -> None:
        """Send in two turns of the loop: views that were woken by the same answer ask their next question by then."""
        batch.is_leaving = True
        if batch.timer is not None:
            batch.timer.cancel()
        loop = asyncio.get_running_loop()
        loop.call_soon(loop.call_soon, self._send, fetcher)

    def _send(self, fetcher: Fetcher) -> None:
        batch = self._batches.pop(id(fetcher))
        waiting = iter(batch.waiting)
        while chunk := list(islice(waiting, fetcher.max_batch)):
            self._start(self._fly(fetcher, chunk, batch.call))

    def _start(self, work: Any) -> None:  # noqa: ANN401  # a coroutine
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _fly(self, fetcher: Fetcher, flights: Sequence[Flight], call: Call) -> None:
        """Bring those answers that nobody else is bringing; wait for the others."""
        if self._memory.announcements.is_alone:
            await self._bring(fetcher, flights, call)
            return
        is_ours = await self._lease(flights)
        ours = [flight for flight, is_our in zip(flights, is_ours, strict=True) if is_our]
        others = [flight for flight, is_our in zip(flights, is_ours, strict=True) if not is_our]
        if others:
            self._start(self._follow(others, call))
        if ours:
            try:
                await self._bring(fetcher, ours, call)
            finally:
                await self._release(ours)

    async def _lease(self, flights: Sequence[Flight]) -> list[bool]:
        try:
            return await self._leases.take([self._lease_key(flight) for flight in flights], LEASE_SECONDS)
        except StoreError:
            return [True] * len(flights)

    async def _release(self, flights: Sequence[Flight]) -> None:
        with suppress(StoreError):
            await self._leases.release([self._lease_key(flight) for flight in flights])

    def _lease_key(self, flight: Flight) -> str:
        return self._memory.store.keys.lease(f"flight:{name_of_question(flight.question)}")

    async def _follow(self, flights: Sequence[Flight], call: Call) -> None:
        """Wait for another gateway's answers; when a lease ends without one, fly."""
        store = self._memory.store
        for flight in flights:
            flight.is_sent = True
        following = list(flights)
        while following:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                found = await store.read([store.listing(flight.question) for flight in following])
                leases = await store.server.read([self._lease_key(flight) for flight in following])
            except StoreError:
                found, leases = [(None, 0)] * len(following), [None] * len(following)
            waiting = []
            for flight, (listing, _), lease in zip(following, found, leases, strict=True):
                if listing is not None and flight.is_news(listing):
                    self._start(self._land_others(flight, listing))
                elif lease is None:
                    self._enqueue(flight, call, 0.0)
                else:
                    waiting.append(flight)
            following = waiting

    async def _land_others(self, flight: Flight, listing: Listing) -> None:
        try:
            shelf = await self._shelf(flight.question, listing)
        except StoreError:
            shelf = Shelf(listing, flight.shelf.known)
        flight.land(Landed(shelf, listing.verified_at))

    async def _shelf(self, question: Question, listing: Listing) -> Shelf:
        """What is kept under a number, read anew."""
        store = self._memory.store
        [(ids, _)] = await store.read([store.links(question)])
        keys = [self._key(question, each) for each in dict.fromkeys((*listing.entities, *ids))]
        known = await store.known(keys)
        return Shelf(listing, {key.id: each for key, each in zip(keys, known, strict=True) if each is not None})

    def _key(self, question: Question, name: str) -> EntityKey:
        return entity_key(self._memory.store.keys.tenant, question.source, question.lookup.kind, name)

    async def _bring(self, fetcher: Fetcher, flights: Sequence[Flight], call: Call) -> None:
        asked_at, started, trip = self._clock.now(), self._clock.monotonic(), Trip()
        for flight in flights:
            flight.is_sent = True
        try:
            findings = await self._ask(fetcher, [flight.question.lookup for flight in flights], call)
            trip.seconds = self._clock.monotonic() - started
            landed = await self._land(flights, findings, asked_at, trip)
        except SourceError as error:
            trip.seconds = self._clock.monotonic() - started
            landed = [Landed(None, asked_at, error, trip)] * len(flights)
        except Exception:
            log.exception("answer lost", source=fetcher.source, correlation_id=call.correlation_id)
            landed = [Landed(None, asked_at, UnusableAnswer(fetcher.source), trip)] * len(flights)
        for flight, end in zip(flights, landed, strict=True):
            flight.land(end)

    async def _ask(self, fetcher: Fetcher, lookups: Sequence[Lookup], call: Call) -> Findings:
        patience = self._upstreams[fetcher.source].patience.total_seconds()
        own = Call(self._clock.monotonic() + patience, call.correlation_id, call.traceparent)
        try:
            async with asyncio.timeout(patience + GRACE_SECONDS), self._place(fetcher.source):
                return await fetcher.fetch(lookups, own)
        except TimeoutError as error:
            raise TooSlow(fetcher.source) from error
        except SourceError:
            raise
        except Exception as error:
            log.exception("fetch failed", source=fetcher.source, correlation_id=call.correlation_id)
            raise UnusableAnswer(fetcher.source) from error

    def _place(self, source: str) -> AbstractAsyncContextManager[object]:
        return nullcontext() if self._memory.is_up else self._direct[source]

    async def _land(
        self, flights: Sequence[Flight], findings: Findings, asked_at: datetime, trip: Trip
    ) -> list[Landed]:
        """Settle the whole answer in one step, and say what is known of each question now."""
        _report_unmapped(findings, flights[0].question.source)
        mending.report(findings.mended, flights[0].question.source)
        moment = min((each.moment for found in findings.found.values() for each in found), default=asked_at)
        answers = [_Answer(flight, findings, moment, asked_at) for flight in flights]
        upstream = self._upstreams[flights[0].question.source]
        seen = [
            (known_of(each), nature)
            for answer in answers
            if answer.error is None
            for nature in [upstream.nature(answer.flight.question.lookup.kind)]
            for each in (*answer.found, *answer.missed)
        ]
        now = await self._settle(seen, answers)
        return [
            Landed(None, asked_at, answer.error, trip)
            if answer.error
            else Landed(answer.shelf(now), asked_at, answer.doubt, trip)
            for answer in answers
        ]

    async def _settle(
        self, seen: Sequence[tuple[Known, Nature]], answers: Sequence["_Answer"]
    ) -> Mapping[EntityKey, Known]:
        before = {known.key: known for answer in answers for known in answer.flight.shelf.known.values()}
        listings = {answer.flight.question: answer.listing for answer in answers if answer.error is None}
        return await self._memory.settle(seen, listings, before)


class _Answer:
    """What one call said about one question, as of a moment of the source's time."""

    def __init__(self, flight: Flight, findings: Findings, moment: datetime, asked_at: datetime) -> None:
        lookup, source = flight.question.lookup, flight.question.source
        self.flight = flight
        self.found = findings.found.get(lookup, ())
        self.listing = Listing(moment, asked_at, tuple(each.key.id for each in self.found))
        self.missed: tuple[Absence | Hint, ...] = missing(flight.shelf, self.listing.entities, lookup, moment)
        self.error = UnusableAnswer(source, findings.unusable[lookup]) if lookup in findings.unusable else None
        is_doubtful = any(isinstance(each, Hint) for each in self.missed)
        self.doubt = Unlisted(source) if is_doubtful else None

    def shelf(self, now: Mapping[EntityKey, Known]) -> Shelf:
        """All that is known under the number after this answer."""
        known = {each.key.id: now[each.key] for each in self.found}
        for name, each in self.flight.shelf.known.items():
            if name not in known:
                known[name] = now.get(each.key, each)
        return Shelf(self.listing, known)


def deadline_exceeded(flight: Flight) -> SourceError:
    """Why a reader leaves without the answer: it was not there in time, or was not even asked for."""
    source = flight.question.source
    return TooSlow(source) if flight.is_sent else DeadlineExceeded(source)


def _report_unmapped(findings: Findings, source: str) -> None:
    for code in sorted(set(findings.unmapped), key=lambda each: (each.code_list, each.code)):
        log.warning("unmapped code", source=source, code_list=code.code_list, code=code.code)
