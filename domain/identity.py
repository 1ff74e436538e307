"""What things are called, and by whom.

A number is unique only within its scheme and its issuer: carriers reuse tracking numbers, two ERPs count invoices
from one. An entity is therefore addressed by `EntityKey`, and a number that somebody quotes is a `Reference`.
"""

import re
from enum import Enum
from functools import lru_cache
from typing import Annotated, Self

from msgspec import Meta

from domain.errors import InvalidRequest
from domain.model import Model, Name

NAMES = 8_192
"""Names that a process remembers how to spell."""

MAIN_TENANT = "main"
"""Whose data it is where a gateway serves one company."""


class SourceKind(Enum):
    """What a system of record is the authority for."""

    TMS = "TMS"
    WMS = "WMS"
    ERP = "ERP"
    CRM = "CRM"
    CLAIMS = "CLAIMS"


class EntityKind(Enum):
    """The kinds of entity that a case view shows; each has one section."""

    __hash__ = object.__hash__  # a member is one object, and is looked up by all the time

    SERVICE_CASE = "SERVICE_CASE"
    CUSTOMER = "CUSTOMER"
    ORDER = "ORDER"
    SHIPMENT = "SHIPMENT"
    FULFILLMENT = "FULFILLMENT"
    INVENTORY = "INVENTORY"
    INVOICE = "INVOICE"
    CREDIT = "CREDIT"
    RETURN = "RETURN"
    CLAIM = "CLAIM"


class Scheme(Enum):
    """What kind of number a reference is."""

    __hash__ = object.__hash__  # a member is one object, and is looked up by all the time

    CASE = "CASE"
    SO = "SO"
    PO = "PO"
    DELIVERY = "DELIVERY"
    SHIPMENT_ID = "SHIPMENT_ID"
    BOL = "BOL"
    TRACKING = "TRACKING"
    INVOICE = "INVOICE"
    CREDIT_MEMO = "CREDIT_MEMO"
    RMA = "RMA"
    CLAIM = "CLAIM"
    CUSTOMER = "CUSTOMER"
    SKU = "SKU"
    SSCC = "SSCC"


class Reference(Model, cache_hash=True):
    """A number under which somebody knows something."""

    scheme: Scheme
    value: Name
    issuer: (
        Annotated[
            Name,
            Meta(description="Who gave the number: a carrier, a system, a customer; null: asked without saying whose"),
        ]
        | None
    ) = None

    def may_be(self, other: Self) -> bool:
        """Whether both can name the same thing: same scheme and value, and no two different issuers."""
        issuers = {self.issuer, other.issuer} - {None}
        return self.scheme is other.scheme and self.value == other.value and len(issuers) <= 1


class EntityKey(Model, cache_hash=True):
    """The address of one entity of one source of one tenant."""

    tenant: Name
    source: Name
    kind: EntityKind
    id: Name


@lru_cache(maxsize=NAMES)
def entity_key(tenant: str, source: str, kind: EntityKind, name: str) -> EntityKey:
    """The address of an entity; the same are made again and again, and making a checked value takes its time.

    Raises:
        msgspec.ValidationError: a part of it is not as `EntityKey` has it.
    """
    return EntityKey(tenant=tenant, source=source, kind=kind, id=name)


CASE_KEY_SCHEMES = {
    "caseNumber": Scheme.CASE,
    "orderNumber": Scheme.SO,
    "purchaseOrderNumber": Scheme.PO,
    "trackingNumber": Scheme.TRACKING,
    "shipmentId": Scheme.SHIPMENT_ID,
    "invoiceNumber": Scheme.INVOICE,
}
"""How each field of the public `CaseKey` input is read."""

_QUOTABLE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufeff]{1,100}")


class CaseKey(Model, cache_hash=True):
    """The one name under which a caller asks for a case."""

    scheme: Scheme
    value: Name

    @classmethod
    def quoted(cls, field: str, value: str) -> Self:
        """A key as a caller gave it.

        Args:
            field: a key of `CASE_KEY_SCHEMES`.
            value: see `named`.

        Raises:
            InvalidRequest: see `named`.
        """
        return cls.named(CASE_KEY_SCHEMES[field], value, f"key.{field}")

    @classmethod
    def named(cls, scheme: Scheme, value: str, field: str) -> Self:
        """A key of any scheme as a caller gave it.

        Args:
            scheme: what kind of number it is.
            value: 1 to 100 visible characters; surrounding blanks are dropped.
            field: where the caller gave it.

        Raises:
            InvalidRequest: the value is empty, too long or has control or invisible characters.
        """
        number = value.strip()
        if not _QUOTABLE.fullmatch(number):
            raise InvalidRequest(field=field, found=number, allowed="1 to 100 visible characters")
        return cls(scheme=scheme, value=number)

    @property
    def reference(self) -> Reference:
        """The key as a reference whose issuer nobody named."""
        return Reference(scheme=self.scheme, value=self.value)
