"""Fulfillments, stock, returns."""

from domain import fulfillment, inventory, returns
from resolvers.types.common import label_of_status  # publishes Hold first
from resolvers.types.publish import published, shown


@published(fulfillment.FulfillmentLine)
class FulfillmentLine:
    """What is to leave, and how far it has come; null means that the warehouse does not say."""


@published(fulfillment.Package, identifiers={"id"})
class Package:
    """One handling unit."""


@published(fulfillment.Fulfillment, without={"references"}, identifiers={"id"})
class Fulfillment:
    """One delivery out of one warehouse."""

    status_label = shown(label_of_status)


@published(inventory.InventoryPosition, without={"references"})
class InventoryPosition:
    """One item in one warehouse; quantities are in the item's base unit."""


@published(returns.ReturnLine)
class ReturnLine:
    """What comes back."""


@published(returns.Return, without={"references"})
class Return:
    """One return merchandise authorization."""
