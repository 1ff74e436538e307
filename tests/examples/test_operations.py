"""The example operations fit the schema, find something, and what is made of them is up to date."""

import asyncio
from pathlib import Path

import pytest
from gql import Client, gql
from gql.transport.aiohttp_websockets import AIOHTTPWebsocketsTransport
from graphql import build_schema, parse, validate

from app.registered import registered
from examples.derived import HERE, OPERATIONS, derived, examples
from resolvers.documents import document_id
from tests.clients.listening import orders_are_held

SCHEMA = build_schema((Path(__file__).parents[2] / "resolvers/schema.graphql").read_text(encoding="utf-8"))
EXAMPLES = {each.name: each for each in examples()}
ASKED = [each.name for each in EXAMPLES.values() if each.kind != "subscription"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_it_fits_the_schema_and_says_what_it_is_for(name):
    example = EXAMPLES[name]
    assert validate(SCHEMA, parse(example.text)) == []
    assert example.text.startswith(f"# {example.heading}\n")


@pytest.mark.parametrize("name", ASKED)
def test_it_is_answered_to_who_may_ask_it(demo, name):
    example = EXAMPLES[name]
    data = demo.graphql(example.text, role=example.role.name, **example.variables)
    assert all(value is not None for value in data.values())


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("AgentCase", lambda data: data["caseView"]["orders"]["nodes"]),
        ("AgentContradictions", lambda data: data["caseView"]["discrepancies"] and data["caseView"]["answers"]),
        ("AgentTimeline", lambda data: data["caseView"]["timeline"]["edges"]),
        ("PanelShipments", lambda data: data["caseView"]["shipments"]["nodes"]),
        ("BotEta", lambda data: data["eta"]["shipments"]),
        ("OpsSources", lambda data: data["sources"]),
    ],
)
def test_its_variables_find_something(demo, name, found):
    example = EXAMPLES[name]
    assert found(demo.graphql(example.text, role=example.role.name, **example.variables))


async def first_heard(demo, name):
    example = EXAMPLES[name]
    proof = {"authorization": f"Bearer {demo.tokens[example.role.name]}"}
    transport = AIOHTTPWebsocketsTransport(url=f"{demo.url.replace('http', 'ws')}/graphql", init_payload=proof)
    request = gql(example.text)
    request.variable_values = dict(example.variables)
    async with Client(transport=transport) as client, asyncio.timeout(20):
        return await anext(client.subscribe(request))


async def test_the_case_on_the_screen_is_told_at_once(demo):
    assert (await first_heard(demo, "AgentCaseChanges"))["caseViewChanged"]["orders"]["nodes"]


async def test_who_listens_hears_of_what_happens(demo):
    with orders_are_held(demo):
        told = await first_heard(demo, "AgentEvents")
    assert told["operationalEvents"]["type"] == "ORDER_HELD"


def test_the_manifest_is_one_that_the_gateway_takes():
    texts = registered([OPERATIONS / "manifest.json"])
    assert texts == {document_id(each.text): each.text for each in EXAMPLES.values()}


@pytest.mark.parametrize("file", derived(), ids=lambda file: file.name)
def test_what_is_made_of_them_is_up_to_date(file):
    assert file.read_text(encoding="utf-8") == derived()[file], "run `make examples`"


def test_nothing_is_left_of_operations_that_are_gone():
    made = {file for file in derived() if file.suffix == ".bru"}
    assert set((HERE / "bruno").glob("*.bru")) == made
