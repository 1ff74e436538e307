"""Operational events at the doors: each hears what its role, its tenant and its customer let it hear, over either way."""

import asyncio
import json
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import httpx
import pytest
from websockets.asyncio.client import connect

from app.identity.api_keys import hashed, new_key
from events.envelope import BATCH
from tests.abuse.serving import served
from tests.app.test_tenants import SOURCES, event
from tests.waiting import wait_until

WHO = {
    "agent": {"roles": ["agent"], "tenant": "a"},
    "finance": {"roles": ["finance"], "tenant": "a"},
    "panel": {"roles": ["panel"], "tenant": "a"},
    "bound": {"roles": ["agent"], "tenant": "a", "customer": "C-a"},
    "bound to another": {"roles": ["agent"], "tenant": "a", "customer": "C-9"},
    "other": {"roles": ["agent", "finance", "panel"], "tenant": "ab"},
}
NOT = {"bot": {"roles": ["bot"], "tenant": "a"}, "ops": {"roles": ["ops"], "tenant": "a"}}
KEYS = {name: new_key() for name in (*WHO, *NOT)}
HEARS = {
    "agent": {"ORDER_RELEASED", "ORDER_HELD", "IN_TRANSIT_MILESTONE"},
    "finance": {"ORDER_RELEASED", "ORDER_HELD", "IN_TRANSIT_MILESTONE"},
    "panel": {"ORDER_RELEASED", "IN_TRANSIT_MILESTONE"},
    "bound": {"ORDER_RELEASED", "ORDER_HELD"},  # a shipment does not say whose it is
    "bound to another": set(),
    "other": set(),
}
DOCUMENT = {"query": "subscription { operationalEvents { type summary customerId orderNumber } }"}


def story():
    moved = {"code": "DEPARTED", "classifier": "ACTUAL", "occurredAt": "2026-11-27T08:00:00Z"}
    moved |= {"recordedAt": "2026-11-27T08:00:00Z", "sourceCode": "X", "source": "tms-a"}
    held = {"kind": "CREDIT", "reason": "canary"}
    order = {"number": "SO-1", "customerId": "C-a"}
    yield "t-erp-a", event("a", 1, ago=500, status="RELEASED", **order)
    yield "t-erp-a", event("a", 2, ago=50, status="ON_HOLD", holds=[held], **order)
    shipment = {"id": "S-1", "orderNumbers": ["SO-1"], "status": "IN_TRANSIT", "milestones": [moved]}
    yield "t-tms-a", event("a", 3, "shipment", "S-1", 40, **shipment)


async def by_stream(door, name, heard):
    headers = {"authorization": f"Bearer {KEYS[name]}", "accept": "text/event-stream"}
    async with (
        httpx.AsyncClient(base_url=door.url, headers=headers, timeout=30) as client,
        client.stream("POST", "/graphql/stream", json=DOCUMENT) as response,
    ):
        heard.append(response.status_code)
        async for line in response.aiter_lines():
            if line.startswith('data: {"data"'):
                heard.append(json.loads(line.removeprefix("data: "))["data"]["operationalEvents"])


async def by_socket(door, name, heard):
    async with connect(door.socket, subprotocols=["graphql-transport-ws"]) as websocket:
        proof = {"authorization": f"Bearer {KEYS[name]}"}
        await websocket.send(json.dumps({"type": "connection_init", "payload": proof}))
        await websocket.recv()
        await websocket.send(json.dumps({"id": "1", "type": "subscribe", "payload": DOCUMENT}))
        heard.append(200)
        async for message in websocket:
            told = json.loads(message)
            if told["type"] == "error":
                heard[0] = told["payload"][0]["extensions"]["code"]
            elif told["type"] == "next":
                heard.append(told["payload"]["data"]["operationalEvents"])


WAYS = {"stream": by_stream, "socket": by_socket}


@pytest.fixture
def door(redis, client):  # noqa: ARG001  # the client empties it
    keys = [
        {"id": name.replace(" ", "-"), "sha256": hashed(KEYS[name]), **about} for name, about in (WHO | NOT).items()
    ]
    with served(redis.url, anonymous=[], graphql={}, sources=SOURCES, api_keys=keys) as door:
        yield door


@asynccontextmanager
async def listening(door, way, names):
    heard = {name: [] for name in names}
    async with AsyncExitStack() as stack:
        for name in names:
            task = asyncio.create_task(WAYS[way](door, name, heard[name]))
            stack.push_async_callback(ended, task)
        yield heard


async def ended(task):
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("way", WAYS)
async def test_r11_each_hears_what_it_may(door, way):
    async with listening(door, way, WHO) as heard, httpx.AsyncClient(base_url=door.url) as sender:
        broadcasts = [each.gateway.operational_events for each in door.wired.tenancies.values()]
        await wait_until(lambda: sum(len(each._listeners) for each in broadcasts) == len(WHO))
        for token, told in story():
            headers = {"authorization": f"Bearer {token}", "content-type": BATCH}
            assert (await sender.post("/events", content=json.dumps([told]), headers=headers)).status_code == 202
            await wait_until(lambda told=told: any(_is_of(each, told) for each in heard["agent"][1:]))
        await asyncio.sleep(0.3)
    types = {name: {each["type"] for each in said[1:]} for name, said in heard.items()}
    assert types == HEARS
    assert "canary" not in json.dumps(heard)
    assert "credit" not in json.dumps(heard["panel"])


def _is_of(heard, told):
    types = {1: "ORDER_RELEASED", 2: "ORDER_HELD", 3: "IN_TRANSIT_MILESTONE"}
    return heard["type"] == types[int(told["id"].removeprefix("e-"))]


@pytest.mark.parametrize(("way", "refusal"), [("stream", 403), ("socket", "FORBIDDEN")])
async def test_r11_bots_and_operators_are_refused(door, way, refusal):
    async with listening(door, way, NOT) as heard:
        await wait_until(lambda: all(each == [refusal] for each in heard.values()))
