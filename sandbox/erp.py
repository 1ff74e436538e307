"""The ERP: orders, invoices, customers and their credit."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from domain.billing import (
    CreditState,
    CreditStatus,
    Invoice,
    InvoiceStatus,
    available_credit,
    credit_state,
)
from domain.customer import Customer as CanonicalCustomer
from domain.identity import EntityKind, Reference, Scheme
from domain.money import Money
from domain.order import Order, OrderLine, OrderStatus
from domain.place import Location
from sandbox.canonical import Answers, record
from sandbox.catalog import Customer, Place
from sandbox.facts import PAYMENT_TERM
from sandbox.history import Record, View
from sandbox.orders import InvoiceState, Number, OrderState, worth

ANSWERS: Answers = {
    EntityKind.ORDER: frozenset({Scheme.SO, Scheme.PO, Scheme.TRACKING, Scheme.INVOICE, Scheme.SHIPMENT_ID}),
    EntityKind.CUSTOMER: frozenset({Scheme.SO, Scheme.CUSTOMER}),
    EntityKind.INVOICE: frozenset({Scheme.SO, Scheme.INVOICE}),
    EntityKind.CREDIT: frozenset({Scheme.SO, Scheme.CUSTOMER}),
}


def orders(states: Sequence[OrderState]) -> Iterable[Record]:
    """Every order that was placed."""
    return (
        record(EntityKind.ORDER, state.plan.number, _order(state), _parcel_numbers(state))
        for state in states
        if state.ordered_at
    )


def invoices(states: Sequence[OrderState]) -> Iterable[Record]:
    """Every invoice that was posted."""
    return (
        record(EntityKind.INVOICE, invoice.number, _invoice(invoice, state))
        for state in states
        for invoice in state.invoices.values()
    )


CENTS = Decimal("0.01")

VIEWS: Mapping[EntityKind, View] = {EntityKind.ORDER: orders, EntityKind.INVOICE: invoices}


def customer_views(customer: Customer, order_numbers: Iterable[str]) -> Mapping[EntityKind, View]:
    """How a customer and its credit are shown; both are found by any of its orders."""
    numbers = frozenset((Scheme.SO, number) for number in order_numbers)
    entity = _customer(customer)
    return {
        EntityKind.CUSTOMER: lambda _: (record(EntityKind.CUSTOMER, customer.number, entity, numbers),),
        EntityKind.CREDIT: lambda states: (
            record(EntityKind.CREDIT, customer.number, _credit(customer, states), numbers),
        ),
    }


def _money(amount: Decimal, currency: str) -> Money:
    return Money(amount=amount.quantize(CENTS), currency=currency)


def _order(state: OrderState) -> Order:
    plan = state.plan
    return Order(
        number=plan.number,
        purchase_order_number=plan.purchase_order,
        customer_id=plan.customer.number,
        status=_status(state),
        ordered_at=state.ordered_at,
        requested_delivery_on=plan.requested_on,
        promised_delivery_on=plan.promised_on,
        ship_to=_address(plan.customer.place),
        holds=tuple(state.holds.values()),
        lines=tuple(_lines(state)),
        total=_money(worth(plan.quantities), plan.customer.warehouse.currency),
        references=tuple(_references(state)),
    )


def _address(place: Place) -> Location:
    return Location(city=place.city, region=place.state, country_code=place.country, postal_code=place.zip)


def _status(state: OrderState) -> OrderStatus:
    """First rule that holds."""
    ordered, shipped = state.plan.quantities, state.shipped
    is_all_shipped = all(shipped[sku] >= pieces for sku, pieces in ordered.items())
    rules = (
        (OrderStatus.CANCELLED, state.is_cancelled),
        (OrderStatus.ON_HOLD, bool(state.holds)),
        (OrderStatus.COMPLETED, is_all_shipped and state.exposure == 0),
        (OrderStatus.SHIPPED, is_all_shipped),
        (OrderStatus.PARTIALLY_SHIPPED, bool(shipped)),
        (OrderStatus.RELEASED, bool(state.deliveries)),
        (OrderStatus.CONFIRMED, state.is_confirmed),
    )
    return next((status for status, holds in rules if holds), OrderStatus.PENDING_APPROVAL)


def _lines(state: OrderState) -> Iterable[OrderLine]:
    shipped, invoiced = state.shipped, state.invoiced
    for line in state.plan.lines:
        yield OrderLine(
            line_number=line.number,
            sku=line.item.sku,
            description=line.item.description,
            ordered_quantity=Decimal(line.pieces),
            shipped_quantity=Decimal(shipped[line.item.sku]),
            invoiced_quantity=Decimal(invoiced[line.item.sku]),
            unit_of_measure=line.item.unit,
        )


def _references(state: OrderState) -> Iterable[Reference]:
    for delivery in state.deliveries.values():
        for parcel in delivery.parcels:
            yield Reference(scheme=Scheme.TRACKING, value=parcel.tracking_code, issuer=parcel.carrier.name)
    yield from (Reference(scheme=Scheme.INVOICE, value=number) for number in state.invoices)
    yield from (Reference(scheme=Scheme.CASE, value=number) for number in state.cases)
    yield from (Reference(scheme=Scheme.RMA, value=number) for number in state.returns)


def _parcel_numbers(state: OrderState) -> Iterable[Number]:
    """The ERP finds an order by the ids of its parcels, too, although it does not print them."""
    return (number for each in state.deliveries.values() for parcel in each.parcels for number in parcel.numbers)


def _invoice(invoice: InvoiceState, state: OrderState) -> Invoice:
    currency = state.plan.customer.warehouse.currency
    return Invoice(
        number=invoice.number,
        order_numbers=(state.plan.number,),
        customer_id=state.plan.customer.number,
        status=_invoice_status(invoice),
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        total=_money(invoice.total, currency),
        balance=_money(invoice.balance, currency),
        days_overdue=invoice.days_overdue,
    )


def _invoice_status(invoice: InvoiceState) -> InvoiceStatus:
    """First rule that holds."""
    rules = (
        (InvoiceStatus.PAID, invoice.balance == 0),
        (InvoiceStatus.OVERDUE, invoice.days_overdue > 0),
        (InvoiceStatus.PARTIALLY_PAID, invoice.paid > 0),
    )
    return next((status for status, holds in rules if holds), InvoiceStatus.OPEN)


def _customer(customer: Customer) -> CanonicalCustomer:
    return CanonicalCustomer(
        id=customer.number,
        name=customer.name,
        email=customer.email,
        phone=customer.phone,
        service_level=customer.service_level,
    )


def _credit(customer: Customer, states: Sequence[OrderState]) -> CreditStatus:
    limit = Decimal(customer.limit)
    exposure = sum((state.exposure for state in states), Decimal(customer.carried))
    overdue = customer.carried_overdue + sum(
        (invoice.balance for state in states for invoice in state.invoices.values() if invoice.days_overdue), Decimal(0)
    )
    status = credit_state(exposure, limit)
    used, allowed, late = (_money(amount, customer.warehouse.currency) for amount in (exposure, limit, overdue))
    return CreditStatus(
        customer_id=customer.number,
        status=status,
        limit=allowed,
        exposure=used,
        available=available_credit(used, allowed),
        overdue=late,
        payment_terms=f"NET{PAYMENT_TERM.days}",
        hold_reason="Credit limit exceeded" if status is CreditState.OVER_LIMIT else None,
    )
