"""Callers that are bound: to cases, to a customer; and programs that talk to customers without being bound."""

from datetime import timedelta

import pytest

from domain.identity import CaseKey
from tests.callers import calling
from tests.resolvers.canaries import AGENT, BOT, FINANCE, KEY, OPS, PANEL, canary_desk, kinds_asked
from tests.resolvers.listening import listened

VIEW = "query($key: CaseKey!) { caseView(key: $key) { id orders { nodes { number } } } }"
SEVERAL = "query($keys: [CaseKey!]!) { caseViews(keys: $keys) { orders { nodes { number } } } }"
ETA = "query($key: CaseKey!, $postalCode: String) { eta(key: $key, postalCode: $postalCode) { kind } }"
REFRESH = "mutation($key: CaseKey!) { refreshCaseView(key: $key) { caseView { id } userErrors { code message } } }"
OPEN = "subscription($key: CaseKey!) { caseViewChanged(key: $key) { id } }"
ELSEWHERE = CaseKey.quoted("orderNumber", "SO-9")


def desk_of(*roles, **bound):
    return canary_desk(AGENT, caller=calling(*roles, **bound))


@pytest.mark.parametrize("role", [AGENT, PANEL, BOT, FINANCE])
@pytest.mark.parametrize("field", ["orderNumber", "shipmentId", "trackingNumber", "caseNumber"])
async def test_another_key_is_like_one_that_nobody_knows_and_nobody_is_asked(role, field):
    desk = desk_of(role, keys=frozenset({ELSEWHERE}))
    number = {"orderNumber": "SO-1", "shipmentId": "S-1", "trackingNumber": "T-1", "caseNumber": "CS-1"}[field]
    for document in (VIEW, ETA):
        result = await desk.execute(document, key={field: number})
        assert (result.errors, list(result.data.values())) == (None, [None])
    assert kinds_asked(desk) == set()


async def test_of_several_only_the_bound_one_is_shown():
    desk = desk_of(PANEL, keys=frozenset({KEY}))
    result = await desk.execute(SEVERAL, keys=[{"shipmentId": "S-1"}, {"orderNumber": "SO-1"}, {"orderNumber": "SO-9"}])
    assert result.data["caseViews"] == [None, {"orders": {"nodes": [{"number": "SO-1"}]}}, None]
    assert {each for system in desk.systems for each in system.questions} == {"ORDER by SO SO-1"}


async def test_a_refresh_of_another_key_asks_nobody():
    desk = desk_of(PANEL, keys=frozenset({ELSEWHERE}))
    mine, unknown = [
        (await desk.execute(REFRESH, key={"orderNumber": number})).data["refreshCaseView"]
        for number in ("SO-1", "SO-2")
    ]
    assert (
        mine
        == unknown
        == {"caseView": None, "userErrors": [{"code": "NOT_FOUND", "message": "no system knows this key"}]}
    )
    assert kinds_asked(desk) == set()


@pytest.mark.parametrize(("customer", "is_shown"), [("C-1", True), ("C-2", False), ("", False)])
@pytest.mark.parametrize("role", [PANEL, BOT])
async def test_only_orders_of_the_customer_are_shown(role, customer, is_shown):
    desk = desk_of(role, customer=customer)
    for document in (VIEW, ETA):
        result = await desk.execute(document, key={"orderNumber": "SO-1"})
        assert result.errors is None
        assert (list(result.data.values()) != [None]) is is_shown


async def test_an_open_view_of_another_ends_like_one_that_nobody_knows(redis, client):  # noqa: ARG001  # the client empties it
    for bound in ({"keys": frozenset({ELSEWHERE})}, {"customer": "C-2"}):
        async with canary_desk(AGENT, caller=calling(PANEL, **bound), redis_url=redis.url) as desk:
            told = [
                [
                    each.body["errors"]
                    async for each in listened(desk.gateway, OPEN, desk.caller, key={"orderNumber": number})
                ]
                for number in ("SO-1", "SO-2")
            ]
            assert told[0] == told[1]
            assert told[0][0][0]["extensions"]["code"] == "NOT_FOUND"


async def test_an_unbound_bot_has_no_views_and_nobody_is_asked():
    desk = desk_of(BOT)
    result = await desk.execute(VIEW, key={"orderNumber": "SO-1"})
    assert (result.data, result.errors[0]["extensions"]["code"]) == ({"caseView": None}, "FORBIDDEN")
    [answer] = [each async for each in listened(desk.gateway, OPEN, desk.caller, key={"orderNumber": "SO-1"})]
    assert answer.body["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert kinds_asked(desk) == set()


async def test_an_unbound_bot_has_to_know_where_it_goes():
    desk = canary_desk(BOT, caller=calling(BOT), longest=timedelta(seconds=0.2))
    missing = await desk.execute(ETA, key={"orderNumber": "SO-1"})
    assert (missing.errors[0]["extensions"]["code"], kinds_asked(desk)) == ("BAD_USER_INPUT", set())
    assert missing.errors[0]["message"].startswith("postalCode: found 'nothing'")
    right, wrong, unknown = [
        (await desk.execute(ETA, key={"orderNumber": number}, postalCode=code)).data["eta"]
        for number, code in (("SO-1", "10115"), ("SO-1", "10116"), ("SO-2", "10115"))
    ]
    assert right
    assert wrong is unknown is None


@pytest.mark.parametrize("role", [AGENT, PANEL, FINANCE])
async def test_who_is_bound_to_cases_hears_no_operational_events(role):
    desk = desk_of(role, keys=frozenset({KEY}))
    [answer] = [each async for each in listened(desk.gateway, "subscription { operationalEvents { id } }", desk.caller)]
    assert answer.body["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_several_roles_see_what_any_of_them_may():
    fields = "credit { freshness { state } } returns { freshness { state } } inventory { freshness { state } }"
    document = f"query($key: CaseKey!) {{ caseView(key: $key) {{ {fields} }} }}"
    view = (await desk_of(BOT, FINANCE, OPS).execute(document, key={"orderNumber": "SO-1"})).data["caseView"]
    assert [each["freshness"]["state"] for each in view.values()] == ["FRESH", "FRESH", "FORBIDDEN"]
