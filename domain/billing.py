"""Invoices and credit, as the ERP knows them."""

from decimal import Decimal
from enum import Enum
from typing import Annotated

from msgspec import Meta

from domain.entity import Entity, SourceStatus, Url
from domain.model import Day, Label, Model, Name, Text
from domain.money import Money


class InvoiceStatus(Enum):
    """How far an invoice is, from draft to paid."""

    NOT_INVOICED = "NOT_INVOICED"
    DRAFT = "DRAFT"
    PENDING_APPROVAL = "PENDING_APPROVAL"
    OPEN = "OPEN"
    PARTIALLY_PAID = "PARTIALLY_PAID"
    IN_PAYMENT = "IN_PAYMENT"
    PAID = "PAID"
    OVERDUE = "OVERDUE"
    CREDITED = "CREDITED"
    REVERSED = "REVERSED"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"


class CreditState(Enum):
    """What credit control says of a customer."""

    NOT_CHECKED = "NOT_CHECKED"
    OK = "OK"
    NEAR_LIMIT = "NEAR_LIMIT"
    OVER_LIMIT = "OVER_LIMIT"
    PARTIALLY_RELEASED = "PARTIALLY_RELEASED"
    RELEASED = "RELEASED"
    BLOCKED_SHIP = "BLOCKED_SHIP"
    BLOCKED_INVOICE = "BLOCKED_INVOICE"
    BLOCKED_ALL = "BLOCKED_ALL"
    UNKNOWN = "UNKNOWN"


class Dispute(Model):
    """What a customer contests."""

    amount: Money | None = None
    reason: Text | None = None
    opened_on: Day | None = None
    owner: Label | None = None


class CreditNote(Model):
    """A credit memo given against an invoice; the amount is positive."""

    number: Name
    amount: Money
    issued_on: Day | None = None


class Invoice(Entity):
    """What the customer owes for which orders; a draft that has no number yet goes by the source's own id."""

    number: Name
    order_numbers: tuple[Name, ...] = ()
    customer_id: Name | None = None
    status: InvoiceStatus
    source_status: SourceStatus | None = None
    issued_on: Day | None = None
    due_on: Day | None = None
    total: Money
    balance: Annotated[Money, Meta(description="What is still to be paid")]
    days_overdue: int = 0
    is_disputed: bool = False
    dispute: Dispute | None = None
    credits: tuple[CreditNote, ...] = ()
    url: Url | None = None


class CreditStatus(Entity):
    """How much credit a customer has, and how much is used."""

    customer_id: Name
    status: CreditState
    source_status: SourceStatus | None = None
    limit: Money | None = None
    exposure: Annotated[Money, Meta(description="What is used of the limit: open invoices and open orders")] | None = (
        None
    )
    available: Money | None = None
    overdue: Money | None = None
    payment_terms: Label | None = None
    hold_reason: Text | None = None


NEAR_LIMIT_SHARE = Decimal("0.9")
"""From this share of the limit on, credit is near its limit (our proposal; no standard says one)."""


def credit_state(exposure: Decimal | None, limit: Decimal | None) -> CreditState:
    """What exposure against limit means where a system keeps no credit state of its own."""
    if limit is None or exposure is None:
        return CreditState.NOT_CHECKED
    if exposure > limit:
        return CreditState.OVER_LIMIT
    return CreditState.NEAR_LIMIT if exposure >= NEAR_LIMIT_SHARE * limit else CreditState.OK


def available_credit(exposure: Money | None, limit: Money | None) -> Money | None:
    """What is left of the limit, never below zero; null where there is no limit."""
    if exposure is None or limit is None:
        return None
    return Money(amount=max(limit.amount - exposure.amount, Decimal(0)), currency=limit.currency)


def days_overdue(due_on: Day | None, balance: Money, today: Day) -> int:
    """Whole days since the due day while something is still to be paid, else 0."""
    if due_on is None or balance.amount <= 0:
        return 0
    return max((today - due_on).days, 0)
