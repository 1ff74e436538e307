"""Service cases, as the CRM knows them."""

from enum import Enum
from typing import Annotated

from msgspec import Meta

from domain.entity import Entity, SourceStatus, Url
from domain.model import Instant, Label, Model, Name, Text
from domain.shipment import ShipmentStatus


class CaseKind(Enum):
    """What the customer asks about; WISMO: where is my order."""

    WISMO = "WISMO"
    DAMAGE = "DAMAGE"
    LOSS = "LOSS"
    SHORTAGE = "SHORTAGE"
    BILLING = "BILLING"
    RETURN = "RETURN"
    CREDIT = "CREDIT"
    OTHER = "OTHER"


class ServiceCaseStatus(Enum):
    """How far a case is."""

    NEW = "NEW"
    OPEN = "OPEN"
    PENDING_CUSTOMER = "PENDING_CUSTOMER"
    ON_HOLD = "ON_HOLD"
    RESOLVED = "RESOLVED"
    CLOSED = "CLOSED"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"


class CasePriority(Enum):
    """How urgent a case is."""

    LOW = "LOW"
    NORMAL = "NORMAL"
    HIGH = "HIGH"
    URGENT = "URGENT"


class SlaState(Enum):
    """Where a case stands against its service level."""

    NONE = "NONE"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    MET = "MET"
    BREACHED = "BREACHED"
    RUNNING_WITH_BREACH = "RUNNING_WITH_BREACH"


class ShownShipment(Model):
    """What the service desk shows its people of a shipment: a copy, which may be behind."""

    shipment: Annotated[Name, Meta(description="Its id or its tracking number")]
    status: ShipmentStatus
    shown_since: Instant | None = None


class ServiceCase(Entity):
    """One question of a customer to the service desk."""

    number: Name
    subject: Text
    kind: CaseKind
    status: ServiceCaseStatus
    source_status: SourceStatus | None = None
    priority: CasePriority = CasePriority.NORMAL
    opened_at: Instant
    closed_at: Instant | None = None
    first_response_due_at: Instant | None = None
    resolution_due_at: Instant | None = None
    sla_state: SlaState = SlaState.NONE
    assignee: Label | None = None
    customer_id: Name | None = None
    order_numbers: tuple[Name, ...] = ()
    shown: Annotated[tuple[ShownShipment, ...], Meta(description="What the desk shows of shipments")] = ()
    url: Url | None = None
