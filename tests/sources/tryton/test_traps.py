"""One test for each way in which Tryton's answers mislead; the traps of the client's side are in `test_client.py`."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from domain.billing import InvoiceStatus
from domain.claims import ClaimKind
from domain.fulfillment import FulfillmentStatus
from domain.hold import HoldKind
from domain.identity import EntityKind
from domain.order import OrderStatus
from tests.sources.tryton.recorded import MOMENT, content, contents, payload, snapshots

LATER = (MOMENT + timedelta(hours=1)).timestamp()


def tagged(day):
    return {"__class__": "date", "year": day.year, "month": day.month, "day": day.day}


def decimal(digits):
    return {"__class__": "Decimal", "decimal": digits}


@pytest.mark.parametrize("label", ["in-transit", "split-shipment"])
def test_goods_on_the_road_count_as_shipped_although_the_sale_still_waits(label):
    assert payload(f"sale-{label}")["shipment_state"] == "waiting"
    order = content(EntityKind.ORDER, label)
    assert sum(line.shipped_quantity or 0 for line in order.lines) == 4


def test_an_order_is_shipped_when_the_last_of_its_goods_is_on_the_road():
    assert content(EntityKind.ORDER, "in-transit").status is OrderStatus.SHIPPED
    assert content(EntityKind.ORDER, "split-shipment").status is OrderStatus.PARTIALLY_SHIPPED
    assert content(EntityKind.ORDER, "packed").status is OrderStatus.RELEASED


def test_no_time_of_shipping_is_made_up():
    assert payload("sale-in-transit")["shipments"][0]["state"] == "shipped"
    fulfillment = content(EntityKind.FULFILLMENT, "in-transit")
    assert {fulfillment.picked_at, fulfillment.packed_at, fulfillment.shipped_at} == {None}


def test_a_quotation_over_the_limit_is_held_for_credit():
    order = content(EntityKind.ORDER, "credit-hold")
    assert (order.status, order.source_status) == (OrderStatus.ON_HOLD, "quotation")
    assert [hold.kind for hold in order.holds] == [HoldKind.CREDIT]
    assert order.holds[0].reason == "2898.00 used and 1215.00 ordered exceed the limit of 3000 EUR"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda sale: sale["party"].update(credit_limit_amount=None), id="there is no limit"),
        pytest.param(lambda sale: sale["party"].update(credit_limit_amount=decimal("4113")), id="just enough is left"),
        pytest.param(lambda sale: sale.update(shipment_method="invoice"), id="nothing leaves before it is paid"),
        pytest.param(lambda sale: sale.update(state="draft"), id="nobody wanted to confirm it yet"),
        pytest.param(lambda sale: sale["currency"].update(id=9, code="USD"), id="the limit is in another currency"),
        pytest.param(
            lambda sale: sale.update(invoice_party=sale["party"] | {"credit_limit_amount": None}), id="another one pays"
        ),
    ],
)
def test_a_quotation_is_not_held_where(change):
    order = content(EntityKind.ORDER, "credit-hold", change)
    assert (order.status, order.holds) == (OrderStatus.DRAFT, ())


def test_what_is_missing_in_stock_is_a_second_shipment():
    sent, rest = contents(EntityKind.FULFILLMENT, "backordered")
    assert (sent.status, rest.status) == (FulfillmentStatus.SHIPPED, FulfillmentStatus.RELEASED)
    assert content(EntityKind.ORDER, "backordered").status is OrderStatus.PARTIALLY_SHIPPED


def test_a_shipment_that_is_partly_assigned_waits_for_stock():
    fulfillment = content(EntityKind.FULFILLMENT, "partly-assigned")
    assert (fulfillment.status, fulfillment.source_status) == (FulfillmentStatus.WAITING_STOCK, "waiting")
    assert {line.sku: line.backordered_quantity for line in fulfillment.lines} == {"CAB-500": 2, "CHR-100": 0}


def test_a_posted_invoice_is_overdue_the_day_after_its_instalment_was_due():
    invoice = content(EntityKind.INVOICE, "partly-paid-overdue")
    assert (invoice.status, invoice.source_status) == (InvoiceStatus.OVERDUE, "posted")
    assert (invoice.due_on, invoice.days_overdue) == (date(2026, 11, 3), 20)
    assert (invoice.total.amount, invoice.balance.amount) == (Decimal("2898.00"), Decimal("1738.80"))


@pytest.mark.parametrize(
    ("instalments", "due_today", "due_on", "status"),
    [
        pytest.param([(-1, None)], "1", -1, InvoiceStatus.OVERDUE, id="yesterday"),
        pytest.param([(0, None)], "1", 0, InvoiceStatus.PARTIALLY_PAID, id="today is not late"),
        pytest.param([(9, None), (30, None)], "0", 9, InvoiceStatus.PARTIALLY_PAID, id="the earliest to come"),
        pytest.param([(-30, 7), (9, None)], "0", 9, InvoiceStatus.PARTIALLY_PAID, id="the first is settled"),
        pytest.param([(-3, None), (9, None)], "0", 9, InvoiceStatus.PARTIALLY_PAID, id="the first is paid on account"),
        pytest.param([(-30, 7), (-1, None)], "1", -1, InvoiceStatus.OVERDUE, id="the second is late"),
        pytest.param([], "0", None, InvoiceStatus.PARTIALLY_PAID, id="no instalments"),
    ],
)
def test_the_due_day_is_that_of_the_earliest_open_instalment(instalments, due_today, due_on, status):
    def change(sale):
        [invoice] = sale["invoices"]
        [line] = invoice["lines_to_pay"]
        invoice["lines_to_pay"] = [
            line | {"maturity_date": tagged(MOMENT + timedelta(days=days)), "reconciliation": reconciliation}
            for days, reconciliation in instalments
        ]
        invoice["amount_to_pay_today"] = decimal(due_today)

    invoice = content(EntityKind.INVOICE, "partly-paid-overdue", change)
    assert invoice.due_on == (None if due_on is None else (MOMENT + timedelta(days=due_on)).date())
    assert invoice.status is status


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        pytest.param(EntityKind.ORDER, lambda sale: sale, id="the order itself"),
        pytest.param(EntityKind.ORDER, lambda sale: sale["lines"][0], id="a line"),
        pytest.param(EntityKind.ORDER, lambda sale: sale["lines"][0]["invoice_lines"][0], id="what was invoiced"),
        pytest.param(EntityKind.ORDER, lambda sale: sale["shipments"][0]["packages"][0], id="an order's tracking"),
        pytest.param(EntityKind.FULFILLMENT, lambda sale: sale["shipments"][0]["packages"][0], id="its tracking"),
        pytest.param(EntityKind.FULFILLMENT, lambda sale: sale["shipments"][0]["inventory_moves"][0], id="a pick"),
        pytest.param(EntityKind.INVOICE, lambda sale: sale["invoices"][0]["payment_lines"][0], id="a payment"),
        pytest.param(EntityKind.INVOICE, lambda sale: sale["invoices"][0]["lines_to_pay"][0], id="an instalment"),
        pytest.param(EntityKind.CUSTOMER, lambda sale: sale["party"]["contact_mechanisms"][0], id="a mail address"),
    ],
)
def test_a_change_of_any_part_makes_the_whole_newer(kind, part):
    [before] = snapshots(kind, "partly-paid-overdue")
    [after] = snapshots(kind, "partly-paid-overdue", lambda sale: part(sale).update(_timestamp=str(LATER)))
    assert before.as_of < MOMENT < after.as_of
    assert before.moment == after.moment == MOMENT


def test_credit_says_nothing_of_its_age_because_no_record_covers_it():
    assert [each.as_of for each in snapshots(EntityKind.CREDIT, "in-transit")] == [None]


def test_times_are_utc():
    def change(sale):
        sale["party"]["_timestamp"] = sale["party"]["contact_mechanisms"][0]["_timestamp"] = "1795432099.25"

    [customer] = snapshots(EntityKind.CUSTOMER, "in-transit", change)
    assert customer.as_of == datetime(2026, 11, 23, 11, 8, 19, 250_000, tzinfo=UTC)


def test_confirmed_is_known_although_it_is_seldom_seen():
    order = content(EntityKind.ORDER, "quotation", lambda sale: sale.update(state="confirmed"))
    assert order.status is OrderStatus.CONFIRMED


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        pytest.param("claim-return", ClaimKind.DAMAGE, id="a sale"),
        pytest.param("claim-line", ClaimKind.OTHER, id="a line of it"),
        pytest.param("claim-credit-note", ClaimKind.OVERCHARGE, id="an invoice of it"),
    ],
)
def test_a_complaint_belongs_to_the_order_that_it_points_to(label, kind):
    claim = content(EntityKind.CLAIM, label)
    assert (claim.order_number, claim.kind) == (payload(f"sale-{label}")["number"], kind)
