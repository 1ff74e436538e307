"""What an entity looks like, given its newest snapshot and what has happened to it since."""

from collections.abc import Mapping
from datetime import datetime

from msgspec.structs import replace

from domain.entity import Entity
from domain.identity import EntityKind
from domain.known import LONG_AGO, Happening, Known
from domain.shipment import Classifier, Milestone, MilestoneCode, Shipment, ShipmentStatus

MOVES_TO: Mapping[MilestoneCode, ShipmentStatus] = {
    MilestoneCode.TENDERED: ShipmentStatus.TENDERED,
    MilestoneCode.TENDER_ACCEPTED: ShipmentStatus.BOOKED,
    MilestoneCode.BOOKED: ShipmentStatus.BOOKED,
    MilestoneCode.DISPATCHED: ShipmentStatus.DISPATCHED,
    MilestoneCode.LOADED: ShipmentStatus.LOADED,
    MilestoneCode.PICKED_UP: ShipmentStatus.PICKED_UP,
    MilestoneCode.DEPARTED: ShipmentStatus.IN_TRANSIT,
    MilestoneCode.HANDED_OVER: ShipmentStatus.IN_TRANSIT,
    MilestoneCode.OUT_FOR_DELIVERY: ShipmentStatus.OUT_FOR_DELIVERY,
    MilestoneCode.DELIVERY_ATTEMPTED: ShipmentStatus.DELIVERY_ATTEMPTED,
    MilestoneCode.AVAILABLE_FOR_COLLECTION: ShipmentStatus.AVAILABLE_FOR_COLLECTION,
    MilestoneCode.DELIVERED: ShipmentStatus.DELIVERED,
    MilestoneCode.PROOF_OF_DELIVERY: ShipmentStatus.DELIVERED,
    MilestoneCode.RETURNING: ShipmentStatus.RETURNING,
    MilestoneCode.RETURNED: ShipmentStatus.RETURNED,
    MilestoneCode.LOST: ShipmentStatus.LOST,
    MilestoneCode.CANCELLED: ShipmentStatus.CANCELLED,
}
"""Which status a milestone that has happened moves a shipment to; all others move nothing."""

_RANK = tuple(MilestoneCode)


def content_of(known: Known) -> Entity | None:
    """The entity as far as it is known; null if there is none, or nothing is known of it.

    Milestones that were told one by one are added to those of the snapshot. Of those that the snapshot cannot have
    known, the latest to have happened moves the status; PLANNED and ESTIMATED never do. Going back is legal.
    """
    current = known.current
    if known.key.kind is not EntityKind.SHIPMENT or not known.occurrences or (current and current.content is None):
        return current.content if current else None
    base = current.content if current else Shipment(id=known.key.id, status=ShipmentStatus.UNKNOWN)
    assert isinstance(base, Shipment)  # noqa: S101  # see `MODELS`
    return _moved(base, current.moment if current else LONG_AGO, known.happened)


def changed_at(known: Known) -> datetime | None:
    """When the source last changed it, as far as it says: in the snapshot, or by what it told since."""
    said = [known.current.as_of] if known.current and known.current.as_of else []
    return max((*said, *(each.recorded_at for each in known.happened)), default=None)


def _moved(base: Shipment, seen_at: datetime, happened: tuple[Happening, ...]) -> Shipment:
    told = [each for each in happened if isinstance(each.content, Milestone)]
    milestones = {_identity(each): each for each in base.milestones}
    milestones |= {_identity(each.content): each.content for each in told if isinstance(each.content, Milestone)}
    news = [each.content for each in told if each.recorded_at > seen_at and isinstance(each.content, Milestone)]
    moving = [each for each in news if each.classifier is Classifier.ACTUAL and each.code in MOVES_TO]
    latest = max(moving, key=_order, default=None)
    return replace(
        base,
        milestones=tuple(sorted(milestones.values(), key=_order)),
        status=base.status if latest is None else MOVES_TO[latest.code],
        source_status=base.source_status if latest is None else latest.source_code,
    )


def _identity(milestone: Milestone) -> tuple[object, ...]:
    return (
        (milestone.event_id,) if milestone.event_id else (milestone.code, milestone.classifier, milestone.occurred_at)
    )


def _order(milestone: Milestone) -> tuple[datetime, int]:
    """By time; rank breaks ties of equal time only."""
    return (milestone.occurred_at, _RANK.index(milestone.code))
