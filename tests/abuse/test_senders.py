"""Rows 16, 19, 32: senders that nobody agreed with, and bytes that nobody should have to read."""

import json
import re

import pytest

from tests.app.gateway import ask, gateway
from tests.events.test_doors import SECRET, SOURCES, TOKEN, event

ROOT_CODE = ("app", "cache", "domain", "events", "resolvers", "sources")
BATCH = "application/cloudevents-batch+json"
BINARY = {"ce-specversion": "1.0", "ce-id": "e-1", "ce-source": "erp", "ce-type": "casefold.order.state.v1", "ce-time": "2026-11-23T08:00:00Z", "ce-subject": "SO-1"}  # fmt: skip


@pytest.fixture(scope="module")
def app():
    hooked = {
        "id": "claims",
        "adapter": "easypost",
        "kinds": ["CLAIMS"],
        "base_url": "http://127.0.0.1:1",
        "webhook_secret": "w" * 20,
        "token": "t",
    }
    return gateway(sources=[*SOURCES, hooked])


@pytest.mark.parametrize(
    ("path", "headers", "body", "status"),
    [
        pytest.param("/webhooks/erp", {}, b"{}", 404, id="16-no secret is set"),
        pytest.param("/webhooks/nobody", {}, b"{}", 404, id="16-an unknown source"),
        pytest.param("/webhooks/../events", {}, b"{}", 404, id="16-a path"),
        pytest.param("/webhooks/claims", {}, b"{}", 401, id="16-no signature"),
        pytest.param("/webhooks/claims", {"x-hmac-signature": "hmac-sha256-hex=00"}, b"{}", 401, id="16-a short signature"),
        pytest.param("/webhooks/claims", {"x-hmac-signature": "hmac-sha256-hex=" + "0" * 64}, b"{}", 401, id="16-a wrong one"),
        pytest.param("/webhooks/claims", {"x-hmac-signature": ""}, b"", 401, id="16-an empty one"),
        pytest.param("/webhooks/claims", {}, b"x" * (3 * 2**20), 413, id="16-3 MB"),
        pytest.param("/events", {}, b"[]", 401, id="16-no token"),
        pytest.param("/events", {"authorization": "Bearer "}, b"[]", 401, id="16-an empty token"),
        pytest.param("/events", {"webhook-signature": "v1,AAAA"}, b"[]", 401, id="16-half a signature"),
        pytest.param("/events", TOKEN | {"content-type": "application/xml"}, b"<a/>", 400, id="16-another media type"),
        pytest.param("/events", TOKEN | {"content-type": BATCH}, json.dumps([event()] * 10_001).encode(), 400, id="19-10,001 events"),
        pytest.param("/events", TOKEN | {"content-type": BATCH}, json.dumps([[event()]]).encode(), 400, id="19-a batch within a batch"),
        pytest.param("/events", TOKEN | BINARY | {"ce-id": "a\r\nx: y"}, b"{}", 400, id="19-a line break in a header"),
        pytest.param("/events", TOKEN | BINARY | {"ce-time": "now"}, b"{}", 400, id="19-a header that is no time"),
    ],
)  # fmt: skip
async def test_what_nobody_agreed_on_is_refused(app, path, headers, body, status):
    answered, fields, told = await ask(app, "POST", path, body, headers)
    assert (answered, fields["content-type"]) == (status, "application/problem+json")
    assert not re.search("Traceback|" + SECRET, told.decode())


@pytest.mark.parametrize("folder", ROOT_CODE)
def test_32_nothing_is_pickled(folder, request):
    for file in (request.config.rootpath / folder).rglob("*.py"):
        assert not re.search(r"\b(pickle|PickleSerializer|shelve|marshal)\b", file.read_text(encoding="utf-8")), file
