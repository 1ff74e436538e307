"""From EasyPost's words to canonical entities. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time

from domain.claims import Claim, ClaimDocument, ClaimKind, ClaimStatus
from domain.eta import Eta, best_eta
from domain.foreign import Links, Mended, Repair
from domain.identity import Reference, Scheme
from domain.money import Money
from domain.observation import UnmappedCode
from domain.place import Location
from domain.shipment import (
    Carrier,
    Classifier,
    Milestone,
    MilestoneCode,
    ProofOfDelivery,
    Shipment,
    ShipmentStatus,
    Stop,
    StopKind,
    TransportMode,
)
from domain.shipment_exception import ExceptionKind, ShipmentException
from sources.easypost import codes, wire

CURRENCY = "USD"
"""Insurance, and with it every claim, is in US dollars."""

MOST_DOCUMENTS = 50
"""Attachments of a claim that are shown."""

LASTING = frozenset({ExceptionKind.DAMAGE})
"""Exceptions that do not end because the parcel moves on."""

_COUNTRY = re.compile(r"[A-Z]{2}")


def shipment_id(tracker: wire.Tracker) -> str:
    """Codes are recycled and not unique across carriers, so a parcel is named by carrier and code."""
    return f"{tracker.carrier}:{tracker.tracking_code}"


def shipment_of(tracker: wire.Tracker, links: Links) -> Shipment:
    """A tracker as a shipment, with those addresses that are passed on."""
    scans = sorted(tracker.tracking_details, key=lambda scan: scan.datetime)
    status = _status(tracker, scans)
    delivered_at = _delivered_at(status, scans)
    eta = _eta(tracker, status, delivered_at)
    return Shipment(
        id=shipment_id(tracker),
        tracking_number=tracker.tracking_code,
        carrier=Carrier(name=tracker.carrier),
        mode=TransportMode.PARCEL,
        status=status,
        source_status=tracker.status,
        exceptions=tuple(_exceptions(scans)),
        eta=eta,
        stops=tuple(_stops(tracker, scans, delivered_at, eta)),
        milestones=tuple(_milestone(tracker, scan) for scan in scans),
        proof_of_delivery=ProofOfDelivery(delivered_at=delivered_at, signed_by=tracker.signed_by)
        if delivered_at
        else None,
        tracking_url=links.passed(tracker.public_url),
        references=tuple(_references(tracker)),
    )


def unmapped_of(tracker: wire.Tracker) -> Iterator[UnmappedCode]:
    """The codes of a tracker that no table knows."""
    for status in {tracker.status, *(scan.status for scan in tracker.tracking_details)}:
        if status not in codes.SHIPMENT_STATUS and status not in codes.STATUS_IGNORED:
            yield UnmappedCode("tracker.status", status)
    known = {*codes.MILESTONE_OF_DETAIL, *codes.EXCEPTION_OF_DETAIL, *codes.DETAIL_IGNORED}
    for detail in {scan.status_detail for scan in tracker.tracking_details} | {tracker.status_detail}:
        if detail is not None and detail not in known:
            yield UnmappedCode("tracker.status_detail", detail)


def _status(tracker: wire.Tracker, scans: Sequence[wire.TrackingDetail]) -> ShipmentStatus:
    """What the tracker says, else what the last scan that moves anything says."""
    told = (tracker.status, *(scan.status for scan in reversed(scans)))
    return next(
        (codes.SHIPMENT_STATUS[status] for status in told if status in codes.SHIPMENT_STATUS), ShipmentStatus.UNKNOWN
    )


def _delivered_at(status: ShipmentStatus, scans: Sequence[wire.TrackingDetail]) -> datetime | None:
    if status is not ShipmentStatus.DELIVERED:
        return None
    return next((_utc(scan.datetime) for scan in reversed(scans) if scan.status == "delivered"), None)


def _exceptions(scans: Sequence[wire.TrackingDetail]) -> list[ShipmentException]:
    """One exception from its first scan until the parcel moves on; open ones first."""
    still_open: dict[ExceptionKind, ShipmentException] = {}
    cleared: list[ShipmentException] = []
    for scan in scans:
        raised = _exception(scan)
        if raised is not None:
            still_open.setdefault(raised.kind, raised)
        elif scan.status in codes.SHIPMENT_STATUS:
            passing = [kind for kind in still_open if kind not in LASTING]
            cleared.extend(_cleared(still_open.pop(kind), scan) for kind in passing)
    return [*still_open.values(), *cleared]


def _exception(scan: wire.TrackingDetail) -> ShipmentException | None:
    known = codes.EXCEPTION_OF_DETAIL.get(scan.status_detail or "")
    if known is None and scan.status != "failure":
        return None
    kind, party = known or codes.UNSPECIFIC_EXCEPTION
    return ShipmentException(
        kind=kind, party=party, detail=scan.message, source_code=_code(scan), raised_at=_utc(scan.datetime)
    )


def _cleared(exception: ShipmentException, scan: wire.TrackingDetail) -> ShipmentException:
    return ShipmentException(
        kind=exception.kind,
        party=exception.party,
        detail=exception.detail,
        source_code=exception.source_code,
        raised_at=exception.raised_at,
        cleared_at=_utc(scan.datetime),
    )


def _milestone(tracker: wire.Tracker, scan: wire.TrackingDetail) -> Milestone:
    detail = codes.MILESTONE_OF_DETAIL.get(scan.status_detail or "") if scan.status != "delivered" else None
    raised = MilestoneCode.EXCEPTION_RAISED if _exception(scan) else None
    return Milestone(
        code=detail or raised or codes.MILESTONE.get(scan.status, MilestoneCode.UNKNOWN),
        classifier=Classifier.ACTUAL,
        occurred_at=_utc(scan.datetime),
        recorded_at=_utc(scan.datetime),
        location=_location(scan.tracking_location),
        description=scan.message or scan.description,
        source_code=_code(scan),
        source=scan.source or tracker.carrier,
    )


def _eta(tracker: wire.Tracker, status: ShipmentStatus, delivered_at: datetime | None) -> Eta | None:
    if status in {ShipmentStatus.CANCELLED, ShipmentStatus.RETURNING}:
        return None
    return best_eta(actual=delivered_at, estimate=_estimate(tracker))


def _estimate(tracker: wire.Tracker) -> datetime | date | None:
    """The carrier's local day where it gives one; an instant at midnight UTC is a day that was written as one."""
    if tracker.carrier_detail and tracker.carrier_detail.est_delivery_date_local:
        return tracker.carrier_detail.est_delivery_date_local
    estimate = tracker.est_delivery_date
    if estimate is None:
        return None
    is_day = estimate.tzinfo is None or _utc(estimate).timetz() == time(tzinfo=UTC)
    return estimate.date() if is_day else _utc(estimate)


def _stops(
    tracker: wire.Tracker, scans: Sequence[wire.TrackingDetail], delivered_at: datetime | None, eta: Eta | None
) -> Iterator[Stop]:
    detail = tracker.carrier_detail
    origin = _location(detail.origin_tracking_location) if detail else None
    destination = _location(detail.destination_tracking_location) if detail else None
    if origin:
        left = next((scan.datetime for scan in scans if scan.status == "in_transit"), None)
        yield Stop(sequence=1, kind=StopKind.PICKUP, location=origin, actual_departure=_utc(left) if left else None)
    if destination:
        yield Stop(
            sequence=2 if origin else 1,
            kind=StopKind.DELIVERY,
            location=destination,
            estimated_arrival=eta.estimated_at if eta and not delivered_at else None,
            actual_arrival=delivered_at,
        )


def _references(tracker: wire.Tracker) -> Iterator[Reference]:
    yield Reference(scheme=Scheme.SHIPMENT_ID, value=tracker.id, issuer="EasyPost")
    if tracker.shipment_id:
        yield Reference(scheme=Scheme.SHIPMENT_ID, value=tracker.shipment_id, issuer="EasyPost")


def _location(place: wire.TrackingLocation | None) -> Location | None:
    if place is None or not any((place.city, place.state, place.country, place.zip)):
        return None
    country = place.country if place.country and _COUNTRY.fullmatch(place.country) else None
    return Location(city=place.city, region=place.state, country_code=country, postal_code=place.zip)


def claim_of(claim: wire.Claim, links: Links) -> Claim:
    """A claim as a claim, with those addresses that are passed on."""
    return Claim(
        number=claim.id,
        shipment_id=claim.shipment_id,
        tracking_number=claim.tracking_code,
        kind=codes.CLAIM_KIND.get(claim.type, ClaimKind.OTHER),
        status=codes.CLAIM_STATUS.get(claim.status, ClaimStatus.UNKNOWN),
        source_status=claim.status,
        description=claim.description,
        amount=_amount(claim),
        filed_on=_utc(claim.created_at).date(),
        updated_at=_utc(claim.updated_at),
        documents=tuple(
            ClaimDocument(kind="attachment", is_present=True, url=links.passed(each))
            for each in claim.attachments[:MOST_DOCUMENTS]
        ),
    )


def mended_of(record: wire.Tracker | wire.Claim, links: Links) -> Iterator[Mended]:
    """The addresses of a record that are not passed on."""
    if isinstance(record, wire.Tracker):
        given: Mapping[str, Sequence[object]] = {"Shipment.trackingUrl": [record.public_url]}
    else:
        given = {"ClaimDocument.url": record.attachments[:MOST_DOCUMENTS]}
    dropped = (name for name, urls in given.items() for url in urls if url is not None and links.passed(url) is None)
    return (Mended(name, Repair.DROPPED) for name in dropped)


def unmapped_of_claim(claim: wire.Claim) -> Iterator[UnmappedCode]:
    """The codes of a claim that no table knows."""
    if claim.status not in codes.CLAIM_STATUS:
        yield UnmappedCode("claim.status", claim.status)
    if claim.type not in codes.CLAIM_KIND:
        yield UnmappedCode("claim.type", claim.type)


def _amount(claim: wire.Claim) -> Money | None:
    """What was approved, else what is asked for."""
    amount = claim.requested_amount if claim.approved_amount is None else claim.approved_amount
    return Money(amount=amount, currency=CURRENCY) if amount is not None and amount.is_finite() else None


def _code(scan: wire.TrackingDetail) -> str:
    return (f"{scan.status}/{scan.status_detail}" if scan.status_detail else scan.status)[:200]


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
