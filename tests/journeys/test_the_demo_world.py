"""What `make demo` shows: every order that the README promises, by every number, and no process left behind."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from tests.journeys.running import Running, call


def test_the_order_everybody_starts_with(demo):
    view = demo.view(
        """status completeness
        serviceCase { case { number kind } }
        shipments { nodes { status } } fulfillments { nodes { status lines { orderedQuantity pickedQuantity } } }
        invoices { nodes { status } } credit { credit { status exposure { amount } limit { amount } } }""",
        caseNumber="CS-1001",
    )
    assert view["completeness"] == 1
    assert view["serviceCase"]["case"]["number"] == "CS-1001"
    assert sorted(node["status"] for node in view["shipments"]["nodes"]) == ["DELIVERED", "IN_TRANSIT"]
    assert "PARTIALLY_PICKED" in [node["status"] for node in view["fulfillments"]["nodes"]]
    assert [node["status"] for node in view["invoices"]["nodes"]] == ["OPEN"]
    assert view["credit"]["credit"]["status"] == "NEAR_LIMIT"


@pytest.mark.parametrize(
    ("order", "status"),
    [("SO-1001", "IN_TRANSIT"), ("SO-1002", "CLOSED"), ("SO-1003", "ON_HOLD"), ("SO-1004", "EXCEPTION")],
)
def test_the_named_orders(demo, order, status):
    assert demo.view("status", orderNumber=order)["status"] == status


def test_the_hold_says_who_decides_and_what_releases_it(demo):
    view = demo.view(
        "orders { nodes { holds { kind owner releasesWhen } } } credit { credit { status } }", orderNumber="SO-1003"
    )
    [hold] = view["orders"]["nodes"][0]["holds"]
    assert hold["kind"] == "CREDIT"
    assert hold["owner"]
    assert hold["releasesWhen"]


def test_the_damaged_parcel_has_an_open_claim(demo):
    view = demo.view(
        "shipments { nodes { trackingNumber exceptions { kind clearedAt } } } claims { nodes { kind status trackingNumber } }",
        orderNumber="SO-1004",
    )
    [parcel], [claim] = view["shipments"]["nodes"], view["claims"]["nodes"]
    assert {"kind": "DAMAGE", "clearedAt": None} in parcel["exceptions"]
    assert (claim["kind"], claim["trackingNumber"]) == ("DAMAGE", parcel["trackingNumber"])


def test_the_addresses_that_the_systems_give_are_shown(demo):
    view = demo.view(
        "shipments { nodes { trackingUrl } } claims { nodes { documents { url } } }", orderNumber="SO-1004"
    )
    [parcel], [claim] = view["shipments"]["nodes"], view["claims"]["nodes"]
    assert parcel["trackingUrl"].startswith("https://track.example.com/")
    assert [each["url"].partition("/clm_")[0] for each in claim["documents"]] == ["https://files.example.com"] * 2


def test_every_number_leads_to_the_same_order(demo):
    fields = "orders { nodes { number purchaseOrderNumber } } shipments { nodes { id trackingNumber } } invoices { nodes { number } }"
    view = demo.view(fields, orderNumber="SO-1001")
    keys = [
        {"caseNumber": "CS-1001"},
        {"purchaseOrderNumber": view["orders"]["nodes"][0]["purchaseOrderNumber"]},
        {"invoiceNumber": view["invoices"]["nodes"][0]["number"]},
        *({"trackingNumber": node["trackingNumber"]} for node in view["shipments"]["nodes"]),
    ]
    assert [demo.view(fields, **key) for key in keys] == [view] * len(keys)


def test_a_shipment_is_found_by_the_id_under_which_it_is_shown(demo):
    shipment = demo.view("shipments { nodes { id } }", orderNumber="SO-1001")["shipments"]["nodes"][0]["id"]
    view = demo.view("shipments { nodes { id } }", shipmentId=shipment)
    assert shipment in [node["id"] for node in view["shipments"]["nodes"]]


def test_fifty_views_are_one_call_per_source(demo):
    keys = [{"orderNumber": f"SO-{number}"} for number in range(2001, 2051)]
    document = """query($keys: [CaseKey!]!) { caseViews(keys: $keys, freshness: {deadline: "PT5S", maxAge: "PT0S"}) {
      orders { freshness { state } nodes { number } } shipments { freshness { state } }
      fulfillments { freshness { state } } invoices { freshness { state } } serviceCase { freshness { state } } } }"""
    counted = []
    for _ in range(3):
        demo.forget_calls()
        views = demo.graphql(document, keys=keys)["caseViews"]
        assert [view["orders"]["nodes"][0]["number"] for view in views] == [key["orderNumber"] for key in keys]
        counted.append({system: sum(endpoints.values()) for system, endpoints in demo.calls().items()})
    # Parcels named by one system only are asked for in a call of their own if the other answers too much later.
    assert {"erp": 1, "wms": 1, "crm": 1, "tms": 1} in counted
    assert all(each == {"erp": 1, "wms": 1, "crm": 1, "tms": each["tms"]} and each["tms"] <= 2 for each in counted)


def test_f8_what_a_selection_does_not_need_is_not_asked(demo):
    for _ in range(5):  # the gateway may be asking of its own accord already, and then is not asked again
        demo.forget_calls()
        demo.view("invoices { nodes { number } }", max_age="PT0S", orderNumber="SO-1001")
        asked = set(demo.calls())
        assert asked <= {"erp"}
        if asked:
            return
    raise AssertionError("the ERP is never asked")


def test_an_agent_reads_it_aloud(demo):
    told = demo.ask("--case", "CS-1001")
    assert told.returncode == 0
    assert told.stdout.startswith("Case CS-1001 about order SO-1001: in transit.\n")
    assert re.search(r"Shipments   fresh, tms-sandbox was asked (just now|[\d.]+ s ago)", told.stdout)


def test_a_machine_reads_the_same_as_json(demo):
    told = json.loads(demo.ask("--order", "SO-1001", "--json").stdout)
    assert told["data"]["caseView"]["orders"]["nodes"][0]["number"] == "SO-1001"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--order", "SO-9999"], 1, "casefold: no system knows SO-9999"),
        (["--order", "a\nb"], 1, "casefold: key.orderNumber: found 'a\\nb', allowed: 1 to 100 visible characters"),
        ([], 2, "exactly one of"),
        (["--order", "1", "--case", "2"], 2, "exactly one of"),
        (
            ["--order", "1", "--url", "http://127.0.0.1:1"],
            1,
            "casefold: no gateway answers at http://127.0.0.1:1/graphql",
        ),
    ],
)
def test_what_cannot_be_answered_is_said_in_a_line(demo, arguments, code, message):
    told = demo.ask(*arguments)
    assert told.returncode == code
    assert message in " ".join(told.stderr.replace("│", " ").split())
    assert "Traceback" not in told.stderr


def test_sources_report_themselves(demo):
    demo.view("orders { nodes { number } }", orderNumber="SO-1001")
    sources = demo.graphql("{ sources { id kind kinds vendor circuit callsLastMinute lastSuccessAt latencyP50Ms } }")[
        "sources"
    ]
    assert {source["id"] for source in sources} == {
        f"{name}-sandbox" for name in ("erp", "wms", "crm", "tms", "claims")
    }
    erp = next(source for source in sources if source["kind"] == "ERP")
    assert erp["callsLastMinute"] > 0
    assert erp["latencyP50Ms"] > 0
    assert erp["lastSuccessAt"]


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_running(tmp_path, end):
    running = Running(tmp_path, "demo", "--rate", "0")
    with running:
        sandbox = running.sandbox
        running.process.send_signal(end)
        running.process.wait(20)
        for _ in range(100):
            try:
                call("GET", f"{sandbox}/control/world")
            except OSError:
                return
            time.sleep(0.1)
    raise AssertionError("the simulated systems still run")


def test_a_port_that_is_taken_is_said_in_a_line(demo, tmp_path):
    port = demo.url.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "app", "demo", "--port", port, "--data", str(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False, env=dict(os.environ))
    assert told.returncode == 1
    assert f"casefold: port {port} is taken; choose another" in told.stderr


FOUND = "discrepancies { rule state severity summary suggestedAction evidence { source says } }"


def test_what_the_systems_contradict_each_other_about_is_said(demo):
    found = demo.view(FOUND, orderNumber="SO-1001")["discrepancies"]
    assert {each["rule"] for each in found} == {
        "dispatched-not-picked",
        "invoiced-not-shipped",
        "invoiced-quantity-differs",
    }
    assert {each["state"] for each in found} == {"OPEN"}
    [picked] = [each for each in found if each["rule"] == "dispatched-not-picked"]
    assert {each["source"] for each in picked["evidence"]} == {"tms-sandbox", "wms-sandbox"}
    assert "picked 16 of 40" in picked["evidence"][1]["says"]
    for number in ("SO-1002", "SO-1003"):
        assert demo.view(FOUND, orderNumber=number)["discrepancies"] == []
    told = demo.ask("--order", "SO-1001").stdout
    assert "! The carrier has shipment" in told.split("\nCase ")[0]


def test_while_the_warehouse_does_not_answer_nothing_is_claimed_for_sure(demo):
    demo.break_system("wms", status=500)
    found = demo.view(FOUND, max_age="PT0S", orderNumber="SO-1001")["discrepancies"]
    assert found
    for each in found:
        is_of_the_warehouse = each["rule"] in {"dispatched-not-picked", "invoiced-not-shipped"}
        assert each["state"] == ("INCONCLUSIVE" if is_of_the_warehouse else "OPEN"), each


TIMELINE = """timeline(first: FIRST, AFTER sources: [TMS, WMS]) { totalCount pageInfo { hasNextPage endCursor }
  edges { node { occurredAt source sourceKind title entity } } }"""


def test_everything_that_happened_in_one_list_page_by_page(demo):
    asked = TIMELINE.replace("FIRST", "5").replace("AFTER ", "")
    first = demo.view(asked, orderNumber="SO-1001")["timeline"]
    assert first["pageInfo"]["hasNextPage"]
    after = f'after: "{first["pageInfo"]["endCursor"]}", '
    rest = demo.view(TIMELINE.replace("FIRST", "500").replace("AFTER ", after), orderNumber="SO-1001")["timeline"]
    nodes = [edge["node"] for edge in (*first["edges"], *rest["edges"])]
    assert len(nodes) == first["totalCount"] > 10
    assert [node["occurredAt"] for node in nodes] == sorted((node["occurredAt"] for node in nodes), reverse=True)
    assert {node["sourceKind"] for node in nodes} == {"TMS", "WMS"}
    assert {"Picked up", "Left the warehouse"} <= {node["title"] for node in nodes}
