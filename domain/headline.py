"""The one sentence that an agent can say to the customer: a table of rules, of which the first that speaks is heard.

What may be false is not said: a contradiction comes before what it contradicts, and what rests on something old or
missing says so. What is of other customers, and what customers do not hear of, is not looked at.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.answers.caveats import is_missing, is_old, oldest, resting_on
from domain.answers.contradicted import heard_of
from domain.answers.customer import HEARD, HEARD_FROM, UNSEEN, heard, is_gone
from domain.answers.deliveries import AWAITED, MOVING, arrived, dated, next_expected, on_its_way, troubled
from domain.answers.expected import Expected, end_of, expected_of, is_open_ended
from domain.answers.own import own
from domain.answers.questions import asked_by_case
from domain.billing import CreditState
from domain.case_view import Section
from domain.discrepancy import Discrepancy, Facts, Severity
from domain.eta import EtaBasis
from domain.fulfillment import FulfillmentStatus
from domain.identity import EntityKind
from domain.order import Order, OrderStatus
from domain.saying import Saying
from domain.service_case import CaseKind
from domain.shipment import Shipment, ShipmentStatus
from domain.shipment_exception import ExceptionKind

K = EntityKind
S = ShipmentStatus

NEWS = timedelta(hours=24)
"""How long it is worth saying that an estimate has changed."""

NOTICED = timedelta(hours=2)
"""By how much an estimate has to differ to be called late, or changed."""

ORDERS: Mapping[OrderStatus, str] = {
    OrderStatus.DRAFT: "headline.order.received",
    OrderStatus.PENDING_APPROVAL: "headline.order.received",
    OrderStatus.CONFIRMED: "headline.order.received",
    OrderStatus.RELEASED: "headline.order.prepared",
    OrderStatus.PARTIALLY_SHIPPED: "headline.partly.sent",
    OrderStatus.SHIPPED: "headline.order.sent",
    OrderStatus.COMPLETED: "headline.order.completed",
    OrderStatus.ON_HOLD: "headline.checked",
    OrderStatus.CANCELLED: "headline.order.cancelled",
    OrderStatus.UNKNOWN: "headline.unknown",
}
"""What is said of an order without shipments."""

TO_BE_DELIVERED = frozenset(
    {OrderStatus.DRAFT, OrderStatus.PENDING_APPROVAL, OrderStatus.CONFIRMED, OrderStatus.RELEASED}
)
BLOCKED = frozenset({CreditState.BLOCKED_SHIP, CreditState.BLOCKED_ALL})
STILL_THERE = frozenset(FulfillmentStatus) - {
    FulfillmentStatus.SHIPPED,
    FulfillmentStatus.CANCELLED,
    FulfillmentStatus.LOADED,
    FulfillmentStatus.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the rules look at: the customer's own, and what contradicts itself in all of it."""

    facts: Facts
    found: Sequence[Discrepancy]

    @property
    def shipments(self) -> Sequence[Shipment]:
        """All that was not called off."""
        return [each.entity for each in self.facts.shipments if each.entity.status is not S.CANCELLED]

    @property
    def orders(self) -> Sequence[Order]:
        """What was ordered."""
        return [each.entity for each in self.facts.orders]

    @property
    def awaited(self) -> Sequence[Shipment]:
        """What is not there yet."""
        return [each for each in self.shipments if each.status in AWAITED]

    @property
    def promised_on(self) -> date | None:
        """The last day by which all of it was promised."""
        days = (each.promised_delivery_on for each in self.orders)
        return max((each for each in days if each is not None and not is_open_ended(each)), default=None)


Rule = tuple[Collection[EntityKind], Callable[[_Seen], Saying | None]]
"""What a sentence rests on, and the sentence; null: the next rule has the word."""


def headline_of(sections: Mapping[EntityKind, Section], found: Sequence[Discrepancy], now: datetime) -> Saying:
    """The sentence; it is fit for customers.

    Args:
        sections: the view.
        found: its contradictions, worst first.
        now: when it is looked at.
    """
    view = own(sections)
    seen = _Seen(Facts(view, now), found)
    asked = asked_by_case(seen.facts)
    rules = (*_GRAVE, *_ASKED.get(asked or CaseKind.OTHER, ()), *_USUAL)
    rests_on, said = next((rests_on, said) for rests_on, say in rules if (said := say(seen)) is not None)
    return _honest(said, resting_on(view, rests_on))


def _honest(said: Saying, sections: Sequence[Section]) -> Saying:
    """The sentence with how old it is, if it is, and that something is missing, if it is."""
    if said.code == UNSEEN:
        return said
    if is_missing(sections):
        said = Saying("headline.not_all", {"said": said})
    when = oldest(sections)
    if when is not None:
        return Saying("headline.as_of", {"said": said, "when": when})
    return Saying("headline.perhaps", {"said": said}) if is_old(sections) else said


def _finding(severity: Severity) -> Callable[[_Seen], Saying | None]:
    return lambda seen: heard_of(each for each in seen.found if each.severity is severity)


def _delivered(seen: _Seen) -> Saying | None:
    """All of it; an order of which something has not left yet is not."""
    shipments, is_partial = seen.shipments, any(each.status is OrderStatus.PARTIALLY_SHIPPED for each in seen.orders)
    if not shipments or is_partial or _is_anything_left(seen) or {each.status for each in shipments} != {S.DELIVERED}:
        return None
    return arrived(shipments)


def _troubled(seen: _Seen) -> Saying | None:
    return Saying("headline.lost") if any(map(is_gone, seen.facts.shipments)) else troubled(seen.shipments)


def _rescheduled(seen: _Seen) -> Saying | None:
    """An estimate that is past, late or new."""
    for shipment in seen.awaited:
        expected = expected_of(shipment)
        if expected is None or shipment.status in _ARRIVING:
            continue
        if expected.until < seen.facts.now:
            return Saying("headline.eta.past", {"when": expected.when})
        if _is_late(shipment, expected, seen.promised_on):
            return Saying("headline.eta.late", {"when": expected.when})
        if _is_new(shipment, seen.facts.now):
            return Saying("headline.eta.changed", {"when": expected.when})
    return None


_ARRIVING = frozenset({S.AT_DELIVERY, S.DELIVERY_ATTEMPTED, S.AVAILABLE_FOR_COLLECTION})
"""Where the estimate has done its work."""


def _is_late(shipment: Shipment, expected: Expected, promised_on: date | None) -> bool:
    """Later than promised by a day, or than planned by more than anybody overlooks."""
    delay = shipment.eta.delay_minutes if shipment.eta else None
    is_behind = delay is not None and timedelta(minutes=delay) > NOTICED
    day_is_over = promised_on is not None and expected.until > end_of(promised_on, expected.until.tzinfo)
    return is_behind or day_is_over


def _is_new(shipment: Shipment, now: datetime) -> bool:
    eta = shipment.eta
    if eta is None or eta.estimated_at is None or eta.previous_estimated_at is None or eta.revised_at is None:
        return False
    return abs(eta.estimated_at - eta.previous_estimated_at) > NOTICED and now - eta.revised_at <= NEWS


def _held(seen: _Seen) -> Saying | None:
    """Whatever holds it: a customer hears only that it is being checked."""
    is_order_held = any(each.status is OrderStatus.ON_HOLD for each in seen.orders)
    is_stopped = any(each.entity.status in BLOCKED for each in seen.facts.credits) and not seen.shipments
    is_left_standing = any(
        each.kind is ExceptionKind.CREDIT_HOLD and each.cleared_at is None
        for shipment in seen.awaited
        for each in shipment.exceptions
    )
    return Saying("headline.checked") if is_order_held or is_stopped or is_left_standing else None


def _partly(seen: _Seen) -> Saying | None:
    statuses = {each.status for each in seen.shipments}
    is_partial = any(each.status is OrderStatus.PARTIALLY_SHIPPED for each in seen.orders) or _is_anything_left(seen)
    if S.DELIVERED in statuses and seen.awaited:
        return dated("headline.partly.arrived", next_expected(seen.shipments, seen.facts.now))
    if S.DELIVERED in statuses and is_partial:
        return Saying("headline.partly.rest")
    if statuses & MOVING and is_partial:
        return dated("headline.partly.sent", next_expected(seen.shipments, seen.facts.now))
    return None


def _is_anything_left(seen: _Seen) -> bool:
    return any(each.entity.status in STILL_THERE for each in seen.facts.fulfillments)


def _ordered(seen: _Seen) -> Saying | None:
    """Of an order without shipments; a call for orders that are alive goes before those that were cancelled."""
    orders = sorted(seen.orders, key=lambda each: each.status is OrderStatus.CANCELLED)
    if not orders:
        return None
    [first, *_] = orders
    day = first.promised_delivery_on
    if first.status not in TO_BE_DELIVERED or day is None or is_open_ended(day) or end_of(day) <= seen.facts.now:
        return Saying(ORDERS[first.status])
    return dated(ORDERS[first.status], Expected(day, end_of(day), EtaBasis.PROMISED))


def _unknown(seen: _Seen) -> Saying:
    is_there_none = seen.facts.is_sure({K.ORDER, K.SHIPMENT}) and not seen.shipments
    return Saying("headline.nothing" if is_there_none else "headline.unknown")


def _answering(kind: CaseKind) -> Sequence[Rule]:
    return ((HEARD_FROM[kind], lambda seen: heard(kind, seen.facts)[0]),)


_ASKED: Mapping[CaseKind, Sequence[Rule]] = {kind: _answering(kind) for kind in HEARD}
"""A case that asks something else than where the order is hears the answer to that."""

_GRAVE: Sequence[Rule] = (((), _finding(Severity.CRITICAL)), ((), _finding(Severity.HIGH)))

_USUAL: Sequence[Rule] = (
    ({K.SHIPMENT, K.ORDER}, _delivered),
    ({K.SHIPMENT}, _troubled),
    ({K.SHIPMENT, K.ORDER}, _rescheduled),
    ({K.ORDER}, _held),
    ({K.SHIPMENT, K.ORDER}, _partly),
    ({K.SHIPMENT}, lambda seen: on_its_way(seen.shipments, seen.facts.now)),
    ({K.SHIPMENT, K.ORDER}, _ordered),
    ((), _unknown),
)
