"""The WMS: fulfillments, stock, and what comes back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.fulfillment import Fulfillment, FulfillmentLine, FulfillmentStatus, Package
from domain.identity import EntityKind, Scheme
from domain.inventory import InventoryPosition
from sandbox.canonical import Answers, record
from sandbox.history import Record, View
from sandbox.orders import DeliveryState, OrderState, Parcel

ANSWERS: Answers = {
    EntityKind.FULFILLMENT: frozenset({Scheme.SO, Scheme.DELIVERY, Scheme.TRACKING, Scheme.SHIPMENT_ID}),
    EntityKind.INVENTORY: frozenset({Scheme.SO, Scheme.SKU}),
    EntityKind.RETURN: frozenset({Scheme.SO, Scheme.RMA}),
}


@dataclass(frozen=True, slots=True)
class Stock:
    """One item in one warehouse before the world began to move.

    Attributes:
        opening: pieces on the shelf.
        next_receipt_on: when more arrives, if it is short.
    """

    sku: str
    warehouse: str
    opening: int
    next_receipt_on: date | None = None
    next_receipt_quantity: int = 0


def fulfillments(states: Sequence[OrderState]) -> Iterable[Record]:
    """Every delivery that was released to the warehouse."""
    return (
        record(
            EntityKind.FULFILLMENT,
            delivery.plan.id,
            _fulfillment(delivery, state.plan.number),
            (number for parcel in delivery.parcels for number in parcel.numbers),
        )
        for state in states
        for delivery in state.deliveries.values()
    )


def returns(states: Sequence[OrderState]) -> Iterable[Record]:
    """Every return that a customer announced."""
    return (record(EntityKind.RETURN, goods.number, goods) for state in states for goods in state.returns.values())


VIEWS: Mapping[EntityKind, View] = {EntityKind.FULFILLMENT: fulfillments, EntityKind.RETURN: returns}


def stock_views(stock: Stock, order_numbers: Iterable[str]) -> Mapping[EntityKind, View]:
    """How a position is shown; it is found by any of the orders that need it."""
    numbers = frozenset((Scheme.SO, number) for number in order_numbers)
    name = f"{stock.sku}@{stock.warehouse}"
    return {
        EntityKind.INVENTORY: lambda states: (record(EntityKind.INVENTORY, name, _position(stock, states), numbers),)
    }


def _fulfillment(delivery: DeliveryState, order_number: str) -> Fulfillment:
    status = _status(delivery)
    is_picked = status not in {
        FulfillmentStatus.RELEASED,
        FulfillmentStatus.ALLOCATED,
        FulfillmentStatus.PARTIALLY_PICKED,
    }
    is_packed = is_picked and status is not FulfillmentStatus.PICKED
    return Fulfillment(
        id=delivery.plan.id,
        order_number=order_number,
        warehouse=delivery.plan.warehouse.code,
        status=status,
        released_at=delivery.released_at,
        picked_at=delivery.picked_at if is_picked else None,
        packed_at=delivery.packed_at if is_packed else None,
        shipped_at=delivery.shipped_at,
        lines=tuple(_lines(delivery)),
        packages=tuple(_package(parcel) for parcel in delivery.parcels),
    )


def _status(delivery: DeliveryState) -> FulfillmentStatus:
    """First rule that holds."""
    wanted, picked, packed = delivery.plan.quantities, delivery.picked, delivery.packed
    rules = (
        (FulfillmentStatus.PACKED, all(packed[sku] >= pieces for sku, pieces in wanted.items())),
        (FulfillmentStatus.PICKED, all(picked[sku] >= pieces for sku, pieces in wanted.items())),
        (FulfillmentStatus.PARTIALLY_PICKED, bool(picked)),
        (FulfillmentStatus.ALLOCATED, delivery.is_allocated),
    )
    return delivery.dock or next((status for status, holds in rules if holds), FulfillmentStatus.RELEASED)


def _lines(delivery: DeliveryState) -> Iterable[FulfillmentLine]:
    packed, shipped = delivery.packed, delivery.shipped
    for sku, pieces in delivery.plan.quantities.items():
        yield FulfillmentLine(
            sku=sku,
            ordered_quantity=Decimal(pieces),
            allocated_quantity=Decimal(pieces if delivery.is_allocated else 0),
            picked_quantity=Decimal(delivery.picked[sku]),
            packed_quantity=Decimal(packed[sku]),
            shipped_quantity=Decimal(shipped[sku]),
        )


def _package(parcel: Parcel) -> Package:
    return Package(
        id=parcel.package_id, sscc=parcel.sscc, tracking_number=parcel.tracking_code, weight_kg=parcel.weight_kg
    )


def _position(stock: Stock, states: Sequence[OrderState]) -> InventoryPosition:
    gone = sum(state.shipped[stock.sku] - state.restocked[stock.sku] for state in states)
    allocated = sum(each.allocated[stock.sku] for state in states for each in state.deliveries.values())
    on_hand = stock.opening - gone
    return InventoryPosition(
        sku=stock.sku,
        warehouse=stock.warehouse,
        on_hand=Decimal(on_hand),
        allocated=Decimal(allocated),
        available=Decimal(on_hand - allocated),
        next_receipt_on=stock.next_receipt_on,
        next_receipt_quantity=Decimal(stock.next_receipt_quantity) if stock.next_receipt_on else None,
    )
