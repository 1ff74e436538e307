"""Picking, packing and shipping, as the WMS knows them."""

from decimal import Decimal
from enum import Enum
from typing import Annotated

from msgspec import Meta

from domain.entity import Entity, SourceStatus, Url
from domain.hold import Hold
from domain.model import Instant, Model, Name


class FulfillmentStatus(Enum):
    """How far the warehouse is."""

    CREATED = "CREATED"
    RELEASED = "RELEASED"
    WAITING_STOCK = "WAITING_STOCK"
    ALLOCATED = "ALLOCATED"
    PARTIALLY_PICKED = "PARTIALLY_PICKED"
    PICKED = "PICKED"
    PACKED = "PACKED"
    STAGED = "STAGED"
    LOADED = "LOADED"
    PARTIALLY_SHIPPED = "PARTIALLY_SHIPPED"
    SHIPPED = "SHIPPED"
    ON_HOLD = "ON_HOLD"
    INCOMPLETE = "INCOMPLETE"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"


class FulfillmentLine(Model):
    """What is to leave, and how far it has come; null means that the warehouse does not say."""

    sku: Name
    ordered_quantity: Decimal
    allocated_quantity: Decimal | None = None
    picked_quantity: Decimal
    packed_quantity: Decimal | None = None
    shipped_quantity: Decimal | None = None
    backordered_quantity: Decimal | None = None


class Package(Model):
    """One handling unit."""

    id: Name
    sscc: Annotated[str, Meta(pattern="^[0-9]{18}$", description="GS1 Serial Shipping Container Code")] | None = None
    tracking_number: Name | None = None
    weight_kg: Decimal | None = None


class Fulfillment(Entity):
    """One delivery out of one warehouse."""

    id: Name
    order_number: Name
    warehouse: Name | None = None
    status: FulfillmentStatus
    source_status: SourceStatus | None = None
    released_at: Instant | None = None
    picked_at: Instant | None = None
    packed_at: Instant | None = None
    shipped_at: Instant | None = None
    holds: tuple[Hold, ...] = ()
    lines: tuple[FulfillmentLine, ...] = ()
    packages: tuple[Package, ...] = ()
    url: Url | None = None
