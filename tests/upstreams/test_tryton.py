"""The adapter before a real Tryton, held against what Tryton says when it is asked without the adapter."""

import asyncio
from collections.abc import Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.billing import CreditState, InvoiceStatus
from domain.call import Call
from domain.claims import ClaimKind, ClaimStatus
from domain.clock import SystemClock
from domain.errors import Missing, Refused, UnusableAnswer
from domain.fulfillment import FulfillmentStatus
from domain.hold import HoldKind
from domain.identity import EntityKind, Reference, Scheme
from domain.lookup import Changes, Findings, Lookup
from domain.observation import UnmappedCode
from domain.order import OrderStatus
from domain.returns import ReturnStatus
from sources.http import Http, Limits
from sources.tryton import OF_A_SALE, SOURCE
from sources.tryton.client import TrytonClient
from sources.tryton.codes import KNOWN
from sources.tryton.settings import TrytonSettings
from tests.upstreams.tryton import Tryton

PATIENCE = timedelta(seconds=30)


@asynccontextmanager
async def connected(tryton: Tryton, **settings: object):
    """The adapter as the gateway puts it together."""
    clock = SystemClock()
    told = TrytonSettings.model_validate(
        {"id": "erp", "adapter": "tryton", "base_url": tryton.base_url, "token": tryton.rest_key, "timeout": PATIENCE}
        | settings
    )
    http = Http(told.id, told.base_url, limits=Limits.of(told), clock=clock)
    try:
        yield TrytonClient(told, http), http
    finally:
        await http.aclose()


def now() -> Call:
    return Call(deadline=SystemClock().monotonic() + PATIENCE.total_seconds(), correlation_id="test")


def asked(scheme: Scheme, value: str, kind: EntityKind, issuer: str | None = None) -> Lookup:
    return Lookup(kind=kind, by=Reference(scheme=scheme, value=value, issuer=issuer))


async def contents(tryton: Tryton, lookup: Lookup, read: str = "sales") -> list[Any]:
    async with connected(tryton) as (client, _):
        findings = await client.fetch(read, [lookup], now())
    assert not findings.unusable
    return [snapshot.content for snapshot in findings.found[lookup]]


@dataclass(frozen=True)
class Everything:
    """All seeded orders with all that hangs on them, as one fetch gave them."""

    findings: Findings
    calls: int
    orders: Mapping[str, Mapping[str, Any]]

    def of(self, label: str, kind: EntityKind) -> list[Any]:
        return [each.content for each in self.findings.found[asked(Scheme.SO, self.orders[label]["number"], kind)]]


@pytest.fixture(scope="module")
def everything(tryton: Tryton) -> Everything:
    orders = {label: order for label, order in tryton.orders.items() if order["number"]}
    lookups = [asked(Scheme.SO, order["number"], kind) for order in orders.values() for kind in OF_A_SALE]

    async def read() -> tuple[Findings, int]:
        async with connected(tryton) as (client, http):
            return await client.fetch("sales", lookups, now()), http.health().calls_last_minute

    findings, calls = asyncio.run(read())
    return Everything(findings=findings, calls=calls, orders=orders)


SAID = {
    "paid-1": (OrderStatus.COMPLETED, [FulfillmentStatus.SHIPPED], [InvoiceStatus.PAID]),
    "overdue": (OrderStatus.SHIPPED, [FulfillmentStatus.SHIPPED], [InvoiceStatus.OVERDUE]),
    "partly-paid-overdue": (OrderStatus.SHIPPED, [FulfillmentStatus.SHIPPED], [InvoiceStatus.OVERDUE]),
    "delivered-not-due": (OrderStatus.SHIPPED, [FulfillmentStatus.SHIPPED], [InvoiceStatus.OPEN]),
    "delivered-invoice-draft": (OrderStatus.SHIPPED, [FulfillmentStatus.SHIPPED], [InvoiceStatus.DRAFT]),
    "in-transit": (OrderStatus.SHIPPED, [FulfillmentStatus.SHIPPED], [InvoiceStatus.OPEN]),
    "packed": (OrderStatus.RELEASED, [FulfillmentStatus.PACKED], []),
    "picked": (OrderStatus.RELEASED, [FulfillmentStatus.PICKED], [InvoiceStatus.OPEN]),
    "assigned": (OrderStatus.RELEASED, [FulfillmentStatus.ALLOCATED], [InvoiceStatus.OPEN]),
    "waiting-no-stock": (OrderStatus.RELEASED, [FulfillmentStatus.RELEASED], []),
    "partly-assigned": (OrderStatus.RELEASED, [FulfillmentStatus.WAITING_STOCK], [InvoiceStatus.OPEN]),
    "backordered": (
        OrderStatus.PARTIALLY_SHIPPED,
        [FulfillmentStatus.SHIPPED, FulfillmentStatus.RELEASED],
        [InvoiceStatus.OPEN],
    ),
    "split-shipment": (
        OrderStatus.PARTIALLY_SHIPPED,
        [FulfillmentStatus.SHIPPED, FulfillmentStatus.RELEASED],
        [InvoiceStatus.OPEN],
    ),
    "quotation": (OrderStatus.DRAFT, [], []),
    "cancelled": (OrderStatus.CANCELLED, [], []),
    "credit-hold": (OrderStatus.ON_HOLD, [], []),
    "shipment-exception": (OrderStatus.ON_HOLD, [FulfillmentStatus.CANCELLED], [InvoiceStatus.OPEN]),
    "invoice-exception": (OrderStatus.ON_HOLD, [FulfillmentStatus.SHIPPED], [InvoiceStatus.CANCELLED]),
    "refunded": (OrderStatus.COMPLETED, [FulfillmentStatus.SHIPPED], [InvoiceStatus.CREDITED]),
}


@pytest.mark.parametrize("label", SAID)
def test_what_became_of_an_order_can_be_told(everything, label):
    order, fulfillments, invoices = SAID[label]
    assert [each.status for each in everything.of(label, EntityKind.ORDER)] == [order]
    assert [each.status for each in everything.of(label, EntityKind.FULFILLMENT)] == fulfillments
    assert [each.status for each in everything.of(label, EntityKind.INVOICE)] == invoices


def test_all_orders_with_everything_are_four_calls(everything):
    assert len(everything.orders) >= 30
    assert everything.calls == 4
    assert everything.findings.unusable == {}


def test_a_type_of_complaint_that_nobody_mapped_is_reported(everything):
    assert everything.findings.unmapped == (UnmappedCode("sale.complaint.type.name", "Wrong item"),)


async def test_all_orders_without_what_points_to_them_are_one_call(tryton, everything):
    kinds = (EntityKind.ORDER, EntityKind.CUSTOMER, EntityKind.CREDIT, EntityKind.FULFILLMENT)
    lookups = [asked(Scheme.SO, order["number"], kind) for order in everything.orders.values() for kind in kinds]
    async with connected(tryton) as (client, http):
        findings = await client.fetch("sales", lookups, now())
        assert http.health().calls_last_minute == 1
    assert len(findings.found) == len(lookups)


def amount(value: dict[str, Any] | None) -> Decimal | None:
    return Decimal(value["decimal"]) if value else None


def day(value: dict[str, Any] | None) -> date | None:
    return date(value["year"], value["month"], value["day"]) if value else None


def test_every_order_is_what_tryton_says_of_it(tryton, everything):
    fields = ("number", "reference", "state", "sale_date", "total_amount", "party.code", "lines.quantity", "lines.type")
    numbers = [order["number"] for order in everything.orders.values()]
    sales = {sale["number"]: sale for sale in tryton.read("sale.sale", [["number", "in", numbers]], fields)}
    for label in everything.orders:
        [order] = everything.of(label, EntityKind.ORDER)
        sale = sales[order.number]
        assert (order.purchase_order_number, order.source_status) == (sale["reference"], sale["state"])
        assert (order.ordered_on, order.total.amount) == (day(sale["sale_date"]), amount(sale["total_amount"]))
        assert order.customer_id == sale["party"]["code"]
        assert [float(line.ordered_quantity) for line in order.lines] == [line["quantity"] for line in sale["lines"]]


def test_every_delivery_is_what_tryton_says_of_it(tryton, everything):
    fields = (
        "number",
        "state",
        "packages.shipping_reference",
        "outgoing_moves.product.code",
        "outgoing_moves.quantity",
    )
    shipments = {each["number"]: each for each in tryton.read("stock.shipment.out", [], fields)}
    seen = 0
    for label in everything.orders:
        for fulfillment in everything.of(label, EntityKind.FULFILLMENT):
            shipment = shipments[fulfillment.id]
            seen += 1
            assert fulfillment.source_status == shipment["state"]
            assert [package.tracking_number for package in fulfillment.packages] == [
                package["shipping_reference"] for package in shipment["packages"]
            ]
            assert [(line.sku, float(line.ordered_quantity)) for line in fulfillment.lines] == [
                (move["product"]["code"], move["quantity"]) for move in shipment["outgoing_moves"]
            ]
    assert seen == len(shipments)


def test_every_invoice_is_what_tryton_says_of_it(tryton, everything):
    fields = ("number", "state", "total_amount", "amount_to_pay", "amount_to_pay_today", "lines_to_pay.maturity_date")
    today = date.fromisoformat(tryton.manifest["anchor"])
    invoices = {each["number"]: each for each in tryton.read("account.invoice", [["number", "!=", None]], fields)}
    for label in everything.orders:
        for invoice in everything.of(label, EntityKind.INVOICE):
            if invoice.number.startswith("draft-"):
                continue
            said = invoices[invoice.number]
            assert invoice.source_status == said["state"]
            assert invoice.total.amount == amount(said["total_amount"])
            assert invoice.balance.amount == amount(said["amount_to_pay"])
            assert invoice.due_on == min(day(line["maturity_date"]) for line in said["lines_to_pay"])
            is_late = amount(said["amount_to_pay_today"]) > 0 and invoice.due_on < today
            assert invoice.days_overdue == ((today - invoice.due_on).days if is_late else 0)


def test_credit_is_what_tryton_says_with_its_company(tryton, everything):
    fields = ("code", "credit_amount", "credit_limit_amount")
    domain = [["code", "in", list(tryton.manifest["customers"])]]
    said = {party["code"]: party for party in tryton.read("party.party", domain, fields)}
    seen = {each.customer_id: each for label in everything.orders for each in everything.of(label, EntityKind.CREDIT)}
    assert {code: credit.exposure.amount for code, credit in seen.items()} == {
        code: amount(party["credit_amount"]) for code, party in said.items()
    }
    assert {code: credit.limit and credit.limit.amount for code, credit in seen.items()} == {
        code: amount(party["credit_limit_amount"]) for code, party in said.items()
    }
    assert seen["C-SCHOOL"].status is CreditState.NOT_CHECKED
    assert seen["C-MEDIC"].status is CreditState.NEAR_LIMIT


async def test_a_customer_is_known_by_its_code(tryton, everything):
    [customer] = await contents(tryton, asked(Scheme.CUSTOMER, "C-MEDIC", EntityKind.CUSTOMER), "parties")
    [credit] = await contents(tryton, asked(Scheme.CUSTOMER, "C-MEDIC", EntityKind.CREDIT), "parties")
    assert (customer.name, customer.email) == ("Castell Medical", "c.medic@example.com")
    assert [customer] == everything.of("credit-hold", EntityKind.CUSTOMER)
    assert [credit] == everything.of("credit-hold", EntityKind.CREDIT)


def test_a_quotation_that_tryton_refuses_to_confirm_is_held_for_credit(everything):
    [order] = everything.of("credit-hold", EntityKind.ORDER)
    [hold] = order.holds
    assert hold.kind is HoldKind.CREDIT
    assert "limit of 3000 EUR" in hold.reason


def test_a_return_names_the_order_that_it_takes_back(everything):
    [after_complaint] = everything.of("claim-return", EntityKind.RETURN)
    [direct] = everything.of("taken-back", EntityKind.RETURN)
    assert after_complaint.order_number == everything.orders["claim-return"]["number"]
    assert (after_complaint.status, after_complaint.reason) == (ReturnStatus.RECEIVED, "Wrong colour, take it back")
    assert [(line.sku, line.quantity) for line in after_complaint.lines] == [("LMP-300", 1)]
    assert direct.order_number == everything.orders["taken-back"]["number"]
    assert (direct.status, direct.reason) == (ReturnStatus.RESTOCKED, None)


@pytest.mark.parametrize(
    ("label", "kind", "status"),
    [
        pytest.param("claim-draft", ClaimKind.DAMAGE, ClaimStatus.DRAFT, id="not yet submitted"),
        pytest.param("claim-waiting", ClaimKind.DAMAGE, ClaimStatus.FILED, id="submitted"),
        pytest.param("claim-rejected", ClaimKind.DAMAGE, ClaimStatus.DECLINED, id="rejected"),
        pytest.param("claim-return", ClaimKind.DAMAGE, ClaimStatus.PAID, id="settled by a return"),
        pytest.param("claim-credit-note", ClaimKind.OVERCHARGE, ClaimStatus.PAID, id="about an invoice"),
        pytest.param("claim-line", ClaimKind.OTHER, ClaimStatus.FILED, id="about one line"),
    ],
)
def test_a_complaint_is_a_claim_of_its_order(everything, label, kind, status):
    [claim] = everything.of(label, EntityKind.CLAIM)
    assert (claim.kind, claim.status) == (kind, status)
    assert claim.order_number == everything.orders[label]["number"]


def test_credit_notes_stand_on_the_invoice_that_they_correct(everything):
    [after_complaint] = everything.of("claim-credit-note", EntityKind.INVOICE)
    [refunded] = everything.of("refunded", EntityKind.INVOICE)
    assert [note.amount.amount for note in after_complaint.credits] == [Decimal(24)]
    assert [note.amount for note in refunded.credits] == [refunded.total]


async def test_stock_is_the_sum_of_all_moves(tryton):
    [warehouse] = tryton.read("stock.location", [["type", "=", "warehouse"]], ["storage_location.name"])
    storage = warehouse["storage_location"]["id"]
    fields = ("state", "quantity", "from_location", "to_location")
    moves = tryton.read("stock.move", [["product.code", "=", "CHR-100"]], fields)
    received = sum(m["quantity"] for m in moves if m["state"] == "done" and m["to_location"] == storage)
    left = sum(m["quantity"] for m in moves if m["state"] == "done" and m["from_location"] == storage)
    reserved = sum(m["quantity"] for m in moves if m["state"] == "assigned" and m["from_location"] == storage)
    [position] = await contents(tryton, asked(Scheme.SKU, "CHR-100", EntityKind.INVENTORY), "stock")
    assert position.warehouse == "WH"
    assert (position.on_hand, position.allocated) == (received - left, reserved)
    assert position.available == received - left - reserved


@pytest.mark.parametrize("sku", ["SHIP", "NO-SUCH"])
async def test_what_is_not_kept_has_no_stock(tryton, sku):
    assert await contents(tryton, asked(Scheme.SKU, sku, EntityKind.INVENTORY), "stock") == []


async def test_a_customers_own_number_may_be_two_orders(tryton):
    both = await contents(tryton, asked(Scheme.PO, "PO-7010", EntityKind.ORDER))
    one = await contents(tryton, asked(Scheme.PO, "PO-7010", EntityKind.ORDER, issuer="C-SCHOOL"))
    assert [order.customer_id for order in both] == ["C-NORTH", "C-SCHOOL"]
    assert [order.customer_id for order in one] == ["C-SCHOOL"]


@pytest.mark.parametrize(
    ("scheme", "value", "kind", "number"),
    [
        pytest.param(Scheme.TRACKING, "FF0000000019-1", EntityKind.FULFILLMENT, "SHP00019", id="a package's tracking"),
        pytest.param(Scheme.TRACKING, "FF0000000019", EntityKind.FULFILLMENT, "SHP00019", id="a shipment's tracking"),
        pytest.param(Scheme.DELIVERY, "SHP00018", EntityKind.FULFILLMENT, "SHP00018", id="a delivery"),
        pytest.param(Scheme.SHIPMENT_ID, "SHP00018", EntityKind.FULFILLMENT, "SHP00018", id="a shipment"),
    ],
)
async def test_one_delivery_of_several_can_be_asked_for(tryton, scheme, value, kind, number):
    assert [each.id for each in await contents(tryton, asked(scheme, value, kind))] == [number]


async def test_any_number_of_an_order_leads_to_it(tryton, everything):
    for label in ("overdue", "split-shipment"):
        [order] = everything.of(label, EntityKind.ORDER)
        numbers = [each for each in order.references if each.scheme in SOURCE.reads[0].answers[EntityKind.ORDER]]
        assert {each.scheme for each in numbers} == {Scheme.DELIVERY, Scheme.TRACKING, Scheme.INVOICE}
        for each in numbers:
            assert await contents(tryton, Lookup(kind=EntityKind.ORDER, by=each)) == [order]


@pytest.mark.parametrize("scheme", list(SOURCE.reads[0].answers[EntityKind.ORDER]))
async def test_an_unknown_number_is_nothing(tryton, scheme):
    assert await contents(tryton, asked(scheme, "NO-SUCH", EntityKind.ORDER)) == []


async def test_what_changes_is_seen_at_once_and_dated(own_tryton):
    packed = own_tryton.orders["packed"]
    lookup = asked(Scheme.SO, packed["number"], EntityKind.FULFILLMENT)
    [shipment] = own_tryton.read("stock.shipment.out", [["number", "=", packed["shipments"][0]["number"]]], ["state"])
    pressed_at = datetime.now(UTC)
    own_tryton.press("stock.shipment.out", shipment["id"], "ship")
    async with connected(own_tryton) as (client, _):
        [snapshot] = (await client.fetch("sales", [lookup], now())).found[lookup]
    assert snapshot.content.status is FulfillmentStatus.SHIPPED
    assert pressed_at < snapshot.as_of


def ship(tryton: Tryton) -> str:
    return _press_shipment(tryton, "packed", "ship")


def deliver(tryton: Tryton) -> str:
    return _press_shipment(tryton, "in-transit", "do")


def post(tryton: Tryton) -> str:
    order = tryton.orders["delivered-invoice-draft"]
    [invoice] = tryton.read("account.invoice", [["sales.number", "=", order["number"]]], ["state"])
    tryton.press("account.invoice", invoice["id"], "post")
    return str(order["number"])


def _press_shipment(tryton: Tryton, label: str, button: str) -> str:
    order = tryton.orders[label]
    [shipment] = tryton.read("stock.shipment.out", [["number", "=", order["shipments"][0]["number"]]], ["state"])
    tryton.press("stock.shipment.out", shipment["id"], button)
    return str(order["number"])


def quoted(tryton: Tryton) -> set[str]:
    return {sale["number"] for sale in tryton.read("sale.sale", [["state", "=", "quotation"]], ["number"])}


def named(changes: Changes) -> set[tuple[EntityKind, str]]:
    """Kinds and numbers of sales."""
    return {(each.kind, each.by.value) for each in changes.lookups if each.by.scheme is Scheme.SO}


def orders(numbers: set[str]) -> set[tuple[EntityKind, str]]:
    return {(EntityKind.ORDER, number) for number in numbers}


@pytest.mark.parametrize("press", [ship, deliver, post])
async def test_what_changes_is_named_and_nothing_else(own_tryton, press):
    async with connected(own_tryton) as (client, _):
        before = await client.changes(datetime.now(UTC) + timedelta(seconds=1), now())
        since = datetime.now(UTC)
        number = press(own_tryton)
        after = await client.changes(since, now())
    assert named(before) == orders(quoted(own_tryton))
    assert named(after) - named(before) == {(kind, number) for kind in SOURCE.feed_covers}
    assert after.is_whole
    assert after.until < datetime.now(UTC) - timedelta(seconds=55)


def write_address(tryton: Tryton, party: Mapping[str, Any]) -> None:
    tryton.write("party.contact_mechanism", party["contact_mechanisms"][0]["id"], value="new@example.com")


def make_telephone(tryton: Tryton, party: Mapping[str, Any]) -> None:
    tryton.make("party.contact_mechanism", party=party["id"], type="phone", value="+32 2 555 01 23")


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        pytest.param(write_address, ("new@example.com", None), id="written"),
        pytest.param(make_telephone, ("c.studio@example.com", "+32 2 555 01 23"), id="made"),
    ],
)
async def test_a_part_of_a_customer_is_named_although_the_customer_was_not_written(own_tryton, change, shown):
    def studio():
        [party] = own_tryton.read("party.party", [["code", "=", "C-STUDIO"]], ["contact_mechanisms.id", "write_date"])
        return party

    customer, before, since = asked(Scheme.CUSTOMER, "C-STUDIO", EntityKind.CUSTOMER), studio(), datetime.now(UTC)
    change(own_tryton, before)
    async with connected(own_tryton) as (client, _):
        changes = await client.changes(since, now())
    assert studio()["write_date"] == before["write_date"]
    assert customer in changes.lookups
    [content] = await contents(own_tryton, customer, "parties")
    assert (content.email, content.phone) == shown


@pytest.mark.parametrize("selection", KNOWN)
def test_every_value_that_tryton_publishes_is_known(tryton, selection):
    assert tryton.choices(*selection.rsplit(".", 1)) <= set(KNOWN[selection])


async def test_address_key_and_company_are_checked(tryton):
    async with connected(tryton) as (client, _):
        await client.check(now())


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        pytest.param({"token": "wrong"}, Refused, id="a wrong key"),
        pytest.param({"company": 99}, UnusableAnswer, id="a company that is not there"),
        pytest.param({"base_url": "{origin}/nope"}, Missing, id="a database that is not there"),
    ],
)
async def test_what_is_wrong_is_found_by_the_check(tryton, settings, error):
    origin = tryton.base_url.rpartition("/")[0]
    told = {name: value.format(origin=origin) if isinstance(value, str) else value for name, value in settings.items()}
    async with connected(tryton, **told) as (client, _):
        with pytest.raises(error):
            await client.check(now())
