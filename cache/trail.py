"""From a key to a case view: follow the numbers, ask side by side, put the sections together within the deadline."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from itertools import chain, islice

import structlog
from msgspec.structs import replace

from cache.reader import Reading
from cache.routes import Route
from domain.case_view import Answered, CaseView, Failed, Outcome, Section, Unasked, section_of, view_id
from domain.errors import ProblemCode
from domain.freshness import SourceProblem
from domain.identity import CaseKey, EntityKind, Reference, Scheme
from domain.links import IDENTIFIED_BY, ROOTS, references_of, tellers
from domain.lookup import Lookup, Question

log = structlog.get_logger()

MAX_ORDERS = 25
"""How many orders one key may stand for; a full truck carries more, and no agent reads them in one view."""

MAX_NUMBERS = 250
"""How many numbers are followed for one view."""

WINDOW_SECONDS = 0.02
"""How long a number that one system named waits for the numbers of another, before both are asked for."""


async def read_cases(reading: Reading, keys: Sequence[CaseKey], wanted: frozenset[EntityKind]) -> list[CaseView | None]:
    """The views of several cases, side by side.

    Args:
        reading: the reads of this request.
        keys: what is asked about.
        wanted: the sections that the caller looks at.

    Returns:
        The views, with UNAVAILABLE sections for sources that did not answer; null for keys that no system knows.
    """
    trails = [Trail(reading, key, wanted) for key in keys]
    await reading.recall(keys, [question for trail in trails for question in trail.first_questions()])
    if len(trails) == 1:
        return [await _read_case(reading, trails[0], wanted)]
    return list(await asyncio.gather(*(_read_case(reading, trail, wanted) for trail in trails)))


async def _read_case(reading: Reading, trail: "Trail", wanted: frozenset[EntityKind]) -> CaseView | None:
    await trail.follow()
    if trail.is_empty:
        await trail.probe()
        if trail.is_empty:
            return None
    reading.leave_footprint(trail.key, trail.looked_at)
    return CaseView(
        id=view_id(reading.reader.memory.store.keys.tenant, trail.key),
        key=trail.key,
        sections={kind: trail.section(kind) for kind in wanted},
    )


class Trail:
    """The numbers of one case, as they become known, and what was answered under them."""

    def __init__(self, reading: Reading, key: CaseKey, wanted: frozenset[EntityKind]) -> None:
        self.key = key
        self._reading = reading
        self._routes = reading.reader.routes
        self._root = key.reference
        self._wanted = wanted
        self._plan = self._routes.plan(wanted, key.scheme)
        self._under_key = self._questions_under_key()
        self._numbers: dict[tuple[Scheme, str], list[Reference]] = {}
        self._pending: dict[asyncio.Future[Outcome], Question] = {}
        self._outcomes: dict[tuple[str, EntityKind], dict[Question, Outcome]] = {}

    @property
    def is_empty(self) -> bool:
        """Whether every system could say that it knows nothing under the numbers of this case."""
        return not any(
            isinstance(outcome, Failed | Unasked) or (isinstance(outcome, Answered) and outcome.parts)
            for outcome in self._all()
        )

    @property
    def looked_at(self) -> Iterable[Question]:
        """Every question that was put to a source."""
        return chain.from_iterable(self._outcomes.values())

    def first_questions(self) -> Iterable[Question]:
        """What will be asked under the key itself."""
        return self._under_key

    async def follow(self) -> None:
        """Ask under the key, and under every number that the answers name, until nothing new turns up."""
        self._ask(self._root)
        await self._drain()

    async def probe(self) -> None:
        """Ask those who must know whether the key names anything at all."""
        self._plan = self._routes.probe(self._wanted, self._root.scheme)
        self._under_key = self._questions_under_key()
        self._ask_kinds(self._root)
        await self._drain()

    def section(self, kind: EntityKind) -> Section:
        """What the sources of one kind said, and for those that could not be asked, why."""
        routes = self._routes[kind]
        outcomes = [outcome for route in routes for outcome in self._outcomes_of(kind, route)]
        if not routes:
            outcomes = [Failed(self._nobody_in_charge(kind))]
        return section_of(kind, outcomes, now=self._reading.now())

    def _nobody_in_charge(self, kind: EntityKind) -> SourceProblem:
        return SourceProblem(
            code=ProblemCode.NOT_FOUND,
            source="none",
            message=f"no source is configured for {kind.value}",
            correlation_id=self._reading.call.correlation_id,
        )

    async def _drain(self) -> None:
        """Learn what is answered, until all is, or the time is over."""
        while self._pending:
            left = self._reading.call.seconds_left(self._reading.reader.clock)
            done, _ = await asyncio.wait(self._pending, timeout=max(left, 0), return_when=asyncio.FIRST_COMPLETED)
            if not done:
                self._reading.expire()
                done = {future for future in self._pending if future.done()}
            for future in done:
                self._learn(self._pending.pop(future), future.result())

    def _learn(self, question: Question, outcome: Outcome) -> None:
        kind, by = question.lookup
        self._outcomes.setdefault((question.source, kind), {})[question] = outcome
        if isinstance(outcome, Answered):
            for name in _names(outcome, self._plan.followed(kind, is_under_key=by == self._root)):
                self._ask(name)

    def _ask(self, name: Reference) -> None:
        alike = self._numbers.setdefault((name.scheme, name.value), [])
        if not any(name.may_be(known) for known in alike) and not self._is_too_much(name.scheme):
            alike.append(name)
            self._ask_kinds(name)

    def _is_too_much(self, scheme: Scheme) -> bool:
        orders = sum(known is Scheme.SO for known, _ in self._numbers)
        is_too_much = len(self._numbers) > MAX_NUMBERS or (scheme is Scheme.SO and orders > MAX_ORDERS)
        if is_too_much:
            call = self._reading.call
            log.warning("number not followed", scheme=scheme.value, correlation_id=call.correlation_id)
        return is_too_much

    def _ask_kinds(self, name: Reference) -> None:
        for question in self._questions(name):
            outcome = self._reading.look(question, window_seconds=self._window(name))
            if isinstance(outcome, asyncio.Future):
                self._pending[outcome] = question
            else:
                self._learn(question, outcome)

    def _questions(self, name: Reference) -> Sequence[Question]:
        if name == self._root:
            return self._under_key
        return [
            Question(route.source, Lookup(kind, name))
            for kind, route in self._plan.under_others[name.scheme]
            if not self._is_found(kind, route, name)
        ]

    def _questions_under_key(self) -> Sequence[Question]:
        return [Question(route.source, Lookup(kind, self._root)) for kind, route in self._plan.under_key]

    def _window(self, name: Reference) -> float:
        """Whoever else may name such numbers, and is being asked, is waited for a moment: two calls become one."""
        if name == self._root or not self._pending:
            return 0.0
        others = tellers(frozenset({name.scheme}), self._routes.readable)
        return WINDOW_SECONDS if any(each.lookup.kind in others for each in self._pending.values()) else 0.0

    def _is_found(self, kind: EntityKind, route: Route, name: Reference) -> bool:
        return name.scheme in IDENTIFIED_BY.get(kind, ()) and any(
            name.may_be(known)
            for outcome in self._outcomes.get((route.source, kind), {}).values()
            if isinstance(outcome, Answered)
            for part in outcome.parts
            for known in references_of(part.content, frozenset({name.scheme}))
        )

    def _outcomes_of(self, kind: EntityKind, route: Route) -> Iterable[Outcome]:
        outcomes = self._outcomes.get((route.source, kind))
        if not outcomes:
            return self._never_asked(route)
        if len(outcomes) == 1:
            return outcomes.values()
        return (outcomes[each] for each in sorted(outcomes, key=lambda each: _by_number(each.lookup.by)))

    def _never_asked(self, route: Route) -> Iterable[Outcome]:
        """Why a source was not asked: its number could not be learned, or there is none."""
        linking = {*ROOTS[self._root.scheme], *tellers(route.schemes, self._routes.readable)}
        lost = (outcome for outcome in self._all(linking) if isinstance(outcome, Failed | Unasked))
        told = [outcome for outcome in self._all() if isinstance(outcome, Answered)]
        nothing = (replace(each, source=route.source, parts=()) for each in sorted(told, key=_oldest_first))
        return islice(chain(lost, nothing), 1)

    def _all(self, kinds: Collection[EntityKind] = tuple(EntityKind)) -> Iterable[Outcome]:
        return (
            outcome for (_, kind), outcomes in self._outcomes.items() if kind in kinds for outcome in outcomes.values()
        )


def _names(outcome: Answered, schemes: frozenset[Scheme]) -> Sequence[Reference]:
    """The numbers of these schemes in an answer, in an order that does not vary."""
    if not schemes:
        return ()
    return sorted({name for part in outcome.parts for name in references_of(part.content, schemes)}, key=_by_number)


def _by_number(name: Reference) -> tuple[str, str]:
    return (name.scheme.value, name.value)


def _oldest_first(outcome: Answered) -> float:
    return outcome.verified_at.timestamp() if outcome.verified_at else 0.0
