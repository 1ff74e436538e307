"""Asks the sources, on behalf of one request at a time.

The reader is given its fetchers and never learns who is behind them. Within one request nothing is asked twice,
and questions that arise in the same moment go to a source in one call.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

import structlog

from domain.call import Call
from domain.case_view import Answered, Failed, Outcome
from domain.clock import Clock
from domain.errors import DeadlineExceeded, SourceError, TooSlow, UnusableAnswer
from domain.freshness import Origin, SourceProblem
from domain.identity import EntityKind, Scheme
from domain.links import Readable
from domain.lookup import Findings, Lookup

GRACE_SECONDS = 0.02
"""How long after the deadline a fetch may still report how it failed, before it is cut."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Fetcher:
    """One way to ask one configured source.

    Attributes:
        source: configured id.
        answers: which kinds of entity it gives, and by which numbers it can be asked for each, best first.
        max_batch: how many lookups one fetch takes.
        fetch: asks; raises SourceError.
    """

    source: str
    answers: Mapping[EntityKind, tuple[Scheme, ...]]
    max_batch: int
    fetch: Callable[[Sequence[Lookup], Call], Awaitable[Findings]]


@dataclass(frozen=True, slots=True)
class Route:
    """A source that knows entities of some kind, and by which numbers it can be asked for them."""

    source: str
    schemes: frozenset[Scheme]


@dataclass(slots=True)
class Spent:
    """What one request has cost at one source."""

    calls: int = 0
    seconds: float = 0.0


class Reader:
    """All the ways to ask."""

    def __init__(self, fetchers: Iterable[Fetcher], clock: Clock) -> None:
        self.clock = clock
        self._fetchers = {
            (fetcher.source, kind, scheme): fetcher
            for fetcher in reversed(tuple(fetchers))
            for kind, schemes in fetcher.answers.items()
            for scheme in schemes
        }
        self.routes = {kind: tuple(self._routes(kind)) for kind in EntityKind}
        self.readable: Readable = {
            kind: tuple(route.schemes for route in routes) for kind, routes in self.routes.items()
        }

    def _routes(self, kind: EntityKind) -> Iterable[Route]:
        schemes: dict[str, set[Scheme]] = {}
        for source, known, scheme in self._fetchers:
            if known is kind:
                schemes.setdefault(source, set()).add(scheme)
        return (Route(source=source, schemes=frozenset(schemes[source])) for source in sorted(schemes))

    def fetcher(self, source: str, lookup: Lookup) -> Fetcher:
        """The way to ask this source this question."""
        return self._fetchers[source, lookup.kind, lookup.by.scheme]

    def reading(self, call: Call) -> "Reading":
        """Begin the reads of one request."""
        return Reading(self, call)


@dataclass(slots=True)
class _Batch:
    """Questions of one moment to one fetcher; `timer` is set while it waits for more."""

    waiting: dict[Lookup, asyncio.Future[Outcome]] = field(default_factory=dict)
    timer: asyncio.TimerHandle | None = None
    is_leaving: bool = False


class Reading:
    """The reads of one request."""

    def __init__(self, reader: Reader, call: Call) -> None:
        self.reader = reader
        self.call = call
        self.spent: dict[str, Spent] = {}
        self._clock = reader.clock
        self._outcomes: dict[tuple[str, Lookup], asyncio.Future[Outcome]] = {}
        self._batches: dict[int, _Batch] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def look(self, source: str, lookup: Lookup, *, window_seconds: float = 0.0) -> asyncio.Future[Outcome]:
        """What a source knows of a number; asked once per request, answered at the latest at the deadline.

        Args:
            source: whom to ask.
            lookup: what to ask.
            window_seconds: how long more questions to the same source may be waited for.
        """
        outcome = self._outcomes.get((source, lookup))
        if outcome is None:
            outcome = self._outcomes[source, lookup] = asyncio.get_running_loop().create_future()
            self._enqueue(self.reader.fetcher(source, lookup), lookup, outcome, window_seconds)
        return outcome

    def problem(self, error: SourceError) -> SourceProblem:
        """The failure as data, with this request's correlation id."""
        return SourceProblem.of(error, self.call.correlation_id)

    async def aclose(self) -> None:
        """Stop what nobody waits for any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _enqueue(
        self, fetcher: Fetcher, lookup: Lookup, outcome: asyncio.Future[Outcome], window_seconds: float
    ) -> None:
        batch = self._batches.setdefault(id(fetcher), _Batch())
        batch.waiting[lookup] = outcome
        loop = asyncio.get_running_loop()
        if window_seconds > 0:
            if batch.timer is None and not batch.is_leaving:
                batch.timer = loop.call_later(window_seconds, self._leave, fetcher, batch)
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
        waiting = iter(self._batches.pop(id(fetcher)).waiting.items())
        while chunk := dict(islice(waiting, fetcher.max_batch)):
            task = asyncio.create_task(self._fetch(fetcher, chunk))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _fetch(self, fetcher: Fetcher, waiting: Mapping[Lookup, asyncio.Future[Outcome]]) -> None:
        verified_at = self._clock.now()
        started = self._clock.monotonic()
        try:
            findings = await self._answer(fetcher, list(waiting))
        except SourceError as error:
            failed = Failed(self.problem(error))
            self._settle(waiting, lambda _: failed)
        else:
            self._report_unmapped(fetcher.source, findings)
            self._settle(waiting, lambda lookup: self._outcome(fetcher.source, lookup, findings, verified_at))
        finally:
            spent = self.spent.setdefault(fetcher.source, Spent())
            spent.calls += 1
            spent.seconds += self._clock.monotonic() - started

    async def _answer(self, fetcher: Fetcher, lookups: Sequence[Lookup]) -> Findings:
        left = self.call.seconds_left(self._clock)
        if left <= 0:
            raise DeadlineExceeded(fetcher.source)
        try:
            async with asyncio.timeout(left + GRACE_SECONDS):
                return await fetcher.fetch(lookups, self.call)
        except TimeoutError as error:
            raise TooSlow(fetcher.source) from error
        except SourceError:
            raise
        except Exception as error:
            log.exception("fetch failed", source=fetcher.source, correlation_id=self.call.correlation_id)
            raise UnusableAnswer(fetcher.source) from error

    def _outcome(self, source: str, lookup: Lookup, findings: Findings, verified_at: datetime) -> Outcome:
        if lookup in findings.unusable:
            return Failed(self.problem(UnusableAnswer(source, findings.unusable[lookup])))
        return Answered(
            source=source,
            snapshots=tuple(findings.found.get(lookup, ())),
            verified_at=verified_at,
            origin=Origin.API,
        )

    @staticmethod
    def _settle(waiting: Mapping[Lookup, asyncio.Future[Outcome]], outcome_of: Callable[[Lookup], Outcome]) -> None:
        for lookup, outcome in waiting.items():
            if not outcome.done():
                outcome.set_result(outcome_of(lookup))

    def _report_unmapped(self, source: str, findings: Findings) -> None:
        for code in sorted(set(findings.unmapped), key=lambda each: (each.code_list, each.code)):
            log.warning(
                "unmapped code",
                source=source,
                code_list=code.code_list,
                code=code.code,
                correlation_id=self.call.correlation_id,
            )
