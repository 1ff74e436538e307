"""What is asked of sources for a view that stays open, and for whom nobody waits.

A view that is looked at again and again must not ask again each time: not who has just failed, and not what is too old
for an age that nothing kept can satisfy. So each question is asked once, and again only when something has made
its answer doubtful since.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from cache.flight import Landed
from cache.reader import Reader, Reading
from domain.call import Call
from domain.case_view import Outcome, Unasked
from domain.freshness import Ask, FreshnessState, Holding
from domain.known import Known
from domain.listing import Shelf
from domain.lookup import Question
from domain.telling import Telling


@dataclass(slots=True, eq=False)
class Errand:
    """One question that was put to a source.

    Attributes:
        shelf: what was kept when it was put.
        landing: how it ends.
        landed_at: when that was, on the monotonic clock.
    """

    shelf: Shelf
    landing: asyncio.Future[Landed]
    landed_at: float | None = None

    @property
    def landed(self) -> Landed | None:
        """How it ended; null: it has not yet."""
        return self.landing.result() if self.landing.done() else None

    def is_outdated(self, telling: Telling) -> bool:
        """Whether something new has made the answer doubtful."""
        landed = self.landed
        if landed is None or not telling.held.is_suspect:
            return False
        return (landed.shelf or self.shelf).words != telling.shelf.words


class Errands:
    """The questions of one open view.

    Args:
        reader: who asks.
        ended: told whenever one of them has ended.
    """

    def __init__(self, reader: Reader, ended: Callable[[], None]) -> None:
        self._reader = reader
        self._tell_ended = ended
        self._errands: dict[Question, Errand] = {}

    @property
    def is_under_way(self) -> bool:
        """Whether an answer is still to come."""
        return any(errand.landed is None for errand in self._errands.values())

    def forget(self) -> None:
        """Let what is answered be asked again if it is too old by now: somebody new looks."""
        self._errands = {question: each for question, each in self._errands.items() if each.landed is None}

    def send(self, telling: Telling, question: Question, call: Call, window_seconds: float) -> Errand:
        """Ask, unless it was asked."""
        errand = self._errands.get(question)
        if errand is None or errand.is_outdated(telling):
            flight = self._reader.flights.join(question, telling.shelf, call, window_seconds=window_seconds)
            errand = self._errands[question] = Errand(telling.shelf, flight.landing)
            flight.landing.add_done_callback(lambda _, sent=errand: self._ended(sent))  # type: ignore[misc]  # a bound default
        return errand

    def _ended(self, errand: Errand) -> None:
        errand.landed_at = self._reader.clock.monotonic()
        self._tell_ended()


class Glance(Reading):
    """What is known at this moment; what would have to be fetched is begun, and not waited for.

    Of what nothing is known while its source is asked, it is said that it is unavailable, without a problem.

    Args:
        reader: what it reads from.
        call: what calls to sources are made for.
        ask: what the caller accepts.
        errands: what was asked for the same view before.
    """

    def __init__(self, reader: Reader, call: Call, ask: Ask, errands: Errands) -> None:
        super().__init__(reader, call, ask)
        self._errands = errands
        self._besides: set[str] = set()

    @property
    def names(self) -> frozenset[str]:
        """What has to be waited for: every entity, listing and link that was looked at, and what was named besides."""
        return frozenset(name for name in self.seen if name[0] in "ELQ") | self._besides

    def wait_for(self, names: Iterable[str]) -> None:
        """Have changes of something else make for another look, too."""
        self._besides.update(names)

    @property
    def is_blank(self) -> bool:
        """Whether no entity was found at all."""
        return not any(isinstance(value, Known) for value in self.seen.values())

    def _let_go(self) -> None:
        """What was looked at is asked for after the look, too."""
        at_hand = self._at_hand
        super()._let_go()
        self._at_hand = at_hand

    def _refresh(self, telling: Telling, question: Question) -> Outcome:
        return self._fetch(telling, question, 0.0)

    def _fetch(self, telling: Telling, question: Question, window_seconds: float) -> Outcome:
        errand = self._errands.send(telling, question, self.call, window_seconds)
        landed = errand.landed
        if landed is None and telling.held.holding is Holding.NOTHING:
            return Unasked(question.source)
        if landed is None:
            return self._served(telling.answer(FreshnessState.REVALIDATING))
        if landed.shelf is None and landed.error is not None:
            return self._without(telling, landed.error)
        return self._brought(telling, landed, errand)

    def _brought(self, telling: Telling, landed: Landed, errand: Errand) -> Outcome:
        """What was read for this view: fresh for as long as who waits for a view may have to wait."""
        if telling.held.holding is Holding.NOTHING and landed.shelf is not None:  # lost since, or not kept yet
            telling = replace(telling, shelf=landed.shelf)
        problem = None if landed.error is None else self.problem(landed.error)
        now = self.reader.clock.monotonic()
        if now - (errand.landed_at or now) <= self.ask.deadline.total_seconds():
            return self._served(telling.read(landed.verified_at, problem))
        return self._served(telling.answer(FreshnessState.STALE, problem))
