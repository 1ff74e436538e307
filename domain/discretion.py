"""What of a view may be told to whom: sections that are kept from a caller, and credit, which others hint at."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from msgspec.structs import replace as replace_in

from domain.case_view import Section
from domain.entity import Entity
from domain.freshness import Freshness, FreshnessState
from domain.fulfillment import Fulfillment
from domain.hold import HoldKind
from domain.identity import EntityKind
from domain.order import Order
from domain.shipment import Shipment
from domain.shipment_exception import ExceptionKind


def forbidden(kind: EntityKind) -> Section:
    """A section that the caller may not see; nobody was asked for it."""
    return Section(kind, (), (), (), (), Freshness(FreshnessState.FORBIDDEN), None)


def told_to(sections: Mapping[EntityKind, Section], kinds: Collection[EntityKind]) -> Mapping[EntityKind, Section]:
    """The sections of these kinds; without credit, nothing in the others says that credit holds something up."""
    seen = {kind: section for kind, section in sections.items() if kind in kinds}
    return seen if EntityKind.CREDIT in kinds else {kind: _silent(section) for kind, section in seen.items()}


def _silent(section: Section) -> Section:
    earlier = tuple(each if each is None else without_credit(each) for each in section.earlier)
    return replace(section, nodes=tuple(without_credit(each) for each in section.nodes), earlier=earlier)


def without_credit(entity: Entity) -> Entity:
    """The entity, saying nothing of credit that holds it up."""
    match entity:
        case Order() | Fulfillment() if entity.holds:
            return replace_in(entity, holds=tuple(each for each in entity.holds if each.kind is not HoldKind.CREDIT))
        case Shipment():
            return _shipment_without_credit(entity)
        case _:
            return entity


def _shipment_without_credit(shipment: Shipment) -> Shipment:
    eta = shipment.eta
    if eta is not None and eta.change_reason is ExceptionKind.CREDIT_HOLD:
        shipment = replace_in(shipment, eta=replace_in(eta, change_reason=None))
    kept = tuple(each for each in shipment.exceptions if each.kind is not ExceptionKind.CREDIT_HOLD)
    return shipment if len(kept) == len(shipment.exceptions) else replace_in(shipment, exceptions=kept)
