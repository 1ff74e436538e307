"""What belongs together in a view, and what of it matters to the rules."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from domain.billing import Invoice, InvoiceStatus
from domain.claims import Claim
from domain.discrepancy import Fact, Facts, Rule
from domain.eta import Eta
from domain.fulfillment import Fulfillment, FulfillmentStatus
from domain.identity import EntityKind
from domain.order import Order
from domain.place import zone_named
from domain.service_case import ServiceCase, ServiceCaseStatus
from domain.shipment import Classifier, Milestone, MilestoneCode, Shipment, ShipmentStatus
from domain.shipment_exception import ExceptionKind, ShipmentException

S = ShipmentStatus

MINUTE, HOUR, DAY, NO_GRACE = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(0)

ON_THE_WAY = frozenset(
    {S.DISPATCHED, S.PICKED_UP, S.IN_TRANSIT, S.OUT_FOR_DELIVERY, S.AT_DELIVERY, S.DELIVERY_ATTEMPTED}
)
MOVING = ON_THE_WAY | {S.LOADED, S.AT_PICKUP, S.BOOKED}
OVER = frozenset({S.DELIVERED, S.CANCELLED, S.RETURNED, S.LOST})
GONE_FROM_WAREHOUSE = frozenset({FulfillmentStatus.SHIPPED, FulfillmentStatus.PARTIALLY_SHIPPED})
POSTED = frozenset(
    {
        InvoiceStatus.OPEN,
        InvoiceStatus.PARTIALLY_PAID,
        InvoiceStatus.IN_PAYMENT,
        InvoiceStatus.PAID,
        InvoiceStatus.OVERDUE,
    }
)
CASE_IS_OVER = frozenset({ServiceCaseStatus.RESOLVED, ServiceCaseStatus.CLOSED, ServiceCaseStatus.CANCELLED})
LAST_ZONE = timezone(timedelta(hours=-12))
"""Where a day ends last: a day of no known place is over when it is over everywhere."""


def rule(name: str, find: Any, grace: timedelta, *needs: EntityKind) -> Rule:  # noqa: ANN401  # as `Rule` has it
    """One line of a table of rules."""
    return Rule(name, frozenset(needs), grace, find)


def latest(*facts: Fact[Any]) -> datetime | None:
    """When the last of them changed: before that they did not contradict each other."""
    return max((each.freshness.as_of for each in facts if each.freshness.as_of), default=None)


def is_of(shipment: Shipment, order: Order) -> bool:
    """Whether goods of the order are in it, as far as it says."""
    return not shipment.order_numbers or order.number in shipment.order_numbers


def of_the_same_order(shipment: Shipment, fulfillments: Sequence[Fact[Fulfillment]]) -> Sequence[Fact[Fulfillment]]:
    """Those whose packages it carries, if anybody says so; else those of its orders."""
    number, orders = shipment.tracking_number, shipment.order_numbers
    if number:
        carried = [each for each in fulfillments if any(of.tracking_number == number for of in each.entity.packages)]
        if carried:
            return carried
    return [each for each in fulfillments if not orders or each.entity.order_number in orders]


def invoices_of(order: Order, facts: Facts) -> list[Fact[Invoice]]:
    """What bills it."""
    return [each for each in facts.invoices if order.number in each.entity.order_numbers]


def fulfillments_of(order: Order, facts: Facts) -> Sequence[Fact[Fulfillment]]:
    """What the warehouse does for it."""
    return [each for each in facts.fulfillments if each.entity.order_number == order.number]


def shipped(order: Order, facts: Facts) -> Decimal | None:
    """How much has left, by the warehouse, else by the order; null: nobody says."""
    own = fulfillments_of(order, facts)
    by_warehouse = [line.shipped_quantity for each in own for line in each.entity.lines if line.shipped_quantity]
    if by_warehouse or any(line.shipped_quantity is not None for each in own for line in each.entity.lines):
        return sum(by_warehouse, Decimal(0))
    if own and not any(each.entity.status in GONE_FROM_WAREHOUSE for each in own):
        return Decimal(0)
    by_order = [line.shipped_quantity for line in order.lines if line.shipped_quantity is not None]
    return sum(by_order, Decimal(0)) if by_order else None


def invoiced(order: Order, facts: Facts) -> Decimal | None:
    """How much of what can leave a warehouse was invoiced; a line about freight or work never leaves one."""
    goods = {line.sku for each in fulfillments_of(order, facts) for line in each.entity.lines}
    told = [
        line.invoiced_quantity
        for line in order.lines
        if line.invoiced_quantity is not None and (line.sku in goods if goods else line.shipped_quantity is not None)
    ]
    return sum(told, Decimal(0)) if told else None


def open_exceptions(facts: Facts) -> Iterator[tuple[Fact[Shipment], ShipmentException]]:
    """What is wrong on the way, and was not put right."""
    for shipment in facts.shipments:
        for exception in shipment.entity.exceptions:
            if exception.cleared_at is None:
                yield shipment, exception


def open_cases(facts: Facts) -> Iterator[Fact[ServiceCase]]:
    """What the customer still asks."""
    return (each for each in facts.cases if each.entity.status not in CASE_IS_OVER)


def has_happened(milestone: Milestone) -> bool:
    """Whether it is news of the goods; a word that nobody knows is not."""
    return milestone.classifier is Classifier.ACTUAL and milestone.code is not MilestoneCode.UNKNOWN


def is_about(claim: Claim, shipment: Shipment) -> bool:
    """Whether the shipment is what is claimed for."""
    return claim.shipment_id == shipment.id or (
        claim.tracking_number is not None and claim.tracking_number == shipment.tracking_number
    )


def day_of(eta: Eta) -> date | None:
    """The day that is meant, at the place of delivery as far as its zone is known."""
    if eta.on_date or eta.estimated_at is None:
        return eta.on_date
    return eta.estimated_at.astimezone(zone_named(eta.time_zone) or eta.estimated_at.tzinfo).date()


def end_of(day: date, time_zone: str | None) -> datetime:
    """The end of a day at a place; of no known place: when it is over everywhere."""
    begin = datetime.combine(day + timedelta(days=1), datetime.min.time())
    return begin.replace(tzinfo=zone_named(time_zone) or LAST_ZONE)


def expected_by(eta: Eta) -> datetime | None:
    """The moment until when it is expected; a day lasts until its end at the destination."""
    if eta.estimated_at is not None:
        return eta.latest or eta.estimated_at
    return None if eta.on_date is None else end_of(eta.on_date, eta.time_zone)


def has_service_level(facts: Facts) -> bool:
    """Whether more was promised to the customer than to others."""
    return any(each.entity.service_level for each in facts.customers)


def is_claimed(facts: Facts, shipment: Shipment) -> bool:
    """Whether anything is claimed for it."""
    return any(is_about(each.entity, shipment) for each in facts.claims)


CLAIMABLE = frozenset({ExceptionKind.DAMAGE, ExceptionKind.LOSS, ExceptionKind.SHORTAGE})
"""What is worth a claim."""
