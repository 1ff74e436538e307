"""Which numbers lead from one entity to the others of the same case.

A case hangs together by numbers: a service case names an order, the order names its customer, its deliveries name
tracking numbers. Following all of them without end would drag in half the company (one truck carries many orders,
one customer has many), so only the numbers in `LEADS_ON` are followed, and orders are learned from the key alone.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from domain.billing import CreditStatus, Invoice
from domain.claims import Claim
from domain.customer import Customer
from domain.entity import Entity
from domain.fulfillment import Fulfillment
from domain.identity import EntityKind, Reference, Scheme
from domain.inventory import InventoryPosition
from domain.order import Order
from domain.returns import Return
from domain.service_case import ServiceCase
from domain.shipment import Shipment

ROOTS: Mapping[Scheme, tuple[EntityKind, ...]] = {
    Scheme.CASE: (EntityKind.SERVICE_CASE,),
    Scheme.SO: (EntityKind.ORDER, EntityKind.FULFILLMENT),
    Scheme.PO: (EntityKind.ORDER,),
    Scheme.TRACKING: (EntityKind.FULFILLMENT, EntityKind.SHIPMENT, EntityKind.ORDER),
    Scheme.SHIPMENT_ID: (EntityKind.SHIPMENT, EntityKind.FULFILLMENT),
    Scheme.INVOICE: (EntityKind.INVOICE,),
    Scheme.CUSTOMER: (EntityKind.CUSTOMER,),
}
"""Who knows which orders a key is about, and whether it is about anything at all."""

LEADS_ON: Mapping[EntityKind, frozenset[Scheme]] = {
    EntityKind.SERVICE_CASE: frozenset({Scheme.CUSTOMER, Scheme.TRACKING}),
    EntityKind.ORDER: frozenset({Scheme.CUSTOMER, Scheme.TRACKING, Scheme.SHIPMENT_ID, Scheme.SKU}),
    EntityKind.FULFILLMENT: frozenset({Scheme.TRACKING, Scheme.SHIPMENT_ID, Scheme.SKU}),
    EntityKind.SHIPMENT: frozenset({Scheme.TRACKING}),
    EntityKind.INVOICE: frozenset({Scheme.CUSTOMER}),
}
"""Which numbers of an entity are followed to entities of other systems."""

TELLERS: Mapping[Scheme, tuple[tuple[EntityKind, ...], ...]] = {
    Scheme.CUSTOMER: ((EntityKind.ORDER,), (EntityKind.SERVICE_CASE, EntityKind.INVOICE)),
    Scheme.TRACKING: ((EntityKind.ORDER, EntityKind.FULFILLMENT), (EntityKind.SHIPMENT,), (EntityKind.SERVICE_CASE,)),
    Scheme.SHIPMENT_ID: ((EntityKind.ORDER, EntityKind.FULFILLMENT),),
    Scheme.SKU: ((EntityKind.ORDER,), (EntityKind.FULFILLMENT,)),
}
"""Who is read for a number that is needed, best first; those of a group are read together, as each may know more."""

IDENTIFIED_BY: Mapping[EntityKind, frozenset[Scheme]] = {
    EntityKind.SERVICE_CASE: frozenset({Scheme.CASE}),
    EntityKind.CUSTOMER: frozenset({Scheme.CUSTOMER}),
    EntityKind.ORDER: frozenset({Scheme.SO}),
    EntityKind.SHIPMENT: frozenset({Scheme.SHIPMENT_ID, Scheme.TRACKING}),
    EntityKind.INVOICE: frozenset({Scheme.INVOICE}),
    EntityKind.CREDIT: frozenset({Scheme.CUSTOMER}),
    EntityKind.INVENTORY: frozenset({Scheme.SKU}),
}
"""Schemes whose number names one entity of the kind: once it is found, asking by that number again tells nothing."""

WHOLE_ORDER = frozenset({Scheme.SO, Scheme.PO})
"""Schemes whose number stands for whole orders: what belongs to it is all that belongs to those orders."""


Number = tuple[Scheme, str | None, str | None]
"""Scheme, value and issuer, not yet made a reference: most numbers of an entity are not asked for."""


def _numbers(scheme: Scheme, *values: str | None, issuer: str | None = None) -> Iterable[Number]:
    return ((scheme, value, issuer) for value in values)


def _of_order(order: Order) -> Iterable[Number]:
    yield from _numbers(Scheme.SO, order.number)
    yield from _numbers(Scheme.PO, order.purchase_order_number, issuer=order.customer_id)
    yield from _numbers(Scheme.CUSTOMER, order.customer_id)
    yield from _numbers(Scheme.SKU, *(line.sku for line in order.lines))


def _of_shipment(shipment: Shipment) -> Iterable[Number]:
    carrier = shipment.carrier.name if shipment.carrier else None
    yield from _numbers(Scheme.SHIPMENT_ID, shipment.id)
    yield from _numbers(Scheme.TRACKING, shipment.tracking_number, issuer=carrier)
    yield from _numbers(Scheme.BOL, shipment.bill_of_lading, issuer=carrier)
    yield from _numbers(Scheme.SO, *shipment.order_numbers)


def _of_fulfillment(fulfillment: Fulfillment) -> Iterable[Number]:
    yield from _numbers(Scheme.DELIVERY, fulfillment.id)
    yield from _numbers(Scheme.SO, fulfillment.order_number)
    yield from _numbers(Scheme.TRACKING, *(package.tracking_number for package in fulfillment.packages))
    yield from _numbers(Scheme.SSCC, *(package.sscc for package in fulfillment.packages))
    yield from _numbers(Scheme.SKU, *(line.sku for line in fulfillment.lines))


def _of_invoice(invoice: Invoice) -> Iterable[Number]:
    yield from _numbers(Scheme.INVOICE, invoice.number)
    yield from _numbers(Scheme.SO, *invoice.order_numbers)
    yield from _numbers(Scheme.CUSTOMER, invoice.customer_id)
    yield from _numbers(Scheme.CREDIT_MEMO, *(credit.number for credit in invoice.credits))


def _of_claim(claim: Claim) -> Iterable[Number]:
    yield from _numbers(Scheme.CLAIM, claim.number)
    yield from _numbers(Scheme.TRACKING, claim.tracking_number)
    yield from _numbers(Scheme.SHIPMENT_ID, claim.shipment_id)
    yield from _numbers(Scheme.SO, claim.order_number)


def _of_service_case(case: ServiceCase) -> Iterable[Number]:
    yield from _numbers(Scheme.CASE, case.number)
    yield from _numbers(Scheme.SO, *case.order_numbers)
    yield from _numbers(Scheme.CUSTOMER, case.customer_id)


def _of_return(returned: Return) -> Iterable[Number]:
    yield from _numbers(Scheme.RMA, returned.number)
    yield from _numbers(Scheme.SO, returned.order_number)


def _of_inventory(position: InventoryPosition) -> Iterable[Number]:
    return _numbers(Scheme.SKU, position.sku)


def _of_credit(credit: CreditStatus) -> Iterable[Number]:
    return _numbers(Scheme.CUSTOMER, credit.customer_id)


def _of_customer(customer: Customer) -> Iterable[Number]:
    return _numbers(Scheme.CUSTOMER, customer.id)


_OWN: Mapping[type[Entity], Callable[..., Iterable[Number]]] = {
    Order: _of_order,
    Shipment: _of_shipment,
    Fulfillment: _of_fulfillment,
    Invoice: _of_invoice,
    Claim: _of_claim,
    ServiceCase: _of_service_case,
    Return: _of_return,
    InventoryPosition: _of_inventory,
    CreditStatus: _of_credit,
    Customer: _of_customer,
}


EVERY_SCHEME = frozenset(Scheme)


@lru_cache(maxsize=8_192)
def _reference(scheme: Scheme, value: str, issuer: str | None) -> Reference:
    """The same numbers come again and again, and making a checked value takes its time."""
    return Reference(scheme=scheme, value=value, issuer=issuer)


def references_of(entity: Entity, schemes: frozenset[Scheme] = EVERY_SCHEME) -> frozenset[Reference]:
    """The numbers of these schemes that the entity names, in its own fields and besides."""
    own = (
        _reference(scheme, value, issuer)
        for scheme, value, issuer in _OWN[type(entity)](entity)
        if value and scheme in schemes
    )
    return frozenset((*own, *(reference for reference in entity.references if reference.scheme in schemes)))


Readable = Mapping[EntityKind, tuple[frozenset[Scheme], ...]]
"""For each kind of entity: by which numbers each source of it can be asked."""


def kinds_to_read(wanted: frozenset[EntityKind], key: Scheme, readable: Readable) -> frozenset[EntityKind]:
    """The wanted kinds, and those needed to find the numbers under which the wanted ones can be asked for."""
    needed = set(wanted)
    if key is not Scheme.SO:
        needed.update(ROOTS[key])
    for kind in wanted:
        for schemes in readable.get(kind, ()):
            if not schemes & {Scheme.SO, key}:
                needed.update(tellers(schemes, readable))
    return frozenset(needed)


def tellers(schemes: frozenset[Scheme], readable: Readable) -> frozenset[EntityKind]:
    """The kinds to read by order to learn numbers of these schemes."""
    return frozenset(
        kind
        for scheme in schemes
        for kind in next((group for group in _readable_groups(scheme, readable) if group), frozenset())
    )


def _readable_groups(scheme: Scheme, readable: Readable) -> Iterable[frozenset[EntityKind]]:
    for group in TELLERS.get(scheme, ()):
        yield frozenset(kind for kind in group if any(Scheme.SO in asked_by for asked_by in readable.get(kind, ())))
