"""Whether somebody who asks knows more of a delivery than its number: the postal code that it goes to."""

from collections.abc import Iterable, Mapping

from domain.case_view import Section
from domain.identity import EntityKind
from domain.order import Order
from domain.place import Location
from domain.shipment import Shipment, StopKind

ZIP = 5
"""Digits of a United States ZIP Code without what USPS calls the add-on."""


def is_delivered_to(postal_code: str, sections: Mapping[EntityKind, Section]) -> bool:
    """Whether something of the view goes to this postal code; spaces, hyphens and case do not matter."""
    asked = _plain(postal_code)
    return bool(asked) and any(asked in _spellings(each) for each in _destinations(sections))


def _destinations(sections: Mapping[EntityKind, Section]) -> Iterable[Location]:
    for kind in (EntityKind.ORDER, EntityKind.SHIPMENT):
        for node in sections[kind].nodes if kind in sections else ():
            if isinstance(node, Order) and node.ship_to:
                yield node.ship_to
            elif isinstance(node, Shipment):
                yield from (each.location for each in node.stops if each.kind is StopKind.DELIVERY)


def _spellings(location: Location) -> set[str]:
    known = _plain(location.postal_code or "")
    is_zip = known.isdigit() and len(known) > ZIP and location.country_code in {"US", None}
    return {known, known[:ZIP]} if is_zip else {known}


def _plain(postal_code: str) -> str:
    return "".join(each for each in postal_code.upper() if each.isalnum())
