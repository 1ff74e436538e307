"""Entities by key, as a router asks for them: one read for all, and nothing that a view would not show."""

import json
from unittest.mock import patch

import pytest
from graphql import GraphQLObjectType, parse
from hypothesis import given
from hypothesis import strategies as st

from domain.case_view import Answered, Failed, Part, section_of, view_id
from domain.customer import Customer
from domain.errors import EntityUnavailable, Forbidden, ProblemCode, Unreachable
from domain.freshness import FreshnessState, Origin, SourceProblem
from domain.identity import CaseKey, EntityKey, EntityKind, Scheme
from domain.order import Order, OrderStatus
from domain.shipment import Shipment, ShipmentStatus
from resolvers.entities import KEYS, entity_in
from resolvers.federation import SUBGRAPH, sdl, subgraph
from resolvers.projection import execution, plans
from resolvers.schema import schema
from tests.resolvers.systems import MOMENT, Desk, System
from tests.resolvers.world import rich_desk

DOCUMENT = """query($named: [_Any!]!) { _entities(representations: $named) {
  __typename
  ... on CaseView { id whole: status orders { nodes { number } } }
  ... on Order { number customerId statusLabel(locale: "de") }
  ... on Shipment { id status freshness { state } }
  ... on Customer { id name }
} }"""


def desk(**changes):
    numbers = range(60)
    orders = {
        (EntityKind.ORDER, Scheme.SO, f"SO-{n}"): [Order(number=f"SO-{n}", status=OrderStatus.CONFIRMED)]
        for n in numbers
    }
    customers = {(EntityKind.CUSTOMER, Scheme.CUSTOMER, f"C-{n}"): [Customer(id=f"C-{n}", name="N")] for n in numbers}
    shipments = {
        (EntityKind.SHIPMENT, Scheme.SHIPMENT_ID, f"S-{n}"): [Shipment(id=f"S-{n}", status=ShipmentStatus.IN_TRANSIT)]
        for n in numbers
    }
    answers = {EntityKind.ORDER: (Scheme.SO,), EntityKind.CUSTOMER: (Scheme.CUSTOMER,)}
    erp = System("erp", answers, orders | customers, **changes)
    tms = System("tms", {EntityKind.SHIPMENT: (Scheme.SHIPMENT_ID,)}, shipments)
    return Desk([erp, tms])


def view_of(number, tenant="main", field="orderNumber"):
    return {"__typename": "CaseView", "id": view_id(tenant, CaseKey.quoted(field, number))}


def named(kind, number):
    return {"__typename": kind, KEYS[kind]: number}


async def ask(desk, representations, document=DOCUMENT):
    return await desk.execute(document, core=SUBGRAPH, named=representations)


async def test_each_is_found_where_it_was_named():
    asked = [
        named("Order", "SO-7"),
        view_of("SO-3"),
        named("Customer", "C-1"),
        named("Shipment", "S-9"),
        view_of("SO-1"),
    ]
    result = await ask(desk(), asked)
    assert result.errors is None
    assert result.data["_entities"] == [
        {"__typename": "Order", "number": "SO-7", "customerId": None, "statusLabel": "bestätigt"},
        {"__typename": "CaseView", "id": asked[1]["id"], "whole": "OPEN", "orders": {"nodes": [{"number": "SO-3"}]}},
        {"__typename": "Customer", "id": "C-1", "name": "N"},
        {"__typename": "Shipment", "id": "S-9", "status": "IN_TRANSIT", "freshness": {"state": "FRESH"}},
        {"__typename": "CaseView", "id": asked[4]["id"], "whole": "OPEN", "orders": {"nodes": [{"number": "SO-1"}]}},
    ]


@pytest.mark.parametrize(
    ("kind", "prefix"),
    [("Order", "SO"), ("Customer", "C"), ("Shipment", "S")],
    ids=("orders", "customers", "shipments"),
)
async def test_all_of_one_type_are_one_call_to_their_system(kind, prefix):
    world = desk()
    result = await ask(world, [named(kind, f"{prefix}-{n}") for n in range(50)])
    assert [each[KEYS[kind]] for each in result.data["_entities"]] == [f"{prefix}-{n}" for n in range(50)]
    assert [len(call) for system in world.systems for call in system.asked] == [50]


async def test_views_are_read_as_far_as_their_selection_needs():
    world = desk()
    await ask(world, [view_of(f"SO-{n}") for n in range(50)])
    assert [len(call) for call in world.systems[0].asked] == [50]
    assert world.systems[1].asked == []


async def test_every_entity_is_read_as_views_are():
    """There is no other way to the sources, so what is ruled for views is ruled for entities."""
    world = desk()
    with patch("resolvers.entities.views", side_effect=Forbidden("orders", "an agent")) as views:
        result = await ask(
            world, [named("Order", "SO-1"), named("Customer", "C-1"), view_of("SO-1"), named("Shipment", "S-1")]
        )
    assert views.call_count == 4
    assert result.data["_entities"] == [None] * 4
    assert {error["message"] for error in result.errors} == {"orders: needs an agent"}
    assert [call for system in world.systems for call in system.asked] == []


@pytest.mark.parametrize(
    "representation",
    [
        pytest.param(named("Order", "SO-x"), id="an order that nobody knows"),
        pytest.param(named("Customer", "C-x"), id="a customer that nobody knows"),
        pytest.param(named("CaseView", "cv_none"), id="no id"),
        pytest.param(named("CaseView", ""), id="an empty id"),
        pytest.param(named("CaseView", "cv_" + "ä" * 50), id="an id of other letters"),
        pytest.param(view_of("SO-1") | {"id": view_of("SO-1")["id"] + "="}, id="another spelling of an id"),
        pytest.param(view_of("SO-1", tenant="other"), id="the id of somebody else's view"),
        pytest.param(view_of("SO-x"), id="a view of what nobody knows"),
    ],
)
async def test_what_is_not_there_is_null(representation):
    result = await ask(desk(), [representation, named("Order", "SO-2")])
    assert result.errors is None
    assert [each and each["__typename"] for each in result.data["_entities"]] == [None, "Order"]


@pytest.mark.parametrize(
    ("representation", "message"),
    [
        pytest.param(
            {"__typename": "Invoice", "number": "1"}, "__typename: found 'Invoice', allowed: CaseView, ", id="no entity"
        ),
        pytest.param({"number": "1"}, "__typename: found 'None', allowed: CaseView, ", id="no type"),
        pytest.param(
            {"__typename": ["Order"]}, "__typename: found \"['Order']\", allowed: CaseView, ", id="a list for a type"
        ),
        pytest.param("Order", "__typename: found 'None', allowed: CaseView, ", id="a text"),
        pytest.param({"__typename": "Order"}, "number: found 'None', allowed: a text", id="no key"),
        pytest.param(
            {"__typename": "Order", "number": 7}, "number: found '7', allowed: a text", id="a number for a text"
        ),
        pytest.param(named("Customer", "a\nb"), "id: found 'a\\nb', allowed: 1 to 100 visible", id="a line break"),
    ],
)
async def test_what_cannot_be_read_is_named_and_spoils_no_neighbour(representation, message):
    result = await ask(desk(), [named("Order", "SO-2"), representation])
    [error] = result.errors
    assert error["message"].startswith(f"representations[1].{message}")
    assert (error["path"], error["extensions"]["code"]) == (["_entities", 1], "BAD_USER_INPUT")
    assert result.data["_entities"][0]["number"] == "SO-2"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["__typename", "id", "number"]) | st.text(), inner),
)
TYPED = st.fixed_dictionaries({"__typename": st.sampled_from(list(KEYS))}, optional={"id": JSON, "number": JSON})


@given(st.lists(JSON | TYPED, max_size=5))
async def test_whatever_is_named_is_null_or_the_mistake_of_who_named_it(representations):
    result = await ask(desk(), representations)
    assert {error["extensions"]["code"] for error in result.errors or ()} <= {"BAD_USER_INPUT"}
    assert result.data is None or result.data["_entities"] == [None] * len(representations)


async def test_more_than_fifty_of_one_type_are_refused():
    world = desk()
    result = await ask(world, [named("Order", f"SO-{n}") for n in range(51)])
    assert result.data is None
    assert [error["message"] for error in result.errors] == [
        "representations: found '51 of Order', allowed: at most 50 of one type"
    ]
    assert world.systems[0].asked == []
    mixed = [*(named("Order", f"SO-{n}") for n in range(50)), *(named("Customer", f"C-{n}") for n in range(50))]
    assert (await ask(desk(), mixed)).errors is None


async def test_a_system_that_cannot_be_reached_is_no_word_that_there_is_nothing():
    result = await ask(desk(failure=Unreachable), [named("Order", "SO-1"), named("Shipment", "S-1")])
    [error] = result.errors
    assert (error["path"], error["extensions"]["code"]) == (["_entities", 0], "UNREACHABLE")
    assert error["message"] == "erp cannot be reached"
    assert [each and each["id"] for each in result.data["_entities"]] == [None, "S-1"]


async def test_where_nobody_can_be_asked_by_such_a_number_nobody_says_that_there_is_nothing():
    result = await ask(rich_desk(), [named("Customer", "C-1")])
    [error] = result.errors
    assert (error["message"], error["extensions"]["code"]) == ("no source can be asked by CUSTOMER", "NOT_FOUND")


def order_section(*outcomes):
    return section_of(EntityKind.ORDER, outcomes, now=MOMENT)


def answered(*numbers, state=FreshnessState.FRESH):
    parts = [
        Part(EntityKey(tenant="main", source="erp", kind=EntityKind.ORDER, id=number), Order(number=number, status=OrderStatus.CONFIRMED), MOMENT, MOMENT, Origin.CACHE)
        for number in numbers
    ]  # fmt: skip
    return Answered("erp", tuple(parts), MOMENT, Origin.CACHE, state)


DOWN = Failed(SourceProblem(ProblemCode.TIMEOUT, "erp-2", "erp-2 did not answer in time", "c-1"))


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        pytest.param(order_section(answered("A", "B")), "B", id="there"),
        pytest.param(order_section(answered("A")), None, id="not there"),
        pytest.param(order_section(answered("A", "B"), DOWN), "B", id="there, whoever else is down"),
        pytest.param(order_section(answered("A"), DOWN), EntityUnavailable, id="perhaps with the one that is down"),
        pytest.param(order_section(answered("A", state=FreshnessState.FORBIDDEN)), Forbidden, id="not to be told"),
    ],
)
def test_null_is_said_only_where_it_is_known(section, expected):
    found = entity_in(section, "number", "B")
    assert (found.number if isinstance(found, Order) else found and type(found)) == expected


async def test_one_selection_of_several_types_is_compiled_for_each(monkeypatch):
    compiled = []
    whole = plans.source_of
    monkeypatch.setattr(
        plans, "source_of", lambda asked, kind, details: compiled.append(kind.name) or whole(asked, kind, details)
    )
    document = DOCUMENT.replace("{ __typename", "{ own: __typename", 1)  # no plan of it is kept
    await ask(
        desk(), [named("Order", "SO-1"), named("Customer", "C-1"), named("Shipment", "S-1"), view_of("SO-1")], document
    )
    assert sorted(compiled) == ["CaseView", "Customer", "Order", "Shipment"]


async def test_what_is_compiled_is_what_the_general_executor_answers(monkeypatch):
    asked = [named("Order", "SO-1"), view_of("SO-1"), named("Shipment", "S-1"), named("Customer", "C-1")]
    projected = await ask(desk(), asked)
    monkeypatch.setattr(execution, "COMPILED_FROM", frozenset())
    general = await ask(desk(), asked)
    assert json.dumps(projected.data) == json.dumps(general.data)


async def test_a_document_that_one_schema_refuses_the_other_may_answer():
    plain = await desk().execute("{ _service { sdl } }")
    assert "Cannot query field '_service'" in plain.errors[0]["message"]
    served = await ask(desk(), [], "{ _service { sdl } }")
    assert served.data == {"_service": {"sdl": sdl()}}


def test_the_plain_schema_says_nothing_of_federation():
    types = schema._schema.type_map
    assert not {"_Any", "_Entity", "_Service"} & set(types)
    assert not {"_service", "_entities"} & set(types["Query"].fields)
    assert not {"key", "link", "shareable"} & {directive.name for directive in schema._schema.directives}


def test_the_subgraph_has_all_of_the_plain_schema_and_every_type_says_what_it_is():
    mine, plain = subgraph._schema.type_map, schema._schema.type_map
    assert set(mine) - set(plain) == {"_Any", "_Entity", "_Service"}
    assert [name for name, kind in mine.items() if not name.startswith("__") and not kind.description] == []
    fields = {name: set(kind.fields) for name, kind in plain.items() if isinstance(kind, GraphQLObjectType)}
    assert all(own <= set(mine[name].fields) for name, own in fields.items())


@pytest.mark.parametrize(("name", "key"), KEYS.items())
def test_a_router_is_told_of_the_key_of_each_entity(name, key):
    [declared] = [
        each for each in parse(sdl()).definitions if getattr(getattr(each, "name", None), "value", None) == name
    ]
    [directive] = declared.directives
    assert (directive.name.value, directive.arguments[0].value.value) == ("key", key)
    assert {kind.name for kind in subgraph._schema.type_map["_Entity"].types} == set(KEYS)
