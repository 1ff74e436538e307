"""Row 13: who is refused, whatever for, has asked: no refusal can be had for nothing, through any door."""

import json

import pytest

from app.main import create_app
from domain.caller import Caller, Role
from resolvers.context import Context
from resolvers.cost import REFUSAL
from resolvers.operation import Operations, Request
from tests.abuse.test_callers import KEYS, opened, post
from tests.app.gateway import ask

DEEP = "{ sources { feed " * 20 + "{ id }" + "}}" * 20
GRAPHQL = {"registered_only": ["finance"]}
REFUSED = {
    "what the role may not see": ("bot", {"query": '{ caseView(key: {orderNumber: "SO-1"}) { credit { __typename } timeline { totalCount } } }'}, 403),
    "a root of others": ("bot", {"query": "{ sources { id } }"}, 403),
    "the schema": ("bot", {"query": "{ __schema { queryType { name } } }"}, 403),
    "only registered": ("finance", {"query": "{ sources { id } }"}, 403),
    "no syntax": ("bot", {"query": "{"}, 400),
    "no such field": ("bot", {"query": "{ nothing }"}, 400),
    "too deep": ("agent", {"query": DEEP}, 400),
    "too long a list": ("agent", {"query": "query($k: [CaseKey!]!) { caseViews(keys: $k) { id } }", "variables": {"k": [None] * 101}}, 400),
    "no such operation": ("agent", {"query": "query A { __typename }", "operationName": "B"}, 400),
    "no such document": ("bot", {"documentId": "sha256:" + "0" * 64}, 400),
    "no id of a document": ("bot", {"documentId": "7"}, 400),
    "nothing": ("bot", {}, 400),
    "another kind": ("agent", {"query": "subscription { operationalEvents { id } }"}, 405),
    "variables that do not fit": ("agent", {"query": "query($n: Int!) { stalled(first: $n) { totalCount } }"}, 400),
}  # fmt: skip


async def sent(app, who, body, path="/graphql", accept="application/graphql-response+json"):
    headers = {"authorization": f"Bearer {KEYS[who]}", "accept": accept}
    status, fields, answer = await ask(app, "POST", path, body, headers)
    return status, fields, answer.decode()


@pytest.mark.parametrize("what", REFUSED)
async def test_13_a_refusal_counts_as_a_request(what):
    who, body, status = REFUSED[what]
    app = create_app(opened(limits={"requests": "4 per hour"}, graphql=GRAPHQL))
    answers = [await sent(app, who, body) for _ in range(6)]
    assert [answered for answered, _, _ in answers] == [status] * 4 + [429] * 2
    for _, fields, answer in answers[4:]:
        assert json.loads(answer)["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
        assert int(fields["retry-after"]) >= 1
    assert (await post(app, "ops", "{ __typename }"))[0] == 200  # nobody else waits for that


@pytest.mark.parametrize("what", [name for name in REFUSED if name != "variables that do not fit"])
async def test_13_a_refusal_has_its_price(what):
    who, body, status = REFUSED[what]
    app = create_app(opened(limits={"cost": f"{3 * REFUSAL} per hour"}, graphql=GRAPHQL))
    assert [(await sent(app, who, body))[0] for _ in range(4)] == [status] * 3 + [429]


async def test_13_what_is_answered_and_what_is_refused_are_counted_together():
    app = create_app(opened(limits={"cost": f"{REFUSAL + 3} per hour"}))
    _, _, answer = await post(app, "agent", "{ __typename }")
    assert answer["extensions"]["casefold"]["budget"]["remaining"] == REFUSAL + 2
    assert (await post(app, "agent", "{ nothing }"))[0] == 400
    _, _, answer = await post(app, "agent", "{ __typename }")
    assert answer["extensions"]["casefold"]["budget"]["remaining"] == 1
    assert (await post(app, "agent", "{ nothing }"))[0] == 429


async def test_13_streams_refuse_no_cheaper():
    app = create_app(opened(limits={"requests": "3 per hour"}))
    body = {"query": "subscription { operationalEvents { id } }"}
    answers = [await sent(app, "bot", body, "/graphql/stream", "text/event-stream") for _ in range(5)]
    assert [status for status, _, _ in answers] == [403] * 3 + [429] * 2


async def test_13_nor_does_the_door_of_bots():
    app = create_app(opened(limits={"requests": "3 per hour"}))
    headers = {"authorization": f"Bearer {KEYS['ops']}"}
    answers = [await ask(app, "GET", "/v1/eta?orderNumber=SO-1", None, headers) for _ in range(5)]
    assert [status for status, _, _ in answers] == [403] * 3 + [429] * 2
    assert int(answers[-1][1]["retry-after"]) >= 1


async def test_13_nor_do_the_operations_of_one_connection():
    wired = opened(limits={"requests": "3 per hour"})
    caller = Caller(client="bot", roles=frozenset({Role.BOT}))
    codes = []
    for _ in range(5):
        context = Context(wired.gateway, caller, "c-1", None, None)
        asked = Request("subscription { operationalEvents { id } }")
        codes += [each.body["errors"][0]["extensions"]["code"] async for each in Operations().stream(asked, context)]
    assert codes == ["FORBIDDEN"] * 3 + ["RATE_LIMITED"] * 2


async def test_13_where_limits_are_only_logged_every_refusal_is_told():
    app = create_app(opened(limits={"requests": "1 per hour", "mode": "log"}))
    assert [(await post(app, "bot", "{ sources { id } }"))[0] for _ in range(3)] == [403] * 3
