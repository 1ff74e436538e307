"""The rules: one small function for each way in which systems contradict each other, and a table of them all."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from domain.billing import CreditState, Invoice, InvoiceStatus
from domain.case_view import Section
from domain.claims import Claim, ClaimKind
from domain.discrepancy import Discrepancy, Fact, Facts, Finding, Rule, Severity, judge
from domain.eta import Eta
from domain.fulfillment import Fulfillment, FulfillmentStatus
from domain.identity import EntityKind
from domain.order import Order, OrderLine, OrderStatus
from domain.returns import ReturnStatus
from domain.service_case import CaseKind, ServiceCaseStatus
from domain.shipment import (
    Classifier,
    ExceptionKind,
    Milestone,
    MilestoneCode,
    Shipment,
    ShipmentException,
    ShipmentStatus,
    TransportMode,
)

K = EntityKind
S, F = ShipmentStatus, FulfillmentStatus

ON_THE_WAY = frozenset(
    {S.DISPATCHED, S.PICKED_UP, S.IN_TRANSIT, S.OUT_FOR_DELIVERY, S.AT_DELIVERY, S.DELIVERY_ATTEMPTED}
)
MOVING = ON_THE_WAY | {S.LOADED, S.AT_PICKUP, S.BOOKED}
GONE_FROM_WAREHOUSE = frozenset({F.SHIPPED, F.PARTIALLY_SHIPPED})
POSTED = frozenset(
    {
        InvoiceStatus.OPEN,
        InvoiceStatus.PARTIALLY_PAID,
        InvoiceStatus.IN_PAYMENT,
        InvoiceStatus.PAID,
        InvoiceStatus.OVERDUE,
    }
)
BLOCKED = frozenset({CreditState.BLOCKED_SHIP, CreditState.BLOCKED_ALL, CreditState.OVER_LIMIT})
CREDIT_IS_WELL = frozenset({CreditState.OK, CreditState.NEAR_LIMIT, CreditState.RELEASED})
CLAIMABLE: Mapping[ExceptionKind, ClaimKind] = {
    ExceptionKind.DAMAGE: ClaimKind.DAMAGE,
    ExceptionKind.LOSS: ClaimKind.LOSS,
    ExceptionKind.SHORTAGE: ClaimKind.SHORTAGE,
}
USUAL_SILENCE = timedelta(hours=48)
SILENCE: Mapping[TransportMode, timedelta] = {
    TransportMode.LTL: timedelta(hours=24),
    TransportMode.FTL: timedelta(hours=24),
    TransportMode.OCEAN: timedelta(days=7),
    TransportMode.RAIL: timedelta(days=3),
}
"""After how long without a milestone a shipment is silent."""

CASE_IS_OVER = frozenset({ServiceCaseStatus.RESOLVED, ServiceCaseStatus.CLOSED, ServiceCaseStatus.CANCELLED})
LATE_BY = timedelta(hours=4)
"""How long an estimate may be past before it is one that nobody believes."""

LONG_UNBILLED = timedelta(days=7)
"""Since when not billing is more than a note."""


def _dispatched_not_picked(facts: Facts) -> Iterator[Finding]:
    for shipment in facts.shipments:
        if shipment.entity.status not in ON_THE_WAY:
            continue
        for fulfillment in _of_the_same_order(shipment.entity, facts.fulfillments):
            short = [each for each in fulfillment.entity.lines if each.picked_quantity < each.ordered_quantity]
            if fulfillment.entity.status in GONE_FROM_WAREHOUSE or not short:
                continue
            picked = sum((each.picked_quantity for each in short), Decimal(0))
            ordered = sum((each.ordered_quantity for each in short), Decimal(0))
            yield Finding(
                about=f"{shipment.name} {fulfillment.name}",
                severity=Severity.HIGH,
                summary=f"The carrier has shipment {shipment.name}; the warehouse has picked {picked} of {ordered}.",
                evidence=(
                    shipment.stands(),
                    fulfillment.says(f"{fulfillment.status}, picked {picked} of {ordered}"),
                ),
                action="Tell the warehouse; promise no delivery of what is not picked.",
                since=_latest(shipment, fulfillment),
            )


def _invoiced_not_shipped(facts: Facts) -> Iterator[Finding]:
    for invoice in facts.invoices:
        if invoice.entity.status not in POSTED or invoice.entity.total.amount <= 0:
            continue
        for order in _orders_of(invoice.entity, facts):
            shipped, invoiced = _shipped(order.entity, facts), _invoiced(order.entity, facts)
            if shipped is None or (shipped > 0 and (invoiced is None or shipped >= invoiced)):
                continue
            asks = "everything" if invoiced is None else str(invoiced)
            yield Finding(
                about=f"{invoice.name} {order.name}",
                severity=Severity.HIGH,
                summary=f"Invoice {invoice.name} asks for {asks}; of order {order.name}, {shipped} have left.",
                evidence=(
                    invoice.says(f"{invoice.status}, {invoice.entity.total.amount} {invoice.entity.total.currency}"),
                    *(each.stands() for each in _fulfillments_of(order.entity, facts)),
                    order.says(f"{order.status}, shipped {shipped}"),
                ),
                action="Ask finance to check; the customer need not pay for what has not left.",
                since=_latest(invoice, order),
            )


def _delivered_not_shipped(facts: Facts) -> Iterator[Finding]:
    for shipment in facts.shipments:
        own = _of_the_same_order(shipment.entity, facts.fulfillments)
        if (
            shipment.entity.status is S.DELIVERED
            and own
            and not any(each.entity.status in GONE_FROM_WAREHOUSE for each in own)
        ):
            yield Finding(
                about=shipment.entity.id,
                severity=Severity.HIGH,
                summary=f"Shipment {shipment.name} was delivered, but by the warehouse nothing has left.",
                evidence=(shipment.stands(), *(each.stands() for each in own)),
                action="Check that the shipment is of this order; have the goods issue posted.",
                since=_latest(shipment, *own),
            )


def _delivered_not_invoiced(facts: Facts) -> Iterator[Finding]:
    shipments = [each for each in facts.shipments if each.entity.status is not S.CANCELLED]
    is_billed = any(each.entity.status in POSTED for each in facts.invoices)
    if (
        not shipments
        or is_billed
        or not facts.orders
        or any(each.entity.status is not S.DELIVERED for each in shipments)
    ):
        return
    since = _latest(*shipments)
    is_long = since is not None and facts.now - since > LONG_UNBILLED
    yield Finding(
        about=" ".join(sorted(each.entity.number for each in facts.orders)),
        severity=Severity.MEDIUM if is_long else Severity.LOW,
        summary="Everything was delivered, and nothing was invoiced.",
        evidence=(
            *(each.stands() for each in shipments),
            *(each.stands() for each in facts.orders),
        ),
        action="Tell billing.",
        since=since,
    )


def _line_invoiced_otherwise(facts: Facts) -> Iterator[Finding]:
    invoices = [each for each in facts.invoices if each.entity.status in POSTED]
    for order in facts.orders:
        own = [each for each in invoices if order.entity.number in each.entity.order_numbers]
        for line in order.entity.lines:
            difference = _invoiced_beyond_shipped(line)
            if own and difference:
                yield Finding(
                    about=f"{order.name} {line.line_number}",
                    severity=Severity.HIGH if difference > 0 else Severity.LOW,
                    summary=(
                        f"Of line {line.line_number} ({line.sku}) of order {order.name}, "
                        f"{line.invoiced_quantity} were invoiced and {line.shipped_quantity} shipped."
                    ),
                    evidence=(
                        order.says(f"invoiced {line.invoiced_quantity}, shipped {line.shipped_quantity}"),
                        *(each.stands() for each in own),
                    ),
                    action="Ask for a credit memo about the difference." if difference > 0 else "Tell billing.",
                    since=_latest(order, *own),
                )


def _cancelled_but_moving(facts: Facts) -> Iterator[Finding]:
    for order in facts.orders:
        if order.entity.status is not OrderStatus.CANCELLED:
            continue
        for shipment in facts.shipments:
            if shipment.entity.status in MOVING and _is_of(shipment.entity, order.entity):
                yield Finding(
                    about=f"{order.name} {shipment.name}",
                    severity=Severity.CRITICAL,
                    summary=f"Order {order.name} is cancelled, but shipment {shipment.name} is on its way.",
                    evidence=(order.stands(), shipment.stands()),
                    action="Ask the carrier to stop or return it; warn of the charges.",
                    since=_latest(order, shipment),
                )


def _delivered_but_missed(facts: Facts) -> Iterator[Finding]:
    for case in facts.cases:
        if case.entity.kind is not CaseKind.LOSS or case.entity.status in CASE_IS_OVER:
            continue
        for shipment in facts.shipments:
            if shipment.entity.status is S.DELIVERED:
                proof = shipment.entity.proof_of_delivery
                signed = f", signed by {proof.signed_by}" if proof and proof.signed_by else ", without a signature"
                yield Finding(
                    about=f"{case.name} {shipment.name}",
                    severity=Severity.HIGH,
                    summary=f"The customer misses what shipment {shipment.name} is said to have delivered.",
                    evidence=(case.says(case.entity.subject), shipment.says(f"{shipment.status}{signed}")),
                    action="Show the proof of delivery, or ask for it; start a trace, then a claim.",
                    since=_latest(case, shipment),
                )


def _returned_not_credited(facts: Facts) -> Iterator[Finding]:
    is_credited = any(each.entity.credits for each in facts.invoices)
    for returned in facts.returns:
        if returned.entity.status in {ReturnStatus.RECEIVED, ReturnStatus.INSPECTED} and not is_credited:
            yield Finding(
                about=returned.entity.number,
                severity=Severity.MEDIUM,
                summary=f"Return {returned.name} has arrived, and nothing was credited.",
                evidence=(
                    returned.stands(),
                    *(each.stands() for each in facts.invoices),
                ),
                action="Ask finance; give the customer a date only if finance gives one.",
                since=returned.entity.received_at or returned.freshness.as_of,
            )


def _blocked_but_moving(facts: Facts) -> Iterator[Finding]:
    for credit in facts.credits:
        if credit.entity.status not in BLOCKED:
            continue
        for shipment in facts.shipments:
            if shipment.entity.status in ON_THE_WAY | {S.LOADED}:
                yield Finding(
                    about=f"{credit.entity.customer_id} {shipment.name}",
                    severity=Severity.HIGH,
                    summary=f"Credit does not allow it, but shipment {shipment.name} is on its way.",
                    evidence=(credit.stands(), shipment.stands()),
                    action="Credit control decides whether it is delivered.",
                    since=_latest(credit, shipment),
                )


def _held_though_credit_is_well(facts: Facts) -> Iterator[Finding]:
    well = [each for each in facts.credits if each.entity.status in CREDIT_IS_WELL]
    for shipment, exception in _open_exceptions(facts):
        if exception.kind is ExceptionKind.CREDIT_HOLD and well:
            yield Finding(
                about=shipment.entity.id,
                severity=Severity.MEDIUM,
                summary=f"The carrier holds shipment {shipment.name} for credit that is there.",
                evidence=(
                    shipment.says(exception.detail or "held for credit"),
                    *(each.stands() for each in well),
                ),
                action="Tell the carrier to release it.",
                since=_latest(shipment, *well),
            )


def _late_for_its_promise(facts: Facts) -> Iterator[Finding]:
    for shipment in facts.shipments:
        eta = shipment.entity.eta
        if eta is None or shipment.entity.status in {S.DELIVERED, S.CANCELLED, S.RETURNED, S.LOST}:
            continue
        expected = _day_of(eta)
        for order in facts.orders:
            promised = order.entity.promised_delivery_on
            if expected and promised and expected > promised and _is_of(shipment.entity, order.entity):
                yield Finding(
                    about=f"{shipment.name} {order.name}",
                    severity=Severity.MEDIUM,
                    summary=f"Order {order.name} was promised for {promised}, and is expected on {expected}.",
                    evidence=(order.says(f"promised for {promised}"), shipment.says(f"expected on {expected}")),
                    action="Tell the customer before the customer asks.",
                    since=_latest(shipment, order),
                )
        if eta.estimated_at and facts.now - eta.estimated_at > LATE_BY and shipment.entity.status is not S.AT_DELIVERY:
            yield Finding(
                about=f"{shipment.name} past",
                severity=Severity.MEDIUM,
                summary=f"Shipment {shipment.name} should have been there by now, and nobody says that it is.",
                evidence=(
                    shipment.says(f"{shipment.status}, expected {eta.estimated_at.isoformat(timespec='minutes')}"),
                ),
                action="Ask the carrier for a new estimate.",
                since=eta.estimated_at + LATE_BY,
            )


def _damaged_not_claimed(facts: Facts) -> Iterator[Finding]:
    for shipment, exception in _open_exceptions(facts):
        kind = CLAIMABLE.get(exception.kind)
        if kind and not any(_is_about(claim.entity, shipment.entity) for claim in facts.claims):
            yield Finding(
                about=f"{shipment.name} {exception.kind.value}",
                severity=Severity.MEDIUM,
                summary=f"Shipment {shipment.name} has a {exception.kind.value.lower()}, and nothing is claimed.",
                evidence=(shipment.says(exception.detail or exception.kind.value.lower()),),
                action="File a claim; add photos and documents.",
                since=exception.raised_at,
            )


def _delivered_at_two_times(facts: Facts) -> Iterator[Finding]:
    """Of one tracking number, by two sources."""
    delivered = [each for each in facts.shipments if each.entity.proof_of_delivery and each.entity.tracking_number]
    for place, one in enumerate(delivered):
        for other in delivered[place + 1 :]:
            if (
                one.entity.tracking_number != other.entity.tracking_number
                or one.freshness.source == other.freshness.source
            ):
                continue
            times = [
                each.entity.proof_of_delivery.delivered_at for each in (one, other) if each.entity.proof_of_delivery
            ]
            if abs(times[0] - times[1]) > timedelta(hours=2):
                yield Finding(
                    about=" ".join(sorted((one.entity.id, other.entity.id))),
                    severity=Severity.LOW,
                    summary=f"Two systems say different times of delivery of {one.entity.tracking_number}.",
                    evidence=tuple(
                        each.says(f"delivered {at.isoformat()}") for each, at in zip((one, other), times, strict=True)
                    ),
                    action="Show both; the carrier's proof of delivery counts.",
                    since=_latest(one, other),
                )


def _more_promised_than_there_is(facts: Facts) -> Iterator[Finding]:
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
            taken = (line.allocated_quantity or Decimal(0)) + (line.shipped_quantity or Decimal(0))
            is_counted_twice = (
                line.allocated_quantity == line.shipped_quantity
            )  # some keep the allocation of what has left
            if taken > line.ordered_quantity and not is_counted_twice:
                yield Finding(
                    about=f"{fulfillment.name} {line.sku}",
                    severity=Severity.MEDIUM,
                    summary=f"Of {line.sku}, {taken} are allocated or shipped; {line.ordered_quantity} were ordered.",
                    evidence=(fulfillment.says(f"{line.sku}: {taken} of {line.ordered_quantity}"),),
                    action="Have the reservation checked.",
                    since=fulfillment.freshness.as_of,
                )


def _partly_delivered(facts: Facts) -> Iterator[Finding]:
    for shipment in facts.shipments:
        if shipment.entity.status is S.PARTIALLY_DELIVERED:
            yield Finding(
                about=shipment.name,
                severity=Severity.HIGH,
                summary=f"Only a part of shipment {shipment.name} was delivered.",
                evidence=(shipment.stands(),),
                action="Start a claim for the shortage; see whether the rest can be sent.",
                since=shipment.freshness.as_of,
            )


def _silent(facts: Facts) -> Iterator[Finding]:
    """What is under way is heard of; how often depends on the means."""
    for shipment in facts.shipments:
        heard = max((each.occurred_at for each in shipment.entity.milestones if _has_happened(each)), default=None)
        if shipment.entity.status not in ON_THE_WAY or heard is None:
            continue
        limit = SILENCE.get(shipment.entity.mode, USUAL_SILENCE)
        if facts.now - heard > limit:
            yield Finding(
                about=shipment.name,
                severity=Severity.MEDIUM,
                summary=f"Nothing was heard of shipment {shipment.name} since {heard:%Y-%m-%d %H:%M %Z}.",
                evidence=(shipment.stands(),),
                action="Ask the carrier now; if it stays silent, have it traced.",
                since=heard + limit,
            )


def _released_though_owing(facts: Facts) -> Iterator[Finding]:
    for invoice in facts.invoices:
        if invoice.entity.status is not InvoiceStatus.OVERDUE and not invoice.entity.is_disputed:
            continue
        for order in facts.orders:
            is_another = order.entity.number not in invoice.entity.order_numbers
            is_same_customer = order.entity.customer_id == invoice.entity.customer_id is not None
            if is_another and is_same_customer and order.entity.status is OrderStatus.RELEASED:
                yield Finding(
                    about=f"{invoice.name} {order.name}",
                    severity=Severity.MEDIUM,
                    summary=f"Order {order.name} is released while invoice {invoice.name} is overdue or disputed.",
                    evidence=(invoice.stands(), order.stands()),
                    action="Tell credit control before anything is promised.",
                    since=_latest(invoice, order),
                )


def _rule(name: str, find: Callable[[Facts], Iterator[Finding]], grace: timedelta, *needs: EntityKind) -> Rule:
    return Rule(name, frozenset(needs), grace, find)


MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NO_GRACE = timedelta(0)

RULES: Sequence[Rule] = (
    _rule("dispatched-not-picked", _dispatched_not_picked, 30 * MINUTE, K.SHIPMENT, K.FULFILLMENT),
    _rule("invoiced-not-shipped", _invoiced_not_shipped, 60 * MINUTE, K.INVOICE, K.ORDER, K.FULFILLMENT),
    _rule("delivered-not-shipped", _delivered_not_shipped, NO_GRACE, K.SHIPMENT, K.FULFILLMENT),
    _rule("delivered-not-invoiced", _delivered_not_invoiced, 2 * DAY, K.SHIPMENT, K.INVOICE, K.ORDER),
    _rule("invoiced-quantity-differs", _line_invoiced_otherwise, NO_GRACE, K.ORDER, K.INVOICE),
    _rule("cancelled-but-moving", _cancelled_but_moving, NO_GRACE, K.ORDER, K.SHIPMENT),
    _rule("delivered-but-missed", _delivered_but_missed, NO_GRACE, K.SERVICE_CASE, K.SHIPMENT),
    _rule("returned-not-credited", _returned_not_credited, 3 * DAY, K.RETURN, K.INVOICE),
    _rule("credit-blocked-but-moving", _blocked_but_moving, NO_GRACE, K.CREDIT, K.SHIPMENT),
    _rule("held-though-credit-is-well", _held_though_credit_is_well, NO_GRACE, K.CREDIT, K.SHIPMENT),
    _rule("late-for-its-promise", _late_for_its_promise, NO_GRACE, K.SHIPMENT, K.ORDER),
    _rule("damaged-not-claimed", _damaged_not_claimed, 2 * DAY, K.SHIPMENT, K.CLAIM),
    _rule("delivered-at-two-times", _delivered_at_two_times, NO_GRACE, K.SHIPMENT),
    _rule("partly-delivered", _partly_delivered, NO_GRACE, K.SHIPMENT),
    _rule("silent-on-its-way", _silent, NO_GRACE, K.SHIPMENT),
    _rule("released-though-owing", _released_though_owing, NO_GRACE, K.ORDER, K.INVOICE),
    _rule("more-promised-than-there-is", _more_promised_than_there_is, NO_GRACE, K.INVENTORY, K.FULFILLMENT),
)
"""Every rule, with its default grace."""

NEEDED = frozenset().union(*(rule.needs for rule in RULES))
"""Kinds of entity that have to be read to find everything."""


def discrepancies_of(
    sections: Mapping[EntityKind, Section], now: datetime, graces: Mapping[str, timedelta] | None = None
) -> list[Discrepancy]:
    """Every contradiction of a view that a rule knows, worst first; see `judge`."""
    return judge(RULES, sections, now, graces)


def _latest(*facts: Fact[Any]) -> datetime | None:
    """When the last of them changed: before that they did not contradict each other."""
    return max((each.freshness.as_of for each in facts if each.freshness.as_of), default=None)


def _is_of(shipment: Shipment, order: Order) -> bool:
    return not shipment.order_numbers or order.number in shipment.order_numbers


def _of_the_same_order(shipment: Shipment, fulfillments: Sequence[Fact[Fulfillment]]) -> Sequence[Fact[Fulfillment]]:
    """Those whose packages it carries, if anybody says so; else those of its orders."""
    carried = [
        each
        for each in fulfillments
        if any(package.tracking_number == shipment.tracking_number for package in each.entity.packages)
    ]
    if shipment.tracking_number and carried:
        return carried
    return [
        each
        for each in fulfillments
        if not shipment.order_numbers or each.entity.order_number in shipment.order_numbers
    ]


def _orders_of(invoice: Invoice, facts: Facts) -> Iterable[Fact[Order]]:
    return (each for each in facts.orders if each.entity.number in invoice.order_numbers)


def _fulfillments_of(order: Order, facts: Facts) -> Sequence[Fact[Fulfillment]]:
    return [each for each in facts.fulfillments if each.entity.order_number == order.number]


def _shipped(order: Order, facts: Facts) -> Decimal | None:
    """How much has left, by the warehouse, else by the order; null: nobody says."""
    lines = [line for each in _fulfillments_of(order, facts) for line in each.entity.lines]
    by_warehouse = [line.shipped_quantity for line in lines if line.shipped_quantity is not None]
    if by_warehouse:
        return sum(by_warehouse, Decimal(0))
    own = _fulfillments_of(order, facts)
    if own and not any(each.entity.status in GONE_FROM_WAREHOUSE for each in own):
        return Decimal(0)
    by_order = [line.shipped_quantity for line in order.lines if line.shipped_quantity is not None]
    return sum(by_order, Decimal(0)) if by_order else None


def _invoiced(order: Order, facts: Facts) -> Decimal | None:
    """How much of what can leave a warehouse was invoiced; a line about freight or work never leaves one."""
    goods = {line.sku for each in _fulfillments_of(order, facts) for line in each.entity.lines}
    told = [
        line.invoiced_quantity
        for line in order.lines
        if line.invoiced_quantity is not None and (line.sku in goods if goods else line.shipped_quantity is not None)
    ]
    return sum(told, Decimal(0)) if told else None


def _invoiced_beyond_shipped(line: OrderLine) -> Decimal:
    if line.invoiced_quantity is None or line.shipped_quantity is None:
        return Decimal(0)
    return line.invoiced_quantity - line.shipped_quantity


def _open_exceptions(facts: Facts) -> Iterator[tuple[Fact[Shipment], ShipmentException]]:
    for shipment in facts.shipments:
        for exception in shipment.entity.exceptions:
            if exception.cleared_at is None:
                yield shipment, exception


def _has_happened(milestone: Milestone) -> bool:
    """Whether it is news of the goods; a word that nobody knows is not."""
    return milestone.classifier is Classifier.ACTUAL and milestone.code is not MilestoneCode.UNKNOWN


def _is_about(claim: Claim, shipment: Shipment) -> bool:
    return claim.shipment_id == shipment.id or (
        claim.tracking_number is not None and claim.tracking_number == shipment.tracking_number
    )


def _day_of(eta: Eta) -> date | None:
    """The day that is meant, at the place of delivery as far as its zone is known."""
    if eta.on_date or eta.estimated_at is None:
        return eta.on_date
    return eta.estimated_at.astimezone(ZoneInfo(eta.time_zone) if eta.time_zone else UTC).date()
