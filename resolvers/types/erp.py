"""Orders, invoices, credit."""

from domain import billing, order
from resolvers.types.common import label_of_status  # publishes Money and Hold first
from resolvers.types.publish import published, shown


@published(order.OrderLine)
class OrderLine:
    """One line of an order; quantities are in the line's unit of measure."""


@published(order.Order, without={"references"})
class Order:
    """What a customer ordered and was promised."""

    status_label = shown(label_of_status)


@published(billing.Dispute)
class Dispute:
    """What a customer contests."""


@published(billing.CreditNote)
class CreditNote:
    """A credit memo given against an invoice."""


@published(billing.Invoice, without={"references"})
class Invoice:
    """What the customer owes for which orders."""

    status_label = shown(label_of_status)


@published(billing.CreditStatus, without={"references"}, identifiers={"customer_id"})
class CreditStatus:
    """How much credit a customer has, and how much is used."""
