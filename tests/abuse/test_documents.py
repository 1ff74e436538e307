"""Rows 1, 3-8: documents and variables that mean to cost, to learn or to get past, at the door of a whole gateway."""

import gc
import hashlib
import json
import time

import pytest

from app.registered import registered
from tests.app.gateway import ask, gateway
from tests.resolvers.test_limits import doubling, listed, nested

SOURCES = [{"id": "erp", "adapter": "canonical", "kinds": ["ERP"], "base_url": "http://127.0.0.1:1"}]
KNOWN = "query Known { sources { id } }"
KNOWN_ID = "sha256:" + hashlib.sha256(KNOWN.encode()).hexdigest()
VIEW = "query($key: CaseKey!) { caseView(key: $key) { id } }"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    manifest = tmp_path_factory.mktemp("documents") / "known.json"
    manifest.write_text(json.dumps({KNOWN_ID.removeprefix("sha256:"): KNOWN}))
    assert registered([manifest])
    return gateway(
        sources=SOURCES, graphql={"documents": [str(manifest)], "introspection": ["ops"]}, anonymous=["agent"]
    )


async def post(app, body, **headers):
    status, fields, answer = await ask(
        app, "POST", "/graphql", body, {"accept": "application/graphql-response+json"} | headers
    )
    return status, fields, json.loads(answer)


async def refused(app, body):
    """The first error of what is not carried out."""
    status, _, answer = await post(app, body)
    assert "data" not in answer
    return status, answer["errors"][0]["extensions"] | {"message": answer["errors"][0]["message"]}


def query(text):
    return {"query": text}


@pytest.mark.parametrize("links", [10, 20, 30])
@pytest.mark.parametrize("alias", ["", "a"])
async def test_1_fragments_that_double_are_refused_in_no_time(app, links, alias):
    document = doubling(links, alias)
    await refused(app, query(document + " "))  # what is loaded at first use is loaded
    spent = []
    for n in range(5):
        began = time.thread_time()
        status, error = await refused(app, query(document + "#" * n))
        spent.append(time.thread_time() - began)
        assert (status, error["code"]) == (400, "LIMIT_EXCEEDED")
    assert min(spent) < 0.02, "a busy machine is late now and then, a fault is there each time"


@pytest.mark.parametrize(
    ("document", "limit"),
    [
        pytest.param("{" + "a " * 1_001 + "}", "tokens", id="2-1,001 tokens"),
        pytest.param("{" + "a " * 10_000 + "}", "tokens", id="2-10,000 tokens"),
        pytest.param("{a}" + " " * 70_000, "document", id="2-a long text"),
        pytest.param(nested(13), "depth", id="3-depth"),
        pytest.param("{" + " ".join(f"a{n}: sources {{id}}" for n in range(31)) + "}", "aliases", id="3-aliases"),
        pytest.param("{sources " + "@include(if: true) " * 51 + "{id}}", "directives", id="3-directives"),
        pytest.param("{" + "sources {id} " * 200 + "}", "repeats", id="3-the same field again"),
        pytest.param(listed(51), "keys", id="3-keys"),
        pytest.param(
            "{" + "...on Query{sources{id} deadLetters(first: 1){totalCount}} " * 40 + "}",
            "repeats",
            id="4-overlapping",
        ),
        pytest.param(
            "{" + " ".join(f'a: eta(key: {{orderNumber: "{n}"}}) {{asOf}}' for n in range(60)) + "}",
            "aliases",
            id="4-conflicting",
        ),
        pytest.param(
            "{" + " ".join(f"sources(a: {n}) {{id}}" for n in range(400)) + "}", "tokens", id="4-conflicting 400 times"
        ),
    ],
)
async def test_2_3_4_what_is_too_much_is_named_by_its_limit(app, document, limit):
    gc.disable()  # what all tests before have left behind is not what this costs
    try:
        began = time.thread_time()
        status, error = await refused(app, query(document))
        assert time.thread_time() - began < 0.1
    finally:
        gc.enable()
    assert (status, error["code"]) == (400, "LIMIT_EXCEEDED")
    assert error["message"].startswith(f"{limit}: found ")


async def test_3_where_limits_are_only_logged_it_is_carried_out():
    app = gateway(limits={"mode": "log"})
    document = "{" + " ".join(f"a{n}: sources {{id}}" for n in range(31)) + "}"
    status, _, answer = await post(app, query(document))
    assert (status, len(answer["data"])) == (200, 31)


SIMPLE = {"origin": "https://evil.example", "cookie": "session=somebody"}


@pytest.mark.parametrize(
    ("method", "body", "headers", "status"),
    [
        pytest.param("POST", [query("{sources{id}}")] * 2, {}, 400, id="a batch"),
        pytest.param("POST", [query("{sources{id}}")] * 1_000, {}, 400, id="a long batch"),
        pytest.param(
            "POST",
            b"query={sources{id}}",
            {"content-type": "application/x-www-form-urlencoded"} | SIMPLE,
            415,
            id="a form",
        ),
        pytest.param("POST", b'{"query":"{sources{id}}"}', {"content-type": "text/plain"} | SIMPLE, 415, id="a text"),
        pytest.param(
            "POST", b"--x--", {"content-type": "multipart/form-data; boundary=x"} | SIMPLE, 415, id="a form of parts"
        ),
        pytest.param("POST", b'{"query":"{sources{id}}"}', {"content-type": ""} | SIMPLE, 415, id="no type"),
        pytest.param(
            "POST",
            b'{"query":"{sources{id}}"}',
            {"content-type": "application/json; charset=utf-16"},
            415,
            id="a charset",
        ),
        pytest.param("PUT", query("{sources{id}}"), {}, 405, id="PUT"),
        pytest.param("DELETE", query("{sources{id}}"), {}, 405, id="DELETE"),
        pytest.param("POST", b"{" * 50_000, {}, 400, id="endless nesting"),
    ],
)
async def test_5_what_is_not_asked_as_agreed_is_not_carried_out(app, method, body, headers, status):
    answered, _, answer = await ask(app, method, "/graphql", body, headers)
    assert answered == status
    assert b'"data"' not in answer


@pytest.mark.parametrize(
    "text",
    [
        "mutation { retryDeadLetters(ids: []) { outcomes { id } } }",
        'subscription { caseViewChanged(key: {orderNumber: "1"}) { id } }',
    ],
)
async def test_5_get_changes_nothing(text):
    app = gateway()
    status, _, answer = await _get(app, query=text)
    assert (status, "data" in answer) == (405, False)


async def _get(app, **parameters):
    from urllib.parse import urlencode  # noqa: PLC0415

    async def with_query(scope, receive, send):
        await app(scope | {"query_string": urlencode(parameters).encode()}, receive, send)

    headers = {"accept": "application/graphql-response+json"}
    status, fields, body = await ask(with_query, "GET", "/graphql", headers=headers)
    return status, fields, json.loads(body)


@pytest.mark.parametrize(
    "document",
    [
        "{ __schema { types { name } } }",
        '{ __type(name: "CaseView") { fields { name } } }',
        "{ ...on Query { a: __schema { queryType { name } } } }",
        "{ ...F } fragment F on Query { __schema { queryType { name } } }",
    ],
)
async def test_6_the_schema_is_shown_to_those_who_may_see_it(app, document):
    status, error = await refused(app, query(document))
    assert (status, error["code"]) in {(400, "BAD_USER_INPUT"), (403, "FORBIDDEN")}


@pytest.mark.parametrize(
    "document",
    [
        "{ source { id } }",
        "{ sources { idd } }",
        '{ caseView(kez: {orderNumber: "1"}) { id } }',
        '{ caseView(key: {ordrNumber: "1"}) { id } }',
    ],
)
async def test_6_nobody_else_is_told_a_name_that_is_like_theirs(app, document):
    _, error = await refused(app, query(document))
    assert "Did you mean" not in error["message"]


@pytest.mark.parametrize(
    "path", ["/graphiql", "/docs", "/redoc", "/openapi.json", "/playground", "/.git/config", "/metrics"]
)
async def test_6_31_nothing_else_is_served(app, path):
    assert (await ask(app, "GET", path))[0] == 404
    assert (await ask(app, "GET", "/graphql", headers={"accept": "text/html"}))[0] in {400, 406}


def apq(digest, **more):
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}} | more


UNKNOWN = hashlib.sha256(b"{ sources { vendor } }").hexdigest()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param({"documentId": "sha256:" + "0" * 64}, "PERSISTED_DOCUMENT_NOT_FOUND", id="unknown"),
        pytest.param({"documentId": "../../known"}, "BAD_USER_INPUT", id="a path"),
        pytest.param({"documentId": KNOWN_ID.upper()}, "BAD_USER_INPUT", id="another spelling"),
        pytest.param(
            {"documentId": KNOWN_ID, "query": "{ sources { vendor } }"},
            "DOCUMENT_MISMATCH",
            id="a known id and another text",
        ),
        pytest.param(apq(UNKNOWN), "PERSISTED_DOCUMENT_NOT_FOUND", id="a hash that nobody registered"),
        pytest.param(
            apq(UNKNOWN, query="{ sources { vendor } }"), "PERSISTED_DOCUMENT_NOT_FOUND", id="a hash and its text"
        ),
        pytest.param(
            apq("0" * 64, query="{ sources { id } }"), "PERSISTED_DOCUMENT_NOT_FOUND", id="a hash and another text"
        ),
    ],
)
async def test_7_only_what_is_registered_has_an_id(app, body, code):
    status, error = await refused(app, body)
    assert status in {400, 404}
    assert error["code"] == code
    status, error = await refused(app, apq(UNKNOWN))
    assert status in {400, 404}  # nothing was registered by it


async def test_7_what_is_registered_is_carried_out(app):
    assert (await post(app, {"documentId": KNOWN_ID}))[2]["data"]["sources"] == [{"id": "erp"}]


LONG = "x" * 100_000


@pytest.mark.parametrize(
    ("variables", "field"),
    [
        pytest.param({"key": 7}, "key", id="a number"),
        pytest.param({"key": {"orderNumber": 7}}, "orderNumber", id="a number within"),
        pytest.param({"key": {"orderNumber": LONG}}, "orderNumber", id="100 kB"),
        pytest.param({"key": {"orderNumber": "SO\u0000-1"}}, "orderNumber", id="NUL"),
        pytest.param({"key": {"orderNumber": "\u202eSO-1"}}, "orderNumber", id="an override of the reading direction"),
        pytest.param({"key": {"orderNumber": "SO-1\r\nX: y"}}, "orderNumber", id="a new line"),
        pytest.param({"key": {"orderNumber": " "}}, "orderNumber", id="blanks"),
        pytest.param({"key": {"__proto__": {"orderNumber": "SO-1"}}}, "__proto__", id="__proto__"),
        pytest.param({"key": {"constructor": "x", "orderNumber": "SO-1"}}, "constructor", id="constructor"),
        pytest.param({"key": {"orderNumber": "SO-1", "caseNumber": "1"}}, "key", id="two numbers"),
        pytest.param({"key": {"orderNumber": ["SO-1"] * 90}}, "orderNumber", id="a list"),
        pytest.param({"key": {"orderNumber": ["x"] * 30_000}}, "items", id="a list of 30,000"),
        pytest.param({"key": {LONG: "x"}}, "key", id="a name of 100 kB"),
        pytest.param({}, "key", id="nothing"),
        pytest.param([], "variables", id="variables that are a list"),
        pytest.param("x", "variables", id="variables that are a text"),
    ],
)
async def test_8_a_variable_that_cannot_be_is_named_and_little_of_it_repeated(app, variables, field):
    status, _, answer = await post(app, {"query": VIEW, "variables": variables})
    error = answer["errors"][0]
    assert status in {200, 400}
    assert not answer.get("data") or answer["data"] == {"caseView": None}
    assert field in error["message"]
    assert len(error["message"]) <= 400
    assert "x" * 201 not in error["message"]
    assert error["message"].isprintable()
    assert error["extensions"]["code"] in {"BAD_USER_INPUT", "LIMIT_EXCEEDED"}


async def test_8_a_megabyte_is_not_read(app):
    body = {"query": VIEW, "variables": {"key": {"orderNumber": "x" * 2**20}}}
    assert (await post(app, body))[0] == 413
