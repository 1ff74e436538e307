"""Events that could not be applied: seen, tried again, given up, through GraphQL."""

import json

import pytest

from tests.app.gateway import ask
from tests.events.test_doors import Running, event

LIST = """query($source: String, $first: Int!, $after: String) { deadLetters(source: $source, first: $first, after: $after) {
  edges { cursor node { id source eventId reason attempts payload revealed: payload(reveal: true) correlationId receivedAt } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount } }"""
RETRY = (
    "mutation($ids: [ID!]!) { retryDeadLetters(ids: $ids) { outcomes { id outcome message } userErrors { field } } }"
)
DISCARD = """mutation($ids: [ID!]!, $reason: String!) { discardDeadLetters(ids: $ids, reason: $reason) {
  outcomes { id outcome } userErrors { field code message } } }"""


class Operator:
    def __init__(self, running):
        self.running = running

    async def do(self, query, **variables):
        _, _, body = await ask(self.running.app, "POST", "/graphql", {"query": query, "variables": variables})
        return json.loads(body)

    async def page(self, first=25, after=None, source=None):
        return (await self.do(LIST, first=first, after=after, source=source))["data"]["deadLetters"]


@pytest.fixture
async def operator(redis, client):  # noqa: ARG001  # the client empties it
    async with Running(redis.url) as running:
        yield Operator(running)


def poison(n, **changes):
    return event(n, number=f"SO-{n}", data={"number": f"SO-{n}"}, **changes)


async def test_they_are_read_page_by_page_newest_first(operator):
    await operator.running.send([poison(n) for n in range(5)])
    await operator.running.settled()
    first = await operator.page(2)
    assert [each["node"]["eventId"] for each in first["edges"]] == ["e-4", "e-3"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"], first["pageInfo"]["hasPreviousPage"]) == (
        5,
        True,
        False,
    )
    rest = await operator.page(25, after=first["pageInfo"]["endCursor"])
    assert [each["node"]["eventId"] for each in rest["edges"]] == ["e-2", "e-1", "e-0"]
    assert (rest["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasPreviousPage"]) == (False, True)
    node = rest["edges"][0]["node"]
    assert (node["source"], node["attempts"]) == ("erp", 1)
    assert "status" in node["reason"]
    assert json.loads(node["payload"])["data"] == {"number": "<text>"}
    assert json.loads(node["revealed"])["data"] == {"number": "SO-2"}
    assert (await operator.page(source="wms"))["edges"] == []
    assert (await operator.page(source="erp"))["totalCount"] == 5


async def test_what_still_fails_stays_and_what_does_not_is_applied(operator):
    await operator.running.send([event(1, "RELEASED", ago=5)])
    await operator.running.send([poison(2), event(1, "SHIPPED", ago=1)])
    await operator.running.settled()
    conflict, failing = [each["node"]["id"] for each in (await operator.page())["edges"]]
    outcomes = (await operator.do(RETRY, ids=[conflict, failing, "9-erp"]))["data"]["retryDeadLetters"]["outcomes"]
    assert [each["outcome"] for each in outcomes] == ["APPLIED", "STILL_FAILING", "NOT_FOUND"]
    assert "status" in outcomes[1]["message"]
    assert [node["status"] for node in (await operator.running.orders())["nodes"]] == ["SHIPPED"]
    [left] = (await operator.page())["edges"]
    assert (left["node"]["id"], left["node"]["attempts"]) == (failing, 2)


async def test_who_gives_one_up_says_why_and_it_is_kept(operator):
    await operator.running.send([poison(1)])
    await operator.running.settled()
    [name] = [each["node"]["id"] for each in (await operator.page())["edges"]]
    refused = (await operator.do(DISCARD, ids=[name], reason="  "))["data"]["discardDeadLetters"]
    assert (refused["outcomes"], refused["userErrors"][0]["field"]) == ([], ["reason"])
    for expected in ("DISCARDED", "NOT_FOUND"):
        answer = (await operator.do(DISCARD, ids=[name], reason=" test data "))["data"]["discardDeadLetters"]
        assert answer == {"outcomes": [{"id": name, "outcome": expected}], "userErrors": []}
    assert (await operator.page())["totalCount"] == 0
    [done] = await operator.running.wired.main.dead_letters.record(10)
    assert (done.name, done.did, done.why) == (name, "discarded", "test data")


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        pytest.param({"first": 0}, "first: found '0', allowed: 1 to 100", id="no page"),
        pytest.param({"first": 101}, "first: found '101', allowed: 1 to 100", id="too large a page"),
        pytest.param({"after": "yesterday"}, "after: found 'yesterday', allowed: the cursor of a page", id="no cursor"),
    ],
)
async def test_a_page_that_cannot_be_read_is_said(operator, variables, said):
    [error] = (await operator.do(LIST, **{"first": 5} | variables))["errors"]
    assert (error["message"], error["extensions"]["code"]) == (said, "BAD_USER_INPUT")


async def test_feeds_say_how_much_waits_and_how_much_is_parked(operator):
    await operator.running.send([poison(1), event(2)])
    await operator.running.settled()
    await operator.running.wired.main.worker.aclose()
    await operator.running.send([event(n) for n in range(3, 6)])
    answer = await operator.do("{ sources { id feed { pending deadLetters } } }")
    feeds = {each["id"]: each["feed"] for each in answer["data"]["sources"]}
    assert feeds == {"erp": {"pending": 3, "deadLetters": 1}, "wms": None, "tms": None}


async def test_only_so_many_are_kept(operator, monkeypatch):
    monkeypatch.setattr("cache.parking.MOST_PARKED", 3)
    await operator.running.send([poison(n) for n in range(5)])
    await operator.running.settled()
    page = await operator.page()
    assert [each["node"]["eventId"] for each in page["edges"]] == ["e-4", "e-3", "e-2"]
    assert page["totalCount"] == 3
