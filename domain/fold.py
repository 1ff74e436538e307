"""What an entity looks like, given its newest snapshot and what has happened to it since."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar, cast

from msgspec.structs import replace

from domain.entity import Entity
from domain.eta import Eta, EtaBasis, best_eta
from domain.fulfillment import Fulfillment, FulfillmentLine, FulfillmentStatus, Progress
from domain.identity import EntityKind, Reference
from domain.known import LONG_AGO, Happening, Known
from domain.model import Model
from domain.observation import Channel
from domain.shipment import (
    Classifier,
    Milestone,
    MilestoneCode,
    Shipment,
    ShipmentNumbers,
    ShipmentStatus,
    TransportMode,
)
from domain.statement import OF_DELIVERY, with_history

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

HAPPENINGS: Mapping[EntityKind, tuple[type[Model], ...]] = {
    EntityKind.SHIPMENT: (Milestone, ShipmentNumbers),
    EntityKind.FULFILLMENT: (Progress,),
}
"""What can be told one by one of the entities of a kind."""

_MILESTONE_RANK = tuple(MilestoneCode)
_STEP_RANK = tuple(FulfillmentStatus)

T = TypeVar("T", bound=Model)


@dataclass(frozen=True, slots=True)
class _Told:
    """What was told of one entity.

    Attributes:
        name: its id.
        base: its newest snapshot.
        seen_at: when that was true.
        happened: what was told one by one, in an order that is always the same.
    """

    name: str
    base: Any
    seen_at: datetime
    happened: tuple[Happening, ...]

    def all(self, model: type[T]) -> tuple[T, ...]:
        """Everything of this kind."""
        return tuple(each.content for each in self.happened if isinstance(each.content, model))

    def news(self, model: type[T]) -> tuple[T, ...]:
        """What the snapshot cannot have known."""
        return tuple(
            each.content
            for each in self.happened
            if isinstance(each.content, model) and each.recorded_at > self.seen_at
        )


@dataclass(frozen=True, slots=True)
class Look:
    """What an entity looks like to whoever looks at it.

    Attributes:
        content: see `content_of`.
        changed_at: see `changed_at`.
        is_told: whether the newest that is known of it was told, and not asked for.
    """

    content: Entity | None
    changed_at: datetime | None
    is_told: bool


def look_of(known: Known) -> Look:
    """What a state looks like; made once, as a state never changes and all who read it share it."""
    try:
        return cast("Look", known.look)
    except AttributeError:
        look = _look(known)
        object.__setattr__(known, "look", look)
        return look


def content_of(known: Known) -> Entity | None:
    """The entity as far as it is known; null if there is none, or too little is known of it to show it.

    What was told one by one is added to the snapshot. Of that which the snapshot cannot have known, the latest to have
    happened moves the status; PLANNED and ESTIMATED never do. Going back is legal.
    """
    return look_of(known).content


def changed_at(known: Known) -> datetime | None:
    """When the source last changed it, as far as it says: in the snapshot, or by what it told since."""
    return look_of(known).changed_at


def _look(known: Known) -> Look:
    content, current, happened = _folded(known), known.current, known.happened
    if isinstance(content, Shipment) and known.statements:
        content = with_history(content, known.statements)
    said = [current.as_of] if current and current.as_of else []
    return Look(
        content,
        changed_at=max((*said, *(each.recorded_at for each in happened)), default=None),
        is_told=current is None or current.channel is Channel.EVENT or bool(happened),
    )


def _folded(known: Known) -> Entity | None:
    current, fold = known.current, _FOLDS.get(known.key.kind)
    if fold is None or not known.occurrences or (current and current.content is None):
        return current.content if current else None
    in_order = tuple(sorted(known.happened, key=lambda each: each.rank))
    seen = (current.content, current.moment) if current else (None, LONG_AGO)
    return fold(_Told(known.key.id, *seen, in_order))


def _shipment(told: _Told) -> Shipment:
    base = _numbered(told.base or Shipment(id=told.name, status=ShipmentStatus.UNKNOWN), told.all(ShipmentNumbers))
    milestones = {_identity(each): each for each in (*base.milestones, *told.all(Milestone))}
    moving = [each for each in told.news(Milestone) if each.classifier is Classifier.ACTUAL and each.code in MOVES_TO]
    latest = max(moving, key=_milestone_order, default=None)
    status = base.status if latest is None else MOVES_TO[latest.code]
    return replace(
        base,
        milestones=tuple(sorted(milestones.values(), key=_milestone_order)),
        status=status,
        source_status=base.source_status if latest is None else latest.source_code,
        eta=_eta(base.eta, told.news(Milestone), is_delivered=status is ShipmentStatus.DELIVERED),
    )


def _eta(known: Eta | None, news: Iterable[Milestone], *, is_delivered: bool) -> Eta | None:
    """What the snapshot says, unless milestones that it cannot have known say something of the delivery.

    Of each kind of statement the one counts that was made last. An estimate of before it was delivered is none of a
    delivery.
    """
    of_delivery = [each for each in news if each.code in OF_DELIVERY]
    if not of_delivery:
        return known
    made = {
        classifier: max(each, key=lambda one: (one.recorded_at, one.occurred_at))
        for classifier in Classifier
        if (each := [one for one in of_delivery if one.classifier is classifier])
    }
    actual, estimate, planned = (made.get(each) for each in _FIRST_COUNTS)
    counting = (actual if is_delivered else None) or estimate or planned
    if counting is None:
        return known
    return best_eta(
        actual=actual.occurred_at if is_delivered and actual else None,
        estimate=estimate.occurred_at if estimate else None,
        planned=planned.occurred_at if planned else _planned(known),
        time_zone=known.time_zone if known else None,
        revised_at=counting.recorded_at,
    )


def _planned(known: Eta | None) -> datetime | date | None:
    if known is None:
        return None
    return known.planned_at or (known.on_date if known.basis is EtaBasis.PLANNED else None)


_FIRST_COUNTS = (Classifier.ACTUAL, Classifier.ESTIMATED, Classifier.PLANNED)


def _numbered(base: Shipment, told: Iterable[ShipmentNumbers]) -> Shipment:
    """The shipment with what messages called it; of what can be only one, the snapshot's, else the latest told."""
    for each in told:
        is_mode_known = base.mode is not TransportMode.UNKNOWN
        base = replace(
            base,
            order_numbers=_union(base.order_numbers, each.order_numbers),
            references=_union(base.references, each.references),
            tracking_number=base.tracking_number or each.tracking_number,
            bill_of_lading=base.bill_of_lading or each.bill_of_lading,
            carrier=base.carrier or each.carrier,
            mode=base.mode if is_mode_known else each.mode or TransportMode.UNKNOWN,
        )
    return base


def _fulfillment(told: _Told) -> Fulfillment | None:
    steps = sorted(told.all(Progress), key=_step_order, reverse=True)
    base = told.base or _begun(told.name, steps)
    if base is None:
        return None
    news = sorted(told.news(Progress), key=_step_order, reverse=True)
    latest = next((each for each in news if each.status is not FulfillmentStatus.UNKNOWN), None)
    packages = {each.id: each for each in (*(each for step in news for each in step.packages), *base.packages)}
    return replace(
        base,
        status=base.status if latest is None else latest.status,
        source_status=base.source_status if latest is None else latest.source_code,
        warehouse=base.warehouse or next((each.warehouse for each in steps if each.warehouse), None),
        released_at=base.released_at or _reached(steps, FulfillmentStatus.RELEASED),
        picked_at=base.picked_at or _reached(steps, FulfillmentStatus.PICKED),
        packed_at=base.packed_at or _reached(steps, FulfillmentStatus.PACKED),
        shipped_at=base.shipped_at or _reached(steps, FulfillmentStatus.SHIPPED),
        lines=tuple(_counted(line, news) for line in base.lines),
        packages=tuple(packages[name] for name in sorted(packages)),
        references=_union(base.references, (each for step in steps for each in step.references)),
    )


def _begun(name: str, steps: Iterable[Progress]) -> Fulfillment | None:
    """A fulfillment of which only steps are known; without an order it belongs to nothing that could be shown."""
    number = next((each.order_number for each in steps if each.order_number), None)
    return Fulfillment(id=name, order_number=number, status=FulfillmentStatus.UNKNOWN) if number else None


def _reached(steps: Iterable[Progress], status: FulfillmentStatus) -> datetime | None:
    return next((each.occurred_at for each in steps if each.status is status), None)


def _counted(line: FulfillmentLine, news: Iterable[Progress]) -> FulfillmentLine:
    """The line with what has moved since."""
    moved = dict.fromkeys((FulfillmentStatus.PICKED, FulfillmentStatus.PACKED, FulfillmentStatus.SHIPPED), Decimal(0))
    for step in news:
        if step.status in moved:
            moved[step.status] += sum((each.quantity for each in step.quantities if each.sku == line.sku), Decimal(0))
    return replace(
        line,
        picked_quantity=line.picked_quantity + moved[FulfillmentStatus.PICKED],
        packed_quantity=_more(line.packed_quantity, moved[FulfillmentStatus.PACKED]),
        shipped_quantity=_more(line.shipped_quantity, moved[FulfillmentStatus.SHIPPED]),
    )


def _more(quantity: Decimal | None, moved: Decimal) -> Decimal | None:
    return (quantity or Decimal(0)) + moved if moved else quantity


def _union(one: tuple[Any, ...], other: Iterable[Any]) -> tuple[Any, ...]:
    """Those of the snapshot first; the rest in an order that is always the same."""
    more = {each for each in other if each not in one}
    return (*one, *sorted(more, key=_spelling))


def _spelling(each: str | Reference) -> tuple[str, ...]:
    return (each,) if isinstance(each, str) else (each.scheme.value, each.value, each.issuer or "")


_FOLDS: Mapping[EntityKind, Callable[[_Told], Entity | None]] = {
    EntityKind.SHIPMENT: _shipment,
    EntityKind.FULFILLMENT: _fulfillment,
}


def _identity(milestone: Milestone) -> tuple[object, ...]:
    return (
        (milestone.event_id,) if milestone.event_id else (milestone.code, milestone.classifier, milestone.occurred_at)
    )


def _milestone_order(milestone: Milestone) -> tuple[datetime, int]:
    """By time; rank breaks ties of equal time only."""
    return (milestone.occurred_at, _MILESTONE_RANK.index(milestone.code))


def _step_order(step: Progress) -> tuple[datetime, int]:
    """By time; rank breaks ties of equal time only."""
    return (step.occurred_at, _STEP_RANK.index(step.status))
