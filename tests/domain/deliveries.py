"""A made-up history of deliveries, to try predictions on: carriers that err as carriers do.

Errors have heavy tails, lognormal or Student's t with three degrees of freedom; what would come on a Sunday comes on
Monday; carriers get slowly better and worse, and may change from one day to the next. Nothing here knows how
predictions are made.
"""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.eta import EtaBasis
from domain.place import Location
from domain.prediction import Delivery
from domain.shipment import Carrier, Shipment, ShipmentStatus, Stop, StopKind, TransportMode
from domain.statement import Statement

START = datetime(2025, 9, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SUNDAY = 6


@dataclass(frozen=True, slots=True)
class Delivered:
    """One shipment, from its dispatch to its end; `asked_at` has nothing to do with how it went."""

    shipment: Shipment
    delivery: Delivery
    statements: Sequence[Statement]
    asked_at: datetime


def lognormal(chance: random.Random) -> float:
    """Mostly a bit early, now and then very late."""
    return chance.lognormvariate(0, 0.9) - 1


def student(chance: random.Random) -> float:
    """Early as often as late, and either by much now and then."""
    return chance.gauss(0, 1) / math.sqrt(chance.gammavariate(1.5, 2) / 3)


@dataclass(frozen=True, slots=True)
class Service:
    """What one carrier does between two places.

    Attributes:
        carrier: who.
        mode: by what means.
        origin: country and postal code.
        destination: country and postal code.
        zone: of the destination.
        transit: how long it should take.
        spread: of the errors, as a unit of their tails.
        tail: how errors are distributed.
        bias: how late on the average.
        says_days: whether it estimates days, not hours.
    """

    carrier: Carrier
    mode: TransportMode
    origin: tuple[str, str]
    destination: tuple[str, str]
    zone: str
    transit: timedelta
    spread: timedelta
    tail: Callable[[random.Random], float]
    bias: timedelta = timedelta(0)
    says_days: bool = False

    @property
    def shipment(self) -> Shipment:
        """What each of its shipments looks like, but for its number."""
        ends = ((StopKind.PICKUP, self.origin), (StopKind.DELIVERY, self.destination))
        stops = [
            Stop(sequence=place, kind=kind, location=Location(country_code=country, postal_code=postal))
            for place, (kind, (country, postal)) in enumerate(ends, start=1)
        ]
        return Shipment(
            id="S", carrier=self.carrier, mode=self.mode, status=ShipmentStatus.DELIVERED, stops=tuple(stops)
        )


ROAD = Carrier(name="Old Dominion", scac="ODFL")
PARCELS = Carrier(name="United Parcel Service", scac="UPSN")
SEA = Carrier(name="Hapag-Lloyd")

SERVICES = (
    Service(ROAD, TransportMode.LTL, ("US", "60601"), ("US", "30301"), "America/New_York", 3 * DAY, 5 * HOUR, lognormal),
    Service(ROAD, TransportMode.LTL, ("US", "75201"), ("US", "98101"), "America/Los_Angeles", 5 * DAY, 9 * HOUR, student),
    Service(PARCELS, TransportMode.PARCEL, ("US", "40201"), ("US", "10001"), "America/New_York", 2 * DAY, 3 * HOUR, student, says_days=True),
    Service(PARCELS, TransportMode.PARCEL, ("DE", "60311"), ("FR", "75001"), "Europe/Paris", 4 * DAY, 6 * HOUR, lognormal, says_days=True),
    Service(SEA, TransportMode.OCEAN, ("CN", "200000"), ("DE", "20457"), "Europe/Berlin", 30 * DAY, 30 * HOUR, student, 20 * HOUR),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """From a day on, every carrier is later, and less exact."""

    day: int
    later: timedelta
    wider: float

    def of(self, service: Service) -> Service:
        """What it makes of a service."""
        return replace(service, bias=service.bias + self.later, spread=service.spread * self.wider)


def history(seed: int, *, days: int = 250, per_day: int = 3, change: Change | None = None) -> Iterator[Delivered]:
    """All that each service delivers of what is dispatched within so many days; the same for the same seed."""
    chance = random.Random(seed)
    for number, service in enumerate(SERVICES):
        shipment = service.shipment
        for count in range(days * per_day):
            day = count // per_day
            at_that_time = change.of(service) if change and day >= change.day else service
            yield _delivered(f"{number}-{count}", shipment, at_that_time, START + (day + chance.random()) * DAY, chance)


def _delivered(
    number: str, shipment: Shipment, service: Service, dispatched_at: datetime, chance: random.Random
) -> Delivered:
    planned = dispatched_at + service.transit
    delivered_at = _on_a_working_day(
        max(planned + _drift(service, dispatched_at) + service.spread * service.tail(chance), dispatched_at + HOUR),
        ZoneInfo(service.zone),
    )
    return Delivered(
        shipment,
        Delivery(f"tms {number}", delivered_at, delivered_at + HOUR, ZoneInfo(service.zone)),
        tuple(_statements(service, dispatched_at, planned, delivered_at, chance)),
        asked_at=dispatched_at + service.transit * chance.uniform(0, 1.2),
    )


def _drift(service: Service, at: datetime) -> timedelta:
    """How much later than it says a carrier is at some time: slowly up and down over the seasons, and a bit up."""
    season = (at - START) / (120 * DAY)
    return service.bias + service.spread * (math.sin(2 * math.pi * season) + season / 2)


def _on_a_working_day(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment + DAY if moment.astimezone(zone).weekday() == SUNDAY else moment


def _statements(
    service: Service, dispatched_at: datetime, planned: datetime, delivered_at: datetime, chance: random.Random
) -> Iterator[Statement]:
    """What is said at dispatch, half-way and near the end: each time, more of what will happen is known."""
    for share, known in ((0.0, 0.0), (0.5, 0.4), (0.9, 0.8)):
        said_at = dispatched_at + share * service.transit
        noise = service.spread * chance.gauss(0, 0.2) if known else timedelta(0)
        value = planned + known * (delivered_at - planned) + noise
        day = (value.astimezone(ZoneInfo(service.zone))).date()
        for at in (said_at, said_at + 0.3 * service.transit):
            yield Statement(EtaBasis.CARRIER_ESTIMATE, day if service.says_days else value, at)
