"""Claims against carriers, insurers or ourselves."""

from enum import Enum
from typing import Annotated

from msgspec import Meta

from domain.entity import Entity, SourceStatus, Url
from domain.model import Day, Instant, Model, Name, Text
from domain.money import Money


class ClaimKind(Enum):
    """What is claimed."""

    DAMAGE = "DAMAGE"
    LOSS = "LOSS"
    SHORTAGE = "SHORTAGE"
    THEFT = "THEFT"
    DELAY = "DELAY"
    OVERCHARGE = "OVERCHARGE"
    OTHER = "OTHER"


class ClaimStatus(Enum):
    """How far a claim is."""

    DRAFT = "DRAFT"
    FILED = "FILED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    IN_REVIEW = "IN_REVIEW"
    INFO_NEEDED = "INFO_NEEDED"
    OFFERED = "OFFERED"
    APPROVED = "APPROVED"
    PARTIALLY_APPROVED = "PARTIALLY_APPROVED"
    DECLINED = "DECLINED"
    PAID = "PAID"
    WITHDRAWN = "WITHDRAWN"
    CLOSED = "CLOSED"
    UNKNOWN = "UNKNOWN"


class ClaimDeadlines(Model):
    """Until when who has to act."""

    file_by: Day | None = None
    acknowledge_by: Day | None = None
    resolve_by: Day | None = None


class ClaimDocument(Model):
    """One piece of evidence."""

    kind: Name
    is_present: bool
    url: Url | None = None


class Claim(Entity):
    """What is demanded for damage, loss or delay, and how far that is."""

    number: Name
    shipment_id: Name | None = None
    tracking_number: Name | None = None
    order_number: Name | None = None
    kind: ClaimKind
    status: ClaimStatus
    source_status: SourceStatus | None = None
    description: Annotated[Text, Meta(description="What the claimant wrote")] | None = None
    carrier_reference: Name | None = None
    amount: Money | None = None
    filed_on: Day | None = None
    updated_at: Instant | None = None
    deadlines: ClaimDeadlines | None = None
    documents: tuple[ClaimDocument, ...] = ()
    url: Url | None = None
