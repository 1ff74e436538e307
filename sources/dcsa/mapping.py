"""From DCSA's events to what they tell of shipments, one by one. Pure."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

import msgspec

from domain.identity import EntityKey, EntityKind, Reference, Scheme
from domain.observation import Occurrence, UnmappedCode
from domain.place import Location
from domain.shipment import Carrier, Milestone, MilestoneCode, ShipmentNumbers
from sources.dcsa import codes, wire
from sources.dcsa.settings import DcsaSettings

CARRIER_ROLE = "CA"
SCAC_LIST = "NMFTA"
"""Whose codes are Standard Carrier Alpha Codes; SMDG has its own."""

_SCAC = re.compile(r"[A-Z]{2,4}")
_UNLOCODE = re.compile(r"[A-Z]{2}[A-Z2-9]{3}")

_TABLES: Mapping[type[wire.Event], Mapping[codes.Words, MilestoneCode]] = {
    wire.TransportEvent: codes.TRANSPORT,
    wire.EquipmentEvent: codes.EQUIPMENT,
    wire.ShipmentEvent: codes.SHIPMENT,
}


@dataclass(frozen=True, slots=True)
class Vantage:
    """Whose events they are.

    Attributes:
        tenant: whose data it is.
        source: configured id.
        schemes: what references are here, by DCSA's type.
    """

    tenant: str
    source: str
    schemes: Mapping[str, Scheme]

    @classmethod
    def of(cls, settings: DcsaSettings) -> Self:
        """Where one configured source stands."""
        return cls(settings.tenant, settings.id, settings.reference_schemes)

    def key(self, name: str) -> EntityKey:
        """The address of a shipment."""
        return EntityKey(tenant=self.tenant, source=self.source, kind=EntityKind.SHIPMENT, id=name)


def boxes_of(event: wire.Envelope) -> tuple[str, ...]:
    """The containers that an event names: the one it is about, else those it refers to; each once."""
    if event.equipment is not None:
        return (event.equipment,)
    return tuple(dict.fromkeys(each.value for each in event.references if each.type == "EQ"))


def booking_of(event: wire.Envelope) -> str | None:
    """The carrier's booking that an event names."""
    return _document(event, "BKG")


def document_of(event: wire.Envelope) -> str | None:
    """The transport document, bill of lading or waybill, that an event names."""
    return _document(event, "TRD")


def _document(event: wire.Envelope, kind: str) -> str | None:
    if event.document_type == kind and event.document_id is not None:
        return event.document_id
    return next((each.value for each in event.documents if each.type == kind), None)


def names_of(event: wire.Envelope) -> tuple[str, ...]:
    """Which shipments an event is about: one per container, else the booking, else the transport document."""
    whole = booking_of(event) or document_of(event)
    return boxes_of(event) or ((whole,) if whole else ())


def identity_of(event: wire.Event) -> str:
    """Its id, which 2.x does not require; else what it is made of."""
    if event.event_id is not None:
        return event.event_id
    place = (event.call and event.call.id) or ""
    return "/".join((event.event_type, *event.words, event.classifier, place, event.happened_at.isoformat()))


def is_ignored(event: wire.Envelope) -> bool:
    """Whether it is known, and known to tell nothing of a shipment's way."""
    is_paper = event.event_type == "SHIPMENT" and event.document_type in codes.DOCUMENTS_IGNORED
    return event.event_type in codes.EVENTS_IGNORED or is_paper


def milestone_code(event: wire.Event) -> MilestoneCode:
    """What happened: the row of the longest key that fits; UNKNOWN where no table has the code."""
    if _unheard_of(event):
        return MilestoneCode.UNKNOWN
    table, words = _TABLES[type(event)], event.words
    keys = (words[:length] for length in range(len(words), 0, -1))
    return next((table[key] for key in keys if key in table), MilestoneCode.UNKNOWN)


def milestone_of(event: wire.Event, vantage: Vantage) -> Milestone | None:
    """An event as a milestone; null where nobody knows whether it happened: see `unmapped_of`."""
    classifier = codes.CLASSIFIER.get(event.classifier)
    if classifier is None:
        return None
    carrier = carrier_of(event)
    return Milestone(
        code=milestone_code(event),
        classifier=classifier,
        occurred_at=event.happened_at,
        recorded_at=event.created_at,
        location=location_of(event),
        description=event.remark,
        source_code=event.source_code,
        source=carrier.name if carrier else vantage.source,
        event_id=event.event_id,
    )


def numbers_of(event: wire.Envelope, name: str, vantage: Vantage) -> ShipmentNumbers:
    """The numbers that an event names, as to one of the shipments it is about."""
    told = tuple(_references(event, name, vantage))
    orders = (each.value for each in told if each.scheme is Scheme.SO)
    return ShipmentNumbers(
        order_numbers=tuple(dict.fromkeys(orders)),
        tracking_number=name if name in boxes_of(event) else None,
        bill_of_lading=document_of(event),
        carrier=carrier_of(event) if isinstance(event, wire.Event) else None,
        references=tuple(dict.fromkeys(each for each in told if each.scheme is not Scheme.SO)),
    )


def _references(event: wire.Envelope, name: str, vantage: Vantage) -> Iterator[Reference]:
    booking = booking_of(event)
    if booking is not None and booking != name:
        yield Reference(scheme=Scheme.SHIPMENT_ID, value=booking)
    for each in event.references:
        if each.type in vantage.schemes:
            yield Reference(scheme=vantage.schemes[each.type], value=each.value)


def occurrences_of(event: wire.Event, name: str, vantage: Vantage) -> Iterator[Occurrence]:
    """What an event tells of one of the shipments it is about: what happened, and what the goods are called."""
    key, milestone, numbers = vantage.key(name), milestone_of(event, vantage), numbers_of(event, name, vantage)
    if milestone is not None and not is_ignored(event):
        yield Occurrence(key, identity_of(event), event.created_at, milestone)
    if numbers != ShipmentNumbers():
        digest = hashlib.sha256(msgspec.json.encode(numbers)).hexdigest()
        yield Occurrence(key, f"numbers {digest[:32]}", event.created_at, numbers)


def carrier_of(event: wire.Event) -> Carrier | None:
    """The carrier, where it says itself that it is one (3.0); the operator of a vessel may be another."""
    publisher = event.publisher
    name = (publisher.name or publisher.code) if publisher else None
    if publisher is None or name is None or event.publisher_role != CARRIER_ROLE:
        return None
    is_scac = publisher.code_list == SCAC_LIST and _SCAC.fullmatch(publisher.code or "")
    return Carrier(name=name, scac=publisher.code if is_scac else None)


def location_of(event: wire.Event) -> Location | None:
    """Where it happens: the place of the event itself, else that of the transport call."""
    call = event.call or wire.TransportCall()
    place = event.place or call.location or wire.Place()
    address = place.address or wire.Address()
    named = {
        "name": place.name or call.other_facility,
        "city": address.city,
        "region": address.region,
        "postal_code": address.postal_code,
        "unlocode": _unlocode(place.unlocode or (None if event.place else call.unlocode)),
    }
    return Location(**named) if any(named.values()) else None


def _unlocode(code: str | None) -> str | None:
    return code if code and _UNLOCODE.fullmatch(code) else None


def unmapped_of(event: wire.Event) -> Iterator[UnmappedCode]:
    """The codes of an event that no table knows."""
    if is_ignored(event):
        return
    yield from _unheard_of(event)
    facility = event.facility if isinstance(event, wire.EquipmentEvent) else event.call and event.call.facility
    told = (
        ("eventClassifierCode", event.classifier, codes.CLASSIFIER),
        ("emptyIndicatorCode", getattr(event, "empty_indicator", None), codes.EMPTY_INDICATORS),
        ("facilityTypeCode", facility, codes.FACILITIES),
        ("modeOfTransport", event.call and event.call.mode, {*codes.MODE, *codes.MODES_IGNORED}),
        *(("referenceType", each.type, codes.REFERENCES) for each in event.references),
    )
    yield from (UnmappedCode(name, code) for name, code, known in told if code and code not in known)


def _unheard_of(event: wire.Event) -> tuple[UnmappedCode, ...]:
    """Of the codes that say what happened, the one that no table knows."""
    telling = event.words[0]
    if (telling,) not in _TABLES.get(type(event), {}):
        return (
            UnmappedCode("documentTypeCode" if isinstance(event, wire.ShipmentEvent) else event.code_list, telling),
        )
    if isinstance(event, wire.ShipmentEvent) and event.code not in codes.SHIPMENT_CODES:
        return (UnmappedCode(event.code_list, event.code),)
    return ()
