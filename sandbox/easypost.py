"""The TMS and the claims desk: EasyPost's trackers and claims, in its own wire shape.

The shape is that of recorded answers of its API (see `tests/sandbox/payloads`), with the fields in their order there.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from domain.identity import EntityKind, Scheme
from sandbox.catalog import Place
from sandbox.history import Record, View
from sandbox.numbers import opaque_id
from sandbox.orders import ClaimState, OrderState, Parcel, ParcelState, Scan

OUNCES_PER_KG = Decimal("35.274")
CENTS = Decimal("0.01")

Wire = dict[str, Any]
"""One of EasyPost's JSON objects."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An EasyPost object as content of a record; `updated_at` is filled in when it is encoded."""

    wire: Wire

    def encoded(self, changed_at: datetime) -> bytes:
        """See `history.Content.encoded`."""
        return msgspec.json.encode({**self.wire, "updated_at": changed_at})


def trackers(states: Sequence[OrderState]) -> Iterable[Record]:
    """Every parcel that has a label."""
    return (
        Record(EntityKind.SHIPMENT, parcel.plan.tracker_id, parcel.plan.numbers, Shown(_tracker(parcel)))
        for state in states
        for parcel in state.parcels.values()
    )


def claims(states: Sequence[OrderState]) -> Iterable[Record]:
    """Every claim that was filed."""
    return (_claim_record(claim) for state in states for claim in state.claims.values())


VIEWS: Mapping[EntityKind, View] = {EntityKind.SHIPMENT: trackers, EntityKind.CLAIM: claims}


def refusal(code: str, message: str) -> bytes:
    """The body of an answer that is an error."""
    return msgspec.json.encode({"error": {"code": code, "message": message, "errors": []}})


def page(name: str, records: Iterable[bytes], *, has_more: bool) -> bytes:
    """The body of an answer that is a list."""
    more = b"true" if has_more else b"false"
    return b'{"%s":[%s],"has_more":%s}' % (name.encode(), b",".join(records), more)


def _tracker(parcel: ParcelState) -> Wire:
    plan, (_, last, _) = parcel.plan, parcel.scans[-1]
    return {
        "id": plan.tracker_id,
        "object": "Tracker",
        "mode": "test",
        "tracking_code": plan.tracking_code,
        "status": last.status,
        "status_detail": last.detail,
        "created_at": parcel.created_at,
        "updated_at": None,
        "signed_by": "RECEIVING DOCK" if last.status == "delivered" else None,
        "weight": float(round(plan.weight_kg * OUNCES_PER_KG, 1)),
        "est_delivery_date": parcel.estimate,
        "shipment_id": plan.shipment_id,
        "carrier": plan.carrier.name,
        "tracking_details": [_tracking_detail(plan, *scan) for scan in parcel.scans],
        "fees": [],
        "carrier_detail": _carrier_detail(parcel),
        "delivery_evidence": [],
        "public_url": f"https://track.example.com/{base64.b64encode(f'v1:{plan.tracker_id}'.encode()).decode()}",
    }


def _tracking_detail(parcel: Parcel, at: datetime, scan: Scan, place: Place | None) -> Wire:
    return {
        "object": "TrackingDetail",
        "message": scan.message,
        "description": "",
        "status": scan.status,
        "status_detail": scan.detail,
        "datetime": at,
        "source": parcel.carrier.name,
        "carrier_code": "",
        "tracking_location": _location(place),
        "est_delivery_date": None,
    }


def _carrier_detail(parcel: ParcelState) -> Wire:
    plan = parcel.plan
    is_day = plan.carrier.estimates_days and parcel.estimate is not None
    return {
        "object": "CarrierDetail",
        "service": plan.carrier.service,
        "container_type": None,
        "est_delivery_date_local": parcel.estimate.date() if parcel.estimate and is_day else None,
        "est_delivery_time_local": None,
        "origin_location": _words(plan.origin),
        "origin_tracking_location": _location(plan.origin),
        "destination_location": _words(plan.destination),
        "destination_tracking_location": _location(plan.destination),
        "guaranteed_delivery_date": None,
        "alternate_identifier": None,
        "initial_delivery_attempt": None,
    }


def _location(place: Place | None) -> Wire:
    return {
        "object": "TrackingLocation",
        "city": place.city if place else None,
        "state": place.state if place else None,
        "country": place.country if place else None,
        "zip": place.zip if place else None,
    }


def _words(place: Place) -> str:
    return f"{place.city} {place.state or place.country}, {place.zip}"


def _claim_record(claim: ClaimState) -> Record:
    numbers = frozenset({(Scheme.CLAIM, claim.form.id), (Scheme.TRACKING, claim.form.parcel.tracking_code)})
    return Record(EntityKind.CLAIM, claim.form.id, numbers, Shown(_claim(claim)))


def _claim(claim: ClaimState) -> Wire:
    form, (moved_at, status, detail) = claim.form, claim.history[0]
    return {
        "approved_amount": None if claim.approved is None else _amount(claim.approved),
        "attachments": [f"https://files.example.com/{form.id}/{name}.png" for name in ("invoice", "parcel")],
        "check_delivery_address": None,
        "contact_email": "claims@casefold.example.com",
        "created_at": claim.filed_at,
        "description": form.description,
        "history": [
            {"status": status, "status_detail": detail, "timestamp": at} for at, status, detail in claim.history
        ],
        "id": form.id,
        "insurance_amount": _amount(form.requested),
        "insurance_id": opaque_id("ins", form.parcel.tracking_code),
        "mode": "test",
        "object": "Claim",
        "payment_method": "easypost_wallet",
        "recipient_name": None,
        "requested_amount": _amount(form.requested),
        "salvage_value": None,
        "shipment_id": form.parcel.shipment_id,
        "status": status,
        "status_detail": detail,
        "status_timestamp": moved_at,
        "tracking_code": form.parcel.tracking_code,
        "type": form.kind,
        "updated_at": None,
    }


def _amount(amount: Decimal) -> str:
    return str(amount.quantize(CENTS))
