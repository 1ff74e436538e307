"""What is carried out without the general executor is what it would have answered: values, nulls, errors."""

import asyncio
import gc
import json
import re
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from domain.caller import Role
from domain.errors import StoreUnavailable
from domain.identity import EntityKind, Scheme
from resolvers import query
from resolvers.documents import Documents
from resolvers.operation import CORE, Operations, Request, _Admitted, _Passed
from resolvers.projection.plans import PLANS
from resolvers.projection.root import carried_out
from tests.callers import calling
from tests.resolvers.systems import Desk, System
from tests.resolvers.test_projection import GENERAL, KEY, UNLIMITED, broken, context_of
from tests.resolvers.world import StillClock, rich_desk

OPERATIONS = Operations(CORE, Documents(CORE, UNLIMITED))


async def ours(desk, document, variables):
    answer = await OPERATIONS.execute(Request(document, variables), context_of(desk))
    errors = [(each["message"], each.get("path"), each.get("locations")) for each in answer.body.get("errors", ())]
    return json.dumps(answer.body.get("data")), errors


async def theirs(desk, document, variables):
    answer = await GENERAL.execute(document, variable_values=variables, context_value=context_of(desk))
    errors = [
        (each.message, each.path, each.locations and [at.formatted for at in each.locations])
        for each in answer.errors or ()
    ]
    return json.dumps(answer.data), errors


def patient_desk():
    """A desk that a machine which has other things to do does not keep from answering in time."""
    return Desk(rich_desk().systems, longest=timedelta(minutes=1), clock=StillClock())


async def both(document, **variables):
    """The same, found in both ways."""
    return await ours(patient_desk(), document, variables), await theirs(patient_desk(), document, variables)


KEYS = ['{orderNumber: "SO-1"}', "$key", "{orderNumber: $number}", '{caseNumber: "none"}', '{orderNumber: " "}']
LISTS = ["[$key]", "$keys", '[{orderNumber: "SO-1"}, $key, {orderNumber: $number}]', "{orderNumber: $number}"]
FRESHNESS = ["null", "$freshness", '{maxAge: "PT1M"}', "{onStale: $on, deadline: $within}", "{maxAge: $within}"]
LOCALES = ["$to", "null", '"de"']
FIELDS = {
    "caseView": ({"key": KEYS, "freshness": FRESHNESS}, "{ id status orders { nodes { number } } }"),
    "caseViews": ({"keys": LISTS, "freshness": FRESHNESS}, "{ id @skip(if: $no) headline(locale: $to) }"),
    "eta": ({"key": KEYS, "freshness": FRESHNESS, "locale": LOCALES, "timeZone": ["$zone"]}, "{ kind message }"),
}
NEEDED = {"key", "keys"}
VARIABLES = {
    "key": ("CaseKey!", [{"orderNumber": "SO-1"}, {"caseNumber": "x"}, {"orderNumber": None}, {}, {"no": 1}, None, 7]),
    "keys": ("[CaseKey!]!", [[], [{"orderNumber": "SO-1"}], {"orderNumber": "SO-1"}, [None], [{}], None, "x"]),
    "number": ('String! = "SO-1"', ["SO-1", "none", 1, None]),
    "freshness": ("FreshnessInput", [None, {}, {"maxAge": "PT1M"}, {"maxAge": "soon"}, {"onStale": "NEVER"}, [], 1]),
    "on": ("OnStale = STATE_ONLY", ["REFRESH", "STATE_ONLY", None, "NEVER", 1]),
    "within": ("Duration", ["PT1M", "P9999D", None, True]),
    "to": ("String", ["fr", "xx", None, 1]),
    "zone": ('String = "Asia/Tokyo"', ["Europe/Berlin", "Mars/Base", None]),
    "no": ("Boolean! = false", [True, False, None, "yes"]),
}


@st.composite
def operations(draw):
    """A query with some fields, the same one under two names included, and its variables, right or wrong."""
    parts, fragment = [], ""
    for n in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from([*FIELDS, "caseView", "__typename"]))
        alias = draw(st.sampled_from(["", f"a{n}: "]))
        arguments, below = FIELDS.get(name, ({}, ""))
        given = {
            each: draw(st.sampled_from(said))
            for each, said in arguments.items()
            if each in NEEDED or draw(st.booleans())
        }
        asked = ", ".join(f"{each}: {said}" for each, said in given.items())
        parts.append(f"{alias or f'b{n}: '}{name}{f'({asked})' if asked else ''} {below}")
    if draw(st.booleans()):
        fragment, parts = f"fragment F on Query {{ {' '.join(parts)} }}", ["...F", "... on Query { c: __typename }"]
    text = " ".join(parts)
    used = {name: kind for name, (kind, _) in VARIABLES.items() if re.search(rf"\${name}\b", text + fragment)}
    variables = {
        name: draw(st.sampled_from(VARIABLES[name][1][: draw(st.sampled_from([1, 2, 10]))]))
        for name in used
        if draw(st.integers(0, 5))
    }
    heads = ", ".join(f"${name}: {kind}" for name, kind in used.items())
    return f"query{f'({heads})' if heads else ''} {{ {text} }} {fragment}", variables


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(operations())
async def test_any_query_is_answered_the_same(asked):
    document, variables = asked
    mine, general = await both(document, **variables)
    assert mine == general


FAILING = "query($key: CaseKey!) { a: caseView(key: $key) { id } %s __typename b: caseView(key: $key) { status } }"


@pytest.mark.parametrize(
    ("rest", "is_null"),
    [
        pytest.param("", False, id="null where it may be"),
        pytest.param("c: caseViews(keys: [$key]) { id }", True, id="null where it may not be"),
    ],
)
@pytest.mark.parametrize("error", [StoreUnavailable, KeyError])
async def test_a_resolver_that_fails_is_an_error_of_its_field(rest, is_null, error, monkeypatch):
    async def failing(*_):
        await asyncio.sleep(0)
        raise error("it is gone")

    monkeypatch.setattr(query, "read", failing)
    with capture_logs():
        (data, mine), (general_data, general) = await both(FAILING % rest, **KEY)
    assert data == general_data
    assert [told[1:] for told in mine] == [told[1:] for told in general]
    assert (data == "null") == is_null


async def test_a_value_that_does_not_fit_is_an_error_where_it_stands():
    document = "query($keys: [CaseKey!]!) { caseViews(keys: $keys) { orders { nodes { number status } } } __typename }"
    keys = [{"orderNumber": number} for number in ("SO-1", "SO-2", "SO-1")]
    orders = {(EntityKind.ORDER, Scheme.SO, number): [broken()] for number in ("SO-1",)}

    def desk():
        return Desk([System("erp", {EntityKind.ORDER: (Scheme.SO,)}, orders)], clock=StillClock())

    (data, mine), (general_data, general) = [await way(desk(), document, {"keys": keys}) for way in (ours, theirs)]
    assert data == general_data
    assert [told[1:] for told in mine] == [told[1:] for told in general]
    assert [path for _, path, _ in mine] == [["caseViews", n, "orders", "nodes", 0, "status"] for n in (0, 2)]


async def test_fields_are_asked_side_by_side(monkeypatch):
    """Neither of the two goes on before the other has begun."""
    begun, read = asyncio.Barrier(2), query.read

    async def waiting(*arguments):
        await begun.wait()
        return await read(*arguments)

    monkeypatch.setattr(query, "read", waiting)
    asked = ours(
        rich_desk(), "query($key: CaseKey!) { a: caseView(key: $key) { id } b: caseView(key: $key) { id } }", KEY
    )
    data, errors = await asyncio.wait_for(asked, 5)
    assert not errors
    assert json.loads(data)["a"] == json.loads(data)["b"]


@pytest.mark.parametrize(
    ("document", "variables", "left"),
    [
        pytest.param("query($key: CaseKey!) { caseView(key: $key) { id } }", KEY, 0, id="a view"),
        pytest.param("{ __typename }", {}, 0, id="no field that waits"),
        pytest.param("{ sources { id } }", {}, 1, id="another field"),
        pytest.param("query($key: CaseKey!) { caseView(key: $key) { id } sources { id } }", KEY, 1, id="one besides"),
        pytest.param(
            "query($key: CaseKey!, $no: Boolean!) { caseView(key: $key) @skip(if: $no) { id } }",
            KEY | {"no": False},
            1,
            id="a field that may be skipped",
        ),
        pytest.param("query($key: CaseKey!) { caseView(key: $key) { id } }", {"key": {}}, 1, id="a wrong variable"),
        pytest.param(
            "query($keys: [CaseKey!]!) { caseViews(keys: $keys) { id } }",
            {"keys": KEY["key"]},
            1,
            id="one value for a list",
        ),
    ],
)
async def test_what_is_left_to_the_general_executor_is_counted(document, variables, left):
    before = PLANS.left["Query"]
    mine, general = await both(document, **variables)
    assert mine == general
    assert PLANS.left["Query"] == before + left


async def test_what_a_caller_may_not_have_is_not_asked_for():
    """An operation that has it was refused before; if ever one was not, it would be null."""
    desk = rich_desk()
    desk.caller = calling(Role.OPS)
    document = Documents(CORE).of_text("query($key: CaseKey!) { eta(key: $key) { kind } }")
    context, [operation] = context_of(desk), document.operations.values()
    assert carried_out(CORE, document, operation, KEY, context) is None
    admitted = _Admitted(document, _Passed(operation, None, frozenset(), may_be_kept=False), None)
    assert await OPERATIONS._executed(admitted, Request(document.text, KEY), context) == ({"eta": None}, None)
    assert not context.asked


async def test_no_circle_is_left_behind():
    """What is not let go by itself keeps a view in memory until the garbage collector comes by."""
    desk = Desk([System("erp", {EntityKind.ORDER: (Scheme.SO,)})], clock=StillClock())
    document = "query($key: CaseKey!) { caseView(key: $key) { id status orders { nodes { number } } } __typename }"
    for _ in range(2):
        await ours(desk, document, KEY)
    gc.collect()
    gc.disable()
    try:
        await ours(desk, document, KEY)
        assert gc.collect() == 0
    finally:
        gc.enable()
