"""Where the warehouse contradicts the carrier, or itself."""

from collections.abc import Iterator
from decimal import Decimal

from domain.contradictions.kin import GONE_FROM_WAREHOUSE, MINUTE, NO_GRACE, ON_THE_WAY, latest, of_the_same_order, rule
from domain.discrepancy import WEEKDAYS, Facts, Finding, Severity
from domain.fulfillment import Fulfillment, FulfillmentStatus
from domain.identity import EntityKind as K
from domain.shipment import MilestoneCode, Shipment, ShipmentStatus

SCANNED = frozenset({MilestoneCode.PICKED_UP, MilestoneCode.DEPARTED, MilestoneCode.HANDED_OVER})
WITH_CARRIER = frozenset(ShipmentStatus) - {
    ShipmentStatus.PLANNED,
    ShipmentStatus.TENDERED,
    ShipmentStatus.BOOKED,
    ShipmentStatus.DISPATCHED,
    ShipmentStatus.AT_PICKUP,
    ShipmentStatus.LOADED,
    ShipmentStatus.UNKNOWN,
}


def dispatched_not_picked(facts: Facts) -> Iterator[Finding]:
    """D1: the carrier was sent, the goods are not ready."""
    moving = [each for each in facts.shipments if each.entity.status in ON_THE_WAY]
    short = {id(each): picked for each in facts.fulfillments if (picked := _short_of(each.entity))} if moving else {}
    for shipment in moving:
        for fulfillment in of_the_same_order(shipment.entity, facts.fulfillments):
            if picked := short.get(id(fulfillment)):
                yield Finding(
                    about=f"{shipment.entity.id} {fulfillment.name}",
                    severity=Severity.HIGH,
                    summary=f"The carrier has shipment {shipment.name}; the warehouse has picked {picked}.",
                    evidence=(shipment.stands(), fulfillment.says(f"{fulfillment.status}, picked {picked}")),
                    action="Tell the warehouse; promise no delivery of what is not picked.",
                    since=latest(shipment, fulfillment),
                )


def delivered_not_shipped(facts: Facts) -> Iterator[Finding]:
    """D4: it is there, and has never left."""
    for shipment in facts.shipments:
        if shipment.entity.status is not ShipmentStatus.DELIVERED:
            continue
        own = of_the_same_order(shipment.entity, facts.fulfillments)
        if own and not any(each.entity.status in GONE_FROM_WAREHOUSE for each in own):
            yield Finding(
                about=shipment.entity.id,
                severity=Severity.HIGH,
                summary=f"Shipment {shipment.name} was delivered, but by the warehouse nothing has left.",
                evidence=(shipment.stands(), *(each.stands() for each in own)),
                action="Check that the shipment is of this order; have the goods issue posted.",
                since=latest(shipment, *own),
            )


def shipped_not_scanned(facts: Facts) -> Iterator[Finding]:
    """D5: it has left for a carrier, and no carrier has it."""
    for fulfillment in facts.fulfillments:
        shipped_at = fulfillment.entity.shipped_at or fulfillment.freshness.as_of
        if fulfillment.entity.status is not FulfillmentStatus.SHIPPED or shipped_at is None:
            continue
        own = [each for each in facts.shipments if fulfillment in of_the_same_order(each.entity, facts.fulfillments)]
        is_for_carrier = own or any(each.tracking_number for each in fulfillment.entity.packages)
        if not is_for_carrier or any(_is_with_carrier(each.entity) for each in own):
            continue
        yield Finding(
            about=fulfillment.entity.id,
            severity=Severity.MEDIUM,
            summary=f"By the warehouse, {fulfillment.name} has left; no carrier has scanned it.",
            evidence=(fulfillment.stands(), *(each.stands() for each in own)),
            action="Ask the carrier for the pickup scan; offer a trace.",
            since=WEEKDAYS.after(shipped_at, facts.tolerances.pickup_scan),
        )


def more_promised_than_there_is(facts: Facts) -> Iterator[Finding]:
    """D22: what is reserved cannot be kept."""
    for position in facts.stock:
        if position.entity.available < 0:
            yield Finding(
                about=f"{position.entity.sku} {position.entity.warehouse or ''}",
                severity=Severity.MEDIUM,
                summary=f"More of {position.entity.sku} is promised than there is.",
                evidence=(position.says(f"available {position.entity.available}"),),
                action="Have the stock checked before a replacement is promised.",
                since=position.freshness.as_of,
            )
    for fulfillment in facts.fulfillments:
        for line in fulfillment.entity.lines:
            if line.allocated_quantity is None or line.allocated_quantity == line.shipped_quantity:
                continue  # some keep the allocation of what has left
            taken = line.allocated_quantity + (line.shipped_quantity or Decimal(0))
            if taken > line.ordered_quantity:
                yield Finding(
                    about=f"{fulfillment.name} {line.sku}",
                    severity=Severity.MEDIUM,
                    summary=f"Of {line.sku}, {taken} are allocated or shipped; {line.ordered_quantity} were ordered.",
                    evidence=(fulfillment.says(f"{line.sku}: {taken} of {line.ordered_quantity}"),),
                    action="Have the reservation checked.",
                    since=fulfillment.freshness.as_of,
                )


def _short_of(fulfillment: Fulfillment) -> str | None:
    """How much is picked of what is not all picked; null: all of it is, or it has left."""
    short = [each for each in fulfillment.lines if each.picked_quantity < each.ordered_quantity]
    if not short or fulfillment.status in GONE_FROM_WAREHOUSE:
        return None
    picked = sum((each.picked_quantity for each in short), Decimal(0))
    return f"{picked} of {sum((each.ordered_quantity for each in short), Decimal(0))}"


def _is_with_carrier(shipment: Shipment) -> bool:
    return shipment.status in WITH_CARRIER or any(each.code in SCANNED for each in shipment.milestones)


RULES = (
    rule("dispatched-not-picked", dispatched_not_picked, 30 * MINUTE, K.SHIPMENT, K.FULFILLMENT),
    rule("delivered-not-shipped", delivered_not_shipped, NO_GRACE, K.SHIPMENT, K.FULFILLMENT),
    rule("shipped-not-scanned", shipped_not_scanned, NO_GRACE, K.SHIPMENT, K.FULFILLMENT),
    rule("more-promised-than-there-is", more_promised_than_there_is, NO_GRACE, K.INVENTORY, K.FULFILLMENT),
)
