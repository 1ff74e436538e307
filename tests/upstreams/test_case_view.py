"""The whole way: a real Tryton, the gateway, GraphQL; every seeded order held against Tryton's own answers."""

import json
from collections.abc import Mapping
from decimal import Decimal

import pytest

from tests.app.gateway import ask, gateway
from tests.journeys.running import Running

FIELDS = """
  status
  orders { freshness { state origin source } problem { code } nodes { number purchaseOrderNumber status sourceStatus total { amount currency } holds { kind } lines { sku orderedQuantity } } }
  fulfillments { freshness { state } nodes { id status sourceStatus packages { trackingNumber } lines { sku orderedQuantity shippedQuantity backorderedQuantity } } }
  invoices { freshness { state } nodes { number status sourceStatus balance { amount } daysOverdue } }
  credit { freshness { state } credit { status limit { amount } exposure { amount } } }
  returns { freshness { state } nodes { number status } }
  claims { freshness { state } nodes { number status kind } }
"""
DOCUMENT = f'query($keys: [CaseKey!]!) {{ caseViews(keys: $keys, freshness: {{deadline: "PT30S"}}) {{ {FIELDS} }} }}'


@pytest.fixture(scope="module")
def erp(tryton):
    return {
        "id": "erp",
        "adapter": "tryton",
        "base_url": tryton.base_url,
        "token": tryton.rest_key,
        "timeout": "PT30S",
    }


async def views(erp, *numbers):
    app = gateway(deadline="PT30S", sources=[erp])
    variables = {"keys": [{"orderNumber": number} for number in numbers]}
    _, _, body = await ask(app, "POST", "/graphql", {"query": DOCUMENT, "variables": variables})
    answer = json.loads(body)
    assert "errors" not in answer, answer
    return dict(zip(numbers, answer["data"]["caseViews"], strict=True))


EXPECTED: Mapping[str, tuple[str, list[str], list[str]]] = {
    # label of the seeded order: order status, fulfillment statuses, invoice statuses
    "paid-1": ("COMPLETED", ["SHIPPED"], ["PAID"]),
    "overdue": ("SHIPPED", ["SHIPPED"], ["OVERDUE"]),
    "partly-paid-overdue": ("SHIPPED", ["SHIPPED"], ["OVERDUE"]),
    "delivered-not-due": ("SHIPPED", ["SHIPPED"], ["OPEN"]),
    "delivered-invoice-draft": ("SHIPPED", ["SHIPPED"], ["DRAFT"]),
    "in-transit": ("SHIPPED", ["SHIPPED"], ["OPEN"]),
    "packed": ("RELEASED", ["PACKED"], []),
    "picked": ("RELEASED", ["PICKED"], ["OPEN"]),
    "assigned": ("RELEASED", ["ALLOCATED"], ["OPEN"]),
    "split-shipment": ("PARTIALLY_SHIPPED", ["SHIPPED", "RELEASED"], ["OPEN"]),
    "credit-hold": ("ON_HOLD", [], []),
    "shipment-exception": ("ON_HOLD", ["CANCELLED"], ["OPEN"]),
    "cancelled": ("CANCELLED", [], []),
}


async def test_every_seeded_order_is_what_tryton_says(tryton, erp):
    orders = {order["number"]: order for order in tryton.orders.values() if order["number"]}
    seen = await views(erp, *orders)
    for number, order in orders.items():
        view = seen[number]
        assert all(
            view[section]["freshness"]["state"] == "FRESH"
            for section in ("orders", "fulfillments", "invoices", "credit", "returns", "claims")
        )
        [node] = view["orders"]["nodes"]
        assert (node["number"], node["purchaseOrderNumber"], node["sourceStatus"]) == (
            number,
            order["reference"],
            order["state"],
        )
        assert sorted(each["sourceStatus"] for each in view["fulfillments"]["nodes"]) == sorted(
            each["state"] for each in order["shipments"]
        )
        shown = {each["number"]: each for each in view["invoices"]["nodes"]}
        for invoice in order["invoices"]:
            if invoice["number"]:
                assert shown[invoice["number"]]["sourceStatus"] == invoice["state"]
                assert Decimal(shown[invoice["number"]]["balance"]["amount"]) == Decimal(invoice["amount_to_pay"])


@pytest.mark.parametrize("label", EXPECTED)
async def test_what_each_scenario_means(tryton, erp, label):
    number = tryton.orders[label]["number"]
    view = (await views(erp, number))[number]
    status, fulfillments, invoices = EXPECTED[label]
    assert view["orders"]["nodes"][0]["status"] == status
    assert sorted(node["status"] for node in view["fulfillments"]["nodes"]) == sorted(fulfillments)
    assert [node["status"] for node in view["invoices"]["nodes"]] == invoices


async def test_a_return_and_a_complaint_are_found_under_the_order_they_are_about(tryton, erp):
    number = tryton.orders["claim-return"]["number"]
    view = (await views(erp, number))[number]
    assert [node["status"] for node in view["returns"]["nodes"]] == ["RECEIVED"]
    assert [node["kind"] for node in view["claims"]["nodes"]] == ["DAMAGE"]


async def test_credit_counts_open_orders_because_the_company_is_sent_along(tryton, erp):
    number = tryton.orders["credit-hold"]["number"]
    credit = (await views(erp, number))[number]["credit"]["credit"]
    party = tryton.read("party.party", [["code", "=", "C-MEDIC"]], ["credit_amount", "credit_limit_amount"])[0]
    assert Decimal(credit["exposure"]["amount"]) == Decimal(party["credit_amount"]["decimal"])
    assert Decimal(credit["limit"]["amount"]) == Decimal(party["credit_limit_amount"]["decimal"])


def test_the_demo_before_a_real_tryton(tryton, tmp_path):
    order = tryton.orders["in-transit"]
    with Running(tmp_path, module="tests.upstreams.demo") as demo:
        told = demo.ask("--order", "SO00010")
        assert told.returncode == 0, told.stderr
        assert told.stdout.startswith("Order SO00010: in transit.")
        for line in (
            "fresh, erp-tryton was asked just now",
            f"{order['shipments'][0]['number']}  shipped",
            f"{order['invoices'][0]['number']}  open",
            "FastFreight FF0000000010-1  in transit",
            "EUR used of 50000 EUR",
        ):
            assert line in told.stdout


CONTRADICTORY = ("picked", "assigned")
AT_ONE = ("paid-1", "delivered-not-due", "in-transit", "packed")


async def test_an_invoice_for_what_still_waits_in_the_warehouse_is_found(tryton, erp):
    """D2 of a real ERP: the invoice is posted, the shipment is not done."""
    app = gateway(deadline="PT30S", sources=[erp], discrepancies={"invoiced-not-shipped": "PT0S"})
    query = """query($key: CaseKey!) { caseView(key: $key, freshness: {deadline: "PT30S"}) {
      discrepancies { rule state severity summary evidence { source says } } } }"""

    async def found(label):
        variables = {"key": {"orderNumber": tryton.orders[label]["number"]}}
        _, _, body = await ask(app, "POST", "/graphql", {"query": query, "variables": variables})
        answer = json.loads(body)
        assert "errors" not in answer, answer
        told = answer["data"]["caseView"]["discrepancies"]
        return {each["rule"]: each for each in told}

    for label in CONTRADICTORY:
        told = (await found(label))["invoiced-not-shipped"]
        assert (told["severity"], told["evidence"][0]["says"].split(",")[0]) == ("HIGH", "posted")
        assert {each["source"] for each in told["evidence"]} == {"erp"}
    for label in AT_ONE:
        assert "invoiced-not-shipped" not in await found(label)
