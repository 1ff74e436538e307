"""Who was shown credit, people or what was parked, is accounted for; who was not, is not."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dead_letter import DeadLetter, DeadLetterPage
from domain.discretion import redacted
from resolvers.federation import SUBGRAPH
from tests.callers import calling
from tests.resolvers.canaries import AGENT, ASKED, BOT, FINANCE, OPS, PANEL, canary_desk
from tests.resolvers.listening import Listener
from tests.resolvers.test_entities import named
from tests.waiting import wait_until

VIEW = "query($key: CaseKey!) { caseView(key: $key) { id %s } }"
ETA = "query($key: CaseKey!) { eta(key: $key) { %s } }"


def seen(*what, case="SO-1"):
    return [("tests", frozenset(what), frozenset({case}))]


@pytest.mark.parametrize(
    ("role", "document", "lines"),
    [
        (AGENT, VIEW % "credit { freshness { state } }", seen("credit")),
        (FINANCE, VIEW % "credit { credit { status } }", seen("credit")),
        (PANEL, VIEW % "credit { credit { status } }", []),
        (BOT, VIEW % "credit { credit { status } }", []),
        (AGENT, VIEW % "customer { customer { email } }", seen("customer")),
        (AGENT, VIEW % "customer { customer { phone } }", seen("customer")),
        (PANEL, VIEW % "customer { customer { name } }", seen("customer")),
        (BOT, VIEW % "customer { customer { email } }", []),
        (AGENT, VIEW % "customer { customer { id } }", []),
        (AGENT, VIEW % "shipments { nodes { proofOfDelivery { signedBy } } }", seen("signature")),
        (PANEL, VIEW % "shipments { nodes { proofOfDelivery { signedBy } } }", []),
        (AGENT, VIEW % "timeline { totalCount }", seen("credit", "signature")),
        (PANEL, VIEW % "timeline { totalCount }", []),
        (AGENT, VIEW % "headline", seen("signature")),
        (AGENT, VIEW % "orders { nodes { number } }", []),
        (AGENT, VIEW % "... @include(if: false) { credit { credit { status } } }", []),
        (AGENT, '{ caseView(key: {orderNumber: "SO-2"}) { credit { credit { status } } } }', []),
        (AGENT, ETA % "message", seen("signature")),
        (AGENT, ETA % "kind", []),
        (AGENT, (ETA % "message").replace("key: $key", 'key: $key, postalCode: "99999"'), []),
        (BOT, ETA % "message", []),
    ],
)
async def test_what_is_accounted_for(role, document, lines):
    desk = canary_desk(role)
    assert (await desk.execute(document, key=ASKED)).errors is None
    assert desk.audit.lines == lines


async def test_what_an_entity_shows_is_accounted_for():
    desk = canary_desk(PANEL)
    document = "query($named: [_Any!]!) { _entities(representations: $named) { ... on Customer { name } } }"
    assert (await desk.execute(document, core=SUBGRAPH, named=[named("Customer", "C-1")])).errors is None
    assert desk.audit.lines == seen("customer", case="C-1")


async def test_every_answer_of_an_open_view_is_accounted_for(redis, client):  # noqa: ARG001  # the client empties it
    document = "subscription($key: CaseKey!) { caseViewChanged(key: $key) { credit { credit { holdReason } } } }"
    async with (
        canary_desk(AGENT, redis_url=redis.url) as desk,
        Listener(desk.gateway, document, desk.caller, key=ASKED) as heard,
    ):
        await wait_until(lambda: heard.answers and heard.told[-1]["credit"]["credit"])
        assert desk.audit.lines == seen("credit") * len(heard.answers)


LETTER = DeadLetter(
    id="7-erp",
    source="erp",
    event_id="e-7",
    received_at=datetime(2026, 11, 23, tzinfo=UTC),
    reason="data.status: found nothing",
    attempts=1,
    payload='{"data": {"name": "canary", "total": 12.5, "isPaid": true, "lines": [{"a": "canary"}], "b": null}}',
    correlation_id=None,
)


class Parked:
    async def page(self, first, after=None, source=None):  # noqa: ARG002  # there is one page
        return DeadLetterPage([LETTER], has_more=False, total=1)


@pytest.mark.parametrize(("reveal", "lines"), [("", []), ("(reveal: false)", []), ("(reveal: true)", ["7-erp"])])
async def test_what_is_in_a_parked_letter_is_shown_only_to_who_insists_and_is_named(reveal, lines):
    desk = canary_desk(OPS)
    desk.gateway = replace(desk.gateway, dead_letters=Parked())
    document = f"{{ deadLetters {{ edges {{ node {{ id payload{reveal} }} }} }} }}"
    result = await desk.execute(document)
    assert result.errors is None
    assert ("canary" in str(result.data)) is bool(lines)
    assert desk.audit.lines == [("tests", frozenset({"letter"}), frozenset(lines))] * len(lines)
    desk.caller = calling(AGENT)
    assert (await desk.execute(document)).status == 403


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        (
            LETTER.payload,
            '{"data": {"name": "<text>", "total": "<number>", "isPaid": "<boolean>", "lines": [{"a": "<text>"}], "b": null}}',
        ),
        ("<Order>canary</Order>", "<21 characters that are not JSON>"),
        ("", "<0 characters that are not JSON>"),
        ("[" * 100_000, "<100000 characters that are not JSON>"),
        ('"canary"', '"<text>"'),
        ("NaN", '"<number>"'),
        ('{"größe": 1}', '{"größe": "<number>"}'),
    ],
)
def test_the_shape_of_a_letter(payload, told):
    assert redacted(payload) == told


JSON = st.recursive(
    st.text() | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["id", "name"]), inner),
)


@given(JSON)
def test_no_value_survives(value):
    again = json.loads(redacted(json.dumps(value)))
    assert leaves(again) <= {"<text>", "<number>", "<boolean>", None}
    assert shape(again) == shape(value)


def leaves(value):
    match value:
        case dict():
            return set().union(*map(leaves, value.values()))
        case list():
            return set().union(*map(leaves, value))
        case _:
            return {value}


def shape(value):
    match value:
        case dict():
            return {key: shape(each) for key, each in value.items()}
        case list():
            return [shape(each) for each in value]
        case _:
            return None
