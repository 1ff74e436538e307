"""The model of each kind of entity."""

from collections.abc import Mapping

from domain.billing import CreditStatus, Invoice
from domain.claims import Claim
from domain.customer import Customer
from domain.entity import Entity
from domain.fulfillment import Fulfillment
from domain.identity import EntityKind
from domain.inventory import InventoryPosition
from domain.order import Order
from domain.returns import Return
from domain.service_case import ServiceCase
from domain.shipment import Shipment

MODELS: Mapping[EntityKind, type[Entity]] = {
    EntityKind.SERVICE_CASE: ServiceCase,
    EntityKind.CUSTOMER: Customer,
    EntityKind.ORDER: Order,
    EntityKind.SHIPMENT: Shipment,
    EntityKind.FULFILLMENT: Fulfillment,
    EntityKind.INVENTORY: InventoryPosition,
    EntityKind.INVOICE: Invoice,
    EntityKind.CREDIT: CreditStatus,
    EntityKind.RETURN: Return,
    EntityKind.CLAIM: Claim,
}
