"""The token of one tenant and the numbers of another: as if there was nothing, and nobody is asked."""

import hashlib
import json
from contextlib import asynccontextmanager

import pytest

from app.identity.api_keys import hashed, new_key
from app.main import create_app
from app.settings import configure
from app.wiring import build
from domain.case_view import view_id
from domain.identity import CaseKey
from tests.app.gateway import ask
from tests.app.test_tenants import source
from tests.faults.rigs import CanonicalSystem

KEYS = {tenant: new_key() for tenant in ("a", "ab")}
API_KEYS = [
    {"id": f"desk-{tenant}", "sha256": hashed(key), "roles": ["agent", "ops"], "tenant": tenant}
    for tenant, key in KEYS.items()
]
FIELDS = "orders { freshness { state } nodes { number } }"
BY_KEY = f"query($key: CaseKey!) {{ caseView(key: $key) {{ {FIELDS} }} }}"
ENTITY = (
    "query($named: [_Any!]!) { _entities(representations: $named) { ... on CaseView { id } ... on Order { number } } }"
)
OPEN = f"subscription($key: CaseKey!) {{ caseViewChanged(key: $key) {{ {FIELDS} }} }}"
ASKED = """query($key: CaseKey!) { eta(key: $key, postalCode: "10115") { kind } }"""
REGISTERED = f"query Registered($key: CaseKey!) {{ caseViews(keys: [$key]) {{ {FIELDS} }} }}"
DIGEST = hashlib.sha256(REGISTERED.encode()).hexdigest()


@asynccontextmanager
async def two_tenants(redis_url, folder, clock=None):
    """Only tenant `ab` has a system, which knows every number."""
    manifest = folder / "documents.json"
    manifest.write_text(json.dumps({DIGEST: REGISTERED}))
    graphql = {"federation": True, "documents": [str(manifest)]}
    async with CanonicalSystem().open() as system, CanonicalSystem().open() as theirs:
        theirs._found = lambda *_: []
        sources = [source("a", url=theirs.url), source("ab", url=system.url)]
        table = {"sources": sources, "api_keys": API_KEYS, "graphql": graphql, "data_dir": str(folder)}
        wired = build(configure(table, {}), redis_url, clock=clock)
        await wired.open()
        try:
            yield create_app(wired), system, theirs
        finally:
            await wired.aclose()


async def told(app, tenant, body, accept="application/json"):
    headers = {"x-api-key": KEYS[tenant], "accept": accept}
    path = "/graphql/stream" if accept == "text/event-stream" else "/graphql"
    status, _, answer = await ask(app, "POST", path, body, headers)
    return status, answer.decode()


def plain(answer):
    """Without what differs from one request to the next."""
    status, body = answer
    told = json.loads(body[body.index("{") : body.rindex("}") + 1].split("\n")[0])
    told.pop("extensions", None)
    for error in told.get("errors", ()):
        error["extensions"].pop("correlationId")
    return status, told


def entity(kind, field, value):
    return {"query": ENTITY, "variables": {"named": [{"__typename": kind, field: value}]}}


def view(tenant, number):
    return entity("CaseView", "id", view_id(tenant, CaseKey.quoted("orderNumber", number)))


WAYS = {
    "order": lambda number, _: {"query": BY_KEY, "variables": {"key": {"orderNumber": number}}},
    "document": lambda number, _: {"documentId": f"sha256:{DIGEST}", "variables": {"key": {"orderNumber": number}}},
    "entity": lambda number, _: entity("Order", "number", number),
    "eta": lambda number, _: {"query": ASKED, "variables": {"key": {"orderNumber": number}}},
    "view id": lambda number, tenant: view(tenant, number),
    "open view": lambda number, _: {"query": OPEN, "variables": {"key": {"orderNumber": number}}},
}


@pytest.mark.parametrize("way", WAYS)
async def test_r10_what_another_tenant_has_is_like_what_nobody_has(way, redis, client, tmp_path):  # noqa: ARG001  # the client empties it
    accept = "text/event-stream" if way == "open view" else "application/json"
    async with two_tenants(redis.url, tmp_path) as (app, system, _):
        if way != "open view":
            assert '"SO-1' in (await told(app, "ab", WAYS["order"]("SO-1", "ab")))[1]
        calls = system.calls
        theirs = await told(app, "a", WAYS[way]("SO-1", "ab"), accept)
        absent = await told(app, "a", WAYS[way]("SO-0", "a"), accept)
        assert plain_of(theirs) == plain_of(absent) != []
        assert theirs[0] == absent[0] == 200
        assert "SO-1" not in theirs[1]
        assert system.calls == calls


def plain_of(answer):
    status, body = answer
    lines = [line.removeprefix("data: ") for line in body.splitlines() if line.removeprefix("data: ").startswith("{")]
    return [plain((status, line)) for line in lines]


async def test_r10_a_tracking_number_and_a_case_are_asked_of_nobody_else(redis, client, tmp_path):  # noqa: ARG001  # as above
    async with two_tenants(redis.url, tmp_path) as (app, system, _):
        for field in ("trackingNumber", "caseNumber", "shipmentId", "invoiceNumber", "purchaseOrderNumber"):
            answer = plain(await told(app, "a", {"query": BY_KEY, "variables": {"key": {field: "SO-1"}}}))
            assert answer == (200, {"data": {"caseView": None}})
        assert system.calls == 0


async def test_the_audit_log_has_who_saw_whose_name(redis, client, tmp_path, monkeypatch):  # noqa: ARG001  # as above
    lines = []
    monkeypatch.setattr("app.identity.audit.saw", lambda *line: lines.append(line))
    document = 'query { caseView(key: {orderNumber: "SO-1"}) { customer { customer { name } } } }'
    async with two_tenants(redis.url, tmp_path) as (app, _, _):
        await told(app, "ab", {"query": document})
    [(caller, what, keys, correlation_id)] = lines
    assert (caller.client, caller.tenant, set(what), {key.value for key in keys}) == (
        "desk-ab",
        "ab",
        {"customer"},
        {"SO-1"},
    )
    assert correlation_id
