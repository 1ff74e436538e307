"""Picking, packing and shipping, as the WMS knows them."""

from decimal import Decimal
from enum import Enum
from typing import Annotated

from msgspec import Meta, ValidationError

from domain.entity import Entity, SourceStatus, Url
from domain.hold import Hold
from domain.identity import Reference
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


class MovedQuantity(Model):
    """How much of an article one step was about."""

    sku: Name
    quantity: Decimal

    def __post_init__(self) -> None:
        """Refuse what no step can move; msgspec bounds no decimals."""
        if self.quantity < 0:
            raise ValidationError("Expected `decimal` >= 0 - at `$.quantity`")


class Progress(Model):
    """One step of the warehouse; a status of UNKNOWN moves nothing."""

    status: FulfillmentStatus
    occurred_at: Instant
    recorded_at: Instant
    order_number: Name | None = None
    warehouse: Name | None = None
    quantities: tuple[MovedQuantity, ...] = ()
    packages: tuple[Package, ...] = ()
    references: tuple[Reference, ...] = ()
    source_code: Annotated[Name, Meta(description="The step exactly as the source sent it")]
    source: Annotated[Name, Meta(description="Configured id of the source")]
    event_id: Name | None = None


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
