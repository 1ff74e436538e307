"""Casefold as a subgraph, composed and asked by a real Apollo Gateway beside a subgraph of somebody else's."""

from uuid import uuid4

import pytest

KEYS = {"CaseView": "id", "Customer": "id", "Order": "number", "Shipment": "id"}


@pytest.fixture(autouse=True)
def _healed(federation):
    yield
    federation.heal()


@pytest.mark.parametrize(("name", "key"), KEYS.items())
def test_each_entity_is_composed_with_its_key(federation, name, key):
    declared = federation.told["supergraph"].split(f"type {name}\n")[1].split("{")[0]
    assert f'@join__type(graph: CASEFOLD, key: "{key}")' in declared


def test_nothing_is_hinted_at(federation):
    assert federation.told["hints"] == []


def test_what_a_view_shows_is_completed_by_the_other_subgraph(federation):
    answer = federation.ask(
        '{ caseView(key: {orderNumber: "SO-1001"}) { customer { customer { name points } } orders { nodes { number wrapping } } } }'
    )
    assert "errors" not in answer
    assert answer["data"]["caseView"]["customer"]["customer"]["points"] == 10_010
    assert answer["data"]["caseView"]["orders"]["nodes"] == [{"number": "SO-1001", "wrapping": "paper for SO-1001"}]


def test_many_entities_are_one_request_and_one_call_to_their_system(federation):
    request = uuid4().hex
    answer = federation.ask("{ bestCustomers { id points name } }", x_correlation_id=request)
    assert "errors" not in answer
    *known, unknown = answer["data"]["bestCustomers"]
    assert [(each["id"], each["points"]) for each in known] == [
        ("C-1001", 10_010),
        ("C-1002", 10_020),
        ("C-1003", 10_030),
    ]
    assert all(each["name"] for each in known)
    assert unknown is None
    assert [len(each) for each in federation.representations] == [4]
    assert federation.calls(request) == {"erp": {"read": 1}}


def test_orders_are_told_from_those_that_nobody_knows(federation):
    request = uuid4().hex
    answer = federation.ask("{ wrappedOrders { number wrapping orderedAt customerId } }", x_correlation_id=request)
    assert "errors" not in answer
    told = {each["number"]: each["customerId"] for each in answer["data"]["wrappedOrders"]}
    assert told == {"SO-1001": "C-1001", "SO-1002": "C-1002", "SO-1003": "C-1003", "SO-9999": None}
    assert federation.calls(request) == {"erp": {"read": 1}, "wms": {"read": 1}}  # the WMS: whether it knows SO-9999


def test_views_and_shipments_are_found_by_the_ids_that_casefold_gave_them(federation):
    shown = federation.ask(
        '{ caseViews(keys: [{orderNumber: "SO-1001"}, {orderNumber: "SO-1002"}]) { id shipments { nodes { id status } } } }'
    )["data"]["caseViews"]
    shipments = [node for view in shown for node in view["shipments"]["nodes"]]
    assert shipments
    answer = federation.ask(
        "query($views: [ID!]!, $parcels: [ID!]!) { complaints(ids: $views) { id shipments { nodes { id status } } } promisedParcels(ids: $parcels) { id status freshness { state } } }",
        {"views": [each["id"] for each in shown], "parcels": [each["id"] for each in shipments]},
    )
    assert "errors" not in answer
    assert answer["data"]["complaints"] == shown
    assert answer["data"]["promisedParcels"] == [each | {"freshness": {"state": "FRESH"}} for each in shipments]


def test_what_is_no_id_of_ours_is_nothing(federation):
    answer = federation.ask('{ complaints(ids: ["cv_none"]) { id status } }')
    assert "errors" not in answer
    assert answer["data"] == {"complaints": [None]}


def test_a_system_that_is_down_is_said_not_to_answer(federation):
    federation.break_system("erp", status=503)
    answer = federation.ask("{ bestCustomers { points email } }")
    assert [each["points"] for each in answer["data"]["bestCustomers"]] == [10_010, 10_020, 10_030, 99_990]
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"RATE_LIMITED"}


def test_who_asks_is_passed_on(federation):
    federation.ask("{ bestCustomers { name } }", authorization="Bearer of-a-caller")
    assert [each["authorization"] for each in federation.casefold.headers] == ["Bearer of-a-caller"]
