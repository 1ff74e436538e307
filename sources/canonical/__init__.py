"""Any system that answers Casefold's own documented JSON: in-house systems, middleware, the sandbox."""

from domain.identity import EntityKind, Scheme, SourceKind
from sources.base import Read, Source
from sources.canonical.client import connect
from sources.canonical.settings import CanonicalSettings

SOURCE = Source(
    adapter="canonical",
    vendor="Canonical JSON",
    settings=CanonicalSettings,
    serves={
        SourceKind.ERP: frozenset({EntityKind.ORDER, EntityKind.CUSTOMER, EntityKind.INVOICE, EntityKind.CREDIT}),
        SourceKind.WMS: frozenset({EntityKind.FULFILLMENT, EntityKind.INVENTORY, EntityKind.RETURN}),
        SourceKind.TMS: frozenset({EntityKind.SHIPMENT}),
        SourceKind.CRM: frozenset({EntityKind.SERVICE_CASE}),
        SourceKind.CLAIMS: frozenset({EntityKind.CLAIM}),
    },
    reads=(
        Read(
            name="read",
            answers={
                EntityKind.ORDER: (Scheme.SO, Scheme.PO, Scheme.TRACKING, Scheme.INVOICE, Scheme.SHIPMENT_ID),
                EntityKind.CUSTOMER: (Scheme.SO, Scheme.CUSTOMER),
                EntityKind.INVOICE: (Scheme.SO, Scheme.INVOICE),
                EntityKind.CREDIT: (Scheme.SO, Scheme.CUSTOMER),
                EntityKind.FULFILLMENT: (Scheme.SO, Scheme.DELIVERY, Scheme.TRACKING, Scheme.SHIPMENT_ID),
                EntityKind.INVENTORY: (Scheme.SO, Scheme.SKU),
                EntityKind.RETURN: (Scheme.SO, Scheme.RMA),
                EntityKind.SHIPMENT: (Scheme.SO, Scheme.TRACKING, Scheme.SHIPMENT_ID),
                EntityKind.SERVICE_CASE: (Scheme.CASE, Scheme.SO),
                EntityKind.CLAIM: (Scheme.SO, Scheme.TRACKING, Scheme.CLAIM),
            },
            max_batch=500,
        ),
    ),
    connect=connect,
    can_list_changes=True,
    feed_covers=frozenset(EntityKind),
)
