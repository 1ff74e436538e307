from decimal import Decimal

import pytest

from domain.billing import CreditState, InvoiceStatus
from domain.claims import ClaimKind
from domain.fulfillment import FulfillmentStatus
from domain.hold import HoldKind
from domain.identity import EntityKind, Reference, Scheme
from domain.observation import UnmappedCode
from domain.returns import ReturnStatus
from tests.sources.tryton.recorded import asked, content, contents, found, payload, snapshots


def decimal(digits):
    return {"__class__": "Decimal", "decimal": digits}


@pytest.mark.parametrize(
    ("label", "order", "fulfillments", "invoices"),
    [
        ("paid-1", "COMPLETED", ["SHIPPED"], ["PAID"]),
        ("partly-paid-overdue", "SHIPPED", ["SHIPPED"], ["OVERDUE"]),
        ("delivered-invoice-draft", "SHIPPED", ["SHIPPED"], ["DRAFT"]),
        ("in-transit", "SHIPPED", ["SHIPPED"], ["OPEN"]),
        ("packed", "RELEASED", ["PACKED"], []),
        ("picked", "RELEASED", ["PICKED"], ["OPEN"]),
        ("assigned", "RELEASED", ["ALLOCATED"], ["OPEN"]),
        ("partly-assigned", "RELEASED", ["WAITING_STOCK"], ["OPEN"]),
        ("backordered", "PARTIALLY_SHIPPED", ["SHIPPED", "RELEASED"], ["OPEN"]),
        ("split-shipment", "PARTIALLY_SHIPPED", ["SHIPPED", "RELEASED"], ["OPEN"]),
        ("quotation", "DRAFT", [], []),
        ("cancelled", "CANCELLED", [], []),
        ("credit-hold", "ON_HOLD", [], []),
        ("shipment-exception", "ON_HOLD", ["CANCELLED"], ["OPEN"]),
        ("invoice-exception", "ON_HOLD", ["SHIPPED"], ["CANCELLED"]),
        ("refunded", "COMPLETED", ["SHIPPED"], ["CREDITED"]),
    ],
)
def test_statuses(label, order, fulfillments, invoices):
    assert [each.status.value for each in contents(EntityKind.ORDER, label)] == [order]
    assert [each.status.value for each in contents(EntityKind.FULFILLMENT, label)] == fulfillments
    assert [each.status.value for each in contents(EntityKind.INVOICE, label)] == invoices


def test_an_order_carries_its_lines_and_numbers():
    order = content(EntityKind.ORDER, "backordered")
    assert (order.purchase_order_number, order.customer_id) == ("PO-7017", "C-NORTH")
    assert (order.total.amount, order.total.currency) == (Decimal("1194.00"), "EUR")
    assert [
        (line.line_number, line.sku, line.ordered_quantity, line.shipped_quantity, line.invoiced_quantity)
        for line in order.lines
    ] == [
        ("1", "LMP-300", 10, 10, 10),
        ("2", "CAB-500", 3, 0, 0),
        ("3", "SHIP", 1, None, 1),
    ]
    assert Reference(scheme=Scheme.TRACKING, value="FF0000000017-1", issuer="FastFreight") in order.references
    assert [each.value for each in order.references if each.scheme is Scheme.DELIVERY] == ["SHP00017", "SHP00018"]


@pytest.mark.parametrize(
    ("change", "sku"),
    [
        pytest.param(lambda line: line["product"].update(code=None), "Desk lamp", id="without a code, its name"),
        pytest.param(lambda line: line.update(product=None, summary="Assembly"), "Assembly", id="free text, the text"),
        pytest.param(lambda line: line.update(product=None, id=77), "77", id="nothing at all, its id"),
    ],
)
def test_a_line_that_is_no_coded_product_is_still_named(change, sku):
    assert content(EntityKind.ORDER, "backordered", lambda sale: change(sale["lines"][0])).lines[0].sku == sku


def test_headings_and_sums_are_no_lines():
    order = content(EntityKind.ORDER, "backordered", lambda sale: sale["lines"][1].update(type="subtotal"))
    assert [(line.line_number, line.sku) for line in order.lines] == [("1", "LMP-300"), ("2", "SHIP")]


def test_quantities_in_different_units_are_not_added():
    box = {"id": 2, "__name__": "product.uom", "symbol": "box"}

    def change(sale):
        sale["shipments"][0]["outgoing_moves"][0]["unit"] = sale["lines"][0]["invoice_lines"][0]["unit"] = box

    line = content(EntityKind.ORDER, "backordered", change).lines[0]
    assert (line.shipped_quantity, line.invoiced_quantity) == (None, None)


@pytest.mark.parametrize(
    ("label", "reason"), [("shipment-exception", "shipment state"), ("invoice-exception", "invoice state")]
)
def test_an_exception_holds_the_order_until_somebody_decides(label, reason):
    [hold] = content(EntityKind.ORDER, label).holds
    assert hold.kind is HoldKind.OTHER
    assert hold.reason.startswith(f"{reason}: exception")


@pytest.mark.parametrize("shipment_state", ["sent", "partially shipped"])
def test_what_tryton_says_has_arrived_is_believed(shipment_state):
    """Goods that never pass a shipment, dropped by a supplier, are counted by the sale alone."""
    order = content(EntityKind.ORDER, "packed", lambda sale: sale.update(shipment_state=shipment_state, shipments=[]))
    assert order.status.value == {"sent": "SHIPPED", "partially shipped": "PARTIALLY_SHIPPED"}[shipment_state]


def test_a_delivery_carries_quantities_and_packages():
    fulfillment = content(EntityKind.FULFILLMENT, "packed")
    [line] = fulfillment.lines
    assert (fulfillment.id, fulfillment.order_number, fulfillment.warehouse) == ("SHP00012", "SO00012", "WH")
    assert (line.ordered_quantity, line.allocated_quantity, line.picked_quantity) == (12, 12, 12)
    assert (line.packed_quantity, line.shipped_quantity, line.backordered_quantity) == (12, 0, 0)
    assert [(each.id, each.tracking_number) for each in fulfillment.packages] == [("PKG00012", "FF0000000012-1")]


@pytest.mark.parametrize(
    ("label", "quantities"),
    [
        pytest.param("assigned", (6, 6, 0, 0, 0, 0), id="assigned"),
        pytest.param("picked", (3, 3, 3, 0, 0, 0), id="picked"),
        pytest.param("in-transit", (2, 2, 2, 2, 2, 0), id="on the road"),
        pytest.param("shipment-exception", (9, 0, 0, 0, 0, 0), id="cancelled"),
    ],
)
def test_how_far_the_goods_are(label, quantities):
    line = content(EntityKind.FULFILLMENT, label).lines[0]
    assert (
        line.ordered_quantity,
        line.allocated_quantity,
        line.picked_quantity,
        line.packed_quantity,
        line.shipped_quantity,
        line.backordered_quantity,
    ) == quantities


def one_place(sale):
    """The warehouse's storage is also its output: outgoing moves pick for themselves."""
    [shipment] = sale["shipments"]
    shipment["outgoing_moves"][0]["state"] = "assigned"
    shipment["inventory_moves"] = []


@pytest.mark.parametrize(("label", "picked"), [("assigned", 0), ("picked", 3), ("packed", 12)])
def test_a_warehouse_without_picking_moves(label, picked):
    fulfillment = content(EntityKind.FULFILLMENT, label, one_place)
    assert fulfillment.status is content(EntityKind.FULFILLMENT, label).status
    assert fulfillment.lines[0].allocated_quantity == fulfillment.lines[0].ordered_quantity
    assert fulfillment.lines[0].picked_quantity == picked


def test_a_delivery_of_which_some_is_picked():
    def change(sale):
        sale["shipments"][0]["inventory_moves"][1]["state"] = "done"

    fulfillment = content(EntityKind.FULFILLMENT, "partly-assigned", change)
    assert fulfillment.status is FulfillmentStatus.PARTIALLY_PICKED
    assert {line.sku: line.picked_quantity for line in fulfillment.lines} == {"CAB-500": 0, "CHR-100": 2}


def test_a_shipment_of_two_orders_is_one_fulfillment_of_each():
    first, second = payload("sale-packed"), payload("sale-picked")
    second["shipments"] = first["shipments"]
    both = found(EntityKind.FULFILLMENT, [first, second]).found
    assert {snapshot.key.id: snapshot.content.order_number for [snapshot] in both.values()} == {
        "12/12": "SO00012",
        "13/12": "SO00013",
    }


def test_an_invoice_carries_its_amounts_and_orders():
    invoice = content(EntityKind.INVOICE, "paid-1")
    assert (invoice.order_numbers, invoice.customer_id) == (("SO00001",), "C-NORTH")
    assert (invoice.total.amount, invoice.balance.amount, invoice.days_overdue) == (Decimal("1878.00"), 0, 0)


def test_an_invoice_without_a_number_goes_by_its_id():
    assert content(EntityKind.INVOICE, "delivered-invoice-draft").number.startswith("draft-")


def test_credit_notes_stand_on_the_invoice_that_they_correct():
    [after_complaint] = content(EntityKind.INVOICE, "claim-credit-note").credits
    [refund] = content(EntityKind.INVOICE, "refunded").credits
    assert (after_complaint.amount.amount, refund.amount.amount) == (Decimal("24.00"), Decimal("102.00"))
    assert content(EntityKind.INVOICE, "paid-1").credits == ()


@pytest.mark.parametrize(
    ("change", "status"),
    [
        pytest.param({"state": "paid", "cancel_move": None}, InvoiceStatus.CREDITED, id="paid by its credit note"),
        pytest.param({"total_amount": decimal("500")}, InvoiceStatus.REVERSED, id="undone beyond its credit note"),
        pytest.param(
            {"total_amount": decimal("500"), "cancel_move": None}, InvoiceStatus.CANCELLED, id="never was posted"
        ),
    ],
)
def test_how_an_invoice_came_to_nothing(change, status):
    assert content(EntityKind.INVOICE, "refunded", lambda sale: sale["invoices"][0].update(change)).status is status


@pytest.mark.parametrize(
    ("limit", "status", "available"),
    [
        pytest.param(None, CreditState.NOT_CHECKED, None, id="no limit"),
        pytest.param("10000", CreditState.OK, "7102.00", id="enough left"),
        pytest.param("3000", CreditState.NEAR_LIMIT, "102.00", id="little left"),
        pytest.param("2000", CreditState.OVER_LIMIT, "0", id="exceeded"),
    ],
)
def test_credit(limit, status, available):
    def change(sale):
        sale["party"]["credit_limit_amount"] = limit and decimal(limit)

    credit = content(EntityKind.CREDIT, "credit-hold", change)
    assert (credit.customer_id, credit.status, credit.payment_terms) == ("C-MEDIC", status, "Net 30")
    assert (credit.exposure.amount, credit.overdue.amount) == (Decimal("2898.00"), Decimal("2898.00"))
    assert (credit.available and str(credit.available.amount)) == available
    assert (credit.hold_reason is not None) == (status is CreditState.OVER_LIMIT)


def test_who_pays_is_whose_credit_counts():
    def change(sale):
        sale["invoice_party"] = sale["party"] | {"id": 99, "code": "C-BANK"}

    assert content(EntityKind.CREDIT, "credit-hold", change).customer_id == "C-BANK"
    assert content(EntityKind.CUSTOMER, "credit-hold", change).id == "C-MEDIC"


@pytest.mark.parametrize(
    ("label", "status", "schemes"),
    [
        pytest.param("claim-return", ReturnStatus.RECEIVED, [Scheme.SO, Scheme.CLAIM], id="after a complaint"),
        pytest.param("taken-back", ReturnStatus.RESTOCKED, [Scheme.SO], id="directly"),
    ],
)
def test_a_return_belongs_to_the_order_that_it_takes_back(label, status, schemes):
    returned = content(EntityKind.RETURN, label)
    assert (returned.order_number, returned.status) == (payload(f"sale-{label}")["number"], status)
    assert [each.scheme for each in returned.references] == schemes
    assert [line.quantity for line in returned.lines] == [1]


def test_sites_say_what_their_types_of_complaint_are_about():
    claim = content(EntityKind.CLAIM, "claim-line", complaint_kinds={"Wrong item": "SHORTAGE"})
    assert claim.kind is ClaimKind.SHORTAGE


def test_records_have_a_link_where_the_web_client_is_known():
    linked = content(EntityKind.ORDER, "in-transit", web_client="https://erp.example.com/#acme")
    assert linked.url == "https://erp.example.com/#acme/model/sale.sale/10"
    assert content(EntityKind.ORDER, "in-transit").url is None


UNKNOWN_WORDS = [
    pytest.param(EntityKind.ORDER, lambda sale: sale, "state", "sale.sale.state", id="an order"),
    pytest.param(EntityKind.ORDER, lambda sale: sale, "shipment_state", "sale.sale.shipment_state", id="its shipping"),
    pytest.param(EntityKind.ORDER, lambda sale: sale, "invoice_state", "sale.sale.invoice_state", id="its billing"),
    pytest.param(
        EntityKind.FULFILLMENT, lambda sale: sale["shipments"][0], "state", "stock.shipment.out.state", id="a delivery"
    ),
    pytest.param(
        EntityKind.FULFILLMENT,
        lambda sale: sale["shipments"][0]["outgoing_moves"][0],
        "state",
        "stock.move.state",
        id="a move",
    ),
    pytest.param(
        EntityKind.INVOICE, lambda sale: sale["invoices"][0], "state", "account.invoice.state", id="an invoice"
    ),
]


@pytest.mark.parametrize(("kind", "part", "field", "code_list"), UNKNOWN_WORDS)
def test_an_unknown_word_is_reported(kind, part, field, code_list):
    sale = payload("sale-in-transit")
    part(sale)[field] = "teleported"
    findings = found(kind, [sale])
    assert findings.unmapped == (UnmappedCode(code_list, "teleported"),)
    assert len(findings.found[asked(kind, sale)]) == 1


@pytest.mark.parametrize(
    ("kind", "label", "part"),
    [
        pytest.param(EntityKind.ORDER, "in-transit", lambda sale: sale, id="an order"),
        pytest.param(EntityKind.FULFILLMENT, "in-transit", lambda sale: sale["shipments"][0], id="a delivery"),
        pytest.param(EntityKind.INVOICE, "in-transit", lambda sale: sale["invoices"][0], id="an invoice"),
    ],
)
def test_an_unknown_state_is_kept_and_moves_nothing(kind, label, part):
    entity = content(kind, label, lambda sale: part(sale).update(state="teleported"))
    assert (entity.status.value, entity.source_status) == ("UNKNOWN", "teleported")


def test_a_delivery_in_an_unknown_state_says_only_what_its_moves_say():
    line = content(
        EntityKind.FULFILLMENT, "in-transit", lambda sale: sale["shipments"][0].update(state="teleported")
    ).lines[0]
    assert (line.allocated_quantity, line.picked_quantity) == (2, 2)
    assert (line.packed_quantity, line.shipped_quantity, line.backordered_quantity) == (None, None, None)


def test_entities_go_by_ids_that_never_change():
    sale = payload("sale-split-shipment")
    shipments = [f"{sale['id']}/{shipment['id']}" for shipment in sale["shipments"]]
    assert [each.key.id for each in snapshots(EntityKind.ORDER, "split-shipment")] == [str(sale["id"])]
    assert [each.key.id for each in snapshots(EntityKind.FULFILLMENT, "split-shipment")] == shipments
    assert [each.key.id for each in snapshots(EntityKind.INVOICE, "split-shipment")] == [str(sale["invoices"][0]["id"])]
    assert [each.key.id for each in snapshots(EntityKind.CUSTOMER, "split-shipment")] == [str(sale["party"]["id"])]
