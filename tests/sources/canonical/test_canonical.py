import json
import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from bench.work import entities
from domain.entities import MODELS
from domain.errors import Missing, UnusableAnswer
from domain.foreign import Mended, Repair
from domain.identity import EntityKind
from domain.order import Order, OrderStatus
from domain.shipment import MilestoneCode, Shipment
from sources.canonical import SOURCE
from sources.canonical.codes import understood
from sources.canonical.openapi import document
from sources.canonical.wire import WireAnswer, WireChanges, WireRequest
from tests.sources.calling import URL, Calling, lookup

DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture
async def system():
    async with Calling(SOURCE, token="t-1") as calling:
        yield calling


def record(kind, **changes):
    id_, entity = entities(EntityKind[kind], "SO-1")[0]
    return {"id": id_, "asOf": "2026-11-23T08:30:00Z", "data": json.loads(msgspec.json.encode(entity)) | changes}


def answer(*results):
    return {
        "results": [
            {"entity": kind, "scheme": scheme, "value": value, "found": found} for kind, scheme, value, found in results
        ]
    }


ORDER = lookup("ORDER", "SO", "SO-1")


async def test_everything_of_one_moment_is_one_call_grouped_by_entity_and_scheme(system):
    route = system.router.post(f"{URL}/v1/read").respond(
        json=answer(("ORDER", "SO", "SO-1", [record("ORDER")]), ("INVOICE", "SO", "SO-1", [record("INVOICE")]))
    )
    invoice, other = lookup("INVOICE", "SO", "SO-1"), lookup("ORDER", "SO", "SO-2")
    findings = await system.fetch("read", ORDER, invoice, other)
    assert json.loads(route.calls[0].request.content) == {
        "lookups": [
            {"entity": "ORDER", "scheme": "SO", "values": ["SO-1", "SO-2"]},
            {"entity": "INVOICE", "scheme": "SO", "values": ["SO-1"]},
        ]
    }
    assert route.calls[0].request.headers["authorization"] == "Bearer t-1"
    assert set(findings.found) == {ORDER, invoice}
    [found] = findings.found[ORDER]
    assert (found.key.source, found.key.id, found.as_of) == ("here", "SO-1", datetime(2026, 11, 23, 8, 30, tzinfo=UTC))
    assert found.content == entities(EntityKind.ORDER, "SO-1")[0][1]


@pytest.mark.parametrize("kind", [kind.value for kind in EntityKind if entities(kind, "SO-1")])
async def test_every_kind_comes_back_as_it_was_sent(system, kind):
    system.router.post(f"{URL}/v1/read").respond(json=answer((kind, "SO", "SO-1", [record(kind)])))
    asked = lookup(kind, "SO", "SO-1")
    findings = await system.fetch("read", asked)
    assert findings.found[asked][0].content == entities(EntityKind[kind], "SO-1")[0][1]


async def test_nothing_there_is_an_answer(system):
    system.router.post(f"{URL}/v1/read").respond(json=answer(("ORDER", "SO", "SO-1", [])))
    findings = await system.fetch("read", ORDER, lookup("ORDER", "SO", "SO-9"))
    assert not any(findings.found.values())
    assert not findings.unusable


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"number": None}, "$.number"),
        ({"orderedAt": "2026-11-23T08:30:00"}, "timezone"),
        ({"total": {"amount": "1", "currency": "euro"}}, "$.total.currency"),
        ({"lines": None}, "$.lines"),
        ({"lines": [{}]}, "$.lines[0]"),
    ],
)
async def test_one_bad_record_spoils_only_its_own_number(system, changes, says):
    good, bad = ("ORDER", "SO", "SO-1", [record("ORDER")]), ("ORDER", "SO", "SO-2", [record("ORDER", **changes)])
    system.router.post(f"{URL}/v1/read").respond(json=answer(good, bad))
    findings = await system.fetch("read", ORDER, lookup("ORDER", "SO", "SO-2"))
    assert list(findings.found) == [ORDER]
    assert says in findings.unusable[lookup("ORDER", "SO", "SO-2")]


async def test_a_word_of_a_newer_vocabulary_is_kept_raw_and_reported(system):
    system.router.post(f"{URL}/v1/read").respond(
        json=answer(("ORDER", "SO", "SO-1", [record("ORDER", status="AWAITING_DRONE", new=[1])]))
    )
    findings = await system.fetch("read", ORDER)
    order = findings.found[ORDER][0].content
    assert (order.status, order.source_status) == (OrderStatus.UNKNOWN, "AWAITING_DRONE")
    assert [(code.code_list, code.code) for code in findings.unmapped] == [("Order.status", "AWAITING_DRONE")]


def test_words_inside_are_found_as_well():
    wire = record("SHIPMENT")["data"]
    wire["milestones"][0]["code"] = "BEAMED"
    known, unmapped = understood(Shipment, wire)
    shipment = msgspec.convert(known, Shipment)
    assert (shipment.milestones[0].code, shipment.milestones[0].source_code) == (MilestoneCode.UNKNOWN, "P1")
    assert [code.code for code in unmapped] == ["BEAMED"]


def test_the_systems_own_word_is_not_written_over():
    known, _ = understood(Order, record("ORDER", status="NEWISH", sourceStatus="their word")["data"])
    assert known["sourceStatus"] == "their word"


async def test_an_address_that_leads_elsewhere_is_dropped_and_words_are_cut(system):
    lines = [{"lineNumber": "1", "sku": "A", "orderedQuantity": "1", "description": "d" * 5_000}]
    holds = [{"kind": "CREDIT", "url": "https://evil.example.com/"}, {"kind": "OTHER", "url": f"{URL}/holds/1"}]
    changes = {"url": "javascript:alert(1)", "lines": lines, "holds": holds}
    system.router.post(f"{URL}/v1/read").respond(
        json=answer(("ORDER", "SO", "SO-1", [record("ORDER", **changes)]), ("ORDER", "SO", "SO-2", [record("ORDER")]))
    )
    findings = await system.fetch("read", ORDER, lookup("ORDER", "SO", "SO-2"))
    order = findings.found[ORDER][0].content
    assert (order.number, order.url) == ("SO-1", None)
    assert [each.url for each in order.holds] == [None, f"{URL}/holds/1"]
    assert order.lines[0].description == "d" * 1_999 + "\u2026"
    assert not findings.unusable
    assert sorted(findings.mended) == sorted(
        [
            Mended("Order.url", Repair.DROPPED),
            Mended("Hold.url", Repair.DROPPED),
            Mended("OrderLine.description", Repair.CUT),
        ]
    )


@pytest.mark.parametrize(
    ("changes", "says"), [({"number": "x" * 201}, "$.number"), ({"sourceStatus": "x" * 201}, "$.sourceStatus")]
)
async def test_identifiers_and_codes_are_not_cut(system, changes, says):
    system.router.post(f"{URL}/v1/read").respond(json=answer(("ORDER", "SO", "SO-1", [record("ORDER", **changes)])))
    findings = await system.fetch("read", ORDER)
    assert says in findings.unusable[ORDER]
    assert not findings.mended


async def test_hosts_in_the_settings_are_passed_on():
    async with Calling(SOURCE, token="t-1", link_hosts=["Desk.example.com"]) as system:
        found = record("ORDER", url="https://eu.desk.example.com/SO-1")
        system.router.post(f"{URL}/v1/read").respond(json=answer(("ORDER", "SO", "SO-1", [found])))
        findings = await system.fetch("read", ORDER)
    assert findings.found[ORDER][0].content.url == "https://eu.desk.example.com/SO-1"
    assert not findings.mended


@pytest.mark.parametrize(
    "body", [b"<html>", b'{"results": {}}', b'{"results": [{"entity": "ORDER"}]}', b"[]", b'{"error": "no"}']
)
async def test_what_is_not_the_exchange_is_never_data(system, body):
    system.router.post(f"{URL}/v1/read").respond(content=body)
    with pytest.raises(UnusableAnswer):
        await system.fetch("read", ORDER)
    assert system.http.health().errors_last_minute == 1


async def test_a_wrong_address_is_said(system):
    system.router.post(f"{URL}/v1/read").respond(404)
    with pytest.raises(Missing):
        await system.fetch("read", ORDER)


async def test_check_proves_address_and_credentials(system):
    route = system.router.get(f"{URL}/v1/health").respond(json={"status": "ok"})
    await system.client.check(system.call)
    assert route.calls[0].request.headers["authorization"] == "Bearer t-1"


def test_the_exported_description_is_the_code():
    exported = json.loads((DOCS / "canonical-source.openapi.json").read_text(encoding="utf-8"))
    assert exported == json.loads(json.dumps(document())), "run `make schema` and look at what changed"


def test_the_description_knows_every_kind():
    assert {model.__name__ for model in MODELS.values()} <= set(document()["components"]["schemas"])


def test_the_example_of_the_guide_is_understood():
    text = (DOCS / "adding-a-system-without-an-adapter.md").read_text(encoding="utf-8")
    request, reply, changes = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    asked = msgspec.json.decode(request, type=WireRequest)
    told = msgspec.json.decode(reply, type=WireAnswer)
    assert len(msgspec.json.decode(changes, type=WireChanges).changes) == 3
    assert {(each.entity, each.scheme) for each in asked.lookups} == {
        (each.entity, each.scheme) for each in told.results
    }
    for result in told.results:
        for found in result.found:
            msgspec.convert(msgspec.json.decode(found)["data"], MODELS[result.entity])
