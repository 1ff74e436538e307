"""Where what is billed, owed or credited contradicts what was ordered and moved."""

from collections.abc import Iterator
from decimal import Decimal

from domain.billing import CreditState, Invoice, InvoiceStatus
from domain.claims import Claim, ClaimStatus
from domain.contradictions.kin import (
    DAY,
    HOUR,
    NO_GRACE,
    ON_THE_WAY,
    POSTED,
    fulfillments_of,
    invoiced,
    invoices_of,
    is_of,
    latest,
    open_exceptions,
    rule,
    shipped,
)
from domain.discrepancy import Evidence, Fact, Facts, Finding, Severity
from domain.identity import EntityKind as K
from domain.money import Money
from domain.order import Order, OrderLine, OrderStatus
from domain.returns import ReturnStatus
from domain.shipment import ShipmentStatus
from domain.shipment_exception import ExceptionKind

BLOCKED = frozenset(
    {CreditState.BLOCKED_SHIP, CreditState.BLOCKED_INVOICE, CreditState.BLOCKED_ALL, CreditState.OVER_LIMIT}
)
CREDIT_IS_WELL = frozenset({CreditState.OK, CreditState.NEAR_LIMIT, CreditState.RELEASED})
ARRIVED = frozenset({ReturnStatus.RECEIVED, ReturnStatus.INSPECTED})
PREPAID = ("prepa", "in advance", "vorkasse")
"""How payment terms are called under which is paid before anything leaves."""


def invoiced_not_shipped(facts: Facts) -> Iterator[Finding]:
    """D2: it is asked to be paid for what has not left; not where the customer agreed to pay before."""
    if any(_is_prepaid(each.entity.payment_terms) for each in facts.credits):
        return
    for order in facts.orders:
        own = [each for each in invoices_of(order.entity, facts) if _asks_for_money(each.entity)]
        left, asked = (shipped(order.entity, facts), invoiced(order.entity, facts)) if own else (None, None)
        if left is None or (left > 0 and (asked is None or left >= asked)):
            continue
        asks = "everything" if asked is None else str(asked)
        gone = (*(each.stands() for each in fulfillments_of(order.entity, facts)), _shipped_by(order, left))
        for invoice in own:
            yield Finding(
                about=f"{invoice.name} {order.name}",
                severity=Severity.HIGH,
                summary=f"Invoice {invoice.name} asks for {asks}; of order {order.name}, {left} have left.",
                evidence=(invoice.says(f"{invoice.status}, {_spelled(invoice.entity.total)}"), *gone),
                action="Ask finance to check; the customer need not pay for what has not left.",
                since=latest(invoice, order),
            )


def delivered_not_invoiced(facts: Facts) -> Iterator[Finding]:
    """D6: everything is there, and nobody asks for money."""
    for order in facts.orders:
        own = [each for each in facts.shipments if is_of(each.entity, order.entity)]
        own = [each for each in own if each.entity.status is not ShipmentStatus.CANCELLED]
        bills = invoices_of(order.entity, facts) or [each for each in facts.invoices if not each.entity.order_numbers]
        is_billed = any(each.entity.status in POSTED for each in bills)
        if not own or is_billed or any(each.entity.status is not ShipmentStatus.DELIVERED for each in own):
            continue
        since = latest(*own)
        is_long = since is not None and facts.now - since > facts.tolerances.unbilled
        yield Finding(
            about=order.name,
            severity=Severity.MEDIUM if is_long else Severity.LOW,
            summary=f"Everything of order {order.name} was delivered, and nothing was invoiced.",
            evidence=(*(each.stands() for each in own), order.stands()),
            action="Tell billing.",
            since=since,
        )


def line_invoiced_otherwise(facts: Facts) -> Iterator[Finding]:
    """D7: more or less was billed than has left."""
    for order in facts.orders:
        own = [each for each in invoices_of(order.entity, facts) if each.entity.status in POSTED]
        for line in order.entity.lines if own else ():
            difference = _invoiced_beyond_shipped(line)
            if difference:
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
                    since=latest(order, *own),
                )


def returned_not_credited(facts: Facts) -> Iterator[Finding]:
    """D11: it came back, and the customer got nothing for it."""
    for returned in facts.returns:
        own = [each for each in facts.invoices if returned.entity.order_number in each.entity.order_numbers]
        if returned.entity.status in ARRIVED and not any(each.entity.credits for each in own):
            yield Finding(
                about=returned.entity.number,
                severity=Severity.MEDIUM,
                summary=f"Return {returned.name} has arrived, and nothing was credited.",
                evidence=(returned.stands(), *(each.stands() for each in own)),
                action="Ask finance; give the customer a date only if finance gives one.",
                since=returned.entity.received_at or returned.freshness.as_of,
            )


def blocked_but_moving(facts: Facts) -> Iterator[Finding]:
    """D12 a: credit control said no, and it is on its way."""
    for credit in facts.credits:
        if credit.entity.status not in BLOCKED:
            continue
        for shipment in facts.shipments:
            if shipment.entity.status in ON_THE_WAY or shipment.entity.status is ShipmentStatus.LOADED:
                yield Finding(
                    about=f"{credit.entity.customer_id} {shipment.entity.id}",
                    severity=Severity.HIGH,
                    summary=f"Credit does not allow it, but shipment {shipment.name} is on its way.",
                    evidence=(credit.stands(), shipment.stands()),
                    action="Credit control decides whether it is delivered.",
                    since=latest(credit, shipment),
                )


def held_though_credit_is_well(facts: Facts) -> Iterator[Finding]:
    """D12 b: the carrier waits for what credit control has long given."""
    well = [each for each in facts.credits if each.entity.status in CREDIT_IS_WELL]
    for shipment, exception in open_exceptions(facts) if well else ():
        if exception.kind is ExceptionKind.CREDIT_HOLD:
            yield Finding(
                about=shipment.entity.id,
                severity=Severity.MEDIUM,
                summary=f"The carrier holds shipment {shipment.name} for credit that is there.",
                evidence=(shipment.says(exception.detail or "held for credit"), *(each.stands() for each in well)),
                action="Tell the carrier to release it.",
                since=latest(shipment, *well),
            )


def compensated_twice(facts: Facts) -> Iterator[Finding]:
    """D17 a: what was paid for a claim and credited is more than was billed."""
    for claim in _paid(facts):
        own = [each for each in facts.invoices if _is_billed_for(claim.entity, each.entity.order_numbers, facts)]
        billed = _sum([each.entity.total for each in own])
        credited = _sum([each.amount for invoice in own for each in invoice.entity.credits])
        amount = claim.entity.amount
        if not (amount and billed and credited) or not amount.currency == billed.currency == credited.currency:
            continue
        if amount.amount + credited.amount > billed.amount:
            yield Finding(
                about=claim.entity.number,
                severity=Severity.MEDIUM,
                summary=f"Claim {claim.name} was paid, and the same was credited: more than was billed.",
                evidence=(
                    claim.says(f"{claim.status}, {amount.amount} {amount.currency}"),
                    *(each.says(f"credited {credited.amount} of {billed.amount} {billed.currency}") for each in own),
                ),
                action="Have finance look for what was compensated twice.",
                since=latest(claim, *own),
            )


def paid_not_passed_on(facts: Facts) -> Iterator[Finding]:
    """D17 b: the carrier has paid, and the customer has nothing of it."""
    for claim in _paid(facts):
        own = [each for each in facts.invoices if _is_billed_for(claim.entity, each.entity.order_numbers, facts)]
        if not any(each.entity.credits for each in own):
            yield Finding(
                about=claim.entity.number,
                severity=Severity.MEDIUM,
                summary=f"Claim {claim.name} was paid, and nothing was credited to the customer.",
                evidence=(claim.stands(), *(each.stands() for each in own)),
                action="Have finance check whether the customer is owed a credit.",
                since=claim.freshness.as_of,
            )


def released_though_owing(facts: Facts) -> Iterator[Finding]:
    """D20: something new is given to whoever owes, or contests, something old."""
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
                    since=latest(invoice, order),
                )


def _asks_for_money(invoice: Invoice) -> bool:
    return invoice.status in POSTED and invoice.total.amount > 0


def _shipped_by(order: Fact[Order], left: Decimal) -> Evidence:
    return order.says(f"{order.status}, shipped {left}")


def _spelled(money: Money) -> str:
    return f"{money.amount} {money.currency}"


def _is_prepaid(terms: str | None) -> bool:
    return any(word in (terms or "").casefold() for word in PREPAID)


def _invoiced_beyond_shipped(line: OrderLine) -> Decimal:
    if line.invoiced_quantity is None or line.shipped_quantity is None:
        return Decimal(0)
    return line.invoiced_quantity - line.shipped_quantity


def _paid(facts: Facts) -> list[Fact[Claim]]:
    return [each for each in facts.claims if each.entity.status is ClaimStatus.PAID]


def _is_billed_for(claim: Claim, order_numbers: tuple[str, ...], facts: Facts) -> bool:
    """Whether an invoice about these orders is about what is claimed for."""
    if claim.order_number:
        return claim.order_number in order_numbers
    return any(each.entity.number in order_numbers for each in facts.orders)


def _sum(amounts: list[Money]) -> Money | None:
    """Null where there is nothing, or in several currencies."""
    if len({each.currency for each in amounts}) != 1:
        return None
    return Money(amount=sum((each.amount for each in amounts), Decimal(0)), currency=amounts[0].currency)


RULES = (
    rule("invoiced-not-shipped", invoiced_not_shipped, HOUR, K.INVOICE, K.ORDER, K.FULFILLMENT),
    rule("delivered-not-invoiced", delivered_not_invoiced, 2 * DAY, K.SHIPMENT, K.INVOICE, K.ORDER),
    rule("invoiced-quantity-differs", line_invoiced_otherwise, NO_GRACE, K.ORDER, K.INVOICE),
    rule("returned-not-credited", returned_not_credited, 3 * DAY, K.RETURN, K.INVOICE),
    rule("credit-blocked-but-moving", blocked_but_moving, NO_GRACE, K.CREDIT, K.SHIPMENT),
    rule("held-though-credit-is-well", held_though_credit_is_well, NO_GRACE, K.CREDIT, K.SHIPMENT),
    rule("compensated-twice", compensated_twice, NO_GRACE, K.CLAIM, K.INVOICE),
    rule("claim-paid-not-credited", paid_not_passed_on, 3 * DAY, K.CLAIM, K.INVOICE),
    rule("released-though-owing", released_though_owing, NO_GRACE, K.ORDER, K.INVOICE),
)
