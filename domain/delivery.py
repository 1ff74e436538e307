"""When a shipment is delivered: which of all the statements counts, and how far it can be relied on.

A delivery ends the question. A carrier's estimate goes before a prediction, a prediction before a plan, a plan before a
promise; but a prediction goes before an estimate that the carrier has not looked at for long.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta, tzinfo
from types import MappingProxyType

from msgspec.structs import replace

from domain.eta import CONFIDENCE, Eta, EtaBasis, EtaConfidence, EtaGranularity, best_eta
from domain.order import Order, OrderStatus
from domain.place import zone_named
from domain.prediction import Delivery, Lane, NotEnough, Prediction, horizon_of, instant_of, lanes_of
from domain.shipment import Classifier, MilestoneCode, Shipment, ShipmentStatus, StopKind, TransportMode
from domain.shipment_exception import ExceptionKind
from domain.statement import BEFOREHAND, value_of

S = ShipmentStatus

LONG_AGO_BY_ROAD, LONG_AGO = timedelta(hours=12), timedelta(hours=24)
"""An estimate that is older is one that the carrier has not looked at; no standard says how old that is."""

BY_ROAD = frozenset({TransportMode.LTL, TransportMode.FTL})

UPSETTING = frozenset(
    {
        ExceptionKind.DELAY,
        ExceptionKind.MISROUTED,
        ExceptionKind.ADDRESS_PROBLEM,
        ExceptionKind.RECIPIENT_UNAVAILABLE,
        ExceptionKind.REFUSED,
        ExceptionKind.LOSS,
        ExceptionKind.CUSTOMS_HOLD,
    }
)
"""What was estimated before one of these was so is not worth anything any more."""

PREDICTABLE = frozenset({S.PICKED_UP, S.IN_TRANSIT})
"""Before, nothing is on its way that could be predicted; afterwards, the carrier's van knows better."""

NEARLY_THERE = frozenset({S.OUT_FOR_DELIVERY, S.AT_DELIVERY})

RESTLESS = 3
"""After so many changes a statement is not relied on any more; it is itself worth telling."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a prediction needs to know.

    Attributes:
        estimate: what is stated, in UTC.
        lanes: the lanes of the shipment, the most like it first.
    """

    estimate: datetime
    lanes: tuple[Lane, ...]


def zone_of(shipment: Shipment) -> tzinfo | None:
    """Of the place of delivery; null: nobody says."""
    return zone_named(_zone_name(shipment))


def _zone_name(shipment: Shipment) -> str | None:
    stops = [each.location.time_zone for each in shipment.stops if each.kind is StopKind.DELIVERY]
    named = (shipment.eta.time_zone if shipment.eta else None, *reversed(stops))
    return next((each for each in named if zone_named(each)), None)


def delivered_at(shipment: Shipment) -> datetime | None:
    """When it was delivered: by its proof, else by what has happened, else by what its source says of it."""
    if shipment.proof_of_delivery is not None:
        return shipment.proof_of_delivery.delivered_at
    happened = [
        each.occurred_at
        for each in shipment.milestones
        if each.code is MilestoneCode.DELIVERED and each.classifier is Classifier.ACTUAL
    ]
    eta = shipment.eta
    if not happened and eta is not None and eta.basis is EtaBasis.ACTUAL and eta.estimated_at is not None:
        return eta.estimated_at
    return max(happened, default=None)


def delivery_of(name: str, shipment: Shipment, told_at: datetime) -> Delivery | None:
    """What there is to be learned from; null: it was not delivered, or nobody says when.

    Args:
        name: of the shipment, with its source.
        shipment: it.
        told_at: when its source said so.
    """
    at = delivered_at(shipment) if shipment.status is S.DELIVERED else None
    return None if at is None else Delivery(name, at, told_at, zone_of(shipment))


def asked_of(shipment: Shipment, stated_at: datetime | None, now: datetime) -> Asked | None:
    """What has to be known to predict its delivery; null: it is not to be predicted."""
    eta = _standing(shipment, stated_at)
    if eta is None or shipment.status not in PREDICTABLE or not _gives_way(shipment, eta, stated_at, now):
        return None
    value = value_of(eta)
    estimate = None if value is None else instant_of(value, zone_of(shipment))
    if estimate is None:
        return None
    return Asked(estimate, lanes_of(shipment, horizon_of(estimate - now), eta.basis))


def delivery_eta(
    shipment: Shipment,
    now: datetime,
    *,
    stated_at: datetime | None = None,
    promised_on: date | None = None,
    learned: Prediction | NotEnough | None = None,
) -> Eta:
    """The statement about its delivery that counts; of basis NONE if there is none.

    Args:
        shipment: as its system of record has it.
        now: when it is looked at.
        stated_at: when its source last changed anything of it, as far as it says.
        promised_on: what the customer was promised, of its orders.
        learned: what was found out on behalf of `asked_of`.
    """
    known = shipment.eta or Eta()
    zone = _zone_name(shipment)
    if shipment.status is S.DELIVERED or known.basis is EtaBasis.ACTUAL:
        return _ended(known, delivered_at(shipment), zone)
    standing = _standing(shipment, stated_at)
    if standing is None:
        return _promised(known, promised_on, zone)
    if isinstance(learned, Prediction):
        return _predicted(known, learned, zone)
    said = replace(standing, time_zone=zone, confidence=_confidence(shipment, standing, stated_at, now))
    return said if learned is None else replace(said, learned_from=learned.have, learning_needs=learned.needed)


def _ended(known: Eta, at: datetime | None, zone: str | None) -> Eta:
    if known.basis is EtaBasis.ACTUAL or at is None:
        return known if known.basis is EtaBasis.ACTUAL else _without_statement(known, zone)
    return replace(_without_statement(known, zone), **_stated(best_eta(actual=at)))


def _predicted(known: Eta, learned: Prediction, zone: str | None) -> Eta:
    """A window that ends on full hours: it is not known any better."""
    earliest, latest = _hour(learned.earliest), _hour(learned.latest + timedelta(hours=1, microseconds=-1))
    planned = known.planned_at
    return replace(
        known,
        basis=EtaBasis.PREDICTED,
        confidence=EtaConfidence.HIGH,
        granularity=EtaGranularity.HOUR,
        estimated_at=learned.estimated_at,
        earliest=earliest,
        latest=latest,
        on_date=None,
        time_zone=zone,
        coverage=learned.coverage,
        learned_from=learned.based_on,
        delay_minutes=(learned.estimated_at - planned) // timedelta(minutes=1) if planned else None,
    )


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _promised(known: Eta, promised_on: date | None, zone: str | None) -> Eta:
    """The promise; systems write the end of the calendar where there is none."""
    if promised_on is None or promised_on.year == MAXYEAR:
        return _without_statement(known, zone)
    return replace(_without_statement(known, zone), **_stated(best_eta(promised=promised_on)))


def _stated(eta: Eta) -> Mapping[str, object]:
    names = ("estimated_at", "on_date", "granularity", "basis", "confidence")
    return {name: getattr(eta, name) for name in names}


_NOTHING = MappingProxyType({**_stated(Eta()), "earliest": None, "latest": None, "delay_minutes": None})


def _without_statement(known: Eta, zone: str | None) -> Eta:
    """What was said before, without what is said now."""
    return replace(known, time_zone=zone, **_NOTHING)


def _standing(shipment: Shipment, stated_at: datetime | None) -> Eta | None:
    """The statement of its system of record, unless something has happened since that upsets it."""
    eta = shipment.eta
    if eta is None or eta.basis not in BEFOREHAND:
        return None
    said_at = eta.revised_at or stated_at
    is_upset = said_at is not None and any(at > said_at for at in _upset_at(shipment))
    return None if is_upset else eta


def _upset_at(shipment: Shipment) -> list[datetime]:
    raised = [each.raised_at for each in shipment.exceptions if each.kind in UPSETTING]
    attempted = [
        each.recorded_at
        for each in shipment.milestones
        if each.code is MilestoneCode.DELIVERY_ATTEMPTED and each.classifier is Classifier.ACTUAL
    ]
    return raised + attempted


def _gives_way(shipment: Shipment, eta: Eta, stated_at: datetime | None, now: datetime) -> bool:
    """Whether a prediction goes before it."""
    return eta.basis is not EtaBasis.CARRIER_ESTIMATE or _is_long_ago(shipment, eta, stated_at, now)


def _is_long_ago(shipment: Shipment, eta: Eta, stated_at: datetime | None, now: datetime) -> bool:
    said_at = eta.revised_at or stated_at
    return said_at is not None and now - said_at > (LONG_AGO_BY_ROAD if shipment.mode in BY_ROAD else LONG_AGO)


def _confidence(shipment: Shipment, eta: Eta, stated_at: datetime | None, now: datetime) -> EtaConfidence:
    """How far a statement of a carrier is relied on; a plan is one of which no carrier has said anything."""
    usual = CONFIDENCE[eta.basis]
    if usual is not EtaConfidence.MEDIUM:
        return usual
    is_troubled = any(each.kind in UPSETTING and each.cleared_at is None for each in shipment.exceptions)
    if is_troubled or (eta.revisions or 0) >= RESTLESS or _is_past(shipment, eta, now):
        return EtaConfidence.LOW
    if shipment.status in NEARLY_THERE:
        return EtaConfidence.HIGH
    return EtaConfidence.LOW if _is_long_ago(shipment, eta, stated_at, now) else usual


def _is_past(shipment: Shipment, eta: Eta, now: datetime) -> bool:
    """Whether it is over; of a day, once it is over everywhere if nobody says where it is."""
    if eta.on_date is not None and eta.estimated_at is None and eta.latest is None:
        return datetime.combine(eta.on_date + timedelta(days=1), time.min, zone_of(shipment) or UTC) <= now
    end = eta.latest or eta.estimated_at
    return end is not None and end < now


def promised_on(orders: Iterable[Order], shipment: Shipment) -> date | None:
    """The last day that was promised for what it carries; of orders that it does not name, if it names none."""
    named = [each for each in orders if not shipment.order_numbers or each.number in shipment.order_numbers]
    days = (each.promised_delivery_on for each in named if each.status is not OrderStatus.CANCELLED)
    return max((day for day in days if day is not None), default=None)
