"""Draws conclusions about orders whenever something else is known of them, and whenever their time has come.

Looks at what the store has and asks nobody. What is old is not sure, and what is not sure is neither raised nor
cleared.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog

from cache.agenda import Agenda, Concluding, Due
from cache.board import Board
from cache.experience import Experience
from cache.keys import named_by_agenda
from cache.lease import Leases
from cache.reader import Reader
from cache.stopping import stop
from cache.store import Store, Written
from cache.trail import read_cases
from domain.case_view import CaseView
from domain.conclusions import Conclusions, concluded, news_of
from domain.contradictions import NEEDED, judgement_of
from domain.delivery import delivery_of
from domain.discrepancy import DiscrepancyState, Tolerances
from domain.entity import Entity
from domain.errors import StoreError
from domain.fold import changed_at, content_of
from domain.identity import CaseKey, EntityKey, EntityKind, Reference, Scheme
from domain.known import Known
from domain.links import references_of
from domain.listing import LOOKED_UP_BY
from domain.lookup import Lookup, Question
from domain.order import Order
from domain.prediction import Lane, Residual, lessons_of
from domain.service_case import ServiceCase
from domain.shipment import Shipment
from domain.stages import STANDING_KINDS, Allowances, standings_of
from events.ahead import ReadAhead

BATCH = 20
"""Things that are thought about together."""

PAUSE = timedelta(milliseconds=100)
"""How long it is waited when nothing is due."""

LEASED = timedelta(seconds=10)
"""How long one process keeps an agenda to itself."""

SHARE = 0.2
"""Of a process's time; the rest is for who waits for an answer."""

SURE_AGAIN = timedelta(minutes=1)
"""How long the systems are not asked again about the same order."""

MADE_SURE = 10_000
"""Orders that a process remembers to have asked about."""

ATTEMPTS = 10
"""How often conclusions are drawn again because somebody else wrote some meanwhile."""

KINDS = NEEDED | STANDING_KINDS
NAMING_ORDERS = (EntityKind.ORDER, EntityKind.FULFILLMENT, EntityKind.SHIPMENT)
LEADING_TO_ORDERS = frozenset({Scheme.TRACKING, Scheme.SHIPMENT_ID})

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Measures:
    """What conclusions are measured with.

    Attributes:
        tolerances: when systems contradict each other.
        allowances: how long work may stand.
    """

    tolerances: Tolerances
    allowances: Allowances


class Concluder:
    """Draws conclusions.

    Args:
        reader: of what is known.
        agenda: what there is to think about.
        board: where the work of a customer stands.
        experience: what deliveries teach.
        measures: what is measured with.
        ahead: reads the views of cases that were opened, and makes sure of what seems wrong.
    """

    def __init__(
        self,
        reader: Reader,
        agenda: Agenda,
        board: Board,
        *,
        experience: Experience,
        measures: Measures,
        ahead: ReadAhead,
    ) -> None:
        self._reader = reader
        self._agenda = agenda
        self._board = board
        self._experience = experience
        self._measures = measures
        self._ahead = ahead
        self._made_sure: dict[str, float] = {}
        self._leases = Leases(reader.memory.store.server)
        self._task: asyncio.Task[None] | None = None

    @property
    def _store(self) -> Store:
        return self._reader.memory.store

    def open(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run())

    async def aclose(self) -> None:
        """Stop; what is under way will be done again."""
        if self._task is not None:
            await stop([self._task])

    async def work(self, partition: int) -> int:
        """Think about what is due, some of it; says how much that was.

        Raises:
            StoreUnavailable: the store does not answer; nothing is taken off the agenda.
        """
        due = await self._agenda.due(partition, self._reader.clock.now(), BATCH)
        if not due:
            return 0
        orders = await self._orders(due)
        for start in range(0, len(orders), BATCH):
            await self.conclude(orders[start : start + BATCH])
        await self._agenda.done(partition, due)
        return len(due)

    async def conclude(self, numbers: Sequence[str]) -> None:
        """Draw conclusions about orders, and keep them.

        Raises:
            StoreUnavailable: the store does not answer, or others write the same without end.
        """
        left = list(numbers)
        for _ in range(ATTEMPTS):
            drawn = await self._draw(left)
            written = await self._agenda.conclude(drawn)
            left = [each.after.order_number for each, is_written in zip(drawn, written, strict=True) if not is_written]
            if not left:
                return
        log.warning("conclusions met others", orders=len(left))

    async def _draw(self, numbers: Sequence[str]) -> list[Concluding]:
        """The conclusions that differ from those that are kept."""
        kept = await self._store.read([self._store.conclusions(number) for number in numbers])
        async with aclosing(self._reader.reading_anew()) as reading:
            views = await read_cases(reading, [_key_of(number) for number in numbers], KINDS)
        drawn = [
            self._drawn(number, present, view) for number, (present, _), view in zip(numbers, kept, views, strict=True)
        ]
        return [each for each in drawn if each.after != each.before]

    def _make_sure(self, number: str) -> None:
        """Have the systems asked, and conclude again; not over and over while they do not answer."""
        now = self._reader.clock.monotonic()
        if now < self._made_sure.get(number, now):
            return
        if len(self._made_sure) >= MADE_SURE:
            self._made_sure.clear()
        self._made_sure[number] = now + SURE_AGAIN.total_seconds()
        self._ahead.begin(_key_of(number), partial(self.conclude, [number]))

    def _drawn(self, number: str, present: Written | None, view: CaseView | None) -> Concluding:
        now = self._reader.clock.now()
        sections = {} if view is None else view.sections
        before = (present and present.conclusions) or Conclusions(number)
        judgement = judgement_of(sections, now, self._measures.tolerances)
        after = concluded(before, judgement, standings_of(number, sections, self._measures.allowances), now)
        if any(each.state is DiscrepancyState.INCONCLUSIVE for each in (*judgement.found, *after.findings)):
            self._make_sure(number)
        return Concluding(present, after, news_of(before, after, _customer_of(view)))

    async def _orders(self, due: Sequence[Due]) -> list[str]:
        """Numbers of the orders that may be about something else now."""
        named = [named_by_agenda(each.name.decode(), self._store.keys.tenant) for each in due]
        changed = await self._store.known([each for each in named if isinstance(each, EntityKey)])
        await self._experience.learn(lesson for known in changed if known for lesson in _lessons(known))
        entities = [each for known in changed if known for each in _told(known)]
        await self._ahead.warm([each for each in entities if isinstance(each, ServiceCase)])
        numbers = {each for each in named if isinstance(each, str)}
        for entity in entities:
            own = {each.value for each in references_of(entity, frozenset({Scheme.SO}))}
            numbers |= own or await self._led_to(references_of(entity, LEADING_TO_ORDERS))
            for each in references_of(entity, frozenset({Scheme.CUSTOMER})):
                if not own:
                    numbers |= await self._board.orders_of(each.value)
        return sorted(numbers)

    async def _led_to(self, references: Iterable[Reference]) -> set[str]:
        """Orders that are named by what goes by the same numbers."""
        questions = [
            Question(source, Lookup(kind=kind, by=reference))
            for source, upstream in self._reader.upstreams.items()
            for kind in NAMING_ORDERS
            for reference in references
            if kind in upstream.terms and reference.scheme in LOOKED_UP_BY[kind]
        ]
        if not questions:
            return set()
        linked = await self._store.read([self._store.links(question) for question in questions])
        keys = [
            EntityKey(tenant=self._store.keys.tenant, source=question.source, kind=question.lookup.kind, id=each)
            for question, (ids, _) in zip(questions, linked, strict=True)
            for each in ids or ()
        ]
        found = await self._store.known(keys)
        return {
            each.value
            for known in found
            if known
            for entity in _told(known)
            for each in references_of(entity, frozenset({Scheme.SO}))
        }

    async def _run(self) -> None:
        while True:
            begun, done = time.monotonic(), 0
            try:
                for partition in self._agenda.partitions:
                    if await self._leases.take([self._lease(partition)], LEASED.total_seconds()) == [True]:
                        done += await self.work(partition)
            except StoreError as error:
                log.info("conclusions wait", reason=str(error))
            except Exception:
                log.exception("conclusions stumbled")
            spent = time.monotonic() - begun
            await asyncio.sleep(spent * (1 / SHARE - 1) if done else PAUSE.total_seconds())

    def _lease(self, partition: int) -> str:
        return self._store.keys.lease(f"agenda:{partition}")


def _key_of(number: str) -> CaseKey:
    return CaseKey(scheme=Scheme.SO, value=number)


def _told(known: Known) -> Iterable[Entity]:
    """What is known of it now, and what was before: an order that it belonged to may be about something else, too."""
    told = (content_of(known), *(version.content for version in known.latest))
    return [each for each in told if each is not None]


def _lessons(known: Known) -> Iterable[tuple[Lane, Residual]]:
    """What its delivery teaches, if it is a shipment that has been delivered."""
    shipment, told_at = content_of(known), changed_at(known)
    if not isinstance(shipment, Shipment) or not known.statements or told_at is None:
        return ()
    delivery = delivery_of(f"{known.key.source} {known.key.id}", shipment, told_at)
    return () if delivery is None else lessons_of(shipment, delivery, known.statements)


def _customer_of(view: CaseView | None) -> str | None:
    orders = view.sections[EntityKind.ORDER].nodes if view else ()
    return next((each.customer_id for each in orders if isinstance(each, Order)), None)
