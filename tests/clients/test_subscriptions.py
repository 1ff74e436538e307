"""Clients of others listen: they hear what happens, and hear again after the gateway was gone."""

import asyncio

import pytest
from gql import Client, gql
from gql.transport.aiohttp_websockets import AIOHTTPWebsocketsTransport
from gql.transport.exceptions import TransportError

from tests.clients.listening import Restarted, hold, orders_are_held
from tests.clients.scripts import running
from tests.journeys.running import Running

HOLDS = "subscription Holds { operationalEvents(types: [ORDER_HELD]) { type orderNumber } }"
PATIENCE_SECONDS = 30


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    restarted = Restarted(tmp_path_factory.mktemp("restarted"))
    yield restarted
    restarted.stop()


def hears_of_one(listening, held):
    """What was told before is read over."""
    told = listening.says()
    while told.get("orderNumber") not in held:
        assert told.get("type") == "ORDER_HELD", told
        told = listening.says()


@pytest.mark.parametrize(
    ("client", "how"),
    [
        ("graphql-ws", "listen"),
        ("graphql-sse", "listen"),
        ("apollo-4", "listen"),
        ("apollo-3", "listen"),
        ("urql", "listen"),
        ("urql", "listen-stream"),
    ],
)
def test_a_client_from_npm_hears_what_happens(gateway, client, how):
    demo = gateway.demo
    with running(client, demo, how) as listening, orders_are_held(demo) as held:
        hears_of_one(listening, held)


@pytest.mark.parametrize("client", ["graphql-ws", "graphql-sse", "apollo-4", "apollo-3", "urql"])
def test_a_client_from_npm_hears_again_after_a_restart(gateway, client):
    with running(client, gateway.demo, "listen") as listening:
        with orders_are_held(gateway.demo) as held:
            hears_of_one(listening, held)
        gateway.restart()
        with orders_are_held(gateway.demo) as held:
            hears_of_one(listening, held)


@pytest.mark.parametrize("client", ["graphql-ws", "graphql-sse", "apollo-4", "apollo-3", "urql"])
def test_a_client_from_npm_sees_a_case_now_and_when_it_changes(tmp_path, client):
    with Running(tmp_path, "demo", "--rate", "0") as demo, running(client, demo, "watch") as watching:
        seen = watching.says()
        assert (seen["number"], seen["status"]) == ("SO-1001", "PARTIALLY_SHIPPED")
        hold(demo, "SO-1001")
        while (seen := watching.says())["status"] != "ON_HOLD":
            assert seen["number"] == "SO-1001"


async def test_gql_from_pypi_hears_again_after_a_restart(gateway):
    proof = {}
    url = f"{gateway.demo.url.replace('http', 'ws')}/graphql"
    client = Client(transport=AIOHTTPWebsocketsTransport(url=url, init_payload=proof))
    proof["authorization"] = f"Bearer {gateway.demo.tokens['AGENT']}"
    session = await client.connect_async(reconnecting=True)
    try:
        await hears(session, gateway)
        await asyncio.to_thread(gateway.restart)
        proof["authorization"] = f"Bearer {gateway.demo.tokens['AGENT']}"
        await hears(session, gateway)
    finally:
        await client.close_async()


async def hears(session, gateway):
    """Subscribes, as gql's users do after each loss, until one order is heard."""
    with orders_are_held(gateway.demo) as held:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await hears_one_of(session, held):
                pass


async def hears_one_of(session, held):
    try:
        async for told in session.subscribe(gql(HOLDS)):
            assert told["operationalEvents"]["type"] == "ORDER_HELD"
            if told["operationalEvents"]["orderNumber"] in held:
                return True
    except TransportError:  # the session has not come back yet
        await asyncio.sleep(0.2)
    return False
