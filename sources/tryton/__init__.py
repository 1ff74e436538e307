"""Tryton: orders, deliveries, invoices, credit, returns and complaints of one company."""

from domain.identity import EntityKind, Scheme, SourceKind
from sources.base import Read, Source
from sources.tryton.client import COVERED, TrytonClient
from sources.tryton.search import SALE_NUMBERS
from sources.tryton.settings import TrytonSettings

OF_A_SALE = (
    EntityKind.ORDER,
    EntityKind.CUSTOMER,
    EntityKind.CREDIT,
    EntityKind.INVOICE,
    EntityKind.FULFILLMENT,
    EntityKind.RETURN,
    EntityKind.CLAIM,
)

SOURCE = Source(
    adapter="tryton",
    vendor="Tryton",
    settings=TrytonSettings,
    serves={
        SourceKind.ERP: frozenset(
            {EntityKind.ORDER, EntityKind.CUSTOMER, EntityKind.INVOICE, EntityKind.CREDIT, EntityKind.CLAIM}
        ),
        SourceKind.WMS: frozenset({EntityKind.FULFILLMENT, EntityKind.INVENTORY, EntityKind.RETURN}),
    },
    reads=(
        Read(name="sales", answers=dict.fromkeys(OF_A_SALE, tuple(SALE_NUMBERS)), max_batch=500),
        Read(name="parties", answers=dict.fromkeys((EntityKind.CUSTOMER, EntityKind.CREDIT), (Scheme.CUSTOMER,))),
        Read(name="stock", answers={EntityKind.INVENTORY: (Scheme.SKU,)}),
    ),
    connect=TrytonClient,
    can_list_changes=True,
    feed_covers=frozenset(COVERED),
)
