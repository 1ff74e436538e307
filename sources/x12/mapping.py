"""From transaction sets to observations. Pure; whatever is odd is reported and moves nothing."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import msgspec

from domain.dead_letter import kind_of
from domain.foreign import cut
from domain.identity import EntityKey, EntityKind, Reference, Scheme
from domain.model import MOST_LABEL, MOST_WORDS
from domain.observation import Observation, Occurrence, UnmappedCode
from domain.place import Location
from domain.shipment import Carrier, Classifier, Milestone, MilestoneCode, ShipmentNumbers, TransportMode
from sources.x12 import codes
from sources.x12.interchange import Segment, TransactionSet, element
from sources.x12.places import LOCAL, ZONES, instant
from sources.x12.settings import X12Settings

LONGEST_NUMBER = 100

OWN = frozenset({Scheme.SO, Scheme.TRACKING, Scheme.BOL})
"""Schemes that a shipment has fields of its own for."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a set tells."""

    observations: tuple[Observation, ...]
    unmapped: tuple[UnmappedCode, ...]
    sent_at: datetime


class Unusable(Exception):
    """A set that lacks what it cannot do without; the message names the element, what was found and what is allowed."""


def told_by(message: TransactionSet, settings: X12Settings) -> Told:
    """What a 214 or a 990 tells.

    Raises:
        Unusable: it says of no load, or not when it was sent.
    """
    sent_at = _sent_at(message, settings)
    reader = _Reader(settings, sent_at)
    if message.kind == "990":
        observations = tuple(reader.answer(message.segments))
    else:
        observations = tuple(reader.statuses(message.segments))
    return Told(observations, tuple(reader.unmapped), sent_at)


@dataclass(slots=True)
class _Reader:
    """Reads one set."""

    settings: X12Settings
    sent_at: datetime
    unmapped: list[UnmappedCode]

    def __init__(self, settings: X12Settings, sent_at: datetime) -> None:
        self.settings = settings
        self.sent_at = sent_at
        self.unmapped = []

    def statuses(self, segments: Sequence[Segment]) -> Iterator[Observation]:
        """Of a 214: every status with the place that follows it, and the numbers of the load."""
        head = next((each for each in segments if each[0] == "B10"), None)
        if head is None:
            raise Unusable("B10: found nothing, allowed: the segment that names the load")
        key = self._key(element(head, 2) or element(head, 1), "B1002")
        yield self._numbers(key, element(head, 1), element(head, 3), segments)
        for status, place in _with_places(segments):
            milestone = self._milestone(status, place)
            if milestone is not None:
                yield Occurrence(key, _identity(status, place), self.sent_at, milestone)

    def answer(self, segments: Sequence[Segment]) -> Iterator[Observation]:
        """Of a 990: whether the carrier takes the load."""
        head = next((each for each in segments if each[0] == "B1"), None)
        if head is None:
            raise Unusable("B1: found nothing, allowed: the segment that names the load")
        key = self._key(element(head, 2), "B102")
        pro = next((element(each, 2) for each in segments if each[:2] == ("N9", "CN")), "")
        yield self._numbers(key, pro, element(head, 1), segments)
        action = element(head, 4)
        code = codes.TENDER.get(action, MilestoneCode.UNKNOWN)
        if code is MilestoneCode.UNKNOWN:
            self.unmapped.append(UnmappedCode("x12.558", action[:20] or "nothing"))
        milestone = self._happened(code, f"990 {action}"[:200], Classifier.ACTUAL, self.sent_at, None, None)
        yield Occurrence(key, f"990 {element(head, 3)} {action}"[:200], self.sent_at, milestone)

    def _key(self, name: str, place: str) -> EntityKey:
        if not 0 < len(name.strip()) <= LONGEST_NUMBER:
            raise Unusable(f"{place}: found {len(name)} characters, allowed: the number of the load")
        settings = self.settings
        return EntityKey(tenant=settings.tenant, source=settings.id, kind=EntityKind.SHIPMENT, id=name.strip())

    def _numbers(self, key: EntityKey, pro: str, scac: str, segments: Sequence[Segment]) -> Occurrence:
        references = list(self._references(segments))
        own = {scheme: [each.value for each in references if each.scheme is scheme] for scheme in OWN}
        is_scac = scac.isascii() and scac.isalpha() and scac.isupper() and 2 <= len(scac) <= 4  # noqa: PLR2004  # as SCACs are
        name = self.settings.carrier_name or (scac if is_scac else None)
        numbers = ShipmentNumbers(
            order_numbers=tuple(dict.fromkeys(own[Scheme.SO])),
            tracking_number=pro.strip()[:200] or next(iter(own[Scheme.TRACKING]), None),
            bill_of_lading=next(iter(own[Scheme.BOL]), None),
            carrier=Carrier(name=name, scac=scac if is_scac else None) if name else None,
            mode=None if self.settings.mode is TransportMode.UNKNOWN else self.settings.mode,
            references=tuple(dict.fromkeys(each for each in references if each.scheme not in OWN)),
        )
        digest = hashlib.sha256(msgspec.json.encode(numbers)).hexdigest()[:32]
        return Occurrence(key, f"numbers {digest}", self.sent_at, numbers)

    def _references(self, segments: Sequence[Segment]) -> Iterator[Reference]:
        schemes = {**codes.REFERENCES, **self.settings.reference_schemes}
        for segment in segments:
            match segment[0]:
                case "L11":
                    value, qualifier = element(segment, 1), element(segment, 2)
                case "N9":
                    qualifier, value = element(segment, 1), element(segment, 2)
                case _:
                    continue
            if qualifier in schemes and 0 < len(value.strip()) <= LONGEST_NUMBER:
                yield Reference(scheme=schemes[qualifier], value=value.strip())

    def _milestone(self, segment: Segment, place: Segment) -> Milestone | None:
        """What an AT7 says; null if it says neither status nor appointment."""
        code, reason = element(segment, 1), element(segment, 2)
        table, code_list = codes.STATUS, "x12.1650"
        if not code:
            code, reason = element(segment, 3), element(segment, 4)
            table, code_list = codes.APPOINTMENT, "x12.1652"
        if not code:
            return None
        status = table.get(code)
        if status is None:
            self.unmapped.append(UnmappedCode(code_list, code[:20]))
        if reason and reason != codes.NORMAL and reason not in codes.REASONS:
            self.unmapped.append(UnmappedCode("x12.1651", reason[:20]))
        moment, local = self._moment(segment, place)
        return self._happened(
            status.code if status else MilestoneCode.UNKNOWN,
            code[:200],
            status.classifier if status else Classifier.ACTUAL,
            moment,
            _location(place),
            _description(status, reason, local),
        )

    def _happened(  # noqa: PLR0917  # the fields of a milestone
        self,
        code: MilestoneCode,
        source_code: str,
        classifier: Classifier,
        occurred_at: datetime,
        location: Location | None,
        description: str | None,
    ) -> Milestone:
        return Milestone(
            code=code,
            classifier=classifier,
            occurred_at=occurred_at,
            recorded_at=self.sent_at,
            location=location,
            description=description,
            source_code=source_code,
            source=self.settings.id,
        )

    def _moment(self, segment: Segment, place: Segment) -> tuple[datetime, str | None]:
        """When it was; and in words, if all that is known is a local time of nobody knows where.

        Such a milestone is put where its message was sent: an hour that is guessed would be worse.
        """
        day, clock, code = _day(element(segment, 5)), _clock(element(segment, 6)), element(segment, 7)
        if code not in LOCAL and code not in ZONES:
            self.unmapped.append(UnmappedCode("x12.623", code[:20]))
        if day is None or clock is None:
            said = f"{element(segment, 5)} {element(segment, 6)}".strip()[:40] or "not given"
            return self.sent_at, f"time {said}"
        moment = instant(day, clock, code, element(place, 2), element(place, 3))
        return (moment, None) if moment else (self.sent_at, f"local time {day} {clock:%H:%M}, zone unknown")


def _sent_at(message: TransactionSet, settings: X12Settings) -> datetime:
    day, clock = _day(message.sent[0]), _clock(message.sent[1])
    if day is None or clock is None:
        found = kind_of(" ".join(message.sent).strip())
        raise Unusable(f"GS04, GS05: found {found}, allowed: CCYYMMDD and HHMM")
    return datetime.combine(day, clock, ZoneInfo(settings.time_zone))


def _with_places(segments: Iterable[Segment]) -> Iterator[tuple[Segment, Segment]]:
    """Each AT7 with the MS1 that follows it, before the next."""
    status: Segment | None = None
    place: Segment = ()
    for segment in segments:
        if segment[0] in {"AT7", "LX"} and status is not None:
            yield status, place
            status = None
        if segment[0] == "AT7":
            status, place = segment, ()
        elif segment[0] == "MS1":
            place = segment
    if status is not None:
        yield status, place


def _identity(status: Segment, place: Segment) -> str:
    """What is said, of when and where: said again by another message, it is the same."""
    parts = (element(status, 1), element(status, 3), *(element(status, each) for each in (5, 6, 7)))
    return " ".join((*parts, *(element(place, each) for each in (1, 2, 3)))).strip()[:200] or "AT7"


def _location(place: Segment) -> Location | None:
    city, state, country = (cut(element(place, each).strip(), MOST_LABEL) or None for each in (1, 2, 3))
    if not (city or state or country):
        return None
    code = {"USA": "US", "CAN": "CA", "MEX": "MX"}.get(country or "", country)
    is_code = code is not None and len(code) == 2 and code.isascii() and code.isalpha() and code.isupper()  # noqa: PLR2004  # ISO 3166-1 alpha-2
    return Location(city=city, region=state, country_code=code if is_code else None)


def _description(status: codes.Status | None, reason: str, local: str | None) -> str | None:
    why = None if reason in {"", codes.NORMAL} else codes.REASONS.get(reason, f"reason {reason}")
    said = ": ".join(each for each in (status and status.text, why) if each)
    return cut("; ".join(each for each in (said, local) if each), MOST_WORDS) or None


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007  # a day
    except ValueError:
        return None


def _clock(text: str) -> time | None:
    """HHMM, or with seconds and parts of them."""
    try:
        return time.fromisoformat(f"{text[:2]}:{text[2:4]}:{text[4:6] or '00'}") if text.isdecimal() else None
    except ValueError:
        return None
