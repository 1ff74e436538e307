"""A sale as a real Tryton recorded it: the delivery waits, the invoice is posted, and that is said to be wrong."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from domain.case_view import Answered, Part, section_of
from domain.contradictions import judgement_of
from domain.discrepancy import DiscrepancyState, Severity
from domain.freshness import Origin
from domain.identity import EntityKind
from tests.sources.tryton.recorded import MOMENT, PAYLOADS, found

ROWS = json.loads((PAYLOADS / "po-7781" / "rows.json").read_text())
[SALE], [LINE], [SHIPMENT], MOVES, [INVOICE], [PARTY] = ROWS.values()
POSTED_AT = datetime(2026, 11, 23, 8, 32, 59, 508180, UTC)
CURRENCY = {"id": 1, "__name__": "currency.currency", "code": "EUR"}
UNIT = {"id": 1, "__name__": "product.uom", "symbol": "u"}
PRODUCT = {
    "id": 1,
    "__name__": "product.product",
    "code": "PALLET-JACK",
    "template": {"id": 1, "__name__": "product.template", "name": LINE["product."]["rec_name"]},
}


def record(model, row, **more):
    own = {name: value for name, value in row.items() if not name.endswith(".")}
    return {"__name__": model, **own, **more}


def sale():
    """The rows joined as the adapter asks for them; only what no row has is added, and none of it matters here."""
    party = record(
        "party.party", PARTY, code="2", name=PARTY["rec_name"], currency=CURRENCY, customer_payment_term=None,
        contact_mechanisms=[], email=None, phone=None,
    )  # fmt: skip
    invoice_line = {
        "id": 1,
        "__name__": "account.invoice.line",
        "_timestamp": INVOICE["_timestamp"],
        "invoice": {"id": 1, "__name__": "account.invoice", "state": INVOICE["state"]},
        "quantity": LINE["quantity"],
        "unit": UNIT,
    }
    line = record(
        "sale.line",
        LINE,
        invoice_lines=[invoice_line],
        movable=True,
        product=PRODUCT,
        summary="",
        type="line",
        unit=UNIT,
    )
    moves = {each["id"]: record("stock.move", each, product=PRODUCT, unit=UNIT) for each in MOVES}
    shipment = record(
        "stock.shipment.out", SHIPMENT, carrier=None, packages=[], shipping_reference=None,
        warehouse={"id": 5, "__name__": "stock.location", "code": "WH", "name": "Warehouse"},
        outgoing_moves=[moves[each] for each in SHIPMENT["outgoing_moves"]],
        inventory_moves=[moves[each] for each in SHIPMENT["inventory_moves"]],
    )  # fmt: skip
    invoice = record(
        "account.invoice", INVOICE, cancel_move=None, currency=CURRENCY, lines=[invoice_line], lines_to_pay=[],
        party=party, payment_lines=[], sales=[{"id": 1, "__name__": "sale.sale", "number": SALE["number"]}],
    )  # fmt: skip
    return record(
        "sale.sale", SALE, company={"id": 1, "__name__": "company.company", "currency": CURRENCY}, currency=CURRENCY,
        invoice_party=None, invoices=[invoice], lines=[line], party=party, shipment_method="order", shipment_returns=[],
        shipments=[shipment], untaxed_amount=SALE["total_amount"],
    )  # fmt: skip


def view(now):
    sections = {}
    for kind in (EntityKind.ORDER, EntityKind.FULFILLMENT, EntityKind.INVOICE, EntityKind.CREDIT):
        findings = found(kind, [sale()])
        assert not findings.unusable
        parts = tuple(
            Part(each.key, each.content, each.as_of, now, Origin.API)
            for snapshots in findings.found.values()
            for each in snapshots
        )
        sections[kind] = section_of(kind, [Answered("erp", parts, now, Origin.API)], now=now)
    return sections


def test_it_is_what_was_recorded():
    sections = view(MOMENT)
    [order], [fulfillment], [invoice] = (
        sections[kind].nodes for kind in (EntityKind.ORDER, EntityKind.FULFILLMENT, EntityKind.INVOICE)
    )
    assert (order.purchase_order_number, order.source_status) == ("PO-7781", "processing")
    assert (fulfillment.source_status, invoice.source_status) == ("waiting", "posted")


def test_it_is_asked_to_be_paid_for_what_has_not_left():
    now = POSTED_AT + timedelta(hours=1)
    [found_] = [each for each in judgement_of(view(now), now).found if each.rule == "invoiced-not-shipped"]
    assert (found_.state, found_.severity) == (DiscrepancyState.OPEN, Severity.HIGH)
    assert [(each.entity, each.says) for each in found_.evidence] == [
        ("Invoice 1", "posted, 400.00 EUR"),
        ("Fulfillment 1", "waiting"),
        ("Order 1", "processing, shipped 0"),
    ]
    assert found_.suggested_action


@pytest.mark.parametrize("minutes", [0, 59])
def test_not_before_the_warehouse_had_its_time(minutes):
    now = POSTED_AT + timedelta(minutes=minutes)
    assert "invoiced-not-shipped" not in [each.rule for each in judgement_of(view(now), now).found]
