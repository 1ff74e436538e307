"""GraphQL over HTTP: methods, media types, statuses, validators and registered documents."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from app.settings import configure
from domain.caller import Role
from domain.errors import SettingError
from resolvers.documents import document_id
from resolvers.projection.plans import PLANS
from tests.app.gateway import ask, gateway

SOURCES = "{ sources { id } }"
VIEW = 'query View { caseView(key: {orderNumber: "SO-1"}) { id } }'
NOTHING: dict[str, Any] = {"sources": []}


@pytest.fixture
def app():
    return gateway()


def get(app, accept="*/*", headers=None, **parameters):
    return ask(app, "GET", f"/graphql?{urlencode(parameters)}", None, {"accept": accept} | (headers or {}))


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        pytest.param("*/*", "application/json", id="anything"),
        pytest.param("application/json", "application/json", id="json"),
        pytest.param("application/graphql-response+json", "application/graphql-response+json", id="the newer one"),
        pytest.param(
            "application/graphql-response+json, application/json;q=0.9",
            "application/graphql-response+json",
            id="weights",
        ),
        pytest.param(
            "application/json, application/graphql-response+json", "application/json", id="the first of equals"
        ),
        pytest.param("application/*;q=0.5, text/html", "application/json", id="a range"),
        pytest.param(
            "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed",
            "application/graphql-response+json",
            id="what urql lists",
        ),
        pytest.param("application/json; charset=utf-16, application/json", "application/json", id="another charset"),
        pytest.param("text/html", None, id="a page"),
        pytest.param("text/event-stream", None, id="a stream"),
        pytest.param("application/json;q=0", None, id="anything but json"),
    ],
)
async def test_the_answer_has_a_media_type_that_the_caller_takes(app, accept, media_type):
    status, headers, body = await ask(app, "POST", "/graphql", {"query": SOURCES}, {"accept": accept})
    assert status == (200 if media_type else 406)
    assert headers["content-type"] == f"{media_type or 'application/json'}; charset=utf-8"
    assert "Accept" in headers["vary"]
    assert ("data" in json.loads(body)) == bool(media_type)


@pytest.mark.parametrize(
    ("body", "headers", "status", "message"),
    [
        pytest.param([{"query": SOURCES}], {}, 400, "a batch", id="a batch"),
        pytest.param(b"{", {}, 400, "allowed: JSON", id="no json"),
        pytest.param(b"[" * 100_000, {}, 400, "allowed: JSON", id="nested without end"),
        pytest.param({}, {}, 400, "query: found nothing", id="nothing asked"),
        pytest.param({"query": 7}, {}, 400, "query: found int", id="a number for a document"),
        pytest.param({"query": SOURCES, "variables": []}, {}, 400, "variables: found list", id="a list of variables"),
        pytest.param({"query": "{ a } query B { b }"}, {}, 400, "", id="no such fields"),
        pytest.param({"query": SOURCES}, {"content-type": "text/plain"}, 415, "content-type", id="text"),
        pytest.param(
            {"query": SOURCES}, {"content-type": "application/json; charset=latin1"}, 415, "latin1", id="latin1"
        ),
        pytest.param({"query": "{" + " " * 300_000 + "}"}, {}, 413, "allowed: 262144 bytes", id="too large"),
    ],
)
async def test_what_is_no_request_is_refused_without_data(app, body, headers, status, message):
    accept = {"accept": "application/graphql-response+json"}
    answered, _, answer = await ask(app, "POST", "/graphql", body, accept | headers)
    told = json.loads(answer)
    assert answered == status
    assert "data" not in told
    assert message in told["errors"][0]["message"]
    assert told["errors"][0]["extensions"]["correlationId"]


@pytest.mark.parametrize("query", ["{", "{ nothing }", "query($a: Int!) { sources { id } }"])
async def test_only_who_knows_the_newer_media_type_is_told_a_documents_mistakes_by_status(app, query):
    for accept, status in (("application/json", 200), ("application/graphql-response+json", 400)):
        answered, _, body = await ask(app, "POST", "/graphql", {"query": query}, {"accept": accept})
        assert (answered, "data" in json.loads(body)) == (status, False)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_other_methods_are_told_which_there_are(app, method):
    status, headers, _ = await ask(app, method, "/graphql", {"query": SOURCES})
    assert (status, headers["allow"]) == (405, "GET, POST")


async def test_get_asks_and_never_does(app):
    status, _, body = await get(app, query=SOURCES)
    assert (status, json.loads(body)["data"]) == (200, NOTHING)
    status, _, body = await get(app, query='mutation { discardDeadLetters(ids: [], reason: "x") { outcomes { id } } }')
    assert status == 405
    assert "data" not in json.loads(body)


async def test_an_answer_to_get_is_validated_by_its_data(app):
    _, headers, _ = await get(app, query=SOURCES)
    assert headers["cache-control"] == "private, no-cache"
    status, again, body = await get(app, query=SOURCES, headers={"if-none-match": f'"other", {headers["etag"]}'})
    assert (status, body, again["etag"]) == (304, b"", headers["etag"])
    assert "Authorization" in again["vary"]
    other, _, _ = await get(
        app, query="{ sources { vendor: id } stalled { totalCount } }", headers={"if-none-match": "x"}
    )
    assert other == 200


@pytest.fixture
def registered(tmp_path):
    file = tmp_path / "manifest.json"
    texts = {"Sources": SOURCES, "View": VIEW}
    operations = [
        {"id": document_id(text), "name": name, "type": "query", "body": text} for name, text in texts.items()
    ]
    manifest = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations}
    file.write_text(json.dumps(manifest), encoding="utf-8")
    return str(file)


async def test_a_registered_document_is_asked_by_its_id(registered):
    app = gateway(graphql={"documents": [registered]})
    name = document_id(SOURCES)
    apollo = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": name.removeprefix("sha256:")}}}
    for asked in ({"documentId": name}, {"documentId": name, "query": SOURCES}, apollo):
        status, _, body = await ask(app, "POST", "/graphql", asked)
        assert (status, json.loads(body)["data"]) == (200, NOTHING)
    status, headers, _ = await get(app, documentId=name)
    assert (status, "etag" in headers) == (200, True)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        pytest.param({"documentId": "sha256:" + "0" * 64}, "PERSISTED_DOCUMENT_NOT_FOUND", id="unknown"),
        pytest.param({"documentId": "sha256:xyz"}, "BAD_USER_INPUT", id="no id"),
        pytest.param(
            {"documentId": document_id(SOURCES), "query": "{ __typename }"}, "DOCUMENT_MISMATCH", id="other text"
        ),
    ],
)
async def test_an_id_that_does_not_fit_never_registers_anything(registered, asked, code):
    app = gateway(graphql={"documents": [registered]})
    for _ in range(2):
        status, _, body = await ask(app, "POST", "/graphql", asked)
        told = json.loads(body)
        assert (status, told["errors"][0]["extensions"]["code"]) == (400, code)
        assert "data" not in told


def test_what_is_registered_is_compiled_when_the_gateway_is_put_together(registered):
    made = PLANS.made
    gateway(graphql={"documents": [registered]})
    assert PLANS.made == made + len(Role)


async def test_roles_can_be_limited_to_what_is_registered(registered):
    app = gateway(anonymous=["agent"], graphql={"documents": [registered], "registered_only": ["agent"]})
    assert (await ask(app, "POST", "/graphql", {"query": SOURCES}))[0] == 200
    status, _, body = await ask(app, "POST", "/graphql", {"query": "{ __typename }"})
    assert (status, json.loads(body)["errors"][0]["extensions"]["code"]) == (403, "FORBIDDEN")
    both = gateway(anonymous=["agent", "ops"], graphql={"documents": [registered], "registered_only": ["agent"]})
    assert (await ask(both, "POST", "/graphql", {"query": "{ __typename }"}))[0] == 200


@pytest.mark.parametrize(
    ("content", "found"),
    [
        pytest.param("[]", "list", id="no object"),
        pytest.param("{", "JSONDecodeError", id="no json"),
        pytest.param(json.dumps({"0" * 64: SOURCES}), "the digest of another text", id="another digest"),
        pytest.param(json.dumps({"x": 7}), "'x'", id="no text"),
    ],
)
def test_a_manifest_that_is_none_stops_the_start(tmp_path, content, found):
    file = tmp_path / "manifest.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(SettingError) as stopped:
        gateway(graphql={"documents": [str(file)]})
    assert found in str(stopped.value)
    configure({"graphql": {"documents": [str(file)]}}, {})


async def test_who_may_not_look_at_the_schema_is_not_helped_to_guess_it():
    app = gateway(anonymous=["agent"], graphql={})
    for query in ("{ __schema { types { name } } }", '{ __type(name: "Query") { name } }'):
        status, _, body = await ask(app, "POST", "/graphql", {"query": query})
        assert (status, json.loads(body)["errors"][0]["extensions"]["code"]) == (403, "FORBIDDEN")
    _, _, body = await ask(app, "POST", "/graphql", {"query": "{ source { id } }"})
    assert "Did you mean" not in body.decode()
    _, _, body = await ask(gateway(), "POST", "/graphql", {"query": "{ source { id } }"})
    assert "Did you mean" in body.decode()


async def test_who_proves_nothing_is_told_how():
    app = gateway(anonymous=[])
    status, headers, body = await ask(app, "POST", "/graphql", {"query": SOURCES})
    assert (status, headers["www-authenticate"]) == (401, "Bearer")
    assert json.loads(body)["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
