"""Canaries in every place where a secret can be: none of them gets out."""

import contextlib
import io
import json
import re

import pytest
import structlog

from app.main import create_app
from app.settings import Settings, configure
from app.telemetry import start_logging
from app.wiring import build
from tests.app.gateway import ask
from tests.callers import ANYBODY
from tests.wire.raw_server import RawServer, answer, raw

CANARY = re.compile("canary|Y2FuYXJ5")
ALL = """{ caseView(key: {orderNumber: "SO-1"}) {
  orders { problem { code message } } shipments { problem { code message } } credit { problem { code message } }
} sources { id lastProblem { message } } }"""


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(answer(401, b'{"your token": "canary"}', x_echo="canary"), id="refused"),
        pytest.param(answer(500, b"<pre>Traceback: canary</pre>"), id="failing"),
        pytest.param(answer(302, location="https://canary.example.com/?token=canary"), id="redirecting"),
        pytest.param(answer(body=b"canary"), id="talking nonsense"),
        pytest.param(answer(body=b'{"error": {"code": "E", "message": "canary"}}'), id="an error inside"),
        pytest.param(raw(b"canary canary canary\r\n\r\n"), id="not speaking HTTP"),
    ],
)
async def test_no_secret_reaches_an_answer_a_log_or_a_repr(behaviour, monkeypatch):
    logged = io.StringIO()
    monkeypatch.setattr("sys.stderr", logged)
    start_logging(Settings(log_level="debug"))
    async with RawServer(behaviour) as server:
        table = [
            {"id": "erp", "adapter": "tryton", "base_url": server.url, "token": "canary-1"},
            {"id": "tms", "adapter": "easypost", "kinds": ["TMS"], "base_url": server.url, "token": "canary-2"},
            {"id": "crm", "adapter": "canonical", "kinds": ["CRM"], "base_url": server.url, "token": "canary-3"},
        ]
        wired = build(configure({**ANYBODY, "sources": table}, {}), "unix:///dev/null")
        _, headers, body = await ask(create_app(wired), "POST", "/graphql", {"query": ALL})
        assert b"canary" in b"".join(server.requests).lower() or b"y2fuyxj5" in b"".join(server.requests).lower()
        shown = "\n".join([body.decode(), json.dumps(headers), repr(wired), logged.getvalue()])
        await wired.aclose()
    structlog.reset_defaults()
    with contextlib.suppress(ValueError):
        logged.close()
    assert not CANARY.search(shown)
