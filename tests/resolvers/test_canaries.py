"""No word of what somebody may not see is anywhere in what is answered: data, errors, extensions, whatever is asked."""

import json
import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from fastapi import FastAPI
from graphql import get_named_type, is_enum_type, is_scalar_type

from app.http.callers import Callers
from app.http.eta import routes
from domain.caller import Caller
from domain.errors import Unreachable
from domain.identity import MAIN_TENANT
from resolvers.context import Context
from resolvers.documents import Documents
from resolvers.federation import SUBGRAPH
from resolvers.limits import Limits, Mode
from resolvers.operation import CORE, Operations, Request
from tests.app.gateway import ask
from tests.callers import calling
from tests.resolvers.canaries import (
    AGENT,
    ASKED,
    BOT,
    FINANCE,
    OPS,
    PANEL,
    POSTAL_CODE,
    SEEN_BY,
    canary_desk,
)
from tests.resolvers.listening import Listener
from tests.resolvers.test_entities import named, view_of
from tests.waiting import wait_until

WORLDS = [pytest.param(False, id="held for credit"), pytest.param(True, id="delivered")]
EVERYBODY = [AGENT, PANEL, BOT, FINANCE, OPS]
READERS = [AGENT, PANEL, BOT, FINANCE]
REFUSED = re.compile(r"(\w+)\.(\w+): ")
UNLIMITED = Limits(mode=Mode.LOG)


def everything_of(kind, without=frozenset()):
    """A selection of every field of a type that is not to be left out."""
    chosen = []
    for name, field in CORE.type_map[kind].fields.items():
        if (kind, name) in without:
            continue
        below = get_named_type(field.type)
        if is_scalar_type(below) or is_enum_type(below):
            chosen.append(name)
        elif inner := everything_of(below.name, without):
            chosen.append(f"{name} {{ {inner} }}")
    return " ".join(chosen)


@dataclass
class Asking:
    """Somebody who asks for everything, and after each refusal for everything but that."""

    desk: object
    core: object = CORE

    async def all_of(self, kind, document, **variables):
        without, heard = set(), []
        while True:
            fields = everything_of(kind, without) or "__typename"
            answer = await self._answered(document % fields, variables)
            heard.append(json.dumps(answer.body))
            refused = answer.body.get("errors") if answer.status == 403 else None
            place = REFUSED.search(refused[0]["message"]) if refused else None
            if place is None or place.groups() in without:
                return heard
            without.add(place.groups() if place[1] != "Section" else ("Section", place[2]))

    async def _answered(self, document, variables):
        desk = self.desk
        context = Context(desk.gateway, desk.caller, "c-1", None, desk.clock.monotonic())
        return await Operations(self.core, Documents(self.core, UNLIMITED)).execute(
            Request(document, variables), context
        )


def found(role, heard):
    """The words in what was heard that are not for this role."""
    return [
        (word, each[:400]) for word, seen_by in SEEN_BY.items() if role not in seen_by for each in heard if word in each
    ]


VIEW = "query($key: CaseKey!) { caseView(key: $key) { %s } }"
ETA = f'query($key: CaseKey!) {{ eta(key: $key, postalCode: "{POSTAL_CODE}") {{ %s }} }}'
REFRESH = "mutation($key: CaseKey!) { refreshCaseView(key: $key) { caseView { %s } userErrors { message } } }"


NOT_FOR = {(OPS, REFRESH), (OPS, ETA), (BOT, REFRESH)}


@pytest.mark.parametrize("is_delivered", WORLDS)
@pytest.mark.parametrize("role", EVERYBODY)
@pytest.mark.parametrize(("kind", "document"), [("CaseView", VIEW), ("CaseView", REFRESH), ("EtaAnswer", ETA)])
async def test_nothing_that_is_not_for_them_is_in_an_answer(role, is_delivered, kind, document):
    heard = await Asking(canary_desk(role, is_delivered=is_delivered)).all_of(kind, document, key=ASKED)
    assert found(role, heard) == []
    told = json.loads(heard[-1])
    assert ("errors" in told) is ("data" not in told) is ((role, document) in NOT_FOR)


@pytest.mark.parametrize("role", EVERYBODY)
async def test_what_is_for_them_is_found(role):
    """Otherwise nothing would follow from what is not found."""
    heard = []
    for is_delivered in (False, True):
        heard += await Asking(canary_desk(role, is_delivered=is_delivered)).all_of("CaseView", VIEW, key=ASKED)
    told = "".join(heard)
    spelled_otherwise = {"1,234.56"}
    missed = {word for word, seen_by in SEEN_BY.items() if role in seen_by and word not in told}
    assert missed <= (spelled_otherwise if role is not OPS else {"source-"})


@pytest.mark.parametrize("is_delivered", WORLDS)
@pytest.mark.parametrize("role", EVERYBODY)
@pytest.mark.parametrize(
    ("kind", "representation"),
    [
        ("CaseView", view_of("SO-1")),
        ("Order", named("Order", "SO-1")),
        ("Shipment", named("Shipment", "S-1")),
        ("Customer", named("Customer", "C-1")),
    ],
)
async def test_nothing_is_in_an_entity(role, is_delivered, kind, representation):
    desk = canary_desk(role, is_delivered=is_delivered)
    document = f"query($named: [_Any!]!) {{ _entities(representations: $named) {{ ... on {kind} {{ %s }} }} }}"
    heard = await Asking(desk, SUBGRAPH).all_of(kind, document, named=[representation])
    assert found(role, heard) == []


@pytest.mark.parametrize("is_delivered", WORLDS)
@pytest.mark.parametrize("role", READERS)
async def test_nothing_is_in_an_open_view(role, is_delivered, redis, client):  # noqa: ARG001  # the client empties it
    without = {
        place.groups()
        for each in await Asking(canary_desk(role)).all_of("CaseView", VIEW, key=ASKED)
        if (place := REFUSED.search(each))
    }
    document = (
        f"subscription($key: CaseKey!) {{ caseViewChanged(key: $key) {{ {everything_of('CaseView', without)} }} }}"
    )
    async with (
        canary_desk(role, is_delivered=is_delivered, redis_url=redis.url) as desk,
        Listener(desk.gateway, document, desk.caller, key=ASKED) as heard,
    ):
        await wait_until(lambda: heard.answers and heard.told[-1]["orders"]["freshness"]["state"] == "FRESH")
        assert heard.told[-1]["orders"]["nodes"]
        assert found(role, [json.dumps(each) for each in heard.answers]) == []


@pytest.mark.parametrize("role", EVERYBODY)
@pytest.mark.parametrize(("kind", "document"), [("CaseView", VIEW), ("EtaAnswer", ETA)])
async def test_which_systems_fail_is_not_told(role, kind, document):
    desk = canary_desk(role)
    for system in desk.systems:
        system.failure = Unreachable
    assert found(role, await Asking(desk).all_of(kind, document, key=ASKED)) == []
    for representation in (named("Order", "SO-1"), named("Shipment", "S-1"), named("Customer", "C-1")):
        inner = f"... on {representation['__typename']} {{ %s }}"
        asked = f"query($named: [_Any!]!) {{ _entities(representations: $named) {{ {inner} }} }}"
        heard = await Asking(desk, SUBGRAPH).all_of(representation["__typename"], asked, named=[representation])
        assert found(role, heard) == []


@dataclass
class Known:
    """Proves that it is always the same who asks."""

    who: Caller

    async def caller(self, _):
        return self.who


async def asked_by_rest(desk, query):
    app = FastAPI()
    app.include_router(routes(Callers(Known(desk.caller), {MAIN_TENANT: desk.gateway}), Operations()))

    async def with_query(scope, receive, send):
        about = {"state": {"correlation_id": "c-1", "traceparent": None}, "query_string": query.encode()}
        await app(scope | about, receive, send)

    status, _, body = await ask(with_query, "GET", "/v1/eta")
    return status, body.decode()


@pytest.mark.parametrize("is_delivered", WORLDS)
@pytest.mark.parametrize("role", READERS)
async def test_nothing_is_in_the_answer_of_a_bot(role, is_delivered):
    desk = canary_desk(role, is_delivered=is_delivered)
    status, body = await asked_by_rest(desk, "orderNumber=SO-1")
    assert status == 200
    assert found(role, [body]) == []
    assert ("canary-signer" in body) is (is_delivered and role in {AGENT, FINANCE})


async def test_a_wrong_postal_code_and_an_unknown_number_are_the_same_bytes():
    desk = canary_desk(BOT, caller=calling(BOT), longest=timedelta(seconds=0.2))
    known = await asked_by_rest(desk, f"orderNumber=SO-1&postalCode={POSTAL_CODE}")
    wrong = await asked_by_rest(desk, "orderNumber=SO-1&postalCode=99999")
    unknown = await asked_by_rest(desk, f"orderNumber=SO-2&postalCode={POSTAL_CODE}")
    assert (known[0], wrong[0]) == (200, 404)
    assert wrong == unknown
    assert (await asked_by_rest(desk, "orderNumber=SO-1"))[0] == 400
