"""Which events make which shipments, and which of them answer a lookup. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec
from msgspec.structs import replace
from pydantic import ValidationError

from domain.identity import EntityKind, Reference, Scheme
from domain.lookup import Findings, Lookup
from domain.model import misfit
from domain.observation import Snapshot, UnmappedCode
from domain.shipment import Shipment
from sources.base import Answerer
from sources.dcsa import wire
from sources.dcsa.journey import of_the_whole, shipment_of, standing
from sources.dcsa.mapping import Vantage, booking_of, boxes_of, document_of, is_ignored, unmapped_of

UNREADABLE = (ValidationError, msgspec.ValidationError)
"""What a record raises that cannot be read, or that no canonical value can be made of."""

MAX_REASON = 300
"""Longest reason that is given."""


@dataclass(frozen=True, slots=True)
class Reply:
    """All events that the API related to a number.

    Attributes:
        number: what was asked for.
        is_box: whether as a container; then all of it is about that one.
        records: events as they came.
        answerer: whose answer it is.
    """

    number: str
    is_box: bool
    records: Sequence[object]
    answerer: Answerer


@dataclass(frozen=True, slots=True)
class History:
    """What the records of a reply tell.

    Attributes:
        events: the standing ones, by the time of what happened.
        envelopes: of all records, those of papers and retractions included.
    """

    events: tuple[wire.Event, ...]
    envelopes: tuple[wire.Envelope, ...]


def misread(error: Exception) -> str:
    """What was wrong where; of what was found the type alone, because it may be about a person."""
    if not isinstance(error, ValidationError):
        return misfit(error)[:MAX_REASON]
    first = error.errors(include_url=False, include_context=False)[0]
    path = ".".join(map(str, first["loc"])) or error.title
    found = "nothing" if first["type"] == "missing" else type(first["input"]).__name__
    return f"{path}: found {found}, allowed: {first['msg']}"[:MAX_REASON]


def findings_of(replies: Mapping[Lookup, Sequence[Reply]], vantage: Vantage) -> Findings:
    """What the replies answer; an event that cannot be read spoils the history that it belongs to, and no other."""
    found: dict[Lookup, tuple[Snapshot, ...]] = {}
    unusable: dict[Lookup, str] = {}
    unmapped: dict[UnmappedCode, None] = {}
    for lookup, told in replies.items():
        try:
            histories = [history_of(reply.records) for reply in told]
            snapshots = _snapshots(told, histories, vantage)
        except UNREADABLE as error:
            unusable[lookup] = misread(error)
            continue
        unmapped.update(
            dict.fromkeys(code for each in histories for event in each.events for code in unmapped_of(event))
        )
        if snapshots:
            found[lookup] = snapshots
    return Findings(found, unusable, tuple(unmapped))


def history_of(records: Iterable[object]) -> History:
    """The events among the records, retractions applied.

    Raises:
        pydantic.ValidationError: a record cannot be read.
    """
    pairs = [(wire.Envelope.model_validate(record), record) for record in records]
    retractions = [envelope for envelope, _ in pairs if envelope.retracts is not None]
    events = [
        wire.event_of(record, envelope)
        for envelope, record in pairs
        if envelope.retracts is None and not is_ignored(envelope)
    ]
    return History(standing(events, retractions), tuple(envelope for envelope, _ in pairs))


def _snapshots(replies: Iterable[Reply], histories: Iterable[History], vantage: Vantage) -> tuple[Snapshot, ...]:
    found: dict[str, Snapshot] = {}
    for reply, history in zip(replies, histories, strict=True):
        for shipment in shipments_of(reply, history, vantage):
            as_of = max((each.recorded_at for each in shipment.milestones), default=None)
            snapshot = reply.answerer.snapshot(EntityKind.SHIPMENT, shipment.id, shipment, as_of)
            found.setdefault(shipment.id, snapshot)
    return tuple(found.values())


def shipments_of(reply: Reply, history: History, vantage: Vantage) -> Iterator[Shipment]:
    """One shipment per container that is named, and one for what is said of a booking as a whole.

    What is said of the whole is true of its containers, too. A number that is known only by papers, or by what was
    taken back, is a shipment of which nothing is known to have happened.
    """
    if reply.is_box:
        yield from _box(reply.number, history, vantage)
        return
    events = history.events
    boxes = {
        name: shipment_of(name, _of_box(name, events), vantage, is_box=True)
        for name in dict.fromkeys(name for each in events for name in boxes_of(each))
    }
    yield from boxes.values()
    for name in _wholes(reply, history):
        own = [each for each in events if not boxes_of(each) and booking_of(each) in {None, name}]
        shipment = shipment_of(name, own, vantage, is_box=False)
        yield replace(shipment, status=of_the_whole(shipment.status, boxes))


def _wholes(reply: Reply, history: History) -> tuple[str, ...]:
    """The bookings of which something is said as a whole; where nothing else is named, what was asked for."""
    bookings = dict.fromkeys(booking_of(each) for each in history.events if not boxes_of(each))
    named = tuple(each for each in bookings if each is not None)
    is_named_otherwise = named or any(boxes_of(each) for each in history.events)
    return named if is_named_otherwise or not history.envelopes else (_first_name(reply, history),)


def _first_name(reply: Reply, history: History) -> str:
    named = (booking_of(each) for each in history.envelopes)
    return next((each for each in named if each), reply.number)


def _box(name: str, history: History, vantage: Vantage) -> Iterator[Shipment]:
    """The container that was asked for, unless all events turn out to be about others."""
    if any(_may_be_of(each, name) for each in history.envelopes):
        events = [each for each in history.events if _may_be_of(each, name)]
        yield shipment_of(name, _latest_voyage(events), vantage, is_box=True)


def _may_be_of(event: wire.Envelope, name: str) -> bool:
    return name in boxes_of(event) or not boxes_of(event)


def _of_box(name: str, events: Sequence[wire.Event]) -> list[wire.Event]:
    """Its own events, and those of its bookings as a whole."""
    bookings = {booking_of(each) for each in events if name in boxes_of(each)} - {None}
    return [
        each
        for each in events
        if name in boxes_of(each) or (not boxes_of(each) and (not bookings or booking_of(each) in {None, *bookings}))
    ]


def _latest_voyage(events: Sequence[wire.Event]) -> Sequence[wire.Event]:
    """What belongs to the latest booking: a container is used again, and its number names the box, not the goods."""
    booked = [each for each in events if booking_of(each)]
    if not booked:
        return events
    latest = booking_of(max(booked, key=lambda each: each.created_at))
    ended = [each.happened_at for each in booked if booking_of(each) != latest]
    since = max(ended, default=None)
    return [
        each
        for each in events
        if booking_of(each) == latest or (booking_of(each) is None and (since is None or each.happened_at > since))
    ]


def lookups_of(envelopes: Iterable[wire.Envelope]) -> tuple[Lookup, ...]:
    """Every question whose answer these events are part of; each once."""
    return tuple(
        dict.fromkeys(
            Lookup(EntityKind.SHIPMENT, Reference(scheme=scheme, value=value))
            for each in envelopes
            for scheme, value in _numbers(each)
        )
    )


def _numbers(event: wire.Envelope) -> Iterator[tuple[Scheme, str]]:
    booking, document = booking_of(event), document_of(event)
    for name in (*boxes_of(event), *((booking,) if booking else ())):
        yield Scheme.TRACKING, name
        yield Scheme.SHIPMENT_ID, name
    if document:
        yield Scheme.BOL, document
