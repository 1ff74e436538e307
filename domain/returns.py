"""Goods coming back."""

from decimal import Decimal
from enum import Enum

from domain.entity import Entity, SourceStatus, Url
from domain.model import Instant, Model, Name, Text


class ReturnStatus(Enum):
    """How far a return is."""

    REQUESTED = "REQUESTED"
    AUTHORIZED = "AUTHORIZED"
    IN_TRANSIT = "IN_TRANSIT"
    RECEIVED = "RECEIVED"
    INSPECTED = "INSPECTED"
    RESTOCKED = "RESTOCKED"
    DISPOSED = "DISPOSED"
    CREDITED = "CREDITED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"


class ReturnLine(Model):
    """What comes back."""

    sku: Name
    quantity: Decimal
    disposition: Name | None = None


class Return(Entity):
    """One return merchandise authorization."""

    number: Name
    order_number: Name
    status: ReturnStatus
    source_status: SourceStatus | None = None
    reason: Text | None = None
    requested_at: Instant | None = None
    received_at: Instant | None = None
    lines: tuple[ReturnLine, ...] = ()
    url: Url | None = None
