"""Reads views for resolvers: what the systems state, the estimates that count, and what was found before."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from msgspec.structs import replace

from cache.reader import Reading
from cache.trail import read_cases
from domain.caller import Caller, Role
from domain.case_view import CaseView, Section
from domain.delivery import Asked, asked_of, delivery_eta, promised_on
from domain.discrepancy import Discrepancy
from domain.errors import StoreError
from domain.eta import EtaBasis
from domain.freshness import Ask
from domain.identity import CaseKey, EntityKind
from domain.order import Order
from domain.prediction import Lane, Residual, predict_first
from domain.shipment import Shipment
from resolvers.context import Context, Gateway

V = TypeVar("V", CaseView, CaseView | None)

WHOSE = frozenset({EntityKind.ORDER})
"""What has to be read to know whose case it is."""

Experience = Mapping[Lane, Sequence[Residual]]


async def read(
    context: Context, keys: Sequence[CaseKey], kinds: frozenset[EntityKind], ask: Ask
) -> list[CaseView | None]:
    """The views as the systems state them; null for what no system knows, and for what the caller may not ask for.

    Numbers are followed through whatever system names them; what is read on the way is not in the views.
    """
    caller, rates = context.caller, context.gateway.rates
    context.asked.extend(keys)
    rates.asked(caller, context.address, keys)
    async with aclosing(context.reading(rates.floored(caller, ask))) as reading:
        views = await read_for(caller, reading, keys, kinds)
    found = {key for key, view in zip(keys, views, strict=True) if view is not None}
    context.shown.update(found)
    rates.missed(caller, context.address, [key for key in keys if key not in found])
    return views


async def read_for(
    caller: Caller, reading: Reading, keys: Sequence[CaseKey], kinds: frozenset[EntityKind]
) -> list[CaseView | None]:
    """The views that a caller may have, out of one reading; null for what no system knows, and for all others."""
    asked = [key for key in keys if caller.keys is None or key in caller.keys]
    wanted = kinds if caller.customer is None else kinds | WHOSE
    found = dict(zip(asked, await read_cases(reading, asked, wanted), strict=True))
    return [_theirs(caller, found.get(key)) for key in keys]


def is_unbound_bot(caller: Caller) -> bool:
    """Whether a program talks to customers without having proved to whom: whoever guesses a number could ask it."""
    return caller.roles == {Role.BOT} and caller.keys is None and caller.customer is None


def _theirs(caller: Caller, view: CaseView | None) -> CaseView | None:
    """The view, if it is of the customer that the caller is bound to; what nobody can tell is not."""
    if view is None or caller.customer is None or customers_of(view.sections) == {caller.customer}:
        return view
    return None


def customers_of(sections: Mapping[EntityKind, Section]) -> Collection[str]:
    """Numbers of the customers whose orders are in a view."""
    orders = [each for each in _nodes(sections, EntityKind.ORDER) if isinstance(each, Order)]
    return {each.customer_id for each in orders if each.customer_id is not None}


async def kept_findings(context: Context, views: Iterable[CaseView | None]) -> Mapping[str, Sequence[Discrepancy]]:
    """What was found before of the orders of these views, by their numbers."""
    memory = context.gateway.reader.memory
    wanted = {number: memory.store.conclusions(number) for view in views if view for number in orders_of(view)}
    written = await memory.recall(list(wanted.values())) if wanted else {}
    if context.grounds is not None:
        context.grounds.look_at(written)
    known = {number: written.get(each.name) for number, each in wanted.items()}
    return {number: each.conclusions.findings for number, each in known.items() if each and each.conclusions}


def names_of_findings(gateway: Gateway, views: Iterable[CaseView | None]) -> Iterable[str]:
    """What announcements call that which was found of the orders of these views."""
    store = gateway.reader.memory.store
    return [store.conclusions(number).name for view in views if view for number in orders_of(view)]


def orders_of(view: CaseView) -> list[str]:
    """Numbers of the orders that a view shows."""
    return [each.number for each in _nodes(view.sections, EntityKind.ORDER) if isinstance(each, Order)]


@dataclass(frozen=True, slots=True)
class _Stated:
    """A shipment with what is stated about its delivery, and what a prediction would need."""

    shipment: Shipment
    stated_at: datetime | None
    promised_on: date | None
    asked: Asked | None

    def counting(self, experience: Experience, now: datetime) -> Shipment:
        """It, with the estimate that counts."""
        known = None if self.asked is None else [experience.get(lane, ()) for lane in self.asked.lanes]
        learned = None if self.asked is None or known is None else predict_first(self.asked.estimate, known, now)
        eta = delivery_eta(self.shipment, now, stated_at=self.stated_at, promised_on=self.promised_on, learned=learned)
        return replace(self.shipment, eta=None if eta.basis is EtaBasis.NONE and self.shipment.eta is None else eta)


async def with_estimates(context: Context, views: Sequence[V], now: datetime) -> list[V]:
    """The views with the estimate that counts for each shipment; what was learned is asked for at once."""
    learned = context.gateway.experience
    stated = [_stated(view, now) for view in views]
    lanes = {lane for each in stated for one in each if one.asked for lane in one.asked.lanes}
    experience: Experience = {}
    with suppress(StoreError):  # without what was learned, what is stated counts
        experience = await learned.recall(tuple(lanes))
    if context.grounds is not None and lanes:
        context.grounds.last_until(learned.looked_at_until(lanes))
    return [
        _estimated(view, tuple(one.counting(experience, now) for one in each))
        for view, each in zip(views, stated, strict=True)
    ]


def _stated(view: CaseView | None, now: datetime) -> list[_Stated]:
    section = view.sections.get(EntityKind.SHIPMENT) if view else None
    if view is None or section is None:
        return []
    orders = [each for each in _nodes(view.sections, EntityKind.ORDER) if isinstance(each, Order)]
    pairs = zip(section.nodes, section.node_freshness, strict=True)
    return [
        _Stated(each, freshness.as_of, promised_on(orders, each), asked_of(each, freshness.as_of, now))
        for each, freshness in pairs
        if isinstance(each, Shipment)
    ]


def _estimated(view: V, shipments: tuple[Shipment, ...]) -> V:
    if view is None or not shipments:
        return view
    section = replace(view.sections[EntityKind.SHIPMENT], nodes=shipments)
    return replace(view, sections={**view.sections, EntityKind.SHIPMENT: section})


def _nodes(sections: Mapping[EntityKind, Section], kind: EntityKind) -> Sequence[object]:
    return sections[kind].nodes if kind in sections else ()
