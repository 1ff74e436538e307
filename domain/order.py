"""Sales orders, as the ERP knows them."""

from decimal import Decimal
from enum import Enum
from typing import Annotated

from msgspec import Meta

from domain.entity import Entity, SourceStatus, Url
from domain.hold import Hold
from domain.model import Day, Instant, Model, Name, Text
from domain.money import Money
from domain.place import Location


class OrderStatus(Enum):
    """How far an order is, from entry to completion."""

    DRAFT = "DRAFT"
    PENDING_APPROVAL = "PENDING_APPROVAL"
    CONFIRMED = "CONFIRMED"
    RELEASED = "RELEASED"
    PARTIALLY_SHIPPED = "PARTIALLY_SHIPPED"
    SHIPPED = "SHIPPED"
    COMPLETED = "COMPLETED"
    ON_HOLD = "ON_HOLD"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"


class OrderLine(Model):
    """One line of an order; quantities are in the line's unit of measure."""

    line_number: Name
    sku: Name
    description: Text | None = None
    ordered_quantity: Decimal
    shipped_quantity: Decimal | None = None
    invoiced_quantity: Decimal | None = None
    unit_of_measure: Name | None = None


class Order(Entity):
    """What a customer ordered and was promised."""

    number: Name
    purchase_order_number: Annotated[Name, Meta(description="The customer's own number of the order")] | None = None
    customer_id: Annotated[Name, Meta(description="The customer's number in the ERP")] | None = None
    status: OrderStatus
    source_status: SourceStatus | None = None
    ordered_at: Instant | None = None
    ordered_on: Annotated[Day, Meta(description="The order day, where the ERP keeps no time of day")] | None = None
    requested_delivery_on: Day | None = None
    promised_delivery_on: Day | None = None
    ship_to: Annotated[Location, Meta(description="Where it is to be delivered")] | None = None
    holds: tuple[Hold, ...] = ()
    lines: tuple[OrderLine, ...] = ()
    total: Money | None = None
    url: Url | None = None
