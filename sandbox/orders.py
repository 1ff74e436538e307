"""One order and everything that hangs on it: how it is planned, and how far it has come."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from domain.fulfillment import FulfillmentStatus
from domain.hold import Hold, HoldKind
from domain.identity import Scheme
from domain.returns import Return
from domain.service_case import ServiceCase
from sandbox.catalog import ITEMS, Carrier, Customer, Item, Place, Warehouse
from sandbox.numbers import opaque_id

Number = tuple[Scheme, str]
"""A number under which something can be asked for."""

Quantities = Mapping[str, int]
"""Pieces by SKU."""


def worth(quantities: Quantities) -> Decimal:
    """What pieces cost at list price."""
    return sum((ITEMS[sku].price * pieces for sku, pieces in quantities.items()), Decimal(0))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order; an order has no two lines of one item."""

    number: str
    item: Item
    pieces: int


@dataclass(frozen=True, slots=True)
class OrderPlan:
    """What was ordered."""

    number: str
    purchase_order: str
    customer: Customer
    lines: tuple[Line, ...]
    requested_on: date
    promised_on: date

    @property
    def quantities(self) -> Quantities:
        """All of it."""
        return {line.item.sku: line.pieces for line in self.lines}


@dataclass(frozen=True, slots=True)
class Delivery:
    """What leaves together."""

    id: str
    warehouse: Warehouse
    quantities: Quantities


@dataclass(frozen=True, slots=True)
class Parcel:
    """One handling unit with a carrier's label on it."""

    tracking_code: str
    carrier: Carrier
    package_id: str
    sscc: str
    origin: Place
    destination: Place
    contents: Quantities

    @property
    def tracker_id(self) -> str:
        """What EasyPost calls the tracking of it."""
        return opaque_id("trk", self._name)

    @property
    def shipment_id(self) -> str:
        """What EasyPost calls the purchase of its label."""
        return opaque_id("shp", self._name)

    @property
    def numbers(self) -> frozenset[Number]:
        """Every number under which the parcel is known; `carrier:code` is how Casefold shows it."""
        ids = (self._name, self.tracker_id, self.shipment_id)
        return frozenset({(Scheme.TRACKING, self.tracking_code), *((Scheme.SHIPMENT_ID, each) for each in ids)})

    @property
    def weight_kg(self) -> Decimal:
        """Contents and half a kilogram of carton."""
        return sum((ITEMS[sku].weight_kg * pieces for sku, pieces in self.contents.items()), Decimal("0.50"))

    @property
    def _name(self) -> str:
        return f"{self.carrier.name}:{self.tracking_code}"


@dataclass(frozen=True, slots=True)
class Scan:
    """What a carrier reports, in EasyPost's words."""

    status: str
    detail: str
    message: str


@dataclass(frozen=True, slots=True)
class ClaimForm:
    """What is demanded of the insurer."""

    id: str
    parcel: Parcel
    kind: str
    description: str
    requested: Decimal


@dataclass(slots=True)
class DeliveryState:
    """How far the warehouse is.

    Attributes:
        dock: STAGED, LOADED or SHIPPED once everything that will leave is packed.
    """

    plan: Delivery
    released_at: datetime
    is_allocated: bool = False
    picked: Counter[str] = field(default_factory=Counter)
    picked_at: datetime | None = None
    parcels: list[Parcel] = field(default_factory=list)
    packed_at: datetime | None = None
    dock: FulfillmentStatus | None = None
    shipped_at: datetime | None = None

    @property
    def packed(self) -> Counter[str]:
        """What is in parcels."""
        return sum((Counter(parcel.contents) for parcel in self.parcels), Counter[str]())

    @property
    def shipped(self) -> Counter[str]:
        """What has left."""
        return self.packed if self.shipped_at else Counter()

    @property
    def allocated(self) -> Counter[str]:
        """What is reserved on the shelf or at the dock, and has not left."""
        return Counter(self.plan.quantities) - self.shipped if self.is_allocated else Counter()


@dataclass(slots=True)
class ParcelState:
    """How far the carrier is; scans are oldest first."""

    plan: Parcel
    created_at: datetime
    scans: list[tuple[datetime, Scan, Place | None]]
    estimate: datetime | None = None


@dataclass(slots=True)
class InvoiceState:
    """What is billed and paid."""

    number: str
    quantities: Quantities
    issued_on: date
    due_on: date
    paid: Decimal = Decimal(0)
    days_overdue: int = 0

    @property
    def total(self) -> Decimal:
        """What was billed."""
        return worth(self.quantities)

    @property
    def balance(self) -> Decimal:
        """What is still to be paid."""
        return self.total - self.paid


@dataclass(slots=True)
class ClaimState:
    """How far the insurer is; the history is newest first, as EasyPost shows it."""

    form: ClaimForm
    filed_at: datetime
    history: list[tuple[datetime, str, str]]
    approved: Decimal | None = None


@dataclass(slots=True)
class OrderState:
    """How far an order is, in every system."""

    plan: OrderPlan
    ordered_at: datetime | None = None
    is_confirmed: bool = False
    is_cancelled: bool = False
    holds: dict[HoldKind, Hold] = field(default_factory=dict)
    deliveries: dict[str, DeliveryState] = field(default_factory=dict)
    parcels: dict[str, ParcelState] = field(default_factory=dict)
    invoices: dict[str, InvoiceState] = field(default_factory=dict)
    cases: dict[str, ServiceCase] = field(default_factory=dict)
    returns: dict[str, Return] = field(default_factory=dict)
    claims: dict[str, ClaimState] = field(default_factory=dict)
    restocked: Counter[str] = field(default_factory=Counter)

    @property
    def shipped(self) -> Counter[str]:
        """What has left, of all deliveries."""
        return sum((delivery.shipped for delivery in self.deliveries.values()), Counter[str]())

    @property
    def invoiced(self) -> Counter[str]:
        """What is billed, on all invoices."""
        return sum((Counter(invoice.quantities) for invoice in self.invoices.values()), Counter[str]())

    @property
    def exposure(self) -> Decimal:
        """What the customer owes or will owe: open invoices, and what is ordered and not yet billed."""
        if self.ordered_at is None:
            return Decimal(0)
        unbilled = Counter() if self.is_cancelled else Counter(self.plan.quantities) - self.invoiced
        return worth(unbilled) + sum((invoice.balance for invoice in self.invoices.values()), Decimal(0))
