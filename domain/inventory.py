"""Stock, as the WMS knows it."""

from decimal import Decimal

from domain.entity import Entity
from domain.model import Day, Name


class InventoryPosition(Entity):
    """One item in one warehouse; quantities are in the item's base unit."""

    sku: Name
    warehouse: Name
    on_hand: Decimal
    allocated: Decimal
    available: Decimal
    next_receipt_on: Day | None = None
    next_receipt_quantity: Decimal | None = None
