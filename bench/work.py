"""The work that everybody is measured on: one case, as four systems know it.

One order of 4 lines, 2 shipments with 3 stops and 8 milestones each, 2 fulfillments, 3 invoices, credit, customer and
a service case: about 280 leaves in the full view.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec

from domain.billing import CreditState, CreditStatus, Invoice, InvoiceStatus
from domain.customer import Customer
from domain.entity import Entity
from domain.eta import best_eta
from domain.fulfillment import Fulfillment, FulfillmentLine, FulfillmentStatus, Package
from domain.identity import EntityKind
from domain.money import Money
from domain.order import Order, OrderLine, OrderStatus
from domain.place import Location
from domain.service_case import CaseKind, ServiceCase, ServiceCaseStatus
from domain.shipment import (
    Carrier,
    Classifier,
    Milestone,
    MilestoneCode,
    Shipment,
    ShipmentStatus,
    Stop,
    StopKind,
    TransportMode,
)

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
DAY = date(2026, 11, 26)


def _eur(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def _order(number: str) -> Order:
    lines = tuple(
        OrderLine(
            line_number=str(n),
            sku=f"SKU-10{n}",
            description="Torque wrench 40-200 Nm, 1/2 inch, calibrated",
            ordered_quantity=Decimal(10),
            shipped_quantity=Decimal(8),
            unit_of_measure="EA",
        )
        for n in range(4)
    )
    return Order(
        number=number,
        purchase_order_number="PO-7788",
        customer_id="C-77",
        status=OrderStatus.PARTIALLY_SHIPPED,
        ordered_at=NOW,
        promised_delivery_on=DAY,
        lines=lines,
        total=_eur("1240.00"),
    )


def _shipment(number: str, n: int) -> Shipment:
    place = Location(city="Leipzig", country_code="DE")
    return Shipment(
        id=f"SHP-2026-00{n}",
        order_numbers=(number,),
        tracking_number=f"1Z999AA1012345678{n}",
        carrier=Carrier(name="Example Freight", scac="EXFR"),
        mode=TransportMode.LTL,
        status=ShipmentStatus.IN_TRANSIT,
        eta=best_eta(estimate=NOW + timedelta(days=1), planned=NOW),
        stops=tuple(
            Stop(sequence=s, kind=StopKind.TERMINAL, location=place, planned_arrival=NOW, actual_arrival=NOW)
            for s in range(3)
        ),
        milestones=tuple(
            Milestone(
                code=MilestoneCode.DEPARTED,
                classifier=Classifier.ACTUAL,
                occurred_at=NOW,
                recorded_at=NOW,
                location=place,
                description="Departed origin terminal, on linehaul to Berlin",
                source_code="P1",
                source="tms",
            )
            for _ in range(8)
        ),
    )


def _fulfillment(number: str, n: int) -> Fulfillment:
    line = {"ordered_quantity": Decimal(10), "picked_quantity": Decimal(8), "backordered_quantity": Decimal(2)}
    return Fulfillment(
        id=f"FUL-2026-00{n}",
        order_number=number,
        warehouse="WH-02",
        status=FulfillmentStatus.PACKED,
        released_at=NOW,
        packed_at=NOW,
        lines=tuple(FulfillmentLine(sku=f"SKU-10{k}", **line) for k in range(4)),
        packages=tuple(Package(id=f"PKG-{n}{k}", weight_kg=Decimal("12.5")) for k in range(2)),
    )


def _invoice(number: str, n: int) -> Invoice:
    return Invoice(
        number=f"INV-90{n}",
        order_numbers=(number,),
        status=InvoiceStatus.OPEN,
        issued_on=DAY,
        due_on=DAY,
        total=_eur("1240.00"),
        balance=_eur("240.00"),
    )


def entities(kind: EntityKind, number: str) -> list[tuple[str, Entity]]:
    """What the system in charge knows of an order, by its own ids."""
    match kind:
        case EntityKind.ORDER:
            return [(number, _order(number))]
        case EntityKind.SHIPMENT:
            return [(f"{number}-S{n}", _shipment(number, n)) for n in range(2)]
        case EntityKind.FULFILLMENT:
            return [(f"{number}-F{n}", _fulfillment(number, n)) for n in range(2)]
        case EntityKind.INVOICE:
            return [(f"{number}-I{n}", _invoice(number, n)) for n in range(3)]
        case EntityKind.CREDIT:
            credit = CreditStatus(
                customer_id="C-77", status=CreditState.NEAR_LIMIT, limit=_eur("50000"), exposure=_eur("47000")
            )
            return [(f"{number}-C-77", credit)]
        case EntityKind.CUSTOMER:
            return [(f"{number}-C-77", Customer(id="C-77", name="ACME Tooling GmbH", email="ops@acme.example"))]
        case EntityKind.SERVICE_CASE:
            case = ServiceCase(
                number="CS-1",
                subject="Where is my order?",
                kind=CaseKind.WISMO,
                status=ServiceCaseStatus.OPEN,
                opened_at=NOW,
                order_numbers=(number,),
            )
            return [(f"{number}-CS-1", case)]
        case _:
            return []


SYSTEMS: dict[str, tuple[str, ...]] = {
    "erp": ("ORDER", "CUSTOMER", "INVOICE", "CREDIT"),
    "wms": ("FULFILLMENT",),
    "tms": ("SHIPMENT",),
    "crm": ("SERVICE_CASE",),
}
"""Who is asked for what in the full view: four calls."""


@cache
def wire_result(kind: str, number: str) -> bytes:
    """What a canonical system answers when it is asked for one kind of one order."""
    found = [{"id": id_, "asOf": NOW, "data": entity} for id_, entity in entities(EntityKind(kind), number)]
    return msgspec.json.encode({"entity": kind, "scheme": "SO", "value": number, "found": found})


def wire_answer(lookups: Iterable[Mapping[str, Any]]) -> bytes:
    """What it answers to all these questions."""
    results = (wire_result(lookup["entity"], value) for lookup in lookups for value in lookup["values"])
    return b'{"results":[%b]}' % b",".join(results)
