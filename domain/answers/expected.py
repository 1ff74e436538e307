"""When a shipment is expected, put so that it can be said: a window before a moment, a moment before a day."""

from dataclasses import dataclass
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta, tzinfo

from domain import delivery
from domain.delivery import zone_of
from domain.eta import Eta, EtaBasis
from domain.saying import Window
from domain.shipment import Shipment


@dataclass(frozen=True, slots=True)
class Expected:
    """What is stated about a delivery that has not happened.

    Attributes:
        when: window, moment or day, in the zone of the place of delivery as far as that is known.
        until: when the statement is past.
        basis: what it rests on.
    """

    when: Window | datetime | date
    until: datetime
    basis: EtaBasis


def expected_of(shipment: Shipment) -> Expected | None:
    """When it is expected; null if nothing supports a statement, or it has happened."""
    eta = shipment.eta
    if eta is None or eta.basis in {EtaBasis.NONE, EtaBasis.ACTUAL}:
        return None
    if any(told is not None and is_open_ended(told) for told in (eta.latest, eta.estimated_at, eta.on_date)):
        return None
    zone = zone_of(shipment)
    when = _when(eta, zone)
    return None if when is None else Expected(when, _until(when, zone), eta.basis)


def delivered_at(shipment: Shipment) -> datetime | None:
    """When it was delivered, at the place of delivery."""
    moment = delivery.delivered_at(shipment)
    return None if moment is None else _at(moment, zone_of(shipment))


def is_open_ended(day: date) -> bool:
    """Whether it is the end of the calendar, which is how systems write that there is no date."""
    return day.year == MAXYEAR


def end_of(day: date, zone: tzinfo | None = None) -> datetime:
    """The end of a day, at its place as far as that is known."""
    return datetime.combine(day + timedelta(days=1), time.min, zone or UTC)


def _when(eta: Eta, zone: tzinfo | None) -> Window | datetime | date | None:
    if eta.earliest and eta.latest and eta.earliest < eta.latest:
        return Window(_at(eta.earliest, zone), _at(eta.latest, zone))
    instant = eta.estimated_at or eta.latest
    return _at(instant, zone) if instant else eta.on_date


def _until(when: Window | datetime | date, zone: tzinfo | None) -> datetime:
    last = when.latest if isinstance(when, Window) else when
    return last if isinstance(last, datetime) else end_of(last, zone)


def _at(moment: datetime, zone: tzinfo | None) -> datetime:
    return moment.astimezone(zone) if zone else moment
