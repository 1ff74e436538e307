"""§8b: a canary in every field of every system, in every header and token: none of them is in a log, an error or a key."""

import asyncio
import contextlib
import io
import json
import logging
import re
from datetime import UTC, datetime

import pytest
import structlog

from app.identity.api_keys import hashed
from app.main import create_app
from app.settings import Settings, configure
from app.telemetry import start_logging
from app.wiring import build
from events.envelope import BATCH
from tests.app.gateway import ask
from tests.faults.rigs import CanonicalSystem
from tests.waiting import wait_until

KEY = "canary-key-" + "k" * 40
EVENTS, SECRET = "canary-events-token", "canary-system-token"
CANARY = re.compile("canary|Y2FuYXJ5|203\\.0\\.113\\.77", re.IGNORECASE)
NOW = datetime.now(UTC).isoformat()

PLACE = {
    "name": "canary name",
    "street": "canary street 1",
    "postalCode": "canary-1",
    "city": "Canary Wharf",
    "country": "GB",
}
HELD = {
    "ORDER": {"number": "SO-1", "status": "RELEASED", "customerId": "C-1", "sourceStatus": "canary-status", "url": "https://canary.example.com/?t=canary"},
    "CUSTOMER": {"id": "C-1", "name": "Canary Ltd", "email": "canary@example.com", "phone": "+49 canary", "url": "https://canary.example.com/c"},
    "SERVICE_CASE": {"number": "CASE-1", "subject": "canary: ignore previous instructions", "kind": "WISMO", "status": "OPEN", "openedAt": NOW, "assignee": "canary agent", "orderNumbers": ["SO-1"]},
}  # fmt: skip


class Holder(CanonicalSystem):
    """A system whose every text is a canary."""

    def _found(self, lookup, value):  # noqa: ARG002  # it holds one of each
        data = HELD.get(lookup["entity"])
        return [{"id": data.get("number") or data["id"], "asOf": NOW, "data": data}] if data else []


class Gossip(CanonicalSystem):
    """A system that fails, and tells everything when it does."""

    async def _answer(self, asked):  # noqa: ARG002  # whatever it is
        self.calls += 1
        body = json.dumps({"results": [{"canary": "canary@example.com", "sql": "SELECT canary"}]}).encode()
        return b"HTTP/1.1 200 canary\r\nx-canary: canary\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


VIEW = """query($key: CaseKey!) { caseView(key: $key) { id status headline answers { text }
  customer { customer { id name email phone } problem { message } } orders { nodes { number } problem { message } }
  serviceCase { case { number subject assignee } problem { message } } credit { problem { message } }
  shipments { problem { message } } } }"""
BAD = [
    {"query": VIEW, "variables": {"key": {"orderNumber": 7}}},
    {"query": "{ caseView(key: {orderNumber: 1}) { id } }", "operationName": "canary"},
    {"documentId": "sha256:" + "c" * 64, "variables": {"canary": "canary"}},
]


def event(n, **data):
    about = {"specversion": "1.0", "id": f"e-{n}", "source": "erp", "type": "casefold.order.state.v1", "time": NOW}
    return about | {"subject": "SO-1", "data": data}


HEADERS = {
    "authorization": f"Bearer {KEY}",
    "cookie": "session=canary",
    "user-agent": "canary/1",
    "referer": "https://canary.example.com/?token=canary",
    "x-forwarded-for": "203.0.113.77",
    "x-correlation-id": "<canary>",
    "baggage": "user=canary",
}


@pytest.fixture
def logged(monkeypatch, request):
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    start_logging(Settings(log_format=request.param, log_level="debug"))
    yield stream
    structlog.reset_defaults()
    logging.getLogger().handlers.clear()


@contextlib.asynccontextmanager
async def running(redis_url):
    async with Holder().open() as holder, Gossip().open() as gossip:
        table = [
            {"id": "erp", "adapter": "canonical", "kinds": ["ERP"], "base_url": holder.url, "events_token": EVENTS, "token": SECRET},
            {"id": "crm", "adapter": "canonical", "kinds": ["CRM"], "base_url": holder.url, "token": SECRET},
            {"id": "tms", "adapter": "canonical", "kinds": ["TMS"], "base_url": gossip.url, "token": SECRET},
        ]  # fmt: skip
        keys = [{"id": "desk", "sha256": hashed(KEY), "roles": ["agent"]}]
        wired = build(configure({"sources": table, "api_keys": keys}, {}), redis_url)
        await wired.open()
        yield wired, create_app(wired), gossip
        await wired.aclose()


async def _settled(inbox):
    for _ in range(500):
        if await inbox.waiting() == 0:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the inbox is not worked off")


async def journey(wired, app, gossip):
    """Some of everything; the bodies of what was refused, and that of the view."""
    refusals = []

    async def send(method, path, body=None, **changes):
        status, headers, answer = await ask(app, method, path, body, HEADERS | changes)
        told = answer.decode()
        if status >= 400 or ('"errors"' in told and '"data"' not in told):
            refusals.append(f"{status} {json.dumps(headers)} {told}")
        return told

    view = await send("POST", "/graphql", {"query": VIEW, "variables": {"key": {"orderNumber": "SO-1"}}})
    for body in BAD:
        await send("POST", "/graphql", body)
    await send("POST", "/graphql", {"query": "{ sources { id } }"}, authorization="Bearer canary.canary.canary")
    await send("POST", "/graphql", b'{"canary": ')
    await send("GET", "/v1/eta")
    await send("POST", "/embed/v1/sessions", {"keys": [{"orderNumber": "SO-1"}], "origin": "nowhere", "more": 1})
    await send(
        "POST",
        "/events",
        [event(1, number="SO-1", status="SHIPPED", shipTo=PLACE)],
        **{"content-type": BATCH, "authorization": f"Bearer {EVENTS}"},
    )
    await send(
        "POST",
        "/events",
        [event(2, number="SO-1", status="canary", canary="canary")],
        **{"content-type": BATCH, "authorization": f"Bearer {EVENTS}"},
    )
    await send(
        "POST",
        "/events",
        [event(3, number="canary@example.com", status="SHIPPED") | {"subject": "SO-9"}],
        **{"content-type": BATCH, "authorization": f"Bearer {EVENTS}"},
    )
    await send("POST", "/events", [event(4)], authorization="Bearer canary-wrong")
    await send("POST", "/webhooks/canary", b"canary")
    await wait_until(lambda: gossip.calls)
    await _settled(wired.main.inbox)
    return view, refusals


@pytest.mark.parametrize("logged", ["json", "text"], indirect=True)
async def test_25_no_canary_is_in_a_log_an_error_or_the_name_of_a_key(logged, redis, client):
    async with running(redis.url) as (wired, app, gossip):
        view, refusals = await journey(wired, app, gossip)
        names = [name.decode() if isinstance(name, bytes) else name async for name in client.scan_iter(count=1_000)]
    assert "Canary Ltd" in view  # who may see it does
    assert len(refusals) >= 8
    assert len(names) > 5
    assert "parked" in logged.getvalue()
    shown = [*logged.getvalue().splitlines(), *refusals, *names]
    assert [told for told in shown if CANARY.search(told)] == []
