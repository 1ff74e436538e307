"""Tryton's selections, value by value, as its own `fields_get` publishes them (8.2).

Every value is either in a table or ignored by name. Some contain blanks; all are compared as sent.
"""

from collections.abc import Collection, Mapping

from domain.billing import InvoiceStatus
from domain.claims import ClaimKind, ClaimStatus
from domain.fulfillment import FulfillmentStatus
from domain.hold import Hold, HoldKind
from domain.order import OrderStatus
from domain.returns import ReturnStatus

SALE_STATES: Mapping[str, OrderStatus] = {
    "draft": OrderStatus.DRAFT,
    "quotation": OrderStatus.DRAFT,
    "confirmed": OrderStatus.CONFIRMED,
    "processing": OrderStatus.RELEASED,
    "done": OrderStatus.COMPLETED,
    "cancelled": OrderStatus.CANCELLED,
}

SHIPPING_PROGRESS: Mapping[str, OrderStatus] = {
    "none": OrderStatus.RELEASED,
    "waiting": OrderStatus.RELEASED,
    "partially shipped": OrderStatus.PARTIALLY_SHIPPED,
    "sent": OrderStatus.SHIPPED,
    "exception": OrderStatus.ON_HOLD,
}
"""What `sale.shipment_state` says of an order in hand. It counts goods only once they have arrived."""

BILLING_PROGRESS: Mapping[str, OrderStatus] = {
    "none": OrderStatus.RELEASED,
    "pending": OrderStatus.RELEASED,
    "awaiting payment": OrderStatus.RELEASED,
    "partially paid": OrderStatus.RELEASED,
    "paid": OrderStatus.RELEASED,
    "exception": OrderStatus.ON_HOLD,
}
"""What `sale.invoice_state` says of an order in hand."""

SHIPMENT_EXCEPTION = Hold(
    kind=HoldKind.OTHER,
    reason="shipment state: exception, a delivery was cancelled",
    releases_when="Somebody decides in Tryton whether the cancelled goods are delivered again or not at all",
)
INVOICE_EXCEPTION = Hold(
    kind=HoldKind.OTHER,
    reason="invoice state: exception, an invoice was cancelled",
    releases_when="Somebody decides in Tryton whether the cancelled invoice is made again or not at all",
)

CREDIT_CHECKED_STATE = "quotation"
"""Where a sale stays that Tryton refuses to confirm; there is no state of its own for credit holds."""

CREDIT_CHECKED_METHOD = "order"
"""Credit is checked only where goods leave before they are paid."""

SHIPMENT_STATES: Mapping[str, FulfillmentStatus] = {
    "draft": FulfillmentStatus.CREATED,
    "waiting": FulfillmentStatus.RELEASED,
    "assigned": FulfillmentStatus.ALLOCATED,
    "picked": FulfillmentStatus.PICKED,
    "packed": FulfillmentStatus.PACKED,
    "shipped": FulfillmentStatus.SHIPPED,
    "done": FulfillmentStatus.SHIPPED,
    "cancelled": FulfillmentStatus.CANCELLED,
}

PICKED_STATES = frozenset({"picked", "packed", "shipped", "done"})
PACKED_STATES = frozenset({"packed", "shipped", "done"})
SHIPPED_STATES = frozenset({"shipped", "done"})
"""States of a shipment whose goods are picked; packed; on the road or delivered."""

RETURN_STATES: Mapping[str, ReturnStatus] = {
    "draft": ReturnStatus.AUTHORIZED,
    "received": ReturnStatus.RECEIVED,
    "done": ReturnStatus.RESTOCKED,
    "cancelled": ReturnStatus.CANCELLED,
}
"""There is no return shipment before somebody confirmed the return sale: a draft is authorized."""

RESERVED_MOVES = frozenset({"assigned", "done"})
TAKEN_MOVES = frozenset({"done"})
DROPPED_MOVES = frozenset({"cancelled"})
"""States of a stock move whose goods are set aside or taken; taken; not wanted any more."""

INVOICE_STATES: Mapping[str, InvoiceStatus] = {
    "draft": InvoiceStatus.DRAFT,
    "validated": InvoiceStatus.DRAFT,
    "posted": InvoiceStatus.OPEN,
    "paid": InvoiceStatus.PAID,
    "cancelled": InvoiceStatus.CANCELLED,
}

COUNTED_INVOICES = frozenset({"posted", "paid"})
"""States of an invoice that the customer has received."""

COMPLAINT_STATES: Mapping[str, ClaimStatus] = {
    "draft": ClaimStatus.DRAFT,
    "waiting": ClaimStatus.FILED,
    "approved": ClaimStatus.APPROVED,
    "rejected": ClaimStatus.DECLINED,
    "done": ClaimStatus.PAID,
    "cancelled": ClaimStatus.WITHDRAWN,
}
"""A complaint is done when its credit note or return sale is made."""

COMPLAINT_KINDS: Mapping[str, ClaimKind] = {
    "Damaged goods": ClaimKind.DAMAGE,
    "Billing": ClaimKind.OVERCHARGE,
}
"""Types of complaint are named freely; sites that name them otherwise say so in `complaint_kinds`."""

IGNORED: Mapping[str, Collection[str]] = {
    "sale.sale.shipment_method": ("manual", "order", "invoice"),
    "sale.sale.invoice_method": ("manual", "order", "fulfillment"),
    "stock.move.state": ("staging", "draft", "assigned", "done", "cancelled"),
    "stock.package.state": ("open", "closed"),
    "account.invoice.type": ("out", "in"),
    "sale.complaint.action.action": ("sale_return", "credit_note"),
}
"""Values that are no status of ours: how a sale is to be processed, and the small steps behind the states above."""

KNOWN: Mapping[str, Collection[str]] = {
    "sale.sale.state": SALE_STATES,
    "sale.sale.shipment_state": SHIPPING_PROGRESS,
    "sale.sale.invoice_state": BILLING_PROGRESS,
    "stock.shipment.out.state": SHIPMENT_STATES,
    "stock.shipment.out.return.state": RETURN_STATES,
    "account.invoice.state": INVOICE_STATES,
    "sale.complaint.state": COMPLAINT_STATES,
    **IGNORED,
}
"""Every value that has a meaning here, by model and field."""
