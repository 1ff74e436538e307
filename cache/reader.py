"""Look, decide, fetch, merge: the only place that does all four.

The reader is given its upstreams and never learns who is behind them. What is kept is looked at first; what a read does
with it is decided by pure rules; what has to be fetched joins a flight; and every answer lands in the store.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from cache.at_hand import AtHand
from cache.background import Background
from cache.codec import Footprint
from cache.flight import Flight, Flights, Landed, Trip, deadline_exceeded
from cache.grounds import Grounds
from cache.memory import Memory
from cache.poller import Poller
from cache.routes import Routes
from cache.stopping import stop
from cache.upstream import Upstream
from domain.call import Call
from domain.case_view import Answered, Failed, Outcome, Silent, Unasked
from domain.clock import Clock
from domain.errors import DeadlineExceeded, OnlySends, SourceError, StoreError
from domain.feed import Coverage
from domain.freshness import (
    Ask,
    Fetch,
    FreshnessState,
    Held,
    Holding,
    OnStale,
    Origin,
    Refuse,
    Serve,
    ServeAndRefresh,
    SourceProblem,
    after_failure,
    decide,
)
from domain.identity import CaseKey
from domain.listing import Shelf
from domain.lookup import Question
from domain.telling import Telling

BACKGROUND = timedelta(seconds=30)
"""How long a refresh that nobody waits for may wait for its turn at the source."""


@dataclass(slots=True)
class Spent:
    """What one request has cost at one source, and how what it was told had come to be known."""

    origin: Origin = Origin.CACHE
    calls: int = 0
    seconds: float = 0.0


class Reader:
    """All that can be read.

    Args:
        upstreams: the sources.
        memory: what is kept of them.
        clock: when.
    """

    def __init__(self, upstreams: Sequence[Upstream], memory: Memory, clock: Clock) -> None:
        self.clock = clock
        self.memory = memory
        self.upstreams = {upstream.id: upstream for upstream in upstreams}
        self.flights = Flights(upstreams, memory, clock)
        self.background = Background(upstreams, self.flights, self._unhurried)
        self.routes = Routes(upstreams)
        self._tasks: set[asyncio.Task[None]] = set()

    def reading(self, call: Call, ask: Ask, grounds: Grounds | None = None) -> "Reading":
        """Begin the reads of one request, and note what its answer rests on, if somebody wants to know."""
        return Reading(self, call, ask, grounds=grounds)

    def reading_anew(self) -> "Reading":
        """Begin reads of what the store has, for nobody who waits; it asks no source, and leaves no footprints.

        Near copies may be behind for a moment, which is too much for who must not miss the latest change.
        """
        return Reading(self, self._unhurried(), Ask(on_stale=OnStale.STATE_ONLY), is_anew=True)

    def pollers(self) -> Iterable[Poller]:
        """The pull feeds of the sources that can say what has changed."""
        return (
            Poller(upstream, self.memory, self.flights, self.clock, self._unhurried)
            for upstream in self.upstreams.values()
            if upstream.changes is not None
        )

    def remember(self, footprints: Mapping[CaseKey, Footprint]) -> None:
        """Keep what views looked at; nobody waits for it."""
        task = asyncio.create_task(self._remember(footprints))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def aclose(self) -> None:
        """Stop asking; the memory is closed by whoever opened it."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.background.aclose()
        await self.flights.aclose()

    async def _remember(self, footprints: Mapping[CaseKey, Footprint]) -> None:
        with suppress(StoreError):
            await self.memory.store.remember(footprints)

    def _unhurried(self) -> Call:
        return Call(self.clock.monotonic() + BACKGROUND.total_seconds(), uuid4().hex)


@dataclass(slots=True)
class _Waiting:
    """A fetch that a request waits for."""

    outcome: asyncio.Future[Outcome]
    telling: Telling
    flight: Flight


class Reading:
    """The reads of one request.

    Args:
        reader: what it reads from.
        call: the request.
        ask: what the caller accepts.
        is_anew: see `Reader.reading_anew`.
        grounds: where is noted what the answer rests on; null: nobody wants to know.
    """

    def __init__(
        self, reader: Reader, call: Call, ask: Ask, *, is_anew: bool = False, grounds: Grounds | None = None
    ) -> None:
        self.reader = reader
        self.call = call
        self.ask = ask
        self.spent: dict[str, Spent] = {}
        self._memory = reader.memory
        self._outcomes: dict[Question, Outcome | asyncio.Future[Outcome]] = {}
        self._unrecalled: dict[Question, tuple[asyncio.Future[Outcome], float]] = {}
        self._waiting: dict[Question, _Waiting] = {}
        self._trips: set[Trip] = set()
        self._footprints: dict[CaseKey, Footprint] = {}
        self._recalling: set[asyncio.Task[None]] = set()
        self._is_anew = is_anew
        self._grounds = grounds
        self._at_hand = self._nothing_at_hand()

    @property
    def seen(self) -> Mapping[str, Any]:
        """All that was looked at, by the names that announcements use; null where nothing is kept."""
        return self._at_hand.values

    async def recall(self, keys: Iterable[CaseKey], questions: Iterable[Question]) -> None:
        """Have at hand what views of these keys looked at last time: two round trips, however much it is.

        Entities that were not looked at then, though they are listed by now, cost a third.

        Args:
            keys: what is asked about.
            questions: what will be looked at in any case.
        """
        await self._at_hand.recall(keys, questions, self.reader.routes.has)

    def look(self, question: Question, *, window_seconds: float = 0.0) -> Outcome | asyncio.Future[Outcome]:
        """What a source knows of a number: at once if it is at hand, else at the latest at the deadline.

        Args:
            question: of which number, and whose knowledge.
            window_seconds: how long more questions to the same source may be waited for.
        """
        outcome = self._outcomes.get(question)
        if outcome is None:
            shelf = self._at_hand.shelf(question)
            if shelf is None:
                outcome = self._recall_first(question, window_seconds)
            else:
                outcome = self._tell(question, shelf, window_seconds)
            self._outcomes[question] = outcome
        return outcome

    def expire(self) -> None:
        """The time is over: answer what is still open with what is kept, and let the flights go on."""
        for waiting in self._waiting.values():
            if not waiting.outcome.done():
                waiting.outcome.set_result(self._without(waiting.telling, deadline_exceeded(waiting.flight)))
        if self._unrecalled:
            self._unsettle()
        for question, (outcome, _) in self._unrecalled.items():
            if not outcome.done():
                outcome.set_result(Failed(self.problem(DeadlineExceeded(question.source))))

    def problem(self, error: SourceError) -> SourceProblem:
        """The failure as data, with this request's correlation id."""
        return SourceProblem.of(error, self.call.correlation_id)

    def leave_footprint(self, key: CaseKey, questions: Iterable[Question]) -> None:
        """Remember where this view had to look, if it is not where it looked last time."""
        footprint = self._at_hand.footprint(key, questions)
        if footprint is not None:
            self._footprints[key] = footprint

    def now(self) -> datetime:
        """The present, as far as this reading is concerned."""
        clock = self.reader.clock
        return clock.now() if self._grounds is None else self._grounds.now(clock)

    async def aclose(self) -> None:
        """Nobody waits any more."""
        self.expire()
        if self._grounds is not None:
            self._grounds.look_at({name: value for name, value in self.seen.items() if name[0] in "ELQ"})
        if self._footprints and not self._is_anew:
            self.reader.remember(self._footprints)
        await stop(self._recalling)
        self._let_go()

    def _let_go(self) -> None:
        """Hold on to nothing that was read: a request may be one of a cycle, which only the collector ends."""
        self._waiting, self._outcomes, self._at_hand = {}, {}, self._nothing_at_hand()

    def _nothing_at_hand(self) -> AtHand:
        memory = self.reader.memory
        return AtHand(memory.store, memory.recall_anew if self._is_anew else memory.recall)

    def _recall_first(self, question: Question, window_seconds: float) -> asyncio.Future[Outcome]:
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        if not self._unrecalled:
            task = asyncio.create_task(self._recall_rest())
            self._recalling.add(task)
            task.add_done_callback(self._recalling.discard)
        self._unrecalled[question] = (outcome, window_seconds)
        return outcome

    async def _recall_rest(self) -> None:
        """What was asked for in one moment is recalled together."""
        await asyncio.sleep(0)
        waiting, self._unrecalled = self._unrecalled, {}
        try:
            await self._at_hand.have(waiting)
        except StoreError as error:  # only who reads anew is told: conclusions are not drawn from half of what is known
            for outcome, _ in waiting.values():
                outcome.set_exception(error)
            return
        for question, (outcome, window_seconds) in waiting.items():
            told = self._tell(question, self._at_hand.shelf(question) or Shelf(), window_seconds)
            if isinstance(told, asyncio.Future):
                told.add_done_callback(lambda done, outcome=outcome: _hand_over(done, outcome))  # type: ignore[misc]  # a bound default
            elif not outcome.done():
                outcome.set_result(told)

    def _tell(self, question: Question, shelf: Shelf, window_seconds: float) -> Outcome | asyncio.Future[Outcome]:
        """Decide, and answer from what is kept, or fetch."""
        telling = self._telling(question, shelf)
        if not telling.terms.can_be_asked:
            return self._sent(telling)
        match self._decide(telling):
            case Serve(state):
                return self._served(telling.answer(state))
            case ServeAndRefresh():
                return self._refresh(telling, question)
            case Refuse():
                return Unasked(question.source)
            case Fetch():
                return self._fetch(telling, question, window_seconds)

    def _refresh(self, telling: Telling, question: Question) -> Outcome:
        self._unsettle()
        self.reader.background.refresh(question, telling.shelf)
        return self._served(telling.answer(FreshnessState.REVALIDATING))

    def _sent(self, telling: Telling) -> Outcome:
        """What a source has told that only sends; what is too old for the caller is said to be, and why."""
        problem = self.problem(OnlySends(telling.source))
        if telling.held.holding is not Holding.STATE:
            return Silent(problem)
        match decide(telling.held, self.ask, telling.terms.policy, telling.now):
            case Serve(FreshnessState.FRESH):
                return self._served(telling.answer(FreshnessState.FRESH))
            case _:
                return self._served(telling.answer(FreshnessState.STALE, problem))

    def _telling(self, question: Question, shelf: Shelf) -> Telling:
        terms = self.reader.upstreams[question.source].terms[question.lookup.kind]
        heard = self._heard(question)
        return Telling(question.source, question.lookup, shelf, heard, terms, self.ask, self.now())

    def _heard(self, question: Question) -> Coverage | None:
        """What the feed of the source covers of what is kept under the number."""
        upstream = self.reader.upstreams[question.source]
        name, feed = self._at_hand.feed(question)
        heard = upstream.heard(question.lookup, feed)
        if self._grounds is None:
            return heard
        if heard is not None:
            return self._grounds.follow(name, heard)
        if upstream.may_hear(question.lookup):
            self._grounds.look_at({name: feed})
        return None

    def _decide(self, telling: Telling) -> Serve | ServeAndRefresh | Fetch | Refuse:
        if telling.lookup.kind in self.ask.read_now:
            return Fetch(has_fallback=True)
        held = telling.held
        if not self._memory.is_up:  # what is at hand may have been overtaken unheard
            held = Held(held.holding, held.verified_at, is_suspect=True)
        return decide(held, self.ask, telling.terms.policy, telling.now)

    def _served(self, answered: Answered) -> Answered:
        spent = self.spent.setdefault(answered.source, Spent(answered.origin))
        if not spent.calls:
            spent.origin = answered.origin
        return answered

    def _fetch(self, telling: Telling, question: Question, window_seconds: float) -> Outcome | asyncio.Future[Outcome]:
        self._unsettle()
        if self.call.seconds_left(self.reader.clock) <= 0:
            return self._without(telling, DeadlineExceeded(question.source))
        flight = self.reader.flights.join(
            question,
            telling.shelf,
            self.call,
            window_seconds=window_seconds,
            anew=telling.lookup.kind in self.ask.read_now,
        )
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting[question] = _Waiting(outcome, telling, flight)
        flight.landing.add_done_callback(lambda landing: self._landed(question, landing.result()))
        return outcome

    def _unsettle(self) -> None:
        if self._grounds is not None:
            self._grounds.is_settled = False

    def _landed(self, question: Question, landed: Landed) -> None:
        waiting = self._waiting.get(question)
        if waiting is None or waiting.outcome.done():
            return
        self._spend(question.source, landed.trip)
        problem = None if landed.error is None else self.problem(landed.error)
        if landed.shelf is not None:
            telling = waiting.telling.of(landed.shelf, self.now())
            self._at_hand.note(question, landed.shelf)
            waiting.outcome.set_result(telling.read(landed.verified_at, problem))
        elif landed.error is not None:
            waiting.outcome.set_result(self._without(waiting.telling, landed.error))

    def _spend(self, source: str, trip: Trip | None) -> None:
        """A call that answered many questions is one call."""
        spent = self.spent.setdefault(source, Spent())
        spent.origin = Origin.API
        if trip is not None and trip not in self._trips:
            self._trips.add(trip)
            spent.calls += 1
            spent.seconds += trip.seconds

    def _without(self, telling: Telling, error: SourceError) -> Outcome:
        """The answer when the source could not say: what is kept, if it may stand in."""
        problem = self.problem(error)
        state = after_failure(telling.held, telling.terms.policy, telling.now)
        if state is FreshnessState.UNAVAILABLE:
            return Failed(problem)
        return self._served(telling.answer(state, problem))


def _hand_over(done: asyncio.Future[Outcome], outcome: asyncio.Future[Outcome]) -> None:
    if not outcome.done():
        outcome.set_result(done.result())
