"""The exchange that the ERP, the WMS and the CRM speak."""

from http import HTTPStatus

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clock import ManualClock
from domain.identity import EntityKind, Scheme
from sandbox import crm, erp, wms
from sandbox.desks import KEYS, Request, endpoints
from sandbox.world import WorldClock
from tests.sandbox.looking import ANCHOR, WORLD, unhurried

SYSTEMS = {"erp": erp.ANSWERS, "wms": wms.ANSWERS, "crm": crm.ANSWERS}

ENDPOINTS = {each.path: each for each in endpoints(WORLD, WorldClock(ANCHOR, 0, ManualClock(ANCHOR)), KEYS)}

IDS_OF_SO_1001 = {
    Scheme.SO: "SO-1001",
    Scheme.PO: "PO-7781",
    Scheme.TRACKING: "1Z999AA10101001010",
    Scheme.INVOICE: "INV-1001",
    Scheme.CUSTOMER: "C-1001",
    Scheme.DELIVERY: "DN-1001-1",
    Scheme.SKU: "CHN-1100",
    Scheme.CASE: "CS-1001",
    Scheme.SHIPMENT_ID: "UPS:1Z999AA10101001010",
}


async def read(client: httpx.AsyncClient, system: str, *lookups) -> httpx.Response:
    body = {"lookups": [{"entity": kind, "scheme": scheme, "values": values} for kind, scheme, values in lookups]}
    return await client.post(f"/{system}/v1/read", json=body, headers={"Authorization": f"Bearer sandbox-{system}-key"})


async def test_every_question_has_its_answer_in_order(client):
    answer = await read(client, "erp", ("ORDER", "SO", ["SO-1001", "SO-9999"]), ("INVOICE", "INVOICE", ["INV-1002"]))
    results = answer.json()["results"]
    assert [(each["entity"], each["scheme"], each["value"]) for each in results] == [
        ("ORDER", "SO", "SO-1001"),
        ("ORDER", "SO", "SO-9999"),
        ("INVOICE", "INVOICE", "INV-1002"),
    ]
    assert [[found["id"] for found in each["found"]] for each in results] == [["SO-1001"], [], ["INV-1002"]]


async def test_an_entity_is_a_canonical_model_with_the_time_of_its_last_change(client):
    answer = await read(client, "erp", ("CREDIT", "CUSTOMER", ["C-1001"]))
    (found,) = answer.json()["results"][0]["found"]
    assert found["asOf"].endswith("Z")
    assert found["data"]["exposure"] == {"amount": "46874.00", "currency": "USD"}


@pytest.mark.parametrize(
    ("system", "kind", "scheme"),
    [
        pytest.param(system, kind, scheme, id=f"{kind.value} by {scheme.value}")
        for system, answers in SYSTEMS.items()
        for kind, schemes in answers.items()
        for scheme in sorted(schemes, key=lambda each: each.value)
        if kind is not EntityKind.RETURN
    ],
)
async def test_a_system_finds_by_every_number_that_it_answers(client, system, kind, scheme):
    answer = await read(client, system, (kind.value, scheme.value, [IDS_OF_SO_1001[scheme]]))
    assert answer.json()["results"][0]["found"]


@pytest.mark.parametrize(("scheme", "number"), [("SO", "SO-1006"), ("RMA", "RMA-1006")])
async def test_the_wms_finds_a_return(client, scheme, number):
    answer = await read(client, "wms", ("RETURN", scheme, [number]))
    assert answer.json()["results"][0]["found"][0]["id"] == "RMA-1006"


@pytest.mark.parametrize(
    ("system", "lookup"),
    [
        pytest.param("wms", ("ORDER", "SO", ["SO-1001"]), id="another system's entity"),
        pytest.param("erp", ("ORDER", "CASE", ["CS-1001"]), id="a number that it keeps no index of"),
    ],
)
async def test_what_a_system_does_not_answer_it_does_not_find(client, system, lookup):
    answer = await read(client, system, lookup)
    assert answer.json()["results"][0]["found"] == []


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("authorization", [{}, {"Authorization": "Bearer wrong"}], ids=["none", "wrong"])
@pytest.mark.parametrize("path", ["read", "health"])
async def test_without_the_right_token_nothing_is_said(client, system, authorization, path):
    method = "POST" if path == "read" else "GET"
    answer = await client.request(method, f"/{system}/v1/{path}", headers=authorization, content=b"{}")
    assert answer.status_code == HTTPStatus.UNAUTHORIZED


async def test_a_system_with_the_right_token_is_healthy(client):
    answer = await client.get("/crm/v1/health", headers={"Authorization": "Bearer sandbox-crm-key"})
    assert (answer.status_code, answer.json()) == (HTTPStatus.OK, {"status": "ok"})


lookups = st.fixed_dictionaries(
    {
        "entity": st.sampled_from([kind.value for kind in EntityKind]) | st.text(max_size=5),
        "scheme": st.sampled_from([scheme.value for scheme in Scheme]) | st.integers(),
        "values": st.lists(st.sampled_from(sorted(IDS_OF_SO_1001.values())) | st.text(max_size=5), max_size=4),
    }
)


@unhurried
@given(
    path=st.sampled_from([f"/{system}/v1/read" for system in SYSTEMS]),
    body=st.binary(max_size=50)
    | st.fixed_dictionaries({"lookups": st.lists(lookups, max_size=3)}).map(msgspec.json.encode),
)
def test_whatever_is_asked_there_is_an_answer_or_a_reason(path, body):
    endpoint = ENDPOINTS[path]
    reply = endpoint.answer(Request(f"Bearer {KEYS[endpoint.system]}", {}, {}, body))
    expected = {HTTPStatus.OK: "results", HTTPStatus.BAD_REQUEST: "error"}[reply.status]
    assert expected in msgspec.json.decode(reply.body)
