"""Rows 25, 26: what is refused, or breaks, is told as agreed and with nothing of the inside."""

import contextlib
import io
import json
import logging
import re
import sys

import pytest
import structlog

from app.http import events
from app.settings import Settings
from app.telemetry import start_logging
from resolvers import query
from sources.http.client import Http
from tests.app.gateway import ask, gateway

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
GRAPHQL = ("/graphql", "/graphql/stream")
PATHS = (
    *GRAPHQL, "/healthz", "/readyz", "/v1/eta", "/events", "/webhooks/erp", "/webhooks/no-such", "/webhooks/", "/embed/v1/sessions",
    "/", "/nowhere", "//", "/graphql/", "/graphql/x", "/v1", "/v1/eta/x", "/%00", "/..%2f..%2fetc/passwd", "/events/\u202e",
)  # fmt: skip
BODIES = (b"", b"{", b"\xff\xfe", b"[]", b'{"query": 1}')
ERP = {"id": "erp", "adapter": "canonical", "kinds": ["ERP"], "base_url": "http://127.0.0.1:1", "events_token": "t-1"}


@pytest.fixture(scope="module")
def app():
    return gateway(sources=[ERP])


def is_agreed(path, headers, body):
    told = json.loads(body)
    if path in GRAPHQL and headers["content-type"] != "application/problem+json":
        return all(each["extensions"]["correlationId"] == headers["x-correlation-id"] for each in told["errors"])
    return (headers["content-type"], told["correlationId"]) == ("application/problem+json", headers["x-correlation-id"])


@pytest.mark.parametrize("path", PATHS)
async def test_25_every_refusal_is_told_as_agreed(app, path):
    for method in METHODS:
        for body in BODIES:
            for headers in ({}, {"authorization": "Bearer t-1"}, {"content-encoding": "gzip"}):
                status, fields, answer = await ask(app, method, path, body, headers)
                assert status < 500 or path == "/readyz", (method, body)  # it is not ready: there is no store
                if status >= 400 and path != "/readyz":
                    assert is_agreed(path, fields, answer), (method, body, answer)


SECRETS = "host db-7.internal.example said: SELECT * FROM customers WHERE token = 'canary-5' at /srv/casefold/x.py"
CANARY = re.compile(r"canary|db-7|SELECT|/srv/|Traceback|RuntimeError|\.py")


def explodes(*_, **__):
    raise RuntimeError(SECRETS)


@pytest.mark.parametrize(
    ("where", "name", "request_"),
    [
        pytest.param(
            query, "views", ("POST", "/graphql", {"query": '{caseView(key: {orderNumber: "1"}) {id}}'}), id="a resolver"
        ),
        pytest.param(
            Http,
            "send",
            ("POST", "/graphql", {"query": '{caseView(key: {orderNumber: "1"}) {orders {problem {message}}}}'}),
            id="a call",
        ),
        pytest.param(events, "_senders", ("POST", "/events", b"{}"), id="a door for events"),
    ],
)
async def test_25_what_breaks_is_told_by_its_id_only(monkeypatch, app, where, name, request_):
    monkeypatch.setattr(where, name, explodes)
    with contextlib.suppress(RuntimeError):  # Starlette raises it once more, for who serves; the answer is sent by then
        proof = {"authorization": "Bearer t-1"} if request_[1] == "/events" else {}
        status, headers, body = await ask(app, *request_, proof)
        assert not CANARY.search(body.decode())
        assert headers["x-correlation-id"] in body.decode()
        assert status in {200, 500}


def _fails_with(password):
    raise ValueError(f"Bearer {password[:3]}")


@pytest.fixture
def logged(monkeypatch, request):
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    start_logging(Settings(log_format=getattr(request, "param", "json"), log_level="debug"))
    yield stream
    structlog.reset_defaults()
    logging.getLogger().handlers.clear()


@pytest.mark.parametrize(
    "given",
    [
        "x" * 9_000,
        'c-12345678\n{"event": "forged"}',
        "c-12345678\r\nSet-Cookie: a=b",
        "\x1b[2J\x1b[31mc-12345678",
        "c-12345678\u2028forged",
        "\u202ec-12345678",
        '"},{"event":"forged',
    ],
)  # fmt: skip
async def test_26_nothing_in_a_header_forges_a_line(app, logged, monkeypatch, given):
    monkeypatch.setattr(query, "views", explodes)
    headers = {name: given.encode().decode("latin-1") for name in ("x-correlation-id", "traceparent", "user-agent")}
    status, fields, _ = await ask(
        app, "POST", "/graphql", {"query": '{caseView(key: {orderNumber: "SO-1"}) {id}}'}, headers
    )
    assert status == 200
    assert re.fullmatch("[0-9a-f]{32}", fields["x-correlation-id"])
    lines = logged.getvalue().splitlines()
    assert len(lines) == 1
    assert {json.loads(line)["correlation_id"] for line in lines} == {fields["x-correlation-id"]}
    assert "forged" not in logged.getvalue()


@pytest.mark.parametrize("logged", ["json", "text"], indirect=True)
@pytest.mark.parametrize(
    "log", [structlog.get_logger, lambda: logging.getLogger("a.library")], ids=["ours", "a library's"]
)
def test_25_a_traceback_in_the_log_has_no_values_of_variables(logged, log):
    password = f"canary-{9}"  # a traceback shows lines of code, too
    try:
        _fails_with(password)
    except ValueError:
        log().error("it failed", exc_info=True)
    shown = logged.getvalue()
    assert "ValueError" in shown
    assert "test_problems.py" in shown
    assert "canary-9" not in shown
    assert "Bearer can" not in shown
    assert sys.exc_info() == (None, None, None)


@pytest.mark.parametrize("logged", ["json", "text"], indirect=True)
def test_26_what_is_logged_turns_no_terminal_around(logged):
    structlog.get_logger().warning("seen", reason="\x1b[2Jcleared\u202e", number="a\nb: forged")
    assert "\x1b[2J" not in logged.getvalue()
    assert "\u202e" not in logged.getvalue()
    assert len(logged.getvalue().splitlines()) == 1
