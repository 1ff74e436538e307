"""EPCIS's words: lenient about what is unknown, strict about what is used."""

import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

_DATE_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T")


def _instant(value: object) -> object:
    """Text of a date and a time only: pydantic would take digits for seconds since 1970."""
    if not isinstance(value, str) or not _DATE_TIME.match(value):
        raise ValueError("a date-time as text")
    return value


Uri = Annotated[str, Field(min_length=1, max_length=2_000)]
Code = Annotated[str, Field(min_length=1, max_length=200)]
Moment = Annotated[AwareDatetime, BeforeValidator(_instant)]
Offset = Annotated[str, Field(pattern=r"^[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00)$")]


class Wire(BaseModel):
    """Base of the objects of EPCIS."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", frozen=True, hide_input_in_errors=True)


class Place(Wire):
    """Where it happened, or where the objects are since."""

    id: Uri


class BizTransaction(Wire):
    """A document that the event belongs to; one without a type names nothing that could be used."""

    type: Code | None = None
    biz_transaction: Uri


class QuantityElement(Wire):
    """Objects of one class; pieces unless there is a unit, and an unknown number of them without a quantity."""

    epc_class: Uri
    quantity: Annotated[Decimal | None, Field(ge=0)] = None
    uom: Code | None = None


class ErrorDeclaration(Wire):
    """Says that the event, which it repeats, is not true."""

    declaration_time: Moment


class Header(Wire):
    """What an event of any type has."""

    model_config = ConfigDict(title="Event")

    type: Code
    event_id: Annotated[Code | None, Field(alias="eventID")] = None


class Event(Header):
    """An event that may be about what leaves a warehouse."""

    type: Literal["ObjectEvent", "AggregationEvent", "TransactionEvent"]
    event_time: Moment
    event_time_zone_offset: Offset | None = None
    record_time: Moment | None = None
    error_declaration: ErrorDeclaration | None = None
    action: Literal["ADD", "OBSERVE", "DELETE"]
    biz_step: Uri | None = None
    disposition: Uri | None = None
    read_point: Place | None = None
    biz_location: Place | None = None
    biz_transaction_list: tuple[BizTransaction, ...] = ()
    parent_id: Annotated[Uri | None, Field(alias="parentID")] = None
    epc_list: tuple[Uri, ...] = ()
    child_epcs: Annotated[tuple[Uri, ...], Field(alias="childEPCs")] = ()
    quantity_list: tuple[QuantityElement, ...] = ()
    child_quantity_list: tuple[QuantityElement, ...] = ()

    @property
    def epcs(self) -> tuple[str, ...]:
        """Single objects, each once; an event of one type has them in one list."""
        return tuple(dict.fromkeys((*self.epc_list, *self.child_epcs)))

    @property
    def quantities(self) -> tuple[QuantityElement, ...]:
        """Objects by class; they are not among the single ones."""
        return (*self.quantity_list, *self.child_quantity_list)
