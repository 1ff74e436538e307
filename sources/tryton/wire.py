"""Tryton's words: what its REST answers carry, and by the same token what is asked of it.

A model names the fields that one kind of entity is made of, and `paths` turns it into the field list of the request:
nothing is read that was not asked for, nothing is asked for that is not read. Tryton leaves out without a word what
its user may not see. Such a field is missing here, which is an error, and never null, which would be a statement.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_MAGNITUDE = 15
"""Decimal places before and after the point that an amount may have; more is no amount but an accident."""


def _day(value: object) -> date | None:
    match value:
        case None:
            return None
        case {"__class__": "date", "year": int(year), "month": int(month), "day": int(day)}:
            try:
                return date(year, month, day)
            except OverflowError as error:
                raise ValueError("a date out of range") from error
        case _:
            raise ValueError("not a date as Tryton writes it")


def _instant(value: object) -> datetime:
    if not isinstance(value, str):
        raise ValueError("not a timestamp as Tryton writes it")  # noqa: TRY004  # pydantic collects ValueError
    try:
        return EPOCH + timedelta(seconds=float(value))
    except OverflowError as error:
        raise ValueError("a timestamp out of range") from error


def _amount(value: object) -> Decimal | None:
    match value:
        case None:
            return None
        case {"__class__": "Decimal", "decimal": str(digits)}:
            return _sane(digits)
        case _:
            raise ValueError("not a decimal as Tryton writes it")


def _quantity(value: object) -> Decimal | None:
    """Quantities are floats on Tryton's side; their shortest spelling is what was typed in."""
    match value:
        case None:
            return None
        case bool():
            raise ValueError("not a number")
        case int() | float():
            return _sane(str(value).removesuffix(".0"))
        case _:
            raise ValueError("not a number")


def _sane(digits: str) -> Decimal:
    try:
        number = Decimal(digits)
    except InvalidOperation as error:
        raise ValueError("not a number") from error
    if not number.is_finite() or abs(number.adjusted()) > MAX_MAGNITUDE:
        raise ValueError("a number out of range")
    return number


def _filled(value: str | None) -> str | None:
    return (value or "").strip() or None


Day = Annotated[date | None, BeforeValidator(_day)]
Instant = Annotated[datetime, BeforeValidator(_instant)]
Amount = Annotated[Decimal, BeforeValidator(_amount)]
MaybeAmount = Annotated[Decimal | None, BeforeValidator(_amount)]
Quantity = Annotated[Decimal, BeforeValidator(_quantity)]
MaybeQuantity = Annotated[Decimal | None, BeforeValidator(_quantity)]
Label = Annotated[str | None, AfterValidator(_filled)]
"""Text that is null when it is blank."""


class Record(BaseModel):
    """One record of a Tryton model; both fields come without being asked for."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: int
    model: str = Field(alias="__name__")

    @property
    def ref(self) -> str:
        """How other records point to this one, e.g. `sale.sale,28`."""
        return f"{self.model},{self.id}"


class Versioned(Record):
    """A record whose own last change counts; creation counts as one."""

    changed_at: Instant = Field(alias="_timestamp")


class Currency(Record):
    """ISO 4217 code."""

    code: str


class Unit(Record):
    """Unit of measure."""

    symbol: str


class Named(Record):
    """Anything with a name."""

    name: Label


class Coded(Named):
    """Anything with a code and a name, either of which may be blank."""

    code: Label

    @property
    def label(self) -> str:
        """Its code, else its name, else its id."""
        return self.code or self.name or str(self.id)


class Product(Record):
    """A variant; its name is its template's."""

    code: Label
    template: Named

    @property
    def sku(self) -> str:
        """Its code, else its name, else its id."""
        return self.code or self.template.name or str(self.id)


class Carrier(Record):
    """Carriers are parties."""

    party: Named


class Company(Record):
    """The company in whose currency credit is counted."""

    currency: Currency


class Party(Versioned, Coded):
    """A customer. Mail and telephone are what its contact mechanisms say."""

    email: Label
    phone: Label
    contact_mechanisms: tuple[Versioned, ...]


class Credit(Coded):
    """What a party may owe and owes, in the currency of the company in the context.

    `credit_amount` counts what is receivable and what is ordered but not yet invoiced.
    """

    credit_amount: Amount
    credit_limit_amount: MaybeAmount


class Debtor(Credit):
    """A party with all that credit control looks at; `receivable_today` is what is due by today."""

    currency: Currency
    receivable_today: Amount
    customer_payment_term: Named | None


class BilledInvoice(Record):
    """As much of an invoice as an order's line needs."""

    state: str


class BilledLine(Versioned):
    """What was invoiced of an order's line."""

    quantity: MaybeQuantity
    unit: Unit | None
    invoice: BilledInvoice | None


class SaleLine(Versioned):
    """One line; only those of type `line` are goods or services, the others are headings and sums."""

    type: str
    product: Product | None
    summary: Label
    quantity: MaybeQuantity
    unit: Unit | None
    movable: bool | None
    invoice_lines: tuple[BilledLine, ...]


class Move(Versioned):
    """Goods on their way between two places of the warehouse, or out of it."""

    origin: str | None
    state: str
    quantity: Quantity


class SoldMove(Move):
    """What leaves for a line of a sale, to which it points."""

    unit: Unit


class TrackedPackage(Versioned):
    """A package under its carrier's number."""

    shipping_reference: Label


class SoldShipment(Versioned):
    """As much of a shipment as an order shows."""

    number: Label
    state: str
    shipping_reference: Label
    carrier: Carrier | None
    packages: tuple[TrackedPackage, ...]
    outgoing_moves: tuple[SoldMove, ...]


class Numbered(Record):
    """Anything with a number; drafts have none."""

    number: Label


class Sale(Versioned, Numbered):
    """An order."""

    reference: Label
    state: str
    shipment_state: str
    invoice_state: str
    shipment_method: str
    sale_date: Day
    total_amount: Amount
    untaxed_amount: Amount
    currency: Currency
    company: Company
    party: Credit
    invoice_party: Credit | None
    lines: tuple[SaleLine, ...]
    shipments: tuple[SoldShipment, ...]
    shipment_returns: tuple[Numbered, ...]
    invoices: tuple[Numbered, ...]

    @property
    def debtor(self) -> Credit:
        """Who has to pay."""
        return self.invoice_party or self.party


class Package(TrackedPackage):
    """A package under its own number."""

    number: str


class ProductMove(Move):
    """A move by what it moves."""

    product: Product


class Shipment(Versioned, Numbered):
    """A delivery to a customer.

    Inventory moves pick the goods and point to the outgoing moves that they serve. A warehouse whose storage is also
    its output has none.
    """

    state: str
    warehouse: Coded
    shipping_reference: Label
    carrier: Carrier | None
    packages: tuple[Package, ...]
    outgoing_moves: tuple[ProductMove, ...]
    inventory_moves: tuple[Move, ...]


class DueLine(Versioned):
    """One instalment; `reconciliation` is null while it is open."""

    maturity_date: Day
    reconciliation: int | None


class Invoice(Versioned, Numbered):
    """An invoice, or with a negative total a credit note; `cancel_move` undoes one that had been posted."""

    state: str
    invoice_date: Day
    currency: Currency
    total_amount: Amount
    amount_to_pay: Amount
    amount_to_pay_today: Amount
    cancel_move: int | None
    party: Coded
    sales: tuple[Numbered, ...]
    lines: tuple[Versioned, ...]
    lines_to_pay: tuple[DueLine, ...]
    payment_lines: tuple[Versioned, ...]


class CorrectingLine(Versioned):
    """A line of a credit note; it points to what it corrects."""

    origin: str | None


class Correction(Versioned, Numbered):
    """A credit note made for an invoice or for a complaint about one."""

    state: str
    invoice_date: Day
    currency: Currency
    total_amount: Amount
    lines: tuple[CorrectingLine, ...]


class ReturnShipment(Versioned, Numbered):
    """Goods coming back from a customer."""

    state: str
    incoming_moves: tuple[ProductMove, ...]


class ComplaintAction(Versioned):
    """What is to be done about a complaint; `result` points to the credit note or return sale that was made."""

    action: str | None
    amount: MaybeAmount
    currency: Currency | None
    result: str | None


class Complaint(Versioned, Numbered):
    """A complaint points to what it is about: a sale, an invoice, or a line of either."""

    state: str
    date: Day
    origin: str
    description: Label
    type: Named
    actions: tuple[ComplaintAction, ...]


class CustomerOfSale(Record):
    """Of a sale, who ordered."""

    party: Party


class DebtorOfSale(Record):
    """Of a sale, who has to pay: whoever ordered, unless somebody else is named."""

    party: Debtor
    invoice_party: Debtor | None


class InvoicesOfSale(Record):
    """Of a sale, its invoices."""

    invoices: tuple[Invoice, ...]


class ShipmentsOfSale(Record):
    """Of a sale, its deliveries."""

    shipments: tuple[Shipment, ...]


class ReturnsOfSale(Record):
    """Of a sale, its returns."""

    shipment_returns: tuple[ReturnShipment, ...]


class Stock(Record):
    """How much of a product is where the context says."""

    code: str
    quantity: Quantity


def paths(record: type[Record], prefix: str = "") -> Iterator[str]:
    """The dotted names of all fields of a model, as a request asks for them."""
    for name, field in record.model_fields.items():
        if name in Record.model_fields:
            continue
        path = prefix + (field.alias or name)
        nested = _record_in(field.annotation)
        if nested is None:
            yield path
        else:
            yield from list(paths(nested, path + ".")) or [path + ".id"]


def _record_in(hint: Any) -> type[Record] | None:  # noqa: ANN401  # an annotation of any form
    if isinstance(hint, type) and issubclass(hint, Record):
        return hint
    return next(filter(None, map(_record_in, get_args(hint))), None)


def walk(record: Record) -> Iterator[Record]:
    """The record and all records inside it."""
    yield record
    for name in type(record).model_fields:
        value = getattr(record, name)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, Record):
                yield from walk(each)


def newest(*records: Record) -> datetime | None:
    """The last change of any record in there; null where none of them says."""
    changes = (each.changed_at for record in records for each in walk(record) if isinstance(each, Versioned))
    return max(changes, default=None)
