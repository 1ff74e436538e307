"""Where work stands, and until when it should have moved on: one row of the stall board for each.

A row depends on what is known alone, not on the time: it says by when the next step is expected, and it is overdue once
that has passed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import Enum
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from domain.billing import Invoice, InvoiceStatus
from domain.case_view import Section
from domain.discrepancy import SILENCES
from domain.eta import Eta
from domain.freshness import Freshness
from domain.fulfillment import Fulfillment, FulfillmentStatus
from domain.identity import EntityKind
from domain.money import Money
from domain.order import Order, OrderStatus
from domain.place import zone_named
from domain.returns import Return, ReturnStatus
from domain.shipment import Classifier, MilestoneCode, Shipment, ShipmentStatus, TransportMode
from domain.working_time import WorkingTime


class Stage(Enum):
    """Between which two steps work stands."""

    RELEASED_NOT_PICKED = "RELEASED_NOT_PICKED"
    PICKED_NOT_SHIPPED = "PICKED_NOT_SHIPPED"
    TENDERED_NOT_ACCEPTED = "TENDERED_NOT_ACCEPTED"
    DISPATCHED_NOT_PICKED_UP = "DISPATCHED_NOT_PICKED_UP"
    IN_TRANSIT_SILENT = "IN_TRANSIT_SILENT"
    PAST_ETA = "PAST_ETA"
    DELIVERED_NOT_INVOICED = "DELIVERED_NOT_INVOICED"
    RETURN_NOT_CREDITED = "RETURN_NOT_CREDITED"


HOUR, DAY = timedelta(hours=1), timedelta(days=1)

ALLOWANCES: Mapping[Stage, timedelta] = MappingProxyType(
    {
        Stage.RELEASED_NOT_PICKED: 8 * HOUR,
        Stage.PICKED_NOT_SHIPPED: 8 * HOUR,
        Stage.TENDERED_NOT_ACCEPTED: 4 * HOUR,
        Stage.DISPATCHED_NOT_PICKED_UP: 8 * HOUR,
        Stage.IN_TRANSIT_SILENT: 2 * DAY,
        Stage.PAST_ETA: 4 * HOUR,
        Stage.DELIVERED_NOT_INVOICED: 16 * HOUR,
        Stage.RETURN_NOT_CREDITED: 24 * HOUR,
    }
)
"""How long work may stand, by stage; of those that wait for a site, in its working time."""

ROUND_THE_CLOCK = frozenset({Stage.IN_TRANSIT_SILENT, Stage.PAST_ETA})
"""Stages that do not wait for a site to work."""

CLOSED = frozenset({OrderStatus.CANCELLED, OrderStatus.DRAFT})
TO_BE_PICKED = frozenset(
    {
        FulfillmentStatus.RELEASED,
        FulfillmentStatus.WAITING_STOCK,
        FulfillmentStatus.ALLOCATED,
        FulfillmentStatus.PARTIALLY_PICKED,
        FulfillmentStatus.ON_HOLD,
        FulfillmentStatus.INCOMPLETE,
    }
)
TO_BE_SHIPPED = frozenset(
    {FulfillmentStatus.PICKED, FulfillmentStatus.PACKED, FulfillmentStatus.STAGED, FulfillmentStatus.LOADED}
)
TO_BE_PICKED_UP = frozenset({ShipmentStatus.DISPATCHED, ShipmentStatus.AT_PICKUP, ShipmentStatus.LOADED})
MOVING = frozenset(
    {
        ShipmentStatus.PICKED_UP,
        ShipmentStatus.IN_TRANSIT,
        ShipmentStatus.OUT_FOR_DELIVERY,
        ShipmentStatus.DELIVERY_ATTEMPTED,
    }
)
BILLED = frozenset(
    {
        InvoiceStatus.OPEN,
        InvoiceStatus.PARTIALLY_PAID,
        InvoiceStatus.IN_PAYMENT,
        InvoiceStatus.PAID,
        InvoiceStatus.OVERDUE,
        InvoiceStatus.CREDITED,
    }
)
ARRIVED_BACK = frozenset({ReturnStatus.RECEIVED, ReturnStatus.INSPECTED, ReturnStatus.RESTOCKED, ReturnStatus.DISPOSED})

ALWAYS_WORKING = WorkingTime()


@dataclass(frozen=True, slots=True)
class Allowances:
    """What work is measured with.

    Attributes:
        stages: how long it may stand, by stage; missing: `ALLOWANCES`.
        silences: how long a shipment may be silent, by means of transport; missing: `SILENCES`, else the stage's own.
        sites: when each warehouse works, by its code.
        elsewhere: when everybody else does.
    """

    stages: Mapping[Stage, timedelta] = field(default_factory=dict)
    silences: Mapping[TransportMode, timedelta] = field(default_factory=dict)
    sites: Mapping[str, WorkingTime] = field(default_factory=dict)
    elsewhere: WorkingTime = ALWAYS_WORKING

    def due(
        self, stage: Stage, since: datetime, warehouse: str | None = None, mode: TransportMode | None = None
    ) -> datetime:
        """By when work that stands since a moment should have moved on."""
        allowance = self.stages.get(stage, ALLOWANCES[stage])
        if stage is Stage.IN_TRANSIT_SILENT and mode is not None:
            allowance = self.silences.get(mode, SILENCES.get(mode, allowance))
        if stage in ROUND_THE_CLOCK:
            return since + allowance
        return self.sites.get(warehouse or "", self.elsewhere).after(since, allowance)


class Standing(Struct, frozen=True):
    """One row of the board.

    Attributes:
        stage: where it stands.
        since: since when.
        expected_by: when the next step is due.
        order_number: whose work it is.
        kind: of the entity that stands.
        entity: its id at its source.
        source: configured id of the source that says so.
        shipment_id: if it is a shipment.
        customer_id: who waits for it.
        warehouse: where it stands, if it is in one.
        carrier: who has it, or should.
        scac: the carrier's Standard Carrier Alpha Code.
        last_event: the last that is known to have happened, as its source calls it.
        case_numbers: service cases about it.
        value_at_risk: what the order is worth.
    """

    stage: Stage
    since: datetime
    expected_by: datetime
    order_number: str
    kind: EntityKind
    entity: str
    source: str
    shipment_id: str | None = None
    customer_id: str | None = None
    warehouse: str | None = None
    carrier: str | None = None
    scac: str | None = None
    last_event: str | None = None
    case_numbers: tuple[str, ...] = ()
    value_at_risk: Money | None = None


@dataclass(frozen=True, slots=True)
class _Work:
    """What is known of one order, and what its work is measured with."""

    order: Order | None
    number: str
    sections: Mapping[EntityKind, Section]
    allowances: Allowances
    case_numbers: tuple[str, ...]

    def nodes(self, kind: EntityKind) -> Iterator[tuple[Any, Freshness]]:
        section = self.sections.get(kind)
        return iter(()) if section is None else zip(section.nodes, section.node_freshness, strict=True)

    def standing(
        self,
        stage: Stage,
        since: datetime | None,
        entity: Any,  # noqa: ANN401  # any entity
        freshness: Freshness,
        **more: Any,  # noqa: ANN401  # the rest of the row
    ) -> Iterator[Standing]:
        """The row, if it is known since when it stands."""
        if since is None or freshness.source is None:
            return
        kind = KIND_OF[type(entity)]
        yield Standing(
            stage=stage,
            since=since,
            expected_by=self.allowances.due(stage, since, more.get("warehouse"), getattr(entity, "mode", None)),
            order_number=self.number,
            kind=kind,
            entity=getattr(entity, "id", None) or entity.number,
            source=freshness.source,
            customer_id=self.order.customer_id if self.order else None,
            case_numbers=self.case_numbers,
            value_at_risk=self.order.total if self.order else None,
            **more,
        )


KIND_OF: Mapping[type, EntityKind] = {
    Fulfillment: EntityKind.FULFILLMENT,
    Shipment: EntityKind.SHIPMENT,
    Order: EntityKind.ORDER,
    Return: EntityKind.RETURN,
}

STANDING_KINDS = frozenset(
    {
        EntityKind.ORDER,
        EntityKind.FULFILLMENT,
        EntityKind.SHIPMENT,
        EntityKind.INVOICE,
        EntityKind.RETURN,
        EntityKind.SERVICE_CASE,
    }
)
"""What has to be known to say where work stands."""


def standings_of(
    number: str, sections: Mapping[EntityKind, Section], allowances: Allowances | None = None
) -> tuple[Standing, ...]:
    """Where the work of one order stands.

    Args:
        number: of the order.
        sections: its view.
        allowances: what it is measured with.
    """
    orders = [order for order in _nodes(sections, EntityKind.ORDER) if order.number == number]
    order = next(iter(orders), None)
    if order is not None and order.status in CLOSED:
        return ()
    cases = tuple(sorted(case.number for case in _nodes(sections, EntityKind.SERVICE_CASE)))
    work = _Work(order, number, sections, allowances or Allowances(), cases)
    found = [standing for look in _LOOKS for standing in look(work)]
    return tuple(sorted(found, key=lambda each: (each.expected_by, each.stage.value, each.entity)))


def _nodes(sections: Mapping[EntityKind, Section], kind: EntityKind) -> Sequence[Any]:
    return sections[kind].nodes if kind in sections else ()


def _in_the_warehouse(work: _Work) -> Iterator[Standing]:
    for each, freshness in work.nodes(EntityKind.FULFILLMENT):
        more = {"warehouse": each.warehouse, "last_event": each.source_status or each.status.value}
        if each.status in TO_BE_PICKED:
            since = each.released_at or freshness.as_of
            yield from work.standing(Stage.RELEASED_NOT_PICKED, since, each, freshness, **more)
        if each.status in TO_BE_SHIPPED:
            since = each.picked_at or freshness.as_of
            yield from work.standing(Stage.PICKED_NOT_SHIPPED, since, each, freshness, **more)


def _with_the_carrier(work: _Work) -> Iterator[Standing]:
    for each, freshness in work.nodes(EntityKind.SHIPMENT):
        carried = _carried(each)
        for stage, since in _stages_of(each, freshness):
            yield from work.standing(stage, since, each, freshness, **carried)


def _stages_of(shipment: Shipment, freshness: Freshness) -> Iterator[tuple[Stage, datetime | None]]:
    heard = _last_heard(shipment)
    if shipment.status is ShipmentStatus.TENDERED:
        yield Stage.TENDERED_NOT_ACCEPTED, heard or freshness.as_of
    if shipment.status in TO_BE_PICKED_UP:
        yield Stage.DISPATCHED_NOT_PICKED_UP, heard or freshness.as_of
    if shipment.status in MOVING:
        yield Stage.IN_TRANSIT_SILENT, heard
        yield Stage.PAST_ETA, _over(shipment.eta) if shipment.eta else None


def _carried(shipment: Shipment) -> Mapping[str, str | None]:
    happened = (each.source_code for each in reversed(shipment.milestones) if each.classifier is Classifier.ACTUAL)
    last = next(happened, None)
    return {
        "shipment_id": shipment.id,
        "carrier": shipment.carrier.name if shipment.carrier else None,
        "scac": shipment.carrier.scac if shipment.carrier else None,
        "last_event": last or shipment.source_status or shipment.status.value,
    }


def _delivered(work: _Work) -> Iterator[Standing]:
    shipments = [each for each in work.nodes(EntityKind.SHIPMENT) if each[0].status is not ShipmentStatus.CANCELLED]
    is_delivered = bool(shipments) and all(each.status is ShipmentStatus.DELIVERED for each, _ in shipments)
    is_billed = any(_is_bill_of(each, work.number) for each in _nodes(work.sections, EntityKind.INVOICE))
    is_billing_known = EntityKind.INVOICE in work.sections and work.sections[EntityKind.INVOICE].is_known
    if is_delivered and is_billing_known and not is_billed:
        last, freshness = max(shipments, key=lambda each: _delivered_at(*each) or _NEVER)
        since = _delivered_at(last, freshness)
        yield from work.standing(Stage.DELIVERED_NOT_INVOICED, since, last, freshness, **_carried(last))


def _returned(work: _Work) -> Iterator[Standing]:
    is_credited = any(each.credits for each in _nodes(work.sections, EntityKind.INVOICE))
    for each, freshness in work.nodes(EntityKind.RETURN):
        if each.status in ARRIVED_BACK and not is_credited:
            since = each.received_at or freshness.as_of
            last = each.source_status or each.status.value
            yield from work.standing(Stage.RETURN_NOT_CREDITED, since, each, freshness, last_event=last)


_LOOKS: Sequence[Callable[[_Work], Iterator[Standing]]] = (_in_the_warehouse, _with_the_carrier, _delivered, _returned)

_NEVER = datetime.min.replace(tzinfo=UTC)


def _last_heard(shipment: Shipment) -> datetime | None:
    """When the last of which anything is known happened; a word that nobody knows is no news of the goods."""
    happened = (
        each.occurred_at
        for each in shipment.milestones
        if each.classifier is Classifier.ACTUAL and each.code is not MilestoneCode.UNKNOWN
    )
    return max(happened, default=None)


def _over(eta: Eta) -> datetime | None:
    """When the estimate is past: a day is, at its end in the delivery place's own zone."""
    if eta.on_date is None or eta.estimated_at:
        return eta.latest or eta.estimated_at
    return datetime.combine(eta.on_date + DAY, time.min, zone_named(eta.time_zone) or UTC).astimezone(UTC)


def _is_bill_of(invoice: Invoice, number: str) -> bool:
    return invoice.status in BILLED and (not invoice.order_numbers or number in invoice.order_numbers)


def _delivered_at(shipment: Shipment, freshness: Freshness) -> datetime | None:
    return shipment.proof_of_delivery.delivered_at if shipment.proof_of_delivery else freshness.as_of
