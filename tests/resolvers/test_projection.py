"""What is projected is what the general executor would have answered."""

import json
from operator import attrgetter

import pytest
import strawberry
from graphql import GraphQLEnumType, GraphQLObjectType, get_named_type
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import force_setattr
from strawberry.schema.config import StrawberryConfig
from structlog.testing import capture_logs

from app.ask import DOCUMENT
from domain.identity import EntityKind, Scheme
from domain.order import Order, OrderStatus
from examples.derived import examples
from resolvers.context import Context
from resolvers.documents import Documents
from resolvers.limits import Limits
from resolvers.operation import CORE, Operations, Request
from resolvers.projection.leaves import SCALARS
from resolvers.projection.plans import PLANS
from resolvers.projection.source import resolver_of
from resolvers.query import Query
from resolvers.schema import schema
from resolvers.types.scalars import DURATION, Duration
from tests.resolvers.generated import desks, documents
from tests.resolvers.systems import Desk, System
from tests.resolvers.world import StillClock, rich_desk

GENERAL = strawberry.Schema(Query, config=StrawberryConfig(scalar_map={Duration: DURATION}))
KEY = {"key": {"orderNumber": "SO-1"}}


def context_of(desk):
    desk.clock.stand_still()
    return Context(desk.gateway, desk.caller, "c-1", None, desk.clock.monotonic())


async def both(desk, document, **variables):
    """What is projected, and what Strawberry's executor says."""
    desk.clock.stand_still()
    projected = await desk.execute(document, **KEY | variables)
    general = await GENERAL.execute(document, variable_values=KEY | variables, context_value=context_of(desk))
    return (
        (json.dumps(projected.data), [error["message"] for error in projected.errors or ()]),
        (json.dumps(general.data), [error.message for error in general.errors or ()]),
    )


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        pytest.param(DOCUMENT.read_text(encoding="utf-8"), {}, id="the whole case"),
        pytest.param(
            "query($key: CaseKey!) { a: caseView(key: $key) { x: id y: status __typename orders { __typename nodes { n: number number } } } }",
            {},
            id="aliases and typenames",
        ),
        pytest.param(
            "query($key: CaseKey!, $no: Boolean!) { caseView(key: $key) { id @skip(if: $no) status @include(if: $no) orders { nodes { number @skip(if: $no) } } } }",
            {"no": True},
            id="skipped by a variable",
        ),
        pytest.param(
            "query($key: CaseKey!, $no: Boolean!) { caseView(key: $key) { id @skip(if: $no) status @include(if: $no) orders { nodes { number @skip(if: $no) } } } }",
            {"no": False},
            id="not skipped by the same variable",
        ),
        pytest.param(
            "query($key: CaseKey!) { caseView(key: $key) { ...A orders { ... on Section { id } ...on OrdersSection { nodes { number } } } } } fragment A on CaseView { orders { freshness { state } nodes { status } } }",
            {},
            id="fragments that are merged",
        ),
        pytest.param(
            'query($key: CaseKey!) { caseViews(keys: [$key, {orderNumber: "none"}]) { id shipments { nodes { freshness { state } eta { onDate estimatedAt } } } } }',
            {},
            id="many views",
        ),
        pytest.param(
            'query($key: CaseKey!, $to: String, $first: Int!) { caseView(key: $key) { headline(locale: $to) en: headline timeline(first: $first, sources: [TMS]) { totalCount edges { node { title } } } orders { nodes { statusLabel(locale: $to, audience: CUSTOMER) } } ...A } } fragment A on CaseView { answers(locale: $to, timeZone: "Asia/Tokyo") { text caveats } }',
            {"to": "de", "first": 3},
            id="arguments and variables",
        ),
        pytest.param(
            'query($key: CaseKey!, $to: String = "fr") { caseView(key: $key) { headline(locale: $to) orders { nodes { statusLabel(locale: null) } } } }',
            {},
            id="a variable that is left out, and null",
        ),
    ],
)
async def test_the_same_answer(document, variables):
    projected, general = await both(rich_desk(), document, **variables)
    assert projected == general
    assert projected[1] == []


def selections(kind, depth=5):
    """Any selection of a type."""
    fields = sorted(kind.fields)
    return st.lists(st.sampled_from(fields), min_size=1, max_size=6, unique=True).flatmap(
        lambda names: st.tuples(*(field(kind, name, depth) for name in names)).map(
            lambda parts: "{ " + " ".join(parts) + " }"
        )
    )


def field(kind, name, depth):
    inner = get_named_type(kind.fields[name].type)
    asked = ARGUMENTS.get(name, "") if kind.fields[name].args else ""
    if not isinstance(inner, GraphQLObjectType):
        return st.sampled_from([name, f"other: {name}" if name == "id" else name + asked])
    if depth == 0:
        return st.just(f"{name} {{ __typename }}")
    return selections(inner, depth - 1).map(lambda selection: f"{name}{asked} {selection}")


ARGUMENTS = {
    "headline": '(locale: "nl", timeZone: "Europe/Berlin")',
    "answers": '(locale: "es")',
    "explanation": '(locale: "pt", audience: CUSTOMER)',
    "statusLabel": '(locale: "de", audience: CUSTOMER)',
    "timeline": "(first: 2)",
}


CASE_VIEW = schema._schema.type_map["CaseView"]


@settings(max_examples=60, deadline=None)
@given(selections(CASE_VIEW))
async def test_any_selection_is_answered_the_same(selection):
    projected, general = await both(rich_desk(), f"query($key: CaseKey!) {{ caseView(key: $key) {selection} }}")
    assert projected == general


UNLIMITED = Limits(
    tokens=10**6, document=10**6, roots=10**6, aliases=10**6, directives=10**6, fields=10**6, repeats=10**6, depth=100
)
OPERATIONS = Operations(CORE, Documents(CORE, UNLIMITED))


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(desks(), documents(CORE, CASE_VIEW))
async def test_any_view_is_answered_the_same(desk, asked):
    """Whatever systems know and whatever is asked: values, nulls, errors and their order."""
    document, variables = asked
    variables |= KEY
    projected = (await OPERATIONS.execute(Request(document, variables), context_of(desk))).body
    general = await GENERAL.execute(document, variable_values=variables, context_value=context_of(desk))
    errors = [(error["path"], error["locations"]) for error in projected.get("errors", ())]
    assert json.dumps(projected["data"]) == json.dumps(general.data)
    assert errors == [(error.path, [each.formatted for each in error.locations]) for error in general.errors or ()]


OF_CASES = [each for each in examples() if each.kind == "query" and "key" in each.variables]


@pytest.mark.parametrize("example", OF_CASES, ids=attrgetter("name"))
async def test_every_example_is_answered_the_same(example):
    projected, general = await both(rich_desk(), example.text, **dict(example.variables) | KEY | {"postalCode": None})
    assert projected == general
    assert projected[1] == []


async def test_a_value_that_does_not_fit_is_left_to_the_general_executor():
    erp = System("erp", {EntityKind.ORDER: (Scheme.SO,)}, {(EntityKind.ORDER, Scheme.SO, "SO-1"): [broken()]})
    document = "query($key: CaseKey!) { caseView(key: $key) { orders { nodes { number status } } } }"
    left = PLANS.left["CaseView"]
    with capture_logs() as lines:
        projected, general = await both(Desk([erp], clock=StillClock()), document)
    assert projected[0] == general[0]
    assert len(projected[1]) == len(general[1]) == 1
    assert PLANS.left["CaseView"] == left + 1
    told = [(each["type"], each["reason"]) for each in lines if each["event"] == "left to the general executor"]
    assert told == [("CaseView", "found str"), ("Order", "found str")]


def broken():
    """An order whose status is no status; no domain value can be made like this."""
    order = Order(number="SO-1", status=OrderStatus.RELEASED)
    force_setattr(order, "status", "nonsense")
    return order


def test_every_type_below_a_view_can_be_compiled():
    """Nothing below a view falls back unnoticed."""
    seen, todo, asked = set(), [CASE_VIEW], set()
    while todo:
        kind = todo.pop()
        if kind.name in seen:
            continue
        seen.add(kind.name)
        for name, each in kind.fields.items():
            resolver_of(each.extensions["strawberry-definition"])
            if each.args:
                asked.add(name)
            inner = get_named_type(each.type)
            if isinstance(inner, GraphQLObjectType):
                todo.append(inner)
            else:
                assert isinstance(inner, GraphQLEnumType) or inner.name in SCALARS
                assert not isinstance(inner, GraphQLEnumType) or set(inner.values) == set(inner.wrapped_cls.__members__)
    assert asked == set(ARGUMENTS)
    assert len(seen) > 30


async def test_an_argument_that_is_refused_is_an_error_of_its_field():
    document = 'query($key: CaseKey!) { caseView(key: $key) { id headline(timeZone: "Mars/Base") } }'
    projected, general = await both(rich_desk(), document)
    assert projected == general
    assert projected[1] == ["timeZone: found 'Mars/Base', allowed: an IANA zone, Europe/Berlin"]


async def test_one_document_is_answered_by_what_its_variables_are_now():
    document = "query($key: CaseKey!, $to: String) { caseView(key: $key) { headline(locale: $to) } }"
    told = [await both(rich_desk(), document, to=each) for each in ("en", "de", None, "en")]
    assert all(projected == general for projected, general in told)
    assert told[0] == told[2] == told[3] != told[1]


async def test_a_number_that_is_given_as_null_is_not_one_that_is_left_out():
    """Of an argument that has a default, these are different things."""
    document = "query($key: CaseKey!, $first: Int) { caseView(key: $key) { timeline(first: $first) { totalCount } } }"
    told = [await both(rich_desk(), document, **given) for given in ({}, {"first": None}, {})]
    assert all(projected == general for projected, general in told)
    assert [bool(errors) for (_, errors), _ in told] == [False, True, False]
