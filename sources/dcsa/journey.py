"""From all events of one shipment to its whole state. Pure.

Status, milestones and numbers are folded by the domain, exactly as when the same events come one by one; stops,
delivery estimate and exceptions need the whole history, so that only a snapshot has them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from msgspec.structs import replace

from domain.eta import Eta, best_eta
from domain.fold import content_of
from domain.known import Known, Nature, known_of, merge
from domain.place import Location
from domain.shipment import Classifier, MilestoneCode, Shipment, ShipmentStatus, Stop, StopKind, TransportMode
from domain.shipment_exception import ExceptionKind, Party, ShipmentException
from sources.dcsa import codes, wire
from sources.dcsa.mapping import Vantage, boxes_of, identity_of, location_of, milestone_code, occurrences_of

BACK_EMPTY = frozenset({("GTIN", "EMPTY"), ("PICK", "EMPTY")})
"""What is done with a container that has been unpacked."""


def standing(events: Iterable[wire.Event], retractions: Iterable[wire.Envelope]) -> tuple[wire.Event, ...]:
    """The newest revision of each event that was not retracted, in the order of what happened."""
    retracted = {each.retracts: each.created_at for each in sorted(retractions, key=lambda each: each.created_at)}
    newest = {(identity_of(each), boxes_of(each)): each for each in sorted(events, key=lambda each: each.created_at)}
    return tuple(
        event
        for event in sorted(newest.values(), key=lambda each: (each.happened_at, each.created_at, identity_of(each)))
        if event.event_id not in retracted or event.created_at > retracted[event.event_id]
    )


def shipment_of(name: str, events: Sequence[wire.Event], vantage: Vantage, *, is_box: bool) -> Shipment:
    """What all its events together say.

    Args:
        name: of the container or, where none is named, of the booking.
        events: standing ones, by the time of what happened.
        vantage: whose they are.
        is_box: whether it is named by its container.
    """
    shipment = _folded(name, events, vantage)
    unpacked = _unpacked(events) if is_box and shipment.status is not ShipmentStatus.DELIVERED else None
    if unpacked is not None:
        shipment = replace(shipment, status=ShipmentStatus.DELIVERED, source_status=unpacked.source_code)
    visits = _visits(events)
    return replace(
        shipment,
        tracking_number=name if is_box else shipment.tracking_number,
        mode=_mode(events),
        exceptions=_exceptions(events),
        stops=tuple(_stops(visits)),
        eta=_eta(shipment.status, events, visits),
    )


def _folded(name: str, events: Iterable[wire.Event], vantage: Vantage) -> Shipment:
    """Status is a fold over what happened: PLANNED and ESTIMATED never move it, see `domain.fold`."""
    nature, key = Nature(), vantage.key(name)
    told = (known_of(each) for event in events for each in occurrences_of(event, name, vantage))
    known = Known(key, occurrences=tuple(happening for each in told for happening in each.occurrences))
    folded = content_of(merge(known, Known(key), nature))
    return folded if isinstance(folded, Shipment) else Shipment(id=name, status=ShipmentStatus.UNKNOWN)


def _is_actual(event: wire.Event) -> bool:
    return codes.CLASSIFIER.get(event.classifier) is Classifier.ACTUAL


def _unpacked(events: Iterable[wire.Event]) -> wire.Event | None:
    """What shows that a container which came off laden is empty by now: few carriers are told of the unpacking."""
    told = [each for each in events if isinstance(each, wire.EquipmentEvent) and _is_actual(each)]
    has_come_off = any(each.words[:2] == ("DISC", "LADEN") for each in told)
    return told[-1] if has_come_off and told[-1].words[:2] in BACK_EMPTY else None


def _mode(events: Iterable[wire.Event]) -> TransportMode:
    """The mode of the legs that have one; INTERMODAL if there are several."""
    told = (each.call.mode for each in events if each.call and each.call.mode)
    modes = {codes.MODE[each] for each in told if each in codes.MODE}
    return TransportMode.INTERMODAL if len(modes) > 1 else next(iter(modes), TransportMode.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Visit:
    """All that is told of one transport call."""

    location: Location
    events: tuple[wire.Event, ...]

    def newest(self, classifier: Classifier, *telling: str) -> wire.Event | None:
        """The statement that counts: of several under one classifier, the one that was made last."""
        made = (each for each in self.events if codes.CLASSIFIER.get(each.classifier) is classifier)
        fitting = (each for each in made if not telling or each.words[0] in telling)
        return max(fitting, key=lambda each: (each.created_at, each.happened_at), default=None)

    def arrival(self, classifier: Classifier) -> wire.Event | None:
        """When its vehicle comes."""
        return self.newest(classifier, "ARRI")

    @property
    def when(self) -> datetime:
        """Where it stands on the way: when it happened, else is expected, else is planned."""
        ranked = (self.newest(each) for each in (Classifier.ACTUAL, Classifier.ESTIMATED, Classifier.PLANNED))
        return next((each.happened_at for each in ranked if each), self.events[0].happened_at)


def _visits(events: Iterable[wire.Event]) -> list[list[Visit]]:
    """The transport calls in travelling order; those at one place, one after the other, together."""
    calls: dict[str, list[wire.Event]] = {}
    for event in events:
        if event.call is not None and event.call.id is not None and location_of(event) is not None:
            calls.setdefault(event.call.id, []).append(event)
    visits = [Visit(location, tuple(told)) for told in calls.values() if (location := location_of(told[0]))]
    in_order = sorted(visits, key=lambda visit: visit.when)
    return [list(there) for _, there in groupby(in_order, key=_place)]


def _place(visit: Visit) -> tuple[str | Location, str]:
    """Places are spelt in many ways; a city's code and the type of facility tell them apart well enough."""
    facilities = (each.call.facility for each in visit.events if each.call)
    return visit.location.unlocode or visit.location, next(filter(None, facilities), "")


def _stops(visits: Sequence[Sequence[Visit]]) -> Iterator[Stop]:
    for sequence, there in enumerate(visits, 1):
        departures = (visit.newest(Classifier.ACTUAL, "DEPA") for visit in reversed(there))
        yield Stop(
            sequence=sequence,
            kind=_kind(there, is_first=sequence == 1),
            location=there[0].location,
            planned_arrival=_time(_arrival(there, Classifier.PLANNED)),
            estimated_arrival=_time(_arrival(there, Classifier.ESTIMATED)),
            actual_arrival=_time(_arrival(there, Classifier.ACTUAL)),
            actual_departure=_time(next((each for each in departures if each), None)),
        )


def _kind(there: Iterable[Visit], *, is_first: bool) -> StopKind:
    """A container that comes off and goes on again at one place is transshipped there."""
    events = [event for visit in there for event in visit.events if isinstance(event, wire.EquipmentEvent)]
    facilities = {event.call.facility for visit in there for event in visit.events if event.call}
    if codes.TRANSSHIPMENT in {each.facility for each in events} or {"DISC", "LOAD"} <= {each.code for each in events}:
        return StopKind.TRANSSHIPMENT
    if codes.CUSTOMER not in facilities:
        return StopKind.TERMINAL
    return StopKind.PICKUP if is_first else StopKind.DELIVERY


def _arrival(there: Iterable[Visit], classifier: Classifier) -> wire.Event | None:
    """The arrival with which the shipment came: that of the first vehicle that calls there."""
    return next((arrival for visit in there if (arrival := visit.arrival(classifier))), None)


def _time(event: wire.Event | None) -> datetime | None:
    return event.happened_at if event else None


def _eta(status: ShipmentStatus, events: Sequence[wire.Event], visits: Sequence[Sequence[Visit]]) -> Eta | None:
    """When it is delivered; as long as nobody says that, when it arrives at the last place that is known."""
    if status is ShipmentStatus.CANCELLED:
        return None
    delivered = {classifier: _delivery(events, classifier) for classifier in Classifier}
    if status is ShipmentStatus.DELIVERED:
        actual = delivered[Classifier.ACTUAL]
        return best_eta(actual=actual.happened_at, revised_at=actual.created_at) if actual else None
    expected, planned = (delivered[each] or _ahead(visits, each) for each in (Classifier.ESTIMATED, Classifier.PLANNED))
    told = expected or planned
    if told is None:
        return None
    return best_eta(estimate=_time(expected), planned=_time(planned), revised_at=told.created_at)


def _delivery(events: Iterable[wire.Event], classifier: Classifier) -> wire.Event | None:
    deliveries = (
        each
        for each in events
        if codes.CLASSIFIER.get(each.classifier) is classifier and milestone_code(each) is MilestoneCode.DELIVERED
    )
    return max(deliveries, key=lambda each: each.created_at, default=None)


def _ahead(visits: Sequence[Sequence[Visit]], classifier: Classifier) -> wire.Event | None:
    """The arrival at the last place, unless the shipment has been there already."""
    there = visits[-1] if visits else ()
    has_been = any(visit.newest(Classifier.ACTUAL) for visit in there)
    return None if has_been else _arrival(there, classifier)


Subject = tuple[ExceptionKind, str, str]
"""What is wrong: its kind and, of a delay, the transport call and what of it is late."""


def _exceptions(events: Iterable[wire.Event]) -> tuple[ShipmentException, ...]:
    """One exception from what raised it until what cleared it; open ones first."""
    still_open: dict[Subject | None, ShipmentException] = {}
    cleared: list[ShipmentException] = []
    for event in sorted(events, key=lambda each: each.created_at):
        raised = _raised(event)
        if raised is not None:
            still_open.setdefault(*raised)
        elif (ended := still_open.pop(_cleared(event), None)) is not None:
            cleared.append(replace(ended, cleared_at=event.created_at))
    return (*still_open.values(), *cleared)


def _raised(event: wire.Event) -> tuple[Subject, ShipmentException] | None:
    """What went wrong by what an event says: a delay is one of something that is still to come."""
    if isinstance(event, wire.TransportEvent) and event.delay_reason and not _is_actual(event):
        return _late(event), _exception(event, ExceptionKind.DELAY, Party.UNKNOWN, event.delay_reason)
    known = codes.EXCEPTION_RAISED_BY.get(event.words) if _is_actual(event) else None
    if known is None:
        return None
    return (known[0], "", ""), _exception(event, *known, event.source_code)


def _exception(event: wire.Event, kind: ExceptionKind, party: Party, code: str) -> ShipmentException:
    return ShipmentException(kind=kind, party=party, detail=event.remark, source_code=code, raised_at=event.created_at)


def _cleared(event: wire.Event) -> Subject | None:
    """What an event ends: the thing has happened, or is expected without delay."""
    if isinstance(event, wire.TransportEvent):
        return _late(event)
    kind = codes.EXCEPTION_CLEARED_BY.get(event.words) if _is_actual(event) else None
    return (kind, "", "") if kind else None


def _late(event: wire.TransportEvent) -> Subject:
    return ExceptionKind.DELAY, (event.call and event.call.id) or "", event.code


def of_the_whole(status: ShipmentStatus, boxes: Mapping[str, Shipment]) -> ShipmentStatus:
    """The status of a booking, given its containers: it is delivered when all of them are."""
    delivered = [each.status is ShipmentStatus.DELIVERED for each in boxes.values()]
    if not any(delivered):
        return status
    return ShipmentStatus.DELIVERED if all(delivered) else ShipmentStatus.PARTIALLY_DELIVERED
