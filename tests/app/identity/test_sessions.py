"""Sessions of panels: opened by a program, for less than it may do itself, and good for that alone."""

import json
import stat
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from app.identity.api_keys import hashed, new_key
from app.main import create_app
from app.settings import configure
from app.wiring import build
from domain.caller import Caller, Role
from domain.clock import ManualClock
from domain.errors import Unauthenticated
from domain.identity import CaseKey, Scheme
from tests.app.gateway import ask
from tests.app.identity.issuing import NOW

ORIGIN = "https://crm.example.com"
SECRET, NEXT = "s" * 32, "n" * 32
PANEL, AGENT, FINANCE, BOT, NORTH, HERE, ENDING = (new_key() for _ in range(7))
ENDS_AT = NOW + timedelta(minutes=5)
API_KEYS = [
    {"id": "crm", "sha256": hashed(PANEL), "roles": ["panel"]},
    {"id": "desk", "sha256": hashed(AGENT), "roles": ["agent"]},
    {"id": "books", "sha256": hashed(FINANCE), "roles": ["finance"]},
    {"id": "chat", "sha256": hashed(BOT), "roles": ["bot", "ops"]},
    {"id": "north", "sha256": hashed(NORTH), "roles": ["panel"], "tenant": "north", "customer": "C-7"},
    {"id": "here", "sha256": hashed(HERE), "roles": ["panel"], "origin": ORIGIN},
    {"id": "ending", "sha256": hashed(ENDING), "roles": ["panel"], "not_after": ENDS_AT},
]


@pytest.fixture
async def gateway(tmp_path):
    clock = ManualClock(NOW)
    opened = []

    def make(**changes):
        table = {"api_keys": API_KEYS, "data_dir": str(tmp_path), "session_secrets": [SECRET], **changes}
        wired = build(configure(table, {}), "unix:///dev/null", clock=clock)
        opened.append(wired)
        return SimpleNamespace(app=create_app(wired), identity=wired.identity, clock=clock, folder=tmp_path)

    yield make
    for wired in opened:
        await wired.aclose()


def wanted(**changes):
    body = {"keys": [{"orderNumber": "SO-1001"}], "origin": ORIGIN, **changes}
    return {name: value for name, value in body.items() if value is not None}


async def open_session(gateway, key=PANEL, body=None, **headers):
    sent = {"authorization": f"Bearer {key}", **headers}
    body = wanted() if body is None else body
    status, headers, answer = await ask(gateway.app, "POST", "/embed/v1/sessions", body, sent)
    return SimpleNamespace(**json.loads(answer) | {"status": status, "headers": headers})


async def caller(gateway, token, origin=ORIGIN):
    return await gateway.identity.caller({"authorization": f"Bearer {token}"} | ({"origin": origin} if origin else {}))


async def test_a_session_is_bound_to_cases_origin_role_and_time(gateway):
    running = gateway()
    keys = [{"orderNumber": " SO-1001 "}, {"trackingNumber": "1Z999"}]
    session = await open_session(running, body=wanted(keys=keys, ttl="PT2M"))
    assert (session.status, session.headers["cache-control"]) == (201, "no-store")
    assert datetime.fromisoformat(session.expiresAt) == NOW + timedelta(minutes=2)
    assert await caller(running, session.token) == Caller(
        client="crm",
        roles=frozenset({Role.PANEL}),
        keys=frozenset({CaseKey(scheme=Scheme.SO, value="SO-1001"), CaseKey(scheme=Scheme.TRACKING, value="1Z999")}),
        origin=ORIGIN,
        expires_at=NOW + timedelta(minutes=2),
    )


async def test_it_holds_for_ten_minutes_unless_told_otherwise_and_not_a_moment_longer(gateway):
    running = gateway()
    session = await open_session(running)
    running.clock.advance(timedelta(minutes=10) - timedelta(milliseconds=1))
    assert await caller(running, session.token)
    running.clock.advance(timedelta(milliseconds=1))
    with pytest.raises(Unauthenticated, match="expired"):
        await caller(running, session.token)


async def test_it_holds_no_longer_than_the_key_that_opened_it(gateway):
    assert datetime.fromisoformat((await open_session(gateway(), ENDING)).expiresAt) == ENDS_AT.astimezone(UTC)


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "https://crm.example.com:8443", "http://crm.example.com", "null", "", None]
)
async def test_it_is_good_for_pages_of_its_origin_only_also_when_it_was_good_just_now(gateway, origin):
    running = gateway()
    session = await open_session(running)
    assert await caller(running, session.token)
    with pytest.raises(Unauthenticated, match="another origin"):
        await caller(running, session.token, origin)


async def test_tenant_and_customer_are_those_of_who_opened_it(gateway):
    running = gateway()
    found = await caller(running, (await open_session(running, NORTH)).token)
    assert (found.tenant, found.customer, found.client) == ("north", "C-7", "north")


@pytest.mark.parametrize(
    ("key", "roles", "status", "said"),
    [
        pytest.param(PANEL, ["panel"], 201, "", id="a panel for a panel"),
        pytest.param(PANEL, None, 201, "", id="which goes without saying"),
        pytest.param(AGENT, ["panel"], 201, "", id="an agent's program for a panel, which sees less"),
        pytest.param(AGENT, ["agent"], 201, "", id="an agent's program for an agent"),
        pytest.param(FINANCE, ["finance"], 201, "", id="finance for finance"),
        pytest.param(PANEL, ["agent"], 403, "a session as agent: needs another role; yours opens panel", id="more"),
        pytest.param(PANEL, ["panel", "finance"], 403, "as finance", id="some of it more"),
        pytest.param(FINANCE, ["panel"], 403, "yours opens finance", id="a panel sees what finance does not"),
        pytest.param(AGENT, ["ops"], 403, "as ops", id="keeping the gateway is for nobody's page"),
        pytest.param(BOT, ["panel"], 403, "one of the roles agent, finance, panel", id="a bot opens none"),
        pytest.param(new_key(), ["panel"], 401, "is not known", id="a stranger"),
    ],
)
async def test_nobody_hands_on_more_than_it_has(gateway, key, roles, status, said):
    session = await open_session(gateway(), key, wanted(roles=roles))
    assert session.status == status
    if status != 201:
        assert said in session.detail
        assert session.headers["content-type"] == "application/problem+json"


async def test_a_key_of_one_origin_opens_sessions_for_that_one_only(gateway):
    running = gateway()
    assert (await open_session(running, HERE, origin=ORIGIN)).status == 201
    assert (await open_session(running, HERE, wanted(origin="https://other.example"), origin=ORIGIN)).status == 403


async def test_a_session_opens_no_other(gateway):
    running = gateway()
    session = await open_session(running, AGENT, wanted(roles=["agent"]))
    assert (await open_session(running, session.token, origin=ORIGIN)).detail.startswith("a session: needs an API key")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param(b"", "body: found '0 bytes', allowed: Invalid JSON", id="nothing"),
        pytest.param(b"[]", "body: found '2 bytes', allowed: Input should be an object", id="a list"),
        pytest.param(b"[" * 9_000, "body: found", id="endless nesting"),
        pytest.param(wanted(keys=[]), "keys: found '[]', allowed: Tuple should have at least 1 item", id="no case"),
        pytest.param(wanted(keys=[{"orderNumber": f"SO-{n}"} for n in range(51)]), "at most 50 items", id="51 cases"),
        pytest.param(
            wanted(keys=[{"order": "SO-1"}]),
            "keys.0: found 'order', allowed: one of caseNumber, order",
            id="no number that there is",
        ),
        pytest.param(wanted(keys=[{"orderNumber": "1", "caseNumber": "2"}]), "keys.0: ", id="two numbers at once"),
        pytest.param(wanted(keys=[{"orderNumber": 7}]), "keys.0.orderNumber: found '7'", id="a number that is no text"),
        pytest.param(wanted(keys=[{"orderNumber": "a\x00b"}]), "key.orderNumber: found", id="an invisible character"),
        pytest.param(wanted(origin=None), "origin: found 'nothing', allowed: a value", id="no origin"),
        pytest.param(wanted(origin="*"), "origin: found '*', allowed: an origin such as", id="any origin"),
        pytest.param(wanted(origin="http://crm.example.com"), "origin: found", id="an origin without TLS"),
        pytest.param(wanted(origin="https://crm.example.com/panel"), "origin: found", id="a page"),
        pytest.param(wanted(roles=["boss"]), "roles.0: found 'boss', allowed: Input should be 'agent'", id="no role"),
        pytest.param(wanted(roles=[]), "roles: found '[]'", id="no roles"),
        pytest.param(
            wanted(ttl="PT61M"),
            "ttl: found '3660 seconds', allowed: Input should be less than or equal to 1 hour",
            id="too long",
        ),
        pytest.param(
            wanted(ttl="PT0S"), "ttl: found '0 seconds', allowed: Input should be greater than 0", id="no time"
        ),
        pytest.param(wanted(ttl="-PT5M"), "ttl: found '-300 seconds'", id="time that was"),
        pytest.param(wanted(ttl="soon"), "ttl: found 'soon'", id="a word for a time"),
        pytest.param(
            wanted(keyz=1), "keyz: found 'an unknown field', allowed: one of keys, origin", id="a misspelt field"
        ),
        pytest.param(
            wanted(keys=[{"orderNumber": f"{n:\u00e9>90}"} for n in range(50)]),
            "keys: found 'a token of",
            id="keys that no header holds",
        ),
    ],
)
async def test_what_cannot_be_is_named_by_field_found_and_allowed(gateway, body, said):
    session = await open_session(gateway(), body=body)
    assert (session.status, session.headers["content-type"]) == (400, "application/problem+json")
    assert said in session.detail


@pytest.mark.parametrize(
    ("media", "body", "status"), [("text/plain", b"{}", 415), ("application/json", b" " * 70_000, 413)]
)
async def test_what_is_not_json_or_too_much_is_not_read(gateway, media, body, status):
    assert (await open_session(gateway(), body=body, **{"content-type": media})).status == status


@pytest.mark.parametrize(("method", "status"), [("GET", 405), ("PUT", 405)])
async def test_sessions_are_only_posted(gateway, method, status):
    assert (await ask(gateway().app, method, "/embed/v1/sessions"))[0] == status


async def test_a_secret_is_changed_while_sessions_are_open(gateway):
    before = await open_session(gateway())
    between, after = gateway(session_secrets=[NEXT, SECRET]), gateway(session_secrets=[NEXT])
    assert await caller(between, before.token)
    assert await caller(after, (await open_session(between)).token)
    with pytest.raises(Unauthenticated, match="not of this gateway"):
        await caller(after, before.token)


async def test_without_a_secret_one_is_made_for_the_owner_alone_and_kept(gateway):
    first = gateway(session_secrets=[])
    with pytest.raises(Unauthenticated, match="not of this gateway"):
        await caller(first, "cfs_a.b.c")
    session = await open_session(first)
    [file] = first.folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(file.read_bytes()) == 43
    assert await caller(gateway(session_secrets=[]), session.token)


async def test_a_folder_that_cannot_keep_a_secret_is_said(gateway, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    session = await open_session(gateway(session_secrets=[], data_dir=str(tmp_path / "file")))
    assert (session.status, "no secret for sessions can be kept" in session.detail) == (503, True)
    assert str(tmp_path) not in session.detail


def forged(secret=SECRET, head=None, **changes):
    claims = {"client": "crm", "roles": ["agent"], "tenant": "main", "keys": [["SO", "SO-1"]], "origin": ORIGIN}
    claims |= {"iat": 0, "exp": int(NOW.timestamp()) + 60, "jti": "1", **changes}
    key = OctKey.import_key(secret)
    head = {"alg": "HS256", "kid": key.thumbprint(), "typ": "casefold-session+jwt", **(head or {})}
    return "cfs_" + jwt.encode(head, claims, key, algorithms=[head["alg"]])


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(forged("x" * 32), id="another secret"),
        pytest.param(
            forged("x" * 32, {"kid": OctKey.import_key(SECRET).thumbprint()}), id="another, under the id of ours"
        ),
        pytest.param(forged(head={"alg": "HS512"}), id="another algorithm"),
        pytest.param(forged(head={"typ": "JWT"}), id="a token of ours that is no session"),
        pytest.param(forged(exp="never"), id="an end that is no number"),
        pytest.param(forged(keys=None), id="any case"),
        pytest.param(forged(more=1), id="a claim that we never make"),
        pytest.param("cfs_", id="nothing"),
        pytest.param("cfs_..", id="two dots"),
        pytest.param(forged().rpartition(".")[0] + ".", id="no signature"),
    ],
)
async def test_what_we_did_not_sign_as_a_session_is_none(gateway, token):
    running = gateway()
    assert await caller(running, forged())
    with pytest.raises(Unauthenticated, match="not of this gateway"):
        await caller(running, token)
