"""Clients of others ask: they get data, nothing for what nobody knows, and errors that a program can act on."""

import pytest
from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.aiohttp_websockets import AIOHTTPWebsocketsTransport
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

STATUS = "query Status($key: CaseKey!) { caseView(key: $key) { status } }"
WRONG = "query Wrong($key: CaseKey!) { caseView(key: $key) { nothingOfThatName } }"
UNREADABLE = "key.orderNumber: found 'a\\nb', allowed: 1 to 100 visible characters"


def is_refused(errors, message):
    [error] = errors
    assert message in error["message"]
    assert error["code"] == "BAD_USER_INPUT"
    assert "correlationId" in error["has"]


@pytest.mark.parametrize("client", ["apollo-4", "apollo-3", "urql", "graphql-ws", "graphql-sse"])
def test_a_client_from_npm(script, client):
    with script(client) as asking:
        status, nothing, unreadable, wrong, *_ = asking.rest()
    assert status == "IN_TRANSIT"
    assert nothing is None
    is_refused(unreadable, UNREADABLE)
    is_refused(wrong, "nothingOfThatName")


@pytest.mark.parametrize("client", ["apollo-4", "apollo-3"])
def test_a_cache_merges_what_two_queries_ask_of_one_section(script, client):
    """Without ids of sections, Apollo replaces the first query's section by the second's, and its data is gone."""
    with script(client) as asking:
        merged = asking.rest()[-1]
    assert merged is not None
    assert [order["number"] for order in merged["nodes"]] == ["SO-1001"]


def test_our_type_policies_merge_what_is_asked_without_ids_and_put_pages_together(script):
    with script("apollo-policies") as asking:
        orders, entries = asking.rest()
    assert [(order["number"], order["status"]) for order in orders] == [("SO-1001", "PARTIALLY_SHIPPED")]
    assert entries == 4


def test_urql_names_event_streams_in_every_query_and_gets_json(script):
    with script("urql") as asking:
        media = asking.rest()[-1]
    assert "text/event-stream" in media["asked"]
    assert media["got"].split(";")[0] in {"application/graphql-response+json", "application/json"}


def over_http(transport):
    return lambda demo: transport(
        url=f"{demo.url}/graphql", headers={"Authorization": f"Bearer {demo.tokens['AGENT']}"}, timeout=30
    )


def over_socket(transport):
    return lambda demo: transport(
        url=f"{demo.url.replace('http', 'ws')}/graphql",
        init_payload={"authorization": f"Bearer {demo.tokens['AGENT']}"},
    )


TRANSPORTS = {
    "aiohttp": over_http(AIOHTTPTransport),
    "httpx": over_http(HTTPXAsyncTransport),
    "websockets": over_socket(WebsocketsTransport),
    "aiohttp-websockets": over_socket(AIOHTTPWebsocketsTransport),
}


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_gql_from_pypi(demo, transport):
    async with Client(transport=TRANSPORTS[transport](demo)) as asking:

        async def ask(document, number):
            request = gql(document)
            request.variable_values = {"key": {"orderNumber": number}}
            return await asking.execute(request)

        assert (await ask(STATUS, "SO-1001"))["caseView"]["status"] == "IN_TRANSIT"
        assert (await ask(STATUS, "SO-9999"))["caseView"] is None
        for document, number, message in [(STATUS, "a\nb", UNREADABLE), (WRONG, "SO-1001", "nothingOfThatName")]:
            with pytest.raises(TransportQueryError) as caught:
                await ask(document, number)
            [error] = caught.value.errors
            plain = {"message": error["message"], "code": error["extensions"]["code"], "has": error["extensions"]}
            is_refused([plain], message)
