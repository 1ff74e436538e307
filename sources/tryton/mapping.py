"""From Tryton's records to ours. Pure: what day it is comes from the answer's own time."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from domain.billing import (
    CreditNote,
    CreditState,
    CreditStatus,
    Invoice,
    InvoiceStatus,
    available_credit,
    credit_state,
    days_overdue,
)
from domain.claims import Claim, ClaimKind, ClaimStatus
from domain.customer import Customer
from domain.entity import Entity
from domain.foreign import cut
from domain.fulfillment import Fulfillment, FulfillmentLine, FulfillmentStatus, Package
from domain.hold import Hold, HoldKind
from domain.identity import EntityKind, Reference, Scheme
from domain.inventory import InventoryPosition
from domain.model import MOST_LABEL, MOST_WORDS
from domain.money import Money
from domain.observation import Snapshot
from domain.order import Order, OrderLine, OrderStatus
from domain.returns import Return, ReturnLine, ReturnStatus
from sources.base import Answerer
from sources.tryton import codes, wire
from sources.tryton.dossier import Dossier, Json
from sources.tryton.search import at
from sources.tryton.settings import TrytonSettings

MAX_NAME = 200
MAX_REFERENCES = 500
"""What canonical names and lists of references may have; Tryton's have no limit."""
NOTHING = Decimal(0)

AnyMove = TypeVar("AnyMove", bound=wire.Move)


@dataclass(frozen=True, slots=True)
class Vantage:
    """From where and when records are seen.

    Attributes:
        settings: of the Tryton that was asked.
        answerer: whose answer it is, and when it was true.
    """

    settings: TrytonSettings
    answerer: Answerer

    @property
    def today(self) -> date:
        """The day of the answer, UTC."""
        return self.answerer.moment.date()

    def snapshot(self, kind: EntityKind, key: str, content: Entity, as_of: datetime | None) -> Snapshot:
        """What was seen."""
        return self.answerer.snapshot(kind, key, content, as_of)

    def url(self, record: wire.Record) -> str | None:
        """Where a person can open the record, as Tryton's web client addresses it."""
        client = self.settings.web_client
        return f"{client}/model/{record.model}/{record.id}" if client else None


def order(sale: wire.Sale, dossier: Dossier, vantage: Vantage) -> Snapshot:
    """An order; it is as new as the newest of its lines, shipments, moves, packages and invoiced lines."""
    holds = tuple(_holds(sale))
    content = Order(
        number=dossier.order_number,
        purchase_order_number=sale.reference,
        customer_id=sale.party.label,
        status=OrderStatus.ON_HOLD if holds else _order_status(sale),
        source_status=sale.state,
        ordered_on=sale.sale_date,
        holds=holds,
        lines=tuple(_order_lines(sale)),
        total=Money(amount=sale.total_amount, currency=sale.currency.code),
        url=vantage.url(sale),
        references=tuple(dict.fromkeys(_order_references(sale)))[:MAX_REFERENCES],
    )
    return vantage.snapshot(EntityKind.ORDER, str(sale.id), content, wire.newest(sale))


def _order_lines(sale: wire.Sale) -> Iterator[OrderLine]:
    sold = (line for line in sale.lines if line.type == "line")
    for number, line in enumerate(sold, start=1):
        yield OrderLine(
            line_number=str(number),
            sku=line.product.sku if line.product else (line.summary or str(line.id))[:MAX_NAME],
            description=_text(line.product.template.name if line.product else line.summary),
            ordered_quantity=line.quantity or NOTHING,
            shipped_quantity=_shipped(sale, line) if _is_goods(line) else None,
            invoiced_quantity=_invoiced(line),
            unit_of_measure=line.unit.symbol if line.unit else None,
        )


def _is_goods(line: wire.SaleLine) -> bool:
    """Transport and other services are ordered, too, but never leave; goods with a negative quantity come back."""
    return bool(line.movable) and (line.quantity or NOTHING) > 0


def _shipped(sale: wire.Sale, line: wire.SaleLine) -> Decimal | None:
    """What is on the road counts: Tryton itself counts it only when it has arrived."""
    gone = (shipment for shipment in sale.shipments if shipment.state in codes.SHIPPED_STATES)
    moves = (move for shipment in gone for move in _wanted(shipment.outgoing_moves) if move.origin == line.ref)
    return _sum(((move.quantity, move.unit) for move in moves), line.unit)


def _invoiced(line: wire.SaleLine) -> Decimal | None:
    billed = (each for each in line.invoice_lines if each.invoice and each.invoice.state in codes.COUNTED_INVOICES)
    return _sum(((each.quantity or NOTHING, each.unit) for each in billed), line.unit)


def _sum(parts: Iterable[tuple[Decimal, wire.Unit | None]], unit: wire.Unit | None) -> Decimal | None:
    """The sum in this unit; null where a part is in another one, because nothing is converted here."""
    quantities = list(parts)
    if any(part_unit != unit for _, part_unit in quantities):
        return None
    return sum((quantity for quantity, _ in quantities), NOTHING)


def _order_status(sale: wire.Sale) -> OrderStatus:
    status = codes.SALE_STATES.get(sale.state, OrderStatus.UNKNOWN)
    return _shipping_status(sale) if status is OrderStatus.RELEASED else status


def _shipping_status(sale: wire.Sale) -> OrderStatus:
    goods = [line for line in sale.lines if _is_goods(line)]
    gone = [(_shipped(sale, line) or NOTHING, line.quantity or NOTHING) for line in goods]
    progress = codes.SHIPPING_PROGRESS.get(sale.shipment_state)
    if progress is OrderStatus.SHIPPED or (gone and all(shipped >= ordered for shipped, ordered in gone)):
        return OrderStatus.SHIPPED
    if progress is OrderStatus.PARTIALLY_SHIPPED or any(shipped > 0 for shipped, _ in gone):
        return OrderStatus.PARTIALLY_SHIPPED
    return OrderStatus.RELEASED


def _holds(sale: wire.Sale) -> Iterator[Hold]:
    if sale.state == codes.CREDIT_CHECKED_STATE:
        yield from _credit_hold(sale)
    if codes.SALE_STATES.get(sale.state) in {OrderStatus.CONFIRMED, OrderStatus.RELEASED}:
        if codes.SHIPPING_PROGRESS.get(sale.shipment_state) is OrderStatus.ON_HOLD:
            yield codes.SHIPMENT_EXCEPTION
        if codes.BILLING_PROGRESS.get(sale.invoice_state) is OrderStatus.ON_HOLD:
            yield codes.INVOICE_EXCEPTION


def _credit_hold(sale: wire.Sale) -> Iterator[Hold]:
    """Tryton's own check before it confirms: used credit and the untaxed order against the limit of who pays."""
    limit, used = sale.debtor.credit_limit_amount, sale.debtor.credit_amount
    is_checked = sale.shipment_method == codes.CREDIT_CHECKED_METHOD and sale.untaxed_amount > 0
    if limit is None or not is_checked or sale.currency != sale.company.currency:
        return
    if used + sale.untaxed_amount > limit:
        yield Hold(
            kind=HoldKind.CREDIT,
            reason=f"{used} used and {sale.untaxed_amount} ordered exceed the limit of {limit} {sale.currency.code}",
            releases_when="A payment comes in, the limit is raised, or a credit controller confirms the sale",
        )


def _order_references(sale: wire.Sale) -> Iterator[Reference]:
    for shipment in sale.shipments:
        yield from _references(Scheme.DELIVERY, shipment.number)
        packed = (package.shipping_reference for package in shipment.packages)
        yield from _references(Scheme.TRACKING, shipment.shipping_reference, *packed, issuer=_carrier(shipment))
    yield from _references(Scheme.INVOICE, *(invoice.number for invoice in sale.invoices))
    yield from _references(Scheme.RMA, *(shipment.number for shipment in sale.shipment_returns))


def _references(scheme: Scheme, *values: str | None, issuer: str | None = None) -> Iterator[Reference]:
    return (Reference(scheme=scheme, value=value, issuer=issuer) for value in values if value)


def _carrier(shipment: wire.SoldShipment | wire.Shipment) -> str | None:
    return shipment.carrier.party.name if shipment.carrier else None


def customer(party: wire.Party, _: Dossier, vantage: Vantage) -> Snapshot:
    """A customer; as new as the newest of the party and its contact mechanisms."""
    content = Customer(
        id=party.label,
        name=cut(party.name or party.label, MOST_LABEL),
        email=party.email,
        phone=party.phone,
        url=vantage.url(party),
    )
    return vantage.snapshot(EntityKind.CUSTOMER, str(party.id), content, wire.newest(party))


def credit(party: wire.Debtor, _: Dossier, vantage: Vantage) -> Snapshot:
    """Credit moves with every order and payment, and no record that is read says when: `as_of` is null."""
    state = credit_state(party.credit_amount, party.credit_limit_amount)
    limit = _money(party.credit_limit_amount, party.currency)
    exposure = _money(party.credit_amount, party.currency)
    content = CreditStatus(
        customer_id=party.label,
        status=state,
        limit=limit,
        exposure=exposure,
        available=available_credit(exposure, limit),
        overdue=_money(max(party.receivable_today, NOTHING), party.currency),
        payment_terms=_label(party.customer_payment_term),
        hold_reason="The limit is exceeded: Tryton confirms no new orders" if state is CreditState.OVER_LIMIT else None,
    )
    return vantage.snapshot(EntityKind.CREDIT, str(party.id), content, as_of=None)


def _money(amount: Decimal | None, currency: wire.Currency) -> Money | None:
    return None if amount is None else Money(amount=amount, currency=currency.code)


def invoice(record: wire.Invoice, dossier: Dossier, vantage: Vantage) -> Snapshot:
    """An invoice; as new as the newest of its lines, instalments, payments and credit notes."""
    corrections = tuple(_corrections(record, dossier))
    credits_ = tuple(_credit_notes(record, corrections))
    balance = Money(amount=record.amount_to_pay, currency=record.currency.code)
    due_on = _due_on(record, vantage.today)
    late = days_overdue(due_on, balance, vantage.today) if record.amount_to_pay_today > 0 else 0
    content = Invoice(
        number=record.number or f"draft-{record.id}",
        order_numbers=tuple(sale.number for sale in record.sales if sale.number),
        customer_id=record.party.label,
        status=_invoice_status(record, credits_, late),
        source_status=record.state,
        issued_on=record.invoice_date,
        due_on=due_on,
        total=Money(amount=record.total_amount, currency=record.currency.code),
        balance=balance,
        days_overdue=late,
        credits=credits_,
        url=vantage.url(record),
    )
    return vantage.snapshot(EntityKind.INVOICE, str(record.id), content, wire.newest(record, *corrections))


def _corrections(record: wire.Invoice, dossier: Dossier) -> Iterator[wire.Correction]:
    own = {record.ref, *(line.ref for line in record.lines)}
    about_it = (each.row for each in dossier.corrections if each.about & own)
    return (wire.Correction.model_validate(row) for row in about_it)


def _credit_notes(record: wire.Invoice, corrections: Iterable[wire.Correction]) -> Iterator[CreditNote]:
    for note in corrections:
        is_given = note.state in codes.COUNTED_INVOICES and note.total_amount < 0
        if note.number and is_given and note.currency == record.currency:
            amount = Money(amount=-note.total_amount, currency=note.currency.code)
            yield CreditNote(number=note.number, amount=amount, issued_on=note.invoice_date)


def _due_on(record: wire.Invoice, today: date) -> date | None:
    """The earliest open instalment; past ones are skipped while payments on account cover all that is due.

    Of an invoice with nothing open it is the earliest instalment there was.
    """
    days = [(line.maturity_date, line.reconciliation is None) for line in record.lines_to_pay if line.maturity_date]
    is_open = [day for day, is_open in days if is_open and (record.amount_to_pay_today > 0 or day >= today)]
    return min(is_open or (day for day, _ in days), default=None)


def _invoice_status(record: wire.Invoice, credits_: Collection[CreditNote], late: int) -> InvoiceStatus:
    credited = sum((note.amount.amount for note in credits_), NOTHING)
    status = codes.INVOICE_STATES.get(record.state, InvoiceStatus.UNKNOWN)
    is_credited = 0 < record.total_amount <= credited and status in {InvoiceStatus.PAID, InvoiceStatus.CANCELLED}
    rules = (
        (InvoiceStatus.CREDITED, is_credited),
        (InvoiceStatus.REVERSED, status is InvoiceStatus.CANCELLED and record.cancel_move is not None),
        (InvoiceStatus.OVERDUE, status is InvoiceStatus.OPEN and late > 0),
        (InvoiceStatus.PARTIALLY_PAID, status is InvoiceStatus.OPEN and 0 < record.amount_to_pay < record.total_amount),
    )
    return next((refined for refined, holds in rules if holds), status)


def fulfillment(shipment: wire.Shipment, dossier: Dossier, vantage: Vantage) -> Snapshot:
    """A delivery as one order sees it; Tryton keeps no time of day of any of its steps."""
    carrier = _carrier(shipment)
    content = Fulfillment(
        id=shipment.number or f"draft-{shipment.id}",
        order_number=dossier.order_number,
        warehouse=shipment.warehouse.label,
        status=_fulfillment_status(shipment),
        source_status=shipment.state,
        lines=tuple(_fulfillment_lines(shipment)),
        packages=tuple(
            Package(id=package.number, tracking_number=package.shipping_reference) for package in shipment.packages
        ),
        url=vantage.url(shipment),
        references=(
            *_references(Scheme.SHIPMENT_ID, shipment.number, issuer=vantage.settings.id),
            *_references(Scheme.TRACKING, shipment.shipping_reference, issuer=carrier),
        ),
    )
    key = _seen_from(dossier, shipment)
    return vantage.snapshot(EntityKind.FULFILLMENT, key, content, wire.newest(shipment))


def _seen_from(dossier: Dossier, record: wire.Record) -> str:
    """A key for what several orders may share and each sees as its own."""
    return f"{dossier.sale.get('id')}/{record.id}"


def _fulfillment_status(shipment: wire.Shipment) -> FulfillmentStatus:
    """The shipment's state, refined by its moves: there is no state for partly picked or partly out of stock."""
    status = codes.SHIPMENT_STATES.get(shipment.state, FulfillmentStatus.UNKNOWN)
    moves = _wanted(shipment.inventory_moves or shipment.outgoing_moves)
    taken = [move.state in codes.TAKEN_MOVES for move in moves]
    reserved = [move.state in codes.RESERVED_MOVES for move in moves]
    is_ahead = status in {FulfillmentStatus.RELEASED, FulfillmentStatus.ALLOCATED}
    if is_ahead and any(taken) and not all(taken):
        return FulfillmentStatus.PARTIALLY_PICKED
    if status is FulfillmentStatus.RELEASED and any(reserved) and not all(reserved):
        return FulfillmentStatus.WAITING_STOCK
    return status


def _fulfillment_lines(shipment: wire.Shipment) -> Iterator[FulfillmentLine]:
    """One per outgoing move; of a cancelled shipment all of them, to show what was to leave."""
    is_cancelled = codes.SHIPMENT_STATES.get(shipment.state) is FulfillmentStatus.CANCELLED
    for move in shipment.outgoing_moves if is_cancelled else _wanted(shipment.outgoing_moves):
        picking = _picking(shipment, move)
        allocated = _quantity(picking, codes.RESERVED_MOVES)
        yield FulfillmentLine(
            sku=move.product.sku,
            ordered_quantity=move.quantity,
            allocated_quantity=allocated,
            picked_quantity=_picked(shipment, move, picking),
            packed_quantity=_once(codes.PACKED_STATES, shipment, move),
            shipped_quantity=_once(codes.SHIPPED_STATES, shipment, move),
            backordered_quantity=_backordered(_fulfillment_status(shipment), move.quantity - allocated),
        )


def _picking(shipment: wire.Shipment, move: wire.Move) -> list[wire.Move]:
    """The moves that pick for an outgoing one; it picks for itself where storage and output are one place."""
    return (
        [each for each in shipment.inventory_moves if each.origin == move.ref] if shipment.inventory_moves else [move]
    )


def _picked(shipment: wire.Shipment, move: wire.Move, picking: Iterable[wire.Move]) -> Decimal:
    if not shipment.inventory_moves and shipment.state in codes.PICKED_STATES:
        return move.quantity
    return _quantity(picking, codes.TAKEN_MOVES)


def _once(states: Collection[str], shipment: wire.Shipment, move: wire.Move) -> Decimal | None:
    """The whole quantity once the shipment has come that far; null where its state is not known to us."""
    if shipment.state not in codes.SHIPMENT_STATES:
        return None
    return move.quantity if shipment.state in states else NOTHING


def _backordered(status: FulfillmentStatus, missing: Decimal) -> Decimal | None:
    """What could not be set aside; null before anybody tried."""
    match status:
        case FulfillmentStatus.CREATED | FulfillmentStatus.RELEASED | FulfillmentStatus.UNKNOWN:
            return None
        case FulfillmentStatus.WAITING_STOCK | FulfillmentStatus.PARTIALLY_PICKED:
            return missing
        case _:
            return NOTHING


def _quantity(moves: Iterable[wire.Move], states: Collection[str]) -> Decimal:
    return sum((move.quantity for move in moves if move.state in states), NOTHING)


def _wanted(moves: Iterable[AnyMove]) -> list[AnyMove]:
    return [move for move in moves if move.state not in codes.DROPPED_MOVES]


def returned(shipment: wire.ReturnShipment, dossier: Dossier, vantage: Vantage) -> Snapshot:
    """Goods coming back; Tryton keeps no time of day of any of its steps."""
    sale = next((row for row in dossier.return_sales if shipment.id in at(row, "shipment_returns.id")), dossier.sale)
    complaint = _complaint_behind(sale, dossier)
    content = Return(
        number=shipment.number or f"draft-{shipment.id}",
        order_number=dossier.order_number,
        status=codes.RETURN_STATES.get(shipment.state, ReturnStatus.UNKNOWN),
        source_status=shipment.state,
        reason=_text(complaint.description or complaint.type.name) if complaint else None,
        lines=tuple(
            ReturnLine(sku=move.product.sku, quantity=move.quantity) for move in _wanted(shipment.incoming_moves)
        ),
        url=vantage.url(shipment),
        references=(
            *_references(Scheme.SO, *(str(number) for number in at(sale, "number"))),
            *_references(Scheme.CLAIM, complaint.number if complaint else None),
        ),
    )
    key = _seen_from(dossier, shipment)
    return vantage.snapshot(EntityKind.RETURN, key, content, wire.newest(shipment))


def _complaint_behind(sale: Json, dossier: Dossier) -> wire.Complaint | None:
    complaints = (wire.Complaint.model_validate(row) for row in dossier.complaints)
    return next((each for each in complaints if each.ref == sale.get("origin")), None)


def claim(complaint: wire.Complaint, dossier: Dossier, vantage: Vantage) -> Snapshot:
    """A complaint; its amount is what its actions are to give back."""
    changed_at = wire.newest(complaint)
    content = Claim(
        number=complaint.number or f"draft-{complaint.id}",
        order_number=dossier.order_number,
        kind=vantage.settings.complaint_kinds.get(complaint.type.name or "", ClaimKind.OTHER),
        status=codes.COMPLAINT_STATES.get(complaint.state, ClaimStatus.UNKNOWN),
        source_status=complaint.state,
        description=_text(complaint.description),
        amount=_claimed(complaint),
        filed_on=complaint.date,
        updated_at=changed_at,
        url=vantage.url(complaint),
    )
    key = _seen_from(dossier, complaint)
    return vantage.snapshot(EntityKind.CLAIM, key, content, changed_at)


def _claimed(complaint: wire.Complaint) -> Money | None:
    """The sum of the actions; null where there is none, or they are in several currencies."""
    amounts = [(each.amount, each.currency.code) for each in complaint.actions if each.amount and each.currency]
    currencies = {currency for _, currency in amounts}
    if len(currencies) != 1:
        return None
    return Money(amount=sum((amount for amount, _ in amounts), NOTHING), currency=currencies.pop())


def _label(named: wire.Named | None) -> str | None:
    return cut(named.name, MOST_LABEL) if named and named.name else None


def _text(words: str | None) -> str | None:
    return cut(words, MOST_WORDS) if words else None


def positions(
    warehouse: wire.Coded, on_hand: Mapping[int, wire.Stock], free: Mapping[int, wire.Stock], vantage: Vantage
) -> Iterator[Snapshot]:
    """What of each product is in a warehouse's storage, and how much of that is not set aside yet.

    Args:
        warehouse: where.
        on_hand: by product id, all that is in storage.
        free: by product id, the same less what is set aside for somebody.
        vantage: from where it is seen.
    """
    for product, stock in on_hand.items():
        if product in free:
            content = InventoryPosition(
                sku=stock.code,
                warehouse=warehouse.label,
                on_hand=stock.quantity,
                allocated=stock.quantity - free[product].quantity,
                available=free[product].quantity,
            )
            yield vantage.snapshot(EntityKind.INVENTORY, f"{warehouse.id}/{product}", content, as_of=None)
