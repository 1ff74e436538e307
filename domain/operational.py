"""What a business wants to be told: events that mean something outside, derived once from each change of what is known.

Nothing is told of what is only seen for the first time because somebody looked: that is no news.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any

from domain.billing import CreditState, CreditStatus, Invoice, InvoiceStatus
from domain.claims import Claim, ClaimStatus
from domain.entity import Entity
from domain.fold import changed_at, content_of
from domain.fulfillment import Fulfillment, FulfillmentStatus
from domain.identity import EntityKey
from domain.known import Known
from domain.model import Instant, Model, Name, Text
from domain.observation import Channel
from domain.order import Order, OrderStatus
from domain.returns import Return, ReturnStatus
from domain.shipment import Classifier, Milestone, MilestoneCode, Shipment, ShipmentStatus


class OperationalEventType(Enum):
    """What happened, in the words of the business."""

    ORDER_RELEASED = "ORDER_RELEASED"
    ORDER_HELD = "ORDER_HELD"
    PICK_CONFIRMED = "PICK_CONFIRMED"
    SHIPMENT_TENDER_ACCEPTED = "SHIPMENT_TENDER_ACCEPTED"
    LOAD_CONFIRMED = "LOAD_CONFIRMED"
    IN_TRANSIT_MILESTONE = "IN_TRANSIT_MILESTONE"
    ETA_CHANGED = "ETA_CHANGED"
    PROOF_OF_DELIVERY = "PROOF_OF_DELIVERY"
    SHIPMENT_EXCEPTION = "SHIPMENT_EXCEPTION"
    RETURN_RECEIVED = "RETURN_RECEIVED"
    INVOICE_POSTED = "INVOICE_POSTED"
    CREDIT_HELD = "CREDIT_HELD"
    CLAIM_UPDATED = "CLAIM_UPDATED"
    DISCREPANCY_FOUND = "DISCREPANCY_FOUND"
    DISCREPANCY_CLEARED = "DISCREPANCY_CLEARED"


T = OperationalEventType


class OperationalEvent(Model):
    """One event for the outside; the same change always has the same id."""

    id: Name
    type: OperationalEventType
    occurred_at: Instant
    order_number: Name | None = None
    shipment_id: Name | None = None
    customer_id: Name | None = None
    summary: Text
    correlation_id: Name | None = None


MOST_OF_ONE_CHANGE = 20
"""Events that one change gives at most; of more, the latest."""

SHIPPED_OUT = frozenset({OrderStatus.PARTIALLY_SHIPPED, OrderStatus.SHIPPED, OrderStatus.COMPLETED})
PICKED_ON = frozenset(
    {
        FulfillmentStatus.PACKED,
        FulfillmentStatus.STAGED,
        FulfillmentStatus.LOADED,
        FulfillmentStatus.PARTIALLY_SHIPPED,
        FulfillmentStatus.SHIPPED,
    }
)
LEFT = frozenset({FulfillmentStatus.PARTIALLY_SHIPPED, FulfillmentStatus.SHIPPED})
WORKED_ON = frozenset({ReturnStatus.INSPECTED, ReturnStatus.RESTOCKED, ReturnStatus.DISPOSED, ReturnStatus.CREDITED})
POSTED_ON = frozenset(
    {InvoiceStatus.PARTIALLY_PAID, InvoiceStatus.IN_PAYMENT, InvoiceStatus.PAID, InvoiceStatus.OVERDUE}
)
BLOCKED = frozenset({CreditState.BLOCKED_SHIP, CreditState.BLOCKED_INVOICE, CreditState.BLOCKED_ALL})

MILESTONES: Mapping[MilestoneCode, T] = {
    MilestoneCode.TENDER_ACCEPTED: T.SHIPMENT_TENDER_ACCEPTED,
    MilestoneCode.LOADED: T.LOAD_CONFIRMED,
    MilestoneCode.EXCEPTION_RAISED: T.SHIPMENT_EXCEPTION,
    MilestoneCode.LOST: T.SHIPMENT_EXCEPTION,
    MilestoneCode.PICKED_UP: T.IN_TRANSIT_MILESTONE,
    MilestoneCode.DEPARTED: T.IN_TRANSIT_MILESTONE,
    MilestoneCode.ARRIVED: T.IN_TRANSIT_MILESTONE,
    MilestoneCode.HANDED_OVER: T.IN_TRANSIT_MILESTONE,
    MilestoneCode.GATE_IN: T.IN_TRANSIT_MILESTONE,
    MilestoneCode.GATE_OUT: T.IN_TRANSIT_MILESTONE,
    MilestoneCode.CUSTOMS_HOLD: T.IN_TRANSIT_MILESTONE,
    MilestoneCode.CUSTOMS_RELEASED: T.IN_TRANSIT_MILESTONE,
    MilestoneCode.UNLOADED: T.IN_TRANSIT_MILESTONE,
    MilestoneCode.OUT_FOR_DELIVERY: T.IN_TRANSIT_MILESTONE,
    MilestoneCode.DELIVERY_ATTEMPTED: T.IN_TRANSIT_MILESTONE,
    MilestoneCode.AVAILABLE_FOR_COLLECTION: T.IN_TRANSIT_MILESTONE,
}
"""What a milestone that has happened means outside; that it was delivered is told by the status."""


class _News:
    """Makes events of one change of one entity.

    Args:
        key: which entity.
        content: what it looks like now.
        changed: when it changed, as far as its source says.
        correlation_id: of the request or event that brought it.
    """

    def __init__(self, key: EntityKey, content: Any, changed: datetime, correlation_id: str | None) -> None:  # noqa: ANN401  # any entity
        self._key = key
        self._content = content
        self._changed = changed
        self._correlation_id = correlation_id

    def of(self, kind: T, what: str, summary: str, occurred_at: datetime | None = None) -> OperationalEvent:
        """One event; `what` tells it from others of its type and time."""
        moment = occurred_at or self._changed
        parts = (self._key.tenant, self._key.source, self._key.kind.value, self._key.id, kind.value, what)
        return OperationalEvent(
            id=hashlib.sha256("\n".join((*parts, moment.isoformat())).encode()).hexdigest()[:32],
            type=kind,
            occurred_at=moment,
            order_number=_order_number(self._content),
            shipment_id=self._content.id if isinstance(self._content, Shipment) else self._of_claim(),
            customer_id=getattr(self._content, "customer_id", None),
            summary=summary[:2_000],
            correlation_id=self._correlation_id,
        )

    def _of_claim(self) -> str | None:
        return self._content.shipment_id if isinstance(self._content, Claim) else None


def news_of(before: Known | None, after: Known, correlation_id: str | None = None) -> tuple[OperationalEvent, ...]:
    """What the step from one state of knowledge to the next tells the outside, oldest first."""
    then = content_of(before) if before else None
    now = content_of(after)
    if now is None or (then is None and not _was_told(after)):
        return ()
    current = after.current
    changed = changed_at(after) or (current.moment if current else None)
    if changed is None:
        return ()
    news = _NEWS[type(now)](then, now, _News(after.key, now, changed, correlation_id)) if type(now) in _NEWS else ()
    return tuple(sorted(news, key=lambda event: (event.occurred_at, event.id)))[-MOST_OF_ONE_CHANGE:]


def _was_told(known: Known) -> bool:
    return bool(known.occurrences) or (known.current is not None and known.current.channel is Channel.EVENT)


def _order_number(content: Entity) -> str | None:
    match content:
        case Order():
            return content.number
        case Shipment() | Invoice():
            return content.order_numbers[0] if content.order_numbers else None
        case Fulfillment() | Return() | Claim():
            return content.order_number
        case _:
            return None


def _was(then: Any) -> Enum | None:  # noqa: ANN401  # any entity that has a status
    return then.status if then else None


def _reaches(then: Enum | None, now: Enum, first: Enum, later: Collection[Enum]) -> bool:
    """Whether a status is reached, or passed, by this change; of what is new, only whether it is right there."""
    if then is None:
        return now is first
    return (now is first or now in later) and then is not first and then not in later


def _of_order(then: Order | None, now: Order, news: _News) -> Iterable[OperationalEvent]:
    if _reaches(_was(then), now.status, OrderStatus.RELEASED, SHIPPED_OUT):
        yield news.of(T.ORDER_RELEASED, "released", f"Order {now.number} was released.")
    known = {(hold.kind, hold.reason) for hold in then.holds} if then else set()
    for hold in now.holds:
        if (hold.kind, hold.reason) not in known:
            kind = hold.kind.value.lower()
            what = f"{hold.kind.value} {hold.reason}"
            yield news.of(T.ORDER_HELD, what, f"Order {now.number} is on {kind} hold.", hold.placed_at)
    if not now.holds and _reaches(_was(then), now.status, OrderStatus.ON_HOLD, ()):
        yield news.of(T.ORDER_HELD, "held", f"Order {now.number} is on hold.")


def _of_fulfillment(then: Fulfillment | None, now: Fulfillment, news: _News) -> Iterable[OperationalEvent]:
    about = f"Delivery {now.id} of order {now.order_number}"
    if _reaches(_was(then), now.status, FulfillmentStatus.PICKED, PICKED_ON):
        yield news.of(T.PICK_CONFIRMED, "picked", f"{about} was picked.", now.picked_at)
    if _reaches(_was(then), now.status, FulfillmentStatus.LOADED, LEFT):
        yield news.of(T.LOAD_CONFIRMED, "loaded", f"{about} was loaded.")


def _of_shipment(then: Shipment | None, now: Shipment, news: _News) -> Iterable[OperationalEvent]:
    milestones = _new_milestones(then, now)
    for milestone in milestones:
        summary = f"Shipment {now.id}: {milestone.code.value.lower().replace('_', ' ')}{_place(milestone)}."
        yield news.of(MILESTONES[milestone.code], _name(milestone), summary, milestone.occurred_at)
    if _reaches(_was(then), now.status, ShipmentStatus.DELIVERED, ()):
        yield news.of(T.PROOF_OF_DELIVERY, "delivered", f"Shipment {now.id} was delivered.", _delivered_at(now))
    known = {(each.kind, each.raised_at) for each in then.exceptions} if then else set()
    is_told = any(MILESTONES[each.code] is T.SHIPMENT_EXCEPTION for each in milestones)
    for each in now.exceptions:
        if not is_told and (each.kind, each.raised_at) not in known and each.cleared_at is None:
            summary = f"Shipment {now.id}: {each.kind.value.lower().replace('_', ' ')}."
            yield news.of(T.SHIPMENT_EXCEPTION, each.kind.value, summary, each.raised_at)
    if then and then.eta and now.eta and _when(then) != _when(now) and _when(now):
        yield news.of(T.ETA_CHANGED, _when(now), f"Shipment {now.id} is expected {_when(now)}.", now.eta.revised_at)


def _new_milestones(then: Shipment | None, now: Shipment) -> Sequence[Milestone]:
    """Those that have happened and were not known; of a shipment that is new, only the latest."""
    happened = [each for each in now.milestones if each.classifier is Classifier.ACTUAL]
    known = {_name(each) for each in then.milestones} if then else {_name(each) for each in happened[:-1]}
    return [each for each in happened if each.code in MILESTONES and _name(each) not in known]


def _name(milestone: Milestone) -> str:
    return milestone.event_id or f"{milestone.code.value} {milestone.occurred_at.isoformat()}"


def _place(milestone: Milestone) -> str:
    place = milestone.location
    name = place and (place.city or place.name)
    return f" in {name}" if name else ""


def _delivered_at(shipment: Shipment) -> datetime | None:
    if shipment.proof_of_delivery:
        return shipment.proof_of_delivery.delivered_at
    codes = (MilestoneCode.DELIVERED, MilestoneCode.PROOF_OF_DELIVERY)
    told = [each.occurred_at for each in shipment.milestones if each.code in codes]
    return max(told, default=None)


def _when(shipment: Shipment) -> str:
    eta = shipment.eta
    if eta is None:
        return ""
    return str(eta.on_date or (eta.estimated_at and eta.estimated_at.isoformat(timespec="minutes")) or "")


def _of_return(then: Return | None, now: Return, news: _News) -> Iterable[OperationalEvent]:
    if _reaches(_was(then), now.status, ReturnStatus.RECEIVED, WORKED_ON):
        summary = f"Return {now.number} of order {now.order_number} has arrived."
        yield news.of(T.RETURN_RECEIVED, "received", summary, now.received_at)


def _of_invoice(then: Invoice | None, now: Invoice, news: _News) -> Iterable[OperationalEvent]:
    if _reaches(_was(then), now.status, InvoiceStatus.OPEN, POSTED_ON):
        yield news.of(T.INVOICE_POSTED, "posted", f"Invoice {now.number} was posted.")


def _of_credit(then: CreditStatus | None, now: CreditStatus, news: _News) -> Iterable[OperationalEvent]:
    if now.status in BLOCKED and (then is None or then.status not in BLOCKED):
        yield news.of(T.CREDIT_HELD, now.status.value, f"Customer {now.customer_id} is on credit hold.")


def _of_claim(then: Claim | None, now: Claim, news: _News) -> Iterable[OperationalEvent]:
    if now.status is not ClaimStatus.UNKNOWN and (then is None or then.status is not now.status):
        summary = f"Claim {now.number} is {now.status.value.lower().replace('_', ' ')}."
        yield news.of(T.CLAIM_UPDATED, now.status.value, summary, now.updated_at)


_NEWS: Mapping[type[Entity], Callable[..., Iterable[OperationalEvent]]] = {
    Order: _of_order,
    Fulfillment: _of_fulfillment,
    Shipment: _of_shipment,
    Return: _of_return,
    Invoice: _of_invoice,
    CreditStatus: _of_credit,
    Claim: _of_claim,
}
