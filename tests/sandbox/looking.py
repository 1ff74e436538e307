"""Looks into a world as the gateway does: at what is encoded, decoded again."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from hypothesis import settings
from msgspec import Raw, Struct

from domain.billing import CreditStatus, Invoice
from domain.customer import Customer
from domain.entity import Entity
from domain.fulfillment import Fulfillment
from domain.identity import EntityKind, Scheme
from domain.inventory import InventoryPosition
from domain.order import Order
from domain.returns import Return
from domain.service_case import ServiceCase
from sandbox.world import World

ANCHOR = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

WORLD = World(7, ANCHOR)

unhurried = settings(deadline=None)
"""For properties: whoever looks first at an order waits until its history is written."""

E = TypeVar("E", bound=Entity)

KINDS: Mapping[type[Entity], EntityKind] = {
    Order: EntityKind.ORDER,
    Customer: EntityKind.CUSTOMER,
    Invoice: EntityKind.INVOICE,
    CreditStatus: EntityKind.CREDIT,
    Fulfillment: EntityKind.FULFILLMENT,
    InventoryPosition: EntityKind.INVENTORY,
    Return: EntityKind.RETURN,
    ServiceCase: EntityKind.SERVICE_CASE,
}


class _Found(Struct, rename="camel"):
    id: str
    as_of: datetime
    data: Raw


def entities(world: World, model: type[E], order: str, moment: datetime = ANCHOR) -> list[E]:
    """What belongs to an order, as its system shows it."""
    found = world.find(KINDS[model], (Scheme.SO, order), moment)
    return [msgspec.json.decode(msgspec.json.decode(body, type=_Found).data, type=model) for body in found]


def trackers(world: World, order: str, moment: datetime = ANCHOR) -> list[Any]:
    """The trackers of the parcels of an order's deliveries."""
    return [
        msgspec.json.decode(body)
        for delivery in entities(world, Fulfillment, order, moment)
        for package in delivery.packages
        for body in world.find(EntityKind.SHIPMENT, (Scheme.TRACKING, package.tracking_number or ""), moment)
    ]


def claims(world: World, tracking_code: str, moment: datetime = ANCHOR) -> list[Any]:
    """The claims for a parcel."""
    return [
        msgspec.json.decode(body) for body in world.find(EntityKind.CLAIM, (Scheme.TRACKING, tracking_code), moment)
    ]
