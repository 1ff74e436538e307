"""Shipments on the road, as the TMS and the carriers know them."""

from enum import Enum
from typing import Annotated

from msgspec import Meta

from domain.entity import Entity, SourceStatus, Url
from domain.eta import Eta
from domain.identity import Reference
from domain.model import Instant, Label, Model, Name, Text
from domain.place import Location
from domain.shipment_exception import ShipmentException


class TransportMode(Enum):
    """By what means it travels."""

    PARCEL = "PARCEL"
    LTL = "LTL"
    FTL = "FTL"
    OCEAN = "OCEAN"
    AIR = "AIR"
    RAIL = "RAIL"
    INTERMODAL = "INTERMODAL"
    UNKNOWN = "UNKNOWN"


class ShipmentStatus(Enum):
    """How far a shipment is; an exception is a different axis."""

    PLANNED = "PLANNED"
    TENDERED = "TENDERED"
    BOOKED = "BOOKED"
    DISPATCHED = "DISPATCHED"
    AT_PICKUP = "AT_PICKUP"
    LOADED = "LOADED"
    PICKED_UP = "PICKED_UP"
    IN_TRANSIT = "IN_TRANSIT"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    AT_DELIVERY = "AT_DELIVERY"
    AVAILABLE_FOR_COLLECTION = "AVAILABLE_FOR_COLLECTION"
    DELIVERY_ATTEMPTED = "DELIVERY_ATTEMPTED"
    PARTIALLY_DELIVERED = "PARTIALLY_DELIVERED"
    DELIVERED = "DELIVERED"
    RETURNING = "RETURNING"
    RETURNED = "RETURNED"
    LOST = "LOST"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"


class Classifier(Enum):
    """Whether a milestone is planned, expected, or happened (DCSA: PLN, EST, ACT)."""

    PLANNED = "PLANNED"
    ESTIMATED = "ESTIMATED"
    ACTUAL = "ACTUAL"


class StopKind(Enum):
    """What happens at a stop."""

    PICKUP = "PICKUP"
    TERMINAL = "TERMINAL"
    TRANSSHIPMENT = "TRANSSHIPMENT"
    CUSTOMS = "CUSTOMS"
    DELIVERY = "DELIVERY"


class MilestoneCode(Enum):
    """What happened to a shipment."""

    TENDERED = "TENDERED"
    TENDER_ACCEPTED = "TENDER_ACCEPTED"
    TENDER_DECLINED = "TENDER_DECLINED"
    BOOKED = "BOOKED"
    DISPATCHED = "DISPATCHED"
    ARRIVED = "ARRIVED"
    LOADED = "LOADED"
    PICKED_UP = "PICKED_UP"
    DEPARTED = "DEPARTED"
    HANDED_OVER = "HANDED_OVER"
    GATE_IN = "GATE_IN"
    GATE_OUT = "GATE_OUT"
    CUSTOMS_HOLD = "CUSTOMS_HOLD"
    CUSTOMS_RELEASED = "CUSTOMS_RELEASED"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    DELIVERY_ATTEMPTED = "DELIVERY_ATTEMPTED"
    AVAILABLE_FOR_COLLECTION = "AVAILABLE_FOR_COLLECTION"
    UNLOADED = "UNLOADED"
    DELIVERED = "DELIVERED"
    PROOF_OF_DELIVERY = "PROOF_OF_DELIVERY"
    EXCEPTION_RAISED = "EXCEPTION_RAISED"
    EXCEPTION_CLEARED = "EXCEPTION_CLEARED"
    ETA_CHANGED = "ETA_CHANGED"
    RETURNING = "RETURNING"
    RETURNED = "RETURNED"
    LOST = "LOST"
    CANCELLED = "CANCELLED"
    DOCUMENT = "DOCUMENT"
    UNKNOWN = "UNKNOWN"


class Carrier(Model):
    """Who moves it."""

    name: Name
    scac: Annotated[str, Meta(pattern="^[A-Z]{2,4}$", description="Standard Carrier Alpha Code")] | None = None


class ProofOfDelivery(Model):
    """Who took it, and when."""

    signed_by: Label | None = None
    delivered_at: Instant
    exceptions_noted: Text | None = None
    url: Url | None = None


class Stop(Model):
    """One place on the way, in travelling order from 1."""

    sequence: int
    kind: StopKind
    location: Location
    planned_arrival: Instant | None = None
    estimated_arrival: Instant | None = None
    actual_arrival: Instant | None = None
    actual_departure: Instant | None = None


class Milestone(Model):
    """One thing that happened, or is expected to happen."""

    code: MilestoneCode
    classifier: Classifier
    occurred_at: Instant
    recorded_at: Instant
    location: Location | None = None
    description: Text | None = None
    source_code: Annotated[Name, Meta(description="The code exactly as the source sent it")]
    source: Annotated[Name, Meta(description="Configured id of the source, or the carrier that the source quotes")]
    event_id: Name | None = None


class ShipmentNumbers(Model):
    """Which goods a message is about, told beside what happened to them; what is null was not told."""

    order_numbers: tuple[Name, ...] = ()
    tracking_number: Name | None = None
    bill_of_lading: Name | None = None
    carrier: Carrier | None = None
    mode: TransportMode | None = None
    references: tuple[Reference, ...] = ()


class Shipment(Entity):
    """Goods under way with one carrier."""

    id: Name
    order_numbers: tuple[Name, ...] = ()
    tracking_number: Name | None = None
    bill_of_lading: Name | None = None
    carrier: Carrier | None = None
    mode: TransportMode = TransportMode.UNKNOWN
    status: ShipmentStatus
    source_status: SourceStatus | None = None
    exceptions: Annotated[tuple[ShipmentException, ...], Meta(description="Open ones first")] = ()
    eta: Eta | None = None
    stops: tuple[Stop, ...] = ()
    milestones: Annotated[tuple[Milestone, ...], Meta(description="Oldest first by occurredAt")] = ()
    proof_of_delivery: ProofOfDelivery | None = None
    tracking_url: Url | None = None
    url: Url | None = None
