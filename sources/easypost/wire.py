"""EasyPost's words: lenient about what is unknown, strict about what is used."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from domain.foreign import cut
from domain.model import MOST_LABEL, MOST_WORDS


def _nothing_for_blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _shortened(most: int) -> BeforeValidator:
    """Cuts words that no canonical value could hold."""

    def shortened(value: object) -> object:
        value = _nothing_for_blank(value)
        return cut(value, most) if isinstance(value, str) else value

    return BeforeValidator(shortened)


def _instant(value: object) -> object:
    """Text only: pydantic would take a number for seconds since 1970."""
    value = _nothing_for_blank(value)
    if isinstance(value, int | float):
        raise ValueError("a date-time as text")  # noqa: TRY004  # pydantic reports a ValueError by field
    return value


Words = Annotated[str | None, _shortened(MOST_WORDS)]
Called = Annotated[str | None, _shortened(MOST_LABEL)]
"""What a person or a place is called."""
Code = Annotated[str, Field(min_length=1, max_length=200)]
Moment = Annotated[AwareDatetime, BeforeValidator(_instant)]
Blankable = BeforeValidator(_nothing_for_blank)


class Wire(BaseModel):
    """Base of the vendor's objects."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class TrackingLocation(Wire):
    """Where a scan was made."""

    city: Called = None
    state: Called = None
    country: Annotated[Code | None, Blankable] = None
    zip: Annotated[Code | None, Blankable] = None


class TrackingDetail(Wire):
    """One scan."""

    message: Words = None
    description: Words = None
    status: Code
    status_detail: Annotated[Code | None, Blankable] = None
    datetime: Moment
    source: Annotated[Code | None, Blankable] = None
    tracking_location: TrackingLocation | None = None


class CarrierDetail(Wire):
    """What the carrier says besides."""

    service: Annotated[Code | None, Blankable] = None
    est_delivery_date_local: Annotated[date | None, Blankable] = None
    est_delivery_time_local: Annotated[time | None, Blankable] = None
    origin_tracking_location: TrackingLocation | None = None
    destination_tracking_location: TrackingLocation | None = None


class Tracker(Wire):
    """One parcel of one carrier."""

    id: Code
    tracking_code: Code
    carrier: Code
    status: Code
    status_detail: Annotated[Code | None, Blankable] = None
    created_at: Moment
    updated_at: Moment
    signed_by: Called = None
    est_delivery_date: Annotated[datetime | None, BeforeValidator(_instant)] = None
    shipment_id: Annotated[Code | None, Blankable] = None
    tracking_details: list[TrackingDetail] = []
    carrier_detail: CarrierDetail | None = None
    public_url: Any = None


class Claim(Wire):
    """One insurance claim."""

    id: Code
    tracking_code: Annotated[Code | None, Blankable] = None
    shipment_id: Annotated[Code | None, Blankable] = None
    status: Code
    status_detail: Words = None
    type: Code
    description: Words = None
    requested_amount: Annotated[Decimal | None, Blankable] = None
    approved_amount: Annotated[Decimal | None, Blankable] = None
    attachments: list[Any] = []
    created_at: Moment
    updated_at: Moment
