"""An agent leaves a case open, and a service platform its ear: both hear what happens, over WebSockets."""

import json
from contextlib import contextmanager

import pytest
from websockets.sync.client import connect

from tests.journeys.running import Running, call

SHIPMENTS = "status shipments { freshness { state } nodes { id status } }"
VIEW = f"subscription($key: CaseKey!) {{ caseViewChanged(key: $key) {{ {SHIPMENTS} }} }}"
EVENTS = "subscription($after: String) { operationalEvents(after: $after) { id cursor } }"
PATIENCE_SECONDS = 20


@pytest.fixture
def own(tmp_path):
    with Running(tmp_path / "demo", "demo", "--rate", "0", "--seed", "7") as running:
        yield running


@contextmanager
def subscribed(demo, query, **variables):
    """The data of what is heard, one by one."""
    url = demo.url.replace("http", "ws", 1) + "/graphql"
    with connect(url, subprotocols=["graphql-transport-ws"]) as wire:
        proof = {"authorization": f"Bearer {demo.tokens['AGENT']}"}
        wire.send(json.dumps({"type": "connection_init", "payload": proof}))
        assert json.loads(wire.recv(PATIENCE_SECONDS))["type"] == "connection_ack"
        payload = {"query": query, "variables": variables}
        wire.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
        yield _heard(wire)


def _heard(wire):
    while True:
        message = json.loads(wire.recv(PATIENCE_SECONDS))
        if message["type"] == "next":
            assert not message["payload"].get("errors"), message
            yield next(iter(message["payload"]["data"].values()))


def _statuses(view):
    return {each["status"] for each in view["shipments"]["nodes"]}


def test_a_case_that_is_left_open_shows_its_delivery(own):
    numbers = [f"SO-{number}" for number in range(2_001, 2_201)]
    number = next(each for each in numbers if _statuses(own.view(SHIPMENTS, orderNumber=each)) == {"IN_TRANSIT"})
    with subscribed(own, VIEW, key={"orderNumber": number}) as views:
        assert _statuses(next(views)) == {"IN_TRANSIT"}
        call("POST", f"{own.sandbox}/control/advance", {"by": "P30D"})
        assert next(view for view in views if _statuses(view) == {"DELIVERED"})["status"]


def test_whoever_comes_back_with_a_cursor_missed_nothing(own):
    cursor = own.graphql("{ operationalEventsCursor }")["operationalEventsCursor"]
    call("POST", f"{own.sandbox}/control/advance", {"by": "P3D"})
    with subscribed(own, EVENTS, after=cursor) as events:
        whole = [next(events) for _ in range(10)]
    again = []
    for _ in range(5):
        with subscribed(own, EVENTS, after=cursor) as events:
            again += [next(events), next(events)]
        cursor = again[-1]["cursor"]
    assert [each["id"] for each in again] == [each["id"] for each in whole]
