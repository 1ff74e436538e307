"""What can happen to an order. An order's story is a script of dated facts, and its state is what they add up to."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar, NamedTuple

from msgspec.structs import replace

from domain.fulfillment import FulfillmentStatus
from domain.hold import Hold, HoldKind
from domain.identity import EntityKind, Scheme
from domain.returns import Return, ReturnStatus
from domain.service_case import ServiceCase, ServiceCaseStatus, SlaState
from sandbox.catalog import Place
from sandbox.orders import (
    ClaimForm,
    ClaimState,
    Delivery,
    DeliveryState,
    InvoiceState,
    Number,
    OrderPlan,
    OrderState,
    Parcel,
    ParcelState,
    Quantities,
    Scan,
)

PAYMENT_TERM = timedelta(days=30)


class Fact(ABC):
    """Something that happened.

    Attributes:
        touches: the kinds of entity that may look different afterwards.
    """

    __slots__ = ()
    touches: ClassVar[frozenset[EntityKind]]

    @property
    def numbers(self) -> frozenset[Number]:
        """The numbers that come into the world with it."""
        return frozenset(self._numbers())

    def happen(self, order: OrderState, at: datetime) -> None:
        """Move the order on."""
        self._move(order, at)

    @abstractmethod
    def _move(self, order: OrderState, at: datetime, /) -> None: ...

    def _numbers(self) -> Iterable[Number]:
        return ()


class Step(NamedTuple):
    """A fact and its moment."""

    at: datetime
    fact: Fact


@dataclass(frozen=True, slots=True)
class Script:
    """The whole story of one order, oldest step first.

    Attributes:
        erp_delay_seconds: how long the ERP thinks before it answers anything that names this order.
    """

    plan: OrderPlan
    steps: tuple[Step, ...]
    erp_delay_seconds: float = 0.0

    @property
    def numbers(self) -> frozenset[Number]:
        """Every number that will ever lead to this order."""
        own = frozenset({(Scheme.SO, self.plan.number), (Scheme.PO, self.plan.purchase_order)})
        return own.union(*(step.fact.numbers for step in self.steps))


# Sales


@dataclass(frozen=True, slots=True)
class Placed(Fact):
    """The customer ordered."""

    touches = frozenset({EntityKind.ORDER, EntityKind.CREDIT})

    def _move(self, order: OrderState, at: datetime, /) -> None:
        order.ordered_at = at


@dataclass(frozen=True, slots=True)
class Confirmed(Fact):
    """Sales accepted the order."""

    touches = frozenset({EntityKind.ORDER})

    def _move(self, order: OrderState, _at: datetime, /) -> None:
        order.is_confirmed = True


@dataclass(frozen=True, slots=True)
class Cancelled(Fact):
    """The order will not be carried out."""

    touches = frozenset({EntityKind.ORDER, EntityKind.CREDIT})

    def _move(self, order: OrderState, _at: datetime, /) -> None:
        order.is_cancelled = True


@dataclass(frozen=True, slots=True)
class Held(Fact):
    """Somebody stopped the order."""

    touches = frozenset({EntityKind.ORDER})
    hold: Hold

    def _move(self, order: OrderState, at: datetime, /) -> None:
        order.holds[self.hold.kind] = replace(self.hold, placed_at=at)


@dataclass(frozen=True, slots=True)
class Unheld(Fact):
    """The reason to stop is gone."""

    touches = frozenset({EntityKind.ORDER})
    kind: HoldKind

    def _move(self, order: OrderState, _at: datetime, /) -> None:
        del order.holds[self.kind]


# Warehouse


@dataclass(frozen=True, slots=True)
class Released(Fact):
    """The warehouse got the work."""

    touches = frozenset({EntityKind.ORDER, EntityKind.FULFILLMENT})
    delivery: Delivery

    def _numbers(self) -> Iterable[Number]:
        yield (Scheme.DELIVERY, self.delivery.id)

    def _move(self, order: OrderState, at: datetime, /) -> None:
        order.deliveries[self.delivery.id] = DeliveryState(self.delivery, released_at=at)


@dataclass(frozen=True, slots=True)
class Allocated(Fact):
    """Stock is reserved for the delivery."""

    touches = frozenset({EntityKind.FULFILLMENT, EntityKind.INVENTORY})
    delivery: str

    def _move(self, order: OrderState, _at: datetime, /) -> None:
        order.deliveries[self.delivery].is_allocated = True


@dataclass(frozen=True, slots=True)
class Picked(Fact):
    """Pieces were taken from the shelf."""

    touches = frozenset({EntityKind.FULFILLMENT})
    delivery: str
    sku: str
    pieces: int

    def _move(self, order: OrderState, at: datetime, /) -> None:
        delivery = order.deliveries[self.delivery]
        delivery.picked[self.sku] += self.pieces
        delivery.picked_at = at


@dataclass(frozen=True, slots=True)
class Labelled(Fact):
    """A carrier's label was bought."""

    touches = frozenset({EntityKind.SHIPMENT})
    parcel: Parcel

    def _numbers(self) -> Iterable[Number]:
        return self.parcel.numbers

    def _move(self, order: OrderState, at: datetime, /) -> None:
        label = Scan("pre_transit", "label_created", "Shipping label created, the carrier awaits the parcel")
        order.parcels[self.parcel.tracking_code] = ParcelState(self.parcel, at, [(at, label, self.parcel.origin)])


@dataclass(frozen=True, slots=True)
class Packed(Fact):
    """Pieces are in a parcel that has a label."""

    touches = frozenset({EntityKind.FULFILLMENT, EntityKind.ORDER})
    delivery: str
    parcel: Parcel

    def _move(self, order: OrderState, at: datetime, /) -> None:
        delivery = order.deliveries[self.delivery]
        delivery.parcels.append(self.parcel)
        delivery.packed_at = at


@dataclass(frozen=True, slots=True)
class Docked(Fact):
    """All parcels stand at the dock, or are in the truck."""

    touches = frozenset({EntityKind.FULFILLMENT})
    delivery: str
    status: FulfillmentStatus

    def _move(self, order: OrderState, _at: datetime, /) -> None:
        order.deliveries[self.delivery].dock = self.status


@dataclass(frozen=True, slots=True)
class Shipped(Fact):
    """The truck left, and the goods issue was posted."""

    touches = frozenset({EntityKind.FULFILLMENT, EntityKind.ORDER, EntityKind.INVENTORY})
    delivery: str

    def _move(self, order: OrderState, at: datetime, /) -> None:
        delivery = order.deliveries[self.delivery]
        delivery.dock = FulfillmentStatus.SHIPPED
        delivery.shipped_at = at


# Road


@dataclass(frozen=True, slots=True)
class Scanned(Fact):
    """The carrier reported something, and what it expects now."""

    touches = frozenset({EntityKind.SHIPMENT})
    tracking_code: str
    scan: Scan
    place: Place | None
    estimate: datetime | None = None

    def _move(self, order: OrderState, at: datetime, /) -> None:
        parcel = order.parcels[self.tracking_code]
        parcel.scans.append((at, self.scan, self.place))
        parcel.estimate = self.estimate or parcel.estimate


# Billing


@dataclass(frozen=True, slots=True)
class Invoiced(Fact):
    """An invoice was posted."""

    touches = frozenset({EntityKind.INVOICE, EntityKind.ORDER, EntityKind.CREDIT})
    number: str
    quantities: Quantities

    def _numbers(self) -> Iterable[Number]:
        yield (Scheme.INVOICE, self.number)

    def _move(self, order: OrderState, at: datetime, /) -> None:
        due_on = (at + PAYMENT_TERM).date()
        order.invoices[self.number] = InvoiceState(self.number, self.quantities, at.date(), due_on)


@dataclass(frozen=True, slots=True)
class Paid(Fact):
    """Money came in for an invoice."""

    touches = frozenset({EntityKind.INVOICE, EntityKind.ORDER, EntityKind.CREDIT})
    number: str
    amount: Decimal

    def _move(self, order: OrderState, _at: datetime, /) -> None:
        invoice = order.invoices[self.number]
        invoice.paid += self.amount
        invoice.days_overdue = invoice.days_overdue if invoice.balance else 0


@dataclass(frozen=True, slots=True)
class Aged(Fact):
    """An invoice went unpaid through one more day after it was due."""

    touches = frozenset({EntityKind.INVOICE, EntityKind.CREDIT})
    number: str

    def _move(self, order: OrderState, _at: datetime, /) -> None:
        order.invoices[self.number].days_overdue += 1


# Service desk, returns, claims


@dataclass(frozen=True, slots=True)
class CaseOpened(Fact):
    """A customer asked."""

    touches = frozenset({EntityKind.SERVICE_CASE, EntityKind.ORDER})
    case: ServiceCase

    def _numbers(self) -> Iterable[Number]:
        yield (Scheme.CASE, self.case.number)

    def _move(self, order: OrderState, _at: datetime, /) -> None:
        order.cases[self.case.number] = self.case


@dataclass(frozen=True, slots=True)
class CaseMoved(Fact):
    """Somebody worked on a case, or its time ran out."""

    touches = frozenset({EntityKind.SERVICE_CASE})
    number: str
    status: ServiceCaseStatus
    sla: SlaState

    def _move(self, order: OrderState, at: datetime, /) -> None:
        closed_at = at if self.status is ServiceCaseStatus.CLOSED else None
        case = order.cases[self.number]
        order.cases[self.number] = replace(case, status=self.status, sla_state=self.sla, closed_at=closed_at)


@dataclass(frozen=True, slots=True)
class ReturnOpened(Fact):
    """A customer wants to send something back."""

    touches = frozenset({EntityKind.RETURN, EntityKind.ORDER})
    goods: Return

    def _numbers(self) -> Iterable[Number]:
        yield (Scheme.RMA, self.goods.number)

    def _move(self, order: OrderState, at: datetime, /) -> None:
        order.returns[self.goods.number] = replace(self.goods, requested_at=at)


@dataclass(frozen=True, slots=True)
class ReturnMoved(Fact):
    """A return came further."""

    touches = frozenset({EntityKind.RETURN, EntityKind.INVENTORY})
    number: str
    status: ReturnStatus

    def _move(self, order: OrderState, at: datetime, /) -> None:
        goods = order.returns[self.number]
        received_at = at if self.status is ReturnStatus.RECEIVED else goods.received_at
        order.returns[self.number] = replace(goods, status=self.status, received_at=received_at)
        if self.status is ReturnStatus.RESTOCKED:
            order.restocked.update({line.sku: int(line.quantity) for line in goods.lines})


@dataclass(frozen=True, slots=True)
class ClaimFiled(Fact):
    """The insurer was asked to pay."""

    touches = frozenset({EntityKind.CLAIM})
    form: ClaimForm

    def _numbers(self) -> Iterable[Number]:
        yield (Scheme.CLAIM, self.form.id)

    def _move(self, order: OrderState, at: datetime, /) -> None:
        order.claims[self.form.id] = ClaimState(self.form, at, [(at, "submitted", "Claim was created.")])


@dataclass(frozen=True, slots=True)
class ClaimMoved(Fact):
    """The insurer said something, in EasyPost's words."""

    touches = frozenset({EntityKind.CLAIM})
    id: str
    status: str
    detail: str
    approved: Decimal | None = None

    def _move(self, order: OrderState, at: datetime, /) -> None:
        claim = order.claims[self.id]
        claim.history.insert(0, (at, self.status, self.detail))
        claim.approved = self.approved
