"""DCSA's words: lenient about what is unknown, strict about what is used.

An event of 2.x is flat; 3.0 splits it into `metadata` and `payload` and renames a few fields. Both are read.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AliasChoices,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from domain.foreign import cut
from domain.model import MOST_LABEL, MOST_WORDS
from sources.dcsa.codes import TRANSSHIPMENT

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]")


def _nothing_for_blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _shortened(most: int) -> BeforeValidator:
    """Cuts words that no canonical value could hold."""

    def shortened(value: object) -> object:
        value = _nothing_for_blank(value)
        return cut(value, most) if isinstance(value, str) else value

    return BeforeValidator(shortened)


def _none_for_null(value: object) -> object:
    return [] if value is None else value


def _date_time(value: object) -> object:
    """ISO 8601 only: pydantic would take a number, or digits, for seconds since 1970."""
    if not isinstance(value, str) or not _DATE_TIME.match(value):
        raise ValueError("a date-time of ISO 8601 as text")
    return value


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a date-time between the years 1 and 9999") from error


Code = Annotated[str, Field(min_length=1, max_length=200)]
Blankable = BeforeValidator(_nothing_for_blank)
OptionalCode = Annotated[Code | None, Blankable]
Words = Annotated[str | None, _shortened(MOST_WORDS)]
Called = Annotated[str | None, _shortened(MOST_LABEL)]
"""What a place is called."""
Moment = Annotated[AwareDatetime, BeforeValidator(_date_time), AfterValidator(_utc)]
"""In UTC. A local time without an offset is refused: nobody can say which moment it is."""


class Wire(BaseModel):
    """Base of the vendor's objects."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Reference(Wire):
    """A number that shipper, forwarder or consignee gave to the carrier."""

    type: Code = Field(validation_alias=AliasChoices("referenceType", "type"))
    value: Code = Field(validation_alias=AliasChoices("referenceValue", "value"))


class DocumentReference(Wire):
    """A document that an event is related to."""

    type: Code = Field(validation_alias=AliasChoices("documentReferenceType", "type"))
    value: Code = Field(validation_alias=AliasChoices("documentReferenceValue", "value"))


class Address(Wire):
    """Where a place is."""

    city: Called = None
    region: Called = Field(None, alias="stateRegion")
    postal_code: OptionalCode = Field(None, alias="postCode")


class Place(Wire):
    """A location."""

    name: Called = Field(None, alias="locationName")
    unlocode: OptionalCode = Field(None, alias="UNLocationCode")
    address: Address | None = None


class TransportCall(Wire):
    """One call of one vessel, barge, train or lorry at one place."""

    id: OptionalCode = Field(None, validation_alias=AliasChoices("transportCallID", "transportCallReference"))
    mode: OptionalCode = Field(None, alias="modeOfTransport")
    unlocode: OptionalCode = Field(None, alias="UNLocationCode")
    facility: OptionalCode = Field(None, alias="facilityTypeCode")
    other_facility: OptionalCode = Field(None, alias="otherFacility")
    location: Place | None = None


class Publisher(Wire):
    """Who sends an event (3.0)."""

    name: OptionalCode = Field(None, alias="partyName")
    code: OptionalCode = Field(None, alias="carrierCode")
    code_list: OptionalCode = Field(None, alias="carrierCodeListProvider")


class Envelope(Wire):
    """What is read of every event, whatever its type: which one it is, and which numbers it names."""

    model_config = ConfigDict(title="Event")

    event_id: OptionalCode = Field(None, alias="eventID")
    event_type: Code = Field(alias="eventType")
    created_at: Moment = Field(alias="eventCreatedDateTime")
    retracts: OptionalCode = Field(None, alias="retractedEventID")
    equipment: OptionalCode = Field(None, alias="equipmentReference")
    document_type: OptionalCode = Field(None, alias="documentTypeCode")
    document_id: OptionalCode = Field(None, validation_alias=AliasChoices("documentID", "documentReference"))
    references: Annotated[list[Reference], BeforeValidator(_none_for_null)] = []
    documents: Annotated[list[DocumentReference], BeforeValidator(_none_for_null)] = Field(
        [], validation_alias=AliasChoices("documentReferences", "relatedDocumentReferences")
    )

    @model_validator(mode="before")
    @classmethod
    def _flat(cls, record: Any) -> Any:  # noqa: ANN401  # whatever came
        if not isinstance(record, dict) or not isinstance(record.get("metadata"), dict):
            return record
        payload = record.get("payload")
        return (payload if isinstance(payload, dict) else {}) | record["metadata"]


class Event(Envelope):
    """What every event tells; this class itself is one of a type that nobody has heard of."""

    happened_at: Moment = Field(alias="eventDateTime")
    classifier: Code = Field(alias="eventClassifierCode")
    publisher: Publisher | None = None
    publisher_role: OptionalCode = Field(None, alias="publisherRole")
    call: TransportCall | None = Field(None, alias="transportCall")
    place: Place | None = Field(None, validation_alias=AliasChoices("eventLocation", "location"))
    remark: Words = Field(None, validation_alias=AliasChoices("reason", "changeRemark", "vesselScheduleChangeRemark"))

    @property
    def code_list(self) -> str:
        """The field that holds its code."""
        return "eventType"

    @property
    def words(self) -> tuple[str, ...]:
        """What says what happened, in the order of the tables of `codes`."""
        return (self.event_type,)

    @property
    def source_code(self) -> str:
        """Its code as sent."""
        return self.words[0]


class TransportEvent(Event):
    """A vessel, train or lorry arrives or departs."""

    code: Code = Field(validation_alias=AliasChoices("transportEventTypeCode", "eventTypeCode"))
    delay_reason: OptionalCode = Field(None, alias="delayReasonCode")

    @property
    def code_list(self) -> str:
        """See `Event.code_list`."""
        return "transportEventTypeCode"

    @property
    def words(self) -> tuple[str, ...]:
        """See `Event.words`."""
        return (self.code,)


class EquipmentEvent(Event):
    """Something is done with a container."""

    code: Code = Field(validation_alias=AliasChoices("equipmentEventTypeCode", "eventTypeCode"))
    empty_indicator: OptionalCode = Field(None, alias="emptyIndicatorCode")
    own_facility: OptionalCode = Field(None, alias="facilityTypeCode")
    is_transshipment: bool | None = Field(None, alias="isTransshipmentMove")

    @property
    def code_list(self) -> str:
        """See `Event.code_list`."""
        return "equipmentEventTypeCode"

    @property
    def facility(self) -> str:
        """The role of the place, as far as it is told."""
        if self.is_transshipment:
            return TRANSSHIPMENT
        return self.own_facility or (self.call and self.call.facility) or ""

    @property
    def words(self) -> tuple[str, ...]:
        """See `Event.words`."""
        return (self.code, self.empty_indicator or "", self.facility)


class ShipmentEvent(Event):
    """A document of the shipment gets a new status."""

    document_type: Code = Field(alias="documentTypeCode")
    code: Code = Field(validation_alias=AliasChoices("shipmentEventTypeCode", "eventTypeCode"))

    @property
    def code_list(self) -> str:
        """See `Event.code_list`."""
        return "shipmentEventTypeCode"

    @property
    def words(self) -> tuple[str, ...]:
        """See `Event.words`."""
        return (self.document_type, self.code)

    @property
    def source_code(self) -> str:
        """Both of its codes: the status alone does not say of what."""
        return "/".join(self.words)[:200]


EVENTS: Mapping[str, type[Event]] = {
    "TRANSPORT": TransportEvent,
    "EQUIPMENT": EquipmentEvent,
    "SHIPMENT": ShipmentEvent,
}
"""How an event is read, by its type."""


def event_of(record: object, envelope: Envelope) -> Event:
    """A record as the event of its type.

    Raises:
        pydantic.ValidationError: names the field that is missing or wrong.
    """
    return EVENTS.get(envelope.event_type, Event).model_validate(record)
