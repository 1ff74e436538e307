"""What goes wrong on the way, and who is responsible."""

from enum import Enum

from domain.model import Instant, Model, Name, Text


class ExceptionKind(Enum):
    """What went wrong on the way."""

    DELAY = "DELAY"
    HOLD = "HOLD"
    CUSTOMS_HOLD = "CUSTOMS_HOLD"
    DAMAGE = "DAMAGE"
    SHORTAGE = "SHORTAGE"
    OVERAGE = "OVERAGE"
    LOSS = "LOSS"
    REFUSED = "REFUSED"
    MISROUTED = "MISROUTED"
    ADDRESS_PROBLEM = "ADDRESS_PROBLEM"
    RECIPIENT_UNAVAILABLE = "RECIPIENT_UNAVAILABLE"
    APPOINTMENT = "APPOINTMENT"
    EQUIPMENT = "EQUIPMENT"
    INCIDENT = "INCIDENT"
    WEATHER = "WEATHER"
    CREDIT_HOLD = "CREDIT_HOLD"
    DOCUMENTS = "DOCUMENTS"
    REGULATORY = "REGULATORY"
    INSPECTION = "INSPECTION"
    TENDER_DECLINED = "TENDER_DECLINED"
    STOCK = "STOCK"
    SUBSTITUTION = "SUBSTITUTION"
    QUALITY = "QUALITY"
    OTHER = "OTHER"


class Party(Enum):
    """Who is responsible for an exception."""

    CARRIER = "CARRIER"
    SHIPPER = "SHIPPER"
    CONSIGNEE = "CONSIGNEE"
    CUSTOMS = "CUSTOMS"
    FORCE_MAJEURE = "FORCE_MAJEURE"
    UNKNOWN = "UNKNOWN"


class ShipmentException(Model):
    """An axis of its own: an exception never moves the status, and has a lifetime."""

    kind: ExceptionKind
    party: Party
    detail: Text | None = None
    source_code: Name | None = None
    raised_at: Instant
    cleared_at: Instant | None = None
