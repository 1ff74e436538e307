"""A source that only sends: what it told is found by every number, and what it did not tell spoils nothing."""

import json

import pytest

from app.main import create_app
from app.settings import configure
from app.wiring import build
from tests.app.gateway import ask
from tests.callers import ANYBODY
from tests.events.test_doors import Running
from tests.faults.rigs import CanonicalSystem

BEARER = {"authorization": "Bearer w-1", "content-type": "application/json"}
GLN = "urn:epcglobal:cbv:bt:0614141073467"
VIEW = """{ caseView(key: KEY) { fulfillments { problem { code source }
  freshness { state origin verifiedAt asOf source }
  nodes { id orderNumber status sourceStatus pickedAt shippedAt } } } }"""


class Warehouse(Running):
    def __init__(self, redis_url, *others):
        epcis = {"id": "wms-epcis", "adapter": "epcis", "webhook_secret": "w-1"}
        self.wired = build(configure({**ANYBODY, "sources": [epcis, *others]}, {}), redis_url)
        self.app = create_app(self.wired)

    async def capture(self, *events):
        body = {"type": "EPCISDocument", "schemaVersion": "2.0", "epcisBody": {"eventList": list(events)}}
        return (await ask(self.app, "POST", "/webhooks/wms-epcis", body, BEARER))[0]

    async def fulfillments(self, **key):
        [(name, value)] = key.items()
        query = VIEW.replace("KEY", f'{{{name}: "{value}"}}')
        _, _, body = await ask(self.app, "POST", "/graphql", {"query": query})
        answer = json.loads(body)
        assert "errors" not in answer, answer
        view = answer["data"]["caseView"]
        return view and view["fulfillments"]


def step(n, business_step, minute, order="SO-1"):
    documents = [{"type": "desadv", "bizTransaction": f"{GLN}:D{order[-1]}"}, {"type": "poc", "bizTransaction": order}]
    return {
        "type": "ObjectEvent",
        "eventID": f"urn:uuid:00000000-0000-4000-8000-{n:012}",
        "action": "OBSERVE",
        "bizStep": business_step,
        "eventTime": f"2026-11-23T08:{minute:02}:00.000Z",
        "eventTimeZoneOffset": "+01:00",
        "bizTransactionList": documents,
    }


@pytest.fixture
async def warehouse(redis, client):  # noqa: ARG001  # the client empties it
    async with Warehouse(redis.url) as warehouse:
        yield warehouse


async def test_what_it_told_is_found_and_says_that_it_cannot_be_asked_again(warehouse):
    assert await warehouse.capture(step(2, "shipping", 30), step(1, "picking", 10)) == 202
    await warehouse.settled()
    section = await warehouse.fulfillments(orderNumber="SO-1")
    [node] = section["nodes"]
    assert (node["id"], node["status"], node["sourceStatus"]) == ("0614141073467:D1", "SHIPPED", "shipping")
    assert (node["pickedAt"], node["shippedAt"]) == ("2026-11-23T09:10:00+01:00", "2026-11-23T09:30:00+01:00")
    freshness = section["freshness"]
    assert (freshness["state"], freshness["origin"], freshness["verifiedAt"]) == ("STALE", "EVENT", None)
    assert freshness["asOf"] == "2026-11-23T08:30:00+00:00"
    assert section["problem"] == {"code": "ONLY_SENDS", "source": "wms-epcis"}


async def test_an_error_declaration_takes_it_back(warehouse):
    shipped = step(2, "shipping", 30)
    await warehouse.capture(step(1, "picking", 10), shipped)
    await warehouse.settled()
    declared = {"declarationTime": "2026-11-23T09:00:00Z", "reason": "incorrect_data"}
    await warehouse.capture(shipped | {"errorDeclaration": declared})
    await warehouse.settled()
    [node] = (await warehouse.fulfillments(orderNumber="SO-1"))["nodes"]
    assert (node["status"], node["shippedAt"]) == ("PICKED", None)


async def test_what_was_taken_back_stays_in_the_timeline(warehouse):
    shipped = step(2, "shipping", 30)
    await warehouse.capture(step(1, "picking", 10), shipped)
    await warehouse.settled()
    declared = {"declarationTime": "2026-11-23T09:00:00Z", "reason": "incorrect_data"}
    await warehouse.capture(shipped | {"errorDeclaration": declared})
    await warehouse.settled()
    query = '{ caseView(key: {orderNumber: "SO-1"}) { timeline { edges { node { title detail sourceKind } } } } }'
    _, _, body = await ask(warehouse.app, "POST", "/graphql", {"query": query})
    told = [edge["node"] for edge in json.loads(body)["data"]["caseView"]["timeline"]["edges"]]
    assert [each["title"] for each in told] == ["Taken back", "Picked"]
    assert told[0]["detail"].startswith("Shipped of 2026-11-23T09:30")
    assert {each["sourceKind"] for each in told} == {"WMS"}


async def test_of_what_nobody_told_there_is_no_view(warehouse):
    assert await warehouse.fulfillments(orderNumber="SO-9") is None


async def test_where_another_is_in_charge_too_its_silence_spoils_nothing(redis, client):  # noqa: ARG001
    async with CanonicalSystem().open() as system:
        other = {"id": "wms", "adapter": "canonical", "kinds": ["ERP", "WMS"], "base_url": system.url}
        async with Warehouse(redis.url, other) as warehouse:
            section = await warehouse.fulfillments(orderNumber="SO-7")
            assert (section["freshness"]["state"], section["problem"]) == ("FRESH", None)
            await warehouse.capture(step(1, "picking", 10, order="SO-7"))
            await warehouse.settled()
            section = await warehouse.fulfillments(orderNumber="SO-7")
            assert [node["id"] for node in section["nodes"]] == ["0614141073467:D7"]
            assert (section["freshness"]["state"], section["problem"]["code"]) == ("STALE", "ONLY_SENDS")


async def test_only_who_has_the_secret_may_send(warehouse):
    for headers in ({"authorization": "Bearer w-2"}, {}):
        assert (await ask(warehouse.app, "POST", "/webhooks/wms-epcis", step(1, "picking", 1), headers))[0] == 401
    assert await warehouse.wired.main.inbox.waiting() == 0


async def test_what_is_no_epcis_is_parked_with_the_reason(warehouse):
    status, _, _ = await ask(warehouse.app, "POST", "/webhooks/wms-epcis", b"<epcis:EPCISDocument/>", BEARER)
    assert status == 202
    await warehouse.settled()
    [parked] = (await warehouse.wired.main.dead_letters.page(10)).letters
    assert parked.payload == "<epcis:EPCISDocument/>"
    assert parked.reason
