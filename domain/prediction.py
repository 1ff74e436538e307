"""When it will arrive, learned from how far off the carrier was before: windows that hold as often as they say.

What a carrier, or a plan, said of deliveries on the same lane is compared with what happened; a window is what is said
now, moved by the quantiles of those errors. That is split conformal prediction (Vovk, Gammerman, Shafer: Algorithmic
Learning in a Random World, 2005): it assumes nothing of how errors are distributed. Newer deliveries weigh more, so
that windows follow a carrier that changes (Barber, Candès, Ramdas, Tibshirani: Conformal prediction beyond
exchangeability, 2023). The level is not adapted as well (Gibbs, Candès: Adaptive conformal inference under distribution
shift, 2021): that needs every earlier window, and the tests show that forgetting is enough.
"""

import unicodedata
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta, tzinfo
from enum import Enum
from functools import lru_cache
from itertools import accumulate
from operator import attrgetter
from types import MappingProxyType
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from domain.eta import EtaBasis
from domain.shipment import Carrier, Shipment, StopKind, TransportMode
from domain.statement import BEFOREHAND, Statement, of_basis

MEMORY = 300
"""Deliveries of a lane that are looked at, the newest ones; older ones would weigh next to nothing."""

HALF_LIFE = 50
"""After so many further deliveries of its lane, a delivery weighs half."""

ENOUGH = 30
"""Deliveries without which nothing is predicted: of so many, neither end of a window is the most extreme of all."""

OLDEST = timedelta(days=400)
"""What was delivered before that says nothing about now; a bit more than a year, so that it has had each season."""

LONGEST_ERROR = timedelta(days=90)
"""Somebody who is off by more than that has mistyped a year."""

COVERAGE = 0.8
"""How many of the windows are to hold."""

LOWEST_COVERAGE, HIGHEST_COVERAGE = 0.5, 0.95

_WEIGHTS = tuple(0.5 ** (place / HALF_LIFE) for place in range(MEMORY))
_TOTALS = tuple(accumulate(_WEIGHTS))


class Horizon(Enum):
    """How far ahead an estimate is, at most; each reaches four times as far as the one before.

    An estimate of next week errs by days, one of the next hour by minutes: they are never compared with each other.
    """

    OVERDUE = timedelta(0)
    ARRIVING = timedelta(hours=3)
    TODAY = timedelta(hours=12)
    DAYS = timedelta(days=2)
    WEEK = timedelta(days=8)
    MONTH = timedelta(days=32)

    def ahead(self, share: float) -> timedelta:
        """How far ahead something is within it: 0 is nearest, 1 farthest."""
        return self.value * (1 + 3 * share) / 4


def horizon_of(ahead: timedelta) -> Horizon:
    """The horizon of an estimate that is so far ahead; beyond the last one, it is the last one."""
    return next((each for each, most in _HORIZONS if ahead <= most), Horizon.MONTH)


_HORIZONS = tuple((each, each.value) for each in Horizon)


class Region(Struct, frozen=True, cache_hash=True):
    """Where something comes from, or goes to.

    Attributes:
        country: ISO 3166-1 alpha-2.
        postal: what a postal code begins with.
    """

    country: str | None = None
    postal: str | None = None


class Lane(Struct, frozen=True, cache_hash=True):
    """Deliveries that can be compared; what is null is any.

    Attributes:
        horizon: how far ahead they are looked at.
        basis: whose estimates, or plans, are compared with what happened.
        carrier: its Standard Carrier Alpha Code, else its name without case and punctuation.
        mode: by what means.
        origin: from where.
        destination: to where.
    """

    horizon: Horizon
    basis: EtaBasis = EtaBasis.CARRIER_ESTIMATE
    carrier: str | None = None
    mode: TransportMode | None = None
    origin: Region = Region()
    destination: Region = Region()

    @property
    def name(self) -> str:
        """Text that no other lane has, and the same in every process."""
        places = (self.origin.country, self.origin.postal, self.destination.country, self.destination.postal)
        parts = (self.horizon.name, self.basis.value, self.carrier, self.mode and self.mode.value, *places)
        return ":".join("*" if part is None else quote(part, safe="") for part in parts)


POSTAL_LETTERS: Mapping[str, int] = MappingProxyType({"US": 3, "CA": 3})
"""How much of a postal code names a region, where it is not 2: a sectional center of USPS, a sortation area of Canada
Post; two are a Leitregion of Deutsche Post, a French department and the like."""


def lanes_of(shipment: Shipment, horizon: Horizon, basis: EtaBasis = EtaBasis.CARRIER_ESTIMATE) -> tuple[Lane, ...]:
    """The lanes of a shipment, the most like it first: from region to region, from country to country, anywhere.

    One whose carrier nobody names is on none.
    """
    carrier = _carrier_of(shipment.carrier)
    if carrier is None:
        return ()
    origin, destination = _region_of(shipment, StopKind.PICKUP, 0), _region_of(shipment, StopKind.DELIVERY, -1)
    return _lanes_between(Lane(horizon, basis, carrier, shipment.mode, origin, destination))


@lru_cache(maxsize=1_024)
def _lanes_between(regions: Lane) -> tuple[Lane, ...]:
    """A lane and what it is a part of; many shipments are on the same one."""
    origin, destination = Region(regions.origin.country), Region(regions.destination.country)
    countries = replace(regions, origin=origin, destination=destination)
    anywhere = replace(regions, origin=Region(), destination=Region())
    return tuple(dict.fromkeys((regions, countries, anywhere)))


def _carrier_of(carrier: Carrier | None) -> str | None:
    if carrier is None:
        return None
    if carrier.scac:
        return carrier.scac
    plain = unicodedata.normalize("NFKC", carrier.name).casefold()
    return " ".join("".join(each if each.isalnum() else " " for each in plain).split()) or None


def _region_of(shipment: Shipment, kind: StopKind, place: int) -> Region:
    """Of the first or last of its stops of a kind."""
    stops = sorted([each for each in shipment.stops if each.kind is kind], key=attrgetter("sequence"))
    location = stops[place].location if stops else None
    if location is None or location.country_code is None:
        return Region()
    postal = "".join((location.postal_code or "").split()).upper()
    return Region(location.country_code, postal[: POSTAL_LETTERS.get(location.country_code, 2)] or None)


@dataclass(frozen=True, slots=True)
class Delivery:
    """That something was delivered.

    Attributes:
        id: of the shipment, with its source: a delivery is learned from once.
        delivered_at: when.
        told_at: when its source said so; of two versions the newer one counts.
        zone: of the place; null: nobody knows, so nobody knows when a day ends there.
    """

    id: str
    delivered_at: datetime
    told_at: datetime
    zone: tzinfo | None = None


@dataclass(frozen=True, slots=True)
class Residual:
    """How far off an estimate was.

    Attributes:
        id: of the delivery.
        delivered_at: when it was delivered.
        error: that, minus the estimate; positive is late.
        told_at: when the source said that it was delivered.
    """

    id: str
    delivered_at: datetime
    error: timedelta
    told_at: datetime

    @property
    def estimated_at(self) -> datetime:
        """What was estimated: it stays the same when the moment of delivery is corrected."""
        return self.delivered_at - self.error


def instant_of(value: datetime | date, zone: tzinfo | None) -> datetime | None:
    """The instant until which a statement means it will be, in UTC.

    Null for a day at a place whose zone is not known, and for the first and the last year that there is: with these,
    systems write that there is no date.
    """
    if not MINYEAR < value.year < MAXYEAR:
        return None
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return None if zone is None else datetime.combine(value + timedelta(days=1), time.min, zone).astimezone(UTC)


def residuals_of(delivery: Delivery, statements: Iterable[Statement]) -> dict[Horizon, Residual]:
    """What is to be learned from a delivery: how far off the estimate was that stood at each horizon.

    Something is predicted at any moment of a horizon, not knowing the end. So what stood is looked up at a moment that
    does not know it either: when the estimate was so far ahead as is drawn from the id. What was delivered sooner
    counts with its last estimate: whoever asked before could not know that. A horizon that an estimate jumped over
    teaches nothing, nor does what was said after the delivery.

    Args:
        delivery: what happened.
        statements: what was said before, of one basis.
    """
    delivered_at = instant_of(delivery.delivered_at, delivery.zone)
    spells = _spells(statements, delivery.zone, delivered_at) if delivered_at else []
    if delivered_at is None or not spells:
        return {}
    share = zlib.crc32(delivery.id.encode()) / 2**32
    stood = {horizon: _stood_at(horizon, horizon.ahead(share), spells) for horizon in Horizon}
    errors = {horizon: delivered_at - estimate for horizon, estimate in stood.items() if estimate}
    return {
        horizon: Residual(delivery.id, delivered_at, error, delivery.told_at)
        for horizon, error in errors.items()
        if abs(error) <= LONGEST_ERROR
    }


_Spell = tuple[datetime, datetime, datetime]
"""From when until when something was estimated, and what."""


def _spells(statements: Iterable[Statement], zone: tzinfo | None, delivered_at: datetime) -> list[_Spell]:
    """What was estimated until it was delivered, oldest first: what was said last stands."""
    told = ((instant_of(each.said_at, zone), instant_of(each.value, zone)) for each in statements)
    said = sorted((at, estimate) for at, estimate in told if at and estimate and at < delivered_at)
    ends = [*(at for at, _ in said[1:]), delivered_at]
    return [(since, until, estimate) for (since, estimate), until in zip(said, ends, strict=False)]


def _stood_at(horizon: Horizon, ahead: timedelta, spells: Sequence[_Spell]) -> datetime | None:
    """The estimate that stood when it was so far ahead, or when it was delivered if that was sooner."""
    for since, until, estimate in spells:
        looked_at = max(since, estimate - ahead)
        if looked_at < until:
            break
    else:
        looked_at = until
    return estimate if horizon_of(estimate - looked_at) is horizon else None


def lessons_of(
    shipment: Shipment, delivery: Delivery, statements: Iterable[Statement]
) -> Iterator[tuple[Lane, Residual]]:
    """`residuals_of` a delivered shipment, for each of its lanes; of each basis apart."""
    told = tuple(statements)
    for basis in BEFOREHAND:
        for horizon, residual in residuals_of(delivery, of_basis(told, basis)).items():
            for lane in lanes_of(shipment, horizon, basis):
                yield lane, residual


@dataclass(frozen=True, slots=True)
class Prediction:
    """A window, and what it rests on.

    Attributes:
        earliest: it begins then.
        latest: it ends then.
        estimated_at: as many were later than that as were earlier.
        coverage: how many such windows hold, as a fraction.
        based_on: number of deliveries that it was learned from.
    """

    earliest: datetime
    latest: datetime
    estimated_at: datetime
    coverage: float
    based_on: int


@dataclass(frozen=True, slots=True)
class NotEnough:
    """Too few deliveries are known to predict anything.

    Attributes:
        have: how many are known.
        needed: how many it takes.
    """

    have: int
    needed: int


def predict(
    estimate: datetime, residuals: Iterable[Residual], now: datetime, *, coverage: float = COVERAGE
) -> Prediction | NotEnough:
    """The window in which something will be delivered that has not been delivered yet.

    It is compared only with deliveries that, as long before or after their estimates, were still to come. So a window
    never begins before `now`, and an estimate that is past is worth what it was to others that were as late; if too few
    were, it is said that it is not known.

    Each tail has its own quantile, in which the delivery to come counts as one that may lie anywhere. A few deliveries
    that are weeks late move no end of the window.

    Args:
        estimate: what is said now.
        residuals: what was learned on its lane, in any order.
        now: when it is predicted; what was delivered later is not known yet.
        coverage: how many windows are to hold, as a fraction.

    Raises:
        ValueError: so rare a miss, or so frequent a one, cannot be told from as many deliveries as are kept.
    """
    needed, said = _needed(coverage), estimate.astimezone(UTC)
    passed = now - said
    alike = [each for each in residuals if each.error > passed and now - OLDEST < each.delivered_at <= now]
    if len(alike) < needed:
        return NotEnough(len(alike), needed)
    newest = sorted(alike, key=attrgetter("delivered_at", "id"), reverse=True)[:MEMORY]
    early, middle, late = _quantiles([each.error for each in newest], (1 - coverage) / 2)
    return Prediction(said + early, said + late, said + middle, coverage, len(newest))


def predict_first(
    estimate: datetime, experience: Iterable[Iterable[Residual]], now: datetime, *, coverage: float = COVERAGE
) -> Prediction | NotEnough:
    """What the first lane predicts of which enough is known; if none is there, how much is known of the last.

    As `predict`; `experience` is what was learned on each lane, the most like it first.
    """
    answer: Prediction | NotEnough = NotEnough(0, _needed(coverage))
    for residuals in experience:
        answer = predict(estimate, residuals, now, coverage=coverage)
        if isinstance(answer, Prediction):
            break
    return answer


@lru_cache(maxsize=16)
def _needed(coverage: float) -> int:
    """How many deliveries it takes, so that the one to come does not outweigh a tail."""
    if not LOWEST_COVERAGE <= coverage <= HIGHEST_COVERAGE:
        raise ValueError(f"coverage: found {coverage}, allowed: {LOWEST_COVERAGE} to {HIGHEST_COVERAGE}")
    return max(ENOUGH, bisect_left(_TOTALS, 2 / (1 - coverage) - 1) + 1)


def _quantiles(errors: Sequence[timedelta], tail: float) -> tuple[timedelta, timedelta, timedelta]:
    """The error that leaves one tail below it, the median, and the one that leaves one above; newest errors first."""
    order = sorted(range(len(errors)), key=errors.__getitem__)
    below = list(accumulate(_WEIGHTS[place] for place in order))
    total = below[-1]
    kept = (1 - tail) * (total + 1)
    early, middle, late = bisect_right(below, total - kept), bisect_left(below, total / 2), bisect_left(below, kept)
    return errors[order[early]], errors[order[middle]], errors[order[late]]
