"""The straight way to the door answers as the way around does, and only what is usual takes it."""

import json
import re
from dataclasses import replace

import pytest
import structlog

from app.http.correlation import Correlation
from domain.errors import StoreUnavailable
from tests.app.gateway import ask, gateway

VIEW = {"query": 'query View { caseView(key: {orderNumber: "SO-1"}) { id } __typename }'}
NEWER = {"accept": "application/graphql-response+json"}
ID = {"x-correlation-id": "desk-0001"}
PLACE = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}


@pytest.fixture(scope="module")
def app():
    return gateway()


def straight_of(app):
    return app.long._app


def around(app):
    """The same application, where there is no straight way."""
    return replace(app, long=Correlation(straight_of(app).around))


def straight_only(app):
    """The same application, where there is no other way."""

    async def nowhere(*_):
        raise LookupError

    return replace(app, long=Correlation(replace(straight_of(app), around=nowhere)))


def still(body):
    """An answer without what is another one each time."""
    return re.sub(rb'"(servedInMs|resetSeconds|remaining)":[\d.]+|"requestId":"\w{32}"|\w{32}', b"", body)


USUAL = [
    pytest.param(VIEW, NEWER, {}, id="a view"),
    pytest.param(VIEW, {}, {}, id="json"),
    pytest.param(VIEW, ID | PLACE, {}, id="with ids"),
    pytest.param({"query": "{ sources { id } nothing }"}, NEWER, {}, id="no such field"),
    pytest.param({"query": "query($key: CaseKey!) { caseView(key: $key) { id } }"}, ID, {}, id="no variable"),
    pytest.param([VIEW], {}, {}, id="a batch"),
    pytest.param(b"{", NEWER, {}, id="no json"),
    pytest.param(VIEW | {"variables": 7}, {}, {}, id="a number for variables"),
    pytest.param({"documentId": "sha256:" + "0" * 64}, NEWER, {}, id="an unknown document"),
    pytest.param({"query": "mutation { refreshCaseView(key: {}) { userErrors { code } } }"}, {}, {}, id="a mutation"),
    pytest.param({"query": "subscription { operationalEvents { id } }"}, NEWER, {}, id="a subscription"),
    pytest.param(VIEW, {"x-api-key": "wrong"}, {"anonymous": []}, id="a wrong key"),
    pytest.param(VIEW, {"x-api-key": "a", "authorization": "Bearer b"}, {}, id="two proofs"),
    pytest.param(VIEW, {}, {"anonymous": []}, id="no proof"),
    pytest.param(VIEW, {}, {"limits": {"cost": "1 per minute"}}, id="too much"),
]

UNUSUAL = [
    pytest.param(VIEW, {"origin": "https://desk.example"}, {}, id="a page of another origin"),
    pytest.param(VIEW, {"content-encoding": "gzip"}, {}, id="folded"),
    pytest.param(VIEW, {"content-type": "text/plain"}, {}, id="text"),
    pytest.param(VIEW, {"accept": "text/html"}, {}, id="for a page"),
    pytest.param({"query": "{" + " " * 40_000 + "}"}, {}, {}, id="long"),
    pytest.param(VIEW | {"operationName": "x" * 200}, {}, {"limits": {"body": 100}}, id="more than is taken"),
    pytest.param(VIEW, {f"x-{n}": "1" for n in range(120)}, {}, id="many headers"),
]


async def both(body, headers, settings):
    """The answers of both ways; of each a gateway of its own, so that both have as much left."""
    ways = [way(gateway(**settings)) for way in (lambda app: app, around)]
    told = [await ask(app, "POST", "/graphql", body, headers) for app in ways]
    return [(status, list(headers), {**headers, "x-correlation-id": ""}, body) for status, headers, body in told]


@pytest.mark.parametrize(("body", "headers", "settings"), USUAL + UNUSUAL)
async def test_the_same_answer(body, headers, settings):
    straight, other = await both(body, headers, settings)
    length = {"content-length": ""}
    assert straight[:2] == other[:2]
    assert straight[2] | length == other[2] | length
    assert still(straight[3]) == still(other[3])


@pytest.mark.parametrize(("body", "headers", "settings"), USUAL)
async def test_what_is_usual_goes_straight(body, headers, settings):
    status, _, _ = await ask(straight_only(gateway(**settings)), "POST", "/graphql", body, headers)
    assert status


@pytest.mark.parametrize(("body", "headers", "settings"), UNUSUAL)
async def test_what_is_not_takes_the_way_around(body, headers, settings):
    with pytest.raises(LookupError):
        await ask(straight_only(gateway(**settings)), "POST", "/graphql", body, headers)


@pytest.mark.parametrize(("method", "path"), [("GET", "/graphql"), ("POST", "/graphql/"), ("POST", "/graphql/stream")])
async def test_nothing_else_goes_straight(app, method, path):
    with pytest.raises(LookupError):
        await ask(straight_only(app), method, path, VIEW)


async def test_nothing_goes_straight_while_somebody_observes(app):
    straight = replace(straight_of(straight_only(app)), is_observed=lambda: True)
    with pytest.raises(LookupError):
        await ask(replace(app, long=Correlation(straight)), "POST", "/graphql", VIEW)


class Door:
    """A door behind which something goes wrong."""

    largest_body = 10_000

    def __init__(self, error):
        self.error = error

    async def posted(self, *_):
        raise self.error


@pytest.mark.parametrize(
    ("error", "status"), [(StoreUnavailable("it is gone"), 503), (KeyError("inside"), 500)], ids=["told", "untold"]
)
async def test_what_goes_wrong_is_answered_as_a_problem(app, error, status):
    broken = replace(app, long=Correlation(replace(straight_of(app), door=Door(error))))
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    body = json.dumps(VIEW).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": headers}
    try:
        await broken(scope, receive, send)
        is_raised = False
    except KeyError:
        is_raised = True
    told = json.loads(sent[1]["body"])
    assert (sent[0]["status"], told["status"], is_raised) == (status, status, status == 500)
    assert dict(sent[0]["headers"])[b"x-correlation-id"].decode() == told["correlationId"]
    assert "inside" not in str(told)


async def test_the_log_knows_the_id_only_meanwhile(app):
    seen = []

    class Watching(Door):
        async def posted(self, *_):
            seen.append(structlog.contextvars.get_contextvars().get("correlation_id"))
            raise StoreUnavailable("it is gone")

    watched = replace(app, long=Correlation(replace(straight_of(app), door=Watching(None))))
    await ask(watched, "POST", "/graphql", VIEW, ID)
    assert seen == ["desk-0001"]
    assert "correlation_id" not in structlog.contextvars.get_contextvars()
