from datetime import timedelta
from http import HTTPStatus

import httpx
import msgspec
import pytest

from domain.clock import ManualClock
from domain.identity import EntityKind, Scheme
from sandbox.control import REQUESTS, Control
from sandbox.server import create_sandbox
from tests.sandbox.looking import ANCHOR, WORLD

ERP = {"Authorization": "Bearer sandbox-erp-key"}
EASYPOST = httpx.BasicAuth("sandbox-easypost-key", "")
WELL = {"delayMs": 0, "status": None, "retryAfter": 30, "hang": False, "malformed": False, "drip": False}


async def test_calls_and_entities_are_counted_per_system_and_endpoint(client):
    lookups = [
        {"entity": "ORDER", "scheme": "SO", "values": ["SO-1001", "SO-1002"]},
        {"entity": "CREDIT", "scheme": "CUSTOMER", "values": ["C-1001"]},
    ]
    for _ in range(2):
        await client.post("/erp/v1/read", json={"lookups": lookups}, headers=ERP)
    await client.post("/easypost/v2/trackers/batch", json={"tracking_codes": ["a", "b"]}, auth=EASYPOST)
    await client.get("/easypost/v2/trackers/trk_0", auth=EASYPOST)
    await client.get("/easypost/v2/claims", auth=EASYPOST)
    assert (await client.get("/control/counters")).json() == {
        "erp": {"read": {"calls": 2, "entities": 6}},
        "wms": {},
        "crm": {},
        "tms": {"trackers/batch": {"calls": 1, "entities": 2}, "trackers/{id}": {"calls": 1, "entities": 1}},
        "claims": {"claims": {"calls": 1, "entities": 0}},
    }


async def test_a_refused_call_and_a_failing_one_are_counted_too(client):
    await client.get("/erp/v1/health")
    await client.put("/control/erp", json={"status": 500})
    await client.get("/erp/v1/health", headers=ERP)
    assert (await client.get("/control/counters")).json()["erp"] == {"health": {"calls": 2, "entities": 0}}


async def test_counters_start_again_at_zero(client):
    await client.get("/erp/v1/health", headers=ERP)
    answer = await client.delete("/control/counters")
    assert answer.json() == {"erp": {}, "wms": {}, "crm": {}, "tms": {}, "claims": {}}


async def test_the_world_says_where_it_stands(client):
    answer = (await client.get("/control/world")).json()
    assert (answer["seed"], answer["anchor"], answer["now"]) == (7, "2026-03-02T09:30:00Z", "2026-03-02T09:30:00Z")
    assert answer["orders"] == [script.plan.number for script in WORLD.scripts]
    assert answer["steps"] == {"done": WORLD.steps_done(ANCHOR), "left": len(WORLD.steps) - WORLD.steps_done(ANCHOR)}


async def test_a_world_that_was_advanced_is_the_world_at_that_time(client):
    moment = ANCHOR + timedelta(hours=30)
    orders = [script.plan.number for script in WORLD.scripts]
    advanced = await client.post("/control/advance", json={"by": "P1DT6H"})
    body = {"lookups": [{"entity": "FULFILLMENT", "scheme": "SO", "values": orders}]}
    answer = await client.post("/wms/v1/read", json=body, headers={"Authorization": "Bearer sandbox-wms-key"})
    expected = [
        [msgspec.json.decode(found) for found in WORLD.find(EntityKind.FULFILLMENT, (Scheme.SO, order), moment)]
        for order in orders
    ]
    assert advanced.json() == {"now": "2026-03-03T15:30:00Z"}
    assert [result["found"] for result in answer.json()["results"]] == expected


async def test_a_world_with_a_rate_moves_with_real_time():
    clock = ManualClock(ANCHOR)
    app = create_sandbox(rate=10, clock=clock)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as client:
        before = (await client.get("/control/world")).json()["steps"]
        clock.advance(timedelta(seconds=20))
        after = (await client.get("/control/world")).json()["steps"]
    assert after["done"] - before["done"] == pytest.approx(200, rel=0.5)


async def test_faults_that_are_left_out_are_well(client):
    await client.put("/control/erp", json={"hang": True})
    answer = await client.put("/control/erp", json={"delayMs": 20})
    assert answer.json() == (await client.get("/control/erp")).json() == WELL | {"delayMs": 20}


async def test_all_systems_are_healed_at_once(client):
    await client.put("/control/erp", json={"status": 500})
    await client.put("/control/tms", json={"malformed": "html"})
    answer = await client.put("/control")
    assert answer.json() == dict.fromkeys(("erp", "wms", "crm", "tms", "claims"), WELL)


@pytest.mark.parametrize(
    ("address", "body", "status", "words"),
    [
        pytest.param("PUT /control/erp", {"hnag": True}, 400, "unknown field `hnag`", id="misspelt"),
        pytest.param("PUT /control/erp", {"status": 200}, 400, "$.status", id="a status that is no fault"),
        pytest.param("PUT /control/erp", {"delayMs": "1"}, 400, "$.delayMs", id="a number as text"),
        pytest.param("PUT /control/sap", {}, 404, "erp, wms, crm, tms, claims", id="unknown system set"),
        pytest.param("GET /control/sap", None, 404, "erp, wms, crm, tms, claims", id="unknown system shown"),
        pytest.param("POST /control/advance", {"by": "-PT2H"}, 400, "from PT0S", id="backwards"),
        pytest.param("POST /control/advance", {"by": "2 hours"}, 400, "$.by", id="no duration"),
        pytest.param("POST /control/advance", {"by": "P99999999D"}, 400, "$.by", id="longer than time"),
        pytest.param("POST /control/advance", {"by": "P3000000D"}, 400, "$.by", id="beyond the calendar"),
    ],
)
async def test_what_cannot_be_done_is_refused_with_the_reason(client, address, body, status, words):
    answer = await client.request(*address.split(), content=msgspec.json.encode(body))
    assert (answer.status_code, words in answer.json()["error"]) == (status, True), answer.text


@pytest.mark.parametrize(("method", "path"), [("GET", "/nowhere"), ("GET", "/erp/v2/read")])
async def test_elsewhere_is_nothing(client, method, path):
    assert (await client.request(method, path)).status_code == HTTPStatus.NOT_FOUND


async def test_keys_can_be_others():
    keys = {"erp": "a", "wms": "b", "crm": "c", "easypost": "d"}
    app = create_sandbox(keys=keys, anchor=ANCHOR)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as client:
        answers = [await client.get("/erp/v1/health", headers={"Authorization": f"Bearer {key}"}) for key in "ab"]
        easypost = await client.get("/easypost/v2/claims", auth=httpx.BasicAuth("d", ""))
    assert [answer.status_code for answer in (*answers, easypost)] == [200, 401, 200]


async def test_the_calls_of_one_request_are_counted_apart(client):
    for correlation_id in ("one", "other", "one"):
        await client.get("/erp/v1/health", headers={**ERP, "X-Correlation-ID": correlation_id})
    own = (await client.get("/control/counters", params={"correlationId": "one"})).json()
    assert own == {"erp": {"health": {"calls": 2, "entities": 0}}, "wms": {}, "crm": {}, "tms": {}, "claims": {}}
    unknown = (await client.get("/control/counters", params={"correlationId": "nobody"})).json()
    assert not any(unknown.values())


def test_only_the_newest_requests_are_remembered():
    control = Control()
    for number in range(REQUESTS + 1):
        control.count("erp", "read", 1, str(number))
    assert control.counters("0")["erp"] == {}
    assert control.counters("1")["erp"]["read"].calls == 1
    assert control.counters()["erp"]["read"].calls == REQUESTS + 1
