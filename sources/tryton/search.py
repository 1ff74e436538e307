"""How Tryton is searched, and how its answers are walked through.

A domain is Tryton's own notation for a condition, as JSON. Dots follow relations, through lists as well.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from domain.identity import Reference, Scheme

Domain = list[Any]

DATE_PARTS = ("year", "month", "day", "hour", "minute", "second", "microsecond")
"""How Tryton spells a moment in JSON: naive, UTC."""

SALE_NUMBERS: Mapping[Scheme, tuple[str, ...]] = {
    Scheme.SO: ("number",),
    Scheme.PO: ("reference",),
    Scheme.INVOICE: ("invoices.number",),
    Scheme.DELIVERY: ("shipments.number",),
    Scheme.SHIPMENT_ID: ("shipments.number",),
    Scheme.TRACKING: ("shipments.shipping_reference", "shipments.packages.shipping_reference"),
}
"""Where the numbers stand under which a sale is known."""

PARTY_RECORDS = ("", "contact_mechanisms.")
"""The records that the answer about a party is made of; each carries the times of its own making and writing only."""

SALE_RECORDS = (
    "",
    "lines.",
    "lines.product.",
    "lines.product.template.",
    "party.",
    "party.contact_mechanisms.",
    "shipments.",
    "shipments.carrier.party.",
    "shipments.moves.",
    "shipments.moves.product.",
    "shipments.moves.product.template.",
    "shipments.packages.",
    "shipments.warehouse.",
    "shipment_returns.",
    "invoices.",
    "invoices.lines.",
)
"""The records that the answers about a sale are made of."""


def changed_since(since: datetime, records: Iterable[str]) -> Domain:
    """The condition that any of the records was made or written at or after a moment; one never written has no date."""
    stamp = {"__class__": "datetime"} | {part: getattr(since.astimezone(UTC), part) for part in DATE_PARTS}
    return ["OR", *([f"{path}{date}", ">=", stamp] for path in records for date in ("write_date", "create_date"))]


def known_as(numbers: Iterable[Reference]) -> Domain:
    """The condition that a sale is known under one of the numbers."""
    values: dict[Scheme, dict[str, None]] = {}
    for number in numbers:
        values.setdefault(number.scheme, {})[number.value] = None
    return [
        "OR",
        *([path, "in", list(distinct)] for scheme, distinct in values.items() for path in SALE_NUMBERS[scheme]),
    ]


def at(value: object, path: str) -> Iterator[object]:
    """What stands at a dotted path of a JSON value, through lists as well; nulls are left out."""
    if isinstance(value, list | tuple):
        for each in value:
            yield from at(each, path)
    elif not path:
        yield from () if value is None else (value,)
    elif isinstance(value, dict):
        step, _, rest = path.partition(".")
        yield from at(value.get(step), rest)


def encode(value: object) -> str:
    """JSON in URL-safe base64, which is how Tryton's REST takes domains, orders and contexts."""
    return urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode()
