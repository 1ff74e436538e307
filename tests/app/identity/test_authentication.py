"""What is remembered of proofs, who may bring none, and that none of them is told on."""

import asyncio
import contextlib
import io
import json
import os
import time
from datetime import timedelta

import pytest
import structlog

from app.identity.api_keys import hashed, new_key
from app.identity.audit import keep_audit, saw
from app.identity.proven import Proven
from app.main import create_app
from app.settings import Settings, configure
from app.telemetry import start_logging
from app.wiring import build
from domain.caller import Caller, Role
from domain.clock import ManualClock, SystemClock
from domain.errors import Unauthenticated
from domain.identity import CaseKey
from tests.app.gateway import ask as ask_gateway
from tests.app.identity.issuing import AUDIENCE, ISSUER, NOW, RSA, SECONDS, ask, opened, published, token
from tests.wire.raw_server import RawServer


@pytest.fixture
def clock():
    return ManualClock(NOW)


def somebody(**changes):
    return Caller(**{"client": "desk", "roles": frozenset({Role.AGENT}), **changes})


async def test_the_same_proof_again_is_known_for_a_minute(clock):
    authentication, proof = opened(clock), token(exp=SECONDS + 9_000)
    first = await ask(authentication, proof)
    clock.advance(timedelta(seconds=59))
    assert await ask(authentication, proof) is first
    clock.advance(timedelta(seconds=1))
    again = await ask(authentication, proof)
    assert (again, again is first) == (first, False)


def test_what_was_proved_counts_no_longer_than_the_proof(clock):
    proven = Proven(clock)
    proven.put(b"1", somebody(expires_at=NOW + timedelta(seconds=10)))
    clock.advance(timedelta(seconds=9))
    assert proven.get(b"1")
    clock.advance(timedelta(seconds=1))
    assert proven.get(b"1") is None


def test_only_so_many_are_remembered_and_the_oldest_go_first(clock):
    proven = Proven(clock, most=3)
    for digest in (b"1", b"2", b"1", b"3", b"4"):
        proven.put(digest, somebody())
    assert [proven.get(digest) is not None for digest in (b"1", b"2", b"3", b"4")] == [True, False, True, True]
    proven.forget()
    assert proven.get(b"1") is None


async def test_a_proof_that_is_known_costs_next_to_nothing():
    key = new_key()
    authentication = opened(SystemClock(), api_keys=[{"id": "desk", "sha256": hashed(key), "roles": ["agent"]}])
    headers, count, best = {"authorization": f"Bearer {key}"}, 2_000, 1.0
    await authentication.caller(headers)
    for _ in range(5):
        started = time.perf_counter()
        for _ in range(count):
            await authentication.caller(headers)
        best = min(best, (time.perf_counter() - started) / count)
    assert best < 20e-6  # about 1.5e-6 where nothing else runs


async def test_whoever_brings_no_proof_is_nobody_unless_settings_say_otherwise():
    with pytest.raises(Unauthenticated):
        await opened().caller({})
    stranger = await opened(anonymous=["agent", "ops"]).caller({"origin": "https://x.example"})
    assert stranger == Caller(client="(anonymous)", roles=frozenset({Role.AGENT, Role.OPS}))


@pytest.mark.parametrize("headers", [{"authorization": "Bearer nonsense"}, {"x-api-key": ""}, {"authorization": ""}])
async def test_a_wrong_proof_is_not_the_same_as_none(headers):
    with pytest.raises(Unauthenticated):
        await opened(anonymous=["agent"]).caller(headers)


@pytest.mark.parametrize("is_debugging", [True, False])
async def test_no_proof_reaches_a_log_an_answer_or_a_repr(is_debugging, monkeypatch, tmp_path):
    logged = io.StringIO()
    monkeypatch.setattr("sys.stderr", logged)
    start_logging(Settings(log_level="debug" if is_debugging else "info"))
    key, secret = new_key(), "canary-secret-" * 3
    async with RawServer(published(RSA)) as server:
        issuer = {"issuer": ISSUER, "audience": AUDIENCE, "jwks_url": server.url}
        api_key = {"id": "crm", "sha256": hashed(key), "roles": ["panel"]}
        table = {"issuers": [issuer], "api_keys": [api_key], "session_secrets": [secret], "data_dir": str(tmp_path)}
        wired = build(configure(table, {}), "unix:///dev/null")
        app, shown = create_app(wired), []
        now = int(time.time())
        good = token(roles=["panel"], iat=now, exp=now + 60)
        body = {"keys": [{"orderNumber": "SO-1"}], "origin": "https://crm.example.com"}
        _, _, opened_ = await ask_gateway(app, "POST", "/embed/v1/sessions", body, {"x-api-key": key})
        session = json.loads(opened_)["token"]
        proofs = [
            key,
            new_key(),
            good,
            good[:-8] + "canaries",
            token(header={"kid": "canary-kid"}),
            session,
            session + "x",
        ]
        for proof in proofs:
            for headers in ({"authorization": f"Bearer {proof}"}, {"x-api-key": proof}, {"authorization": proof}):
                _, fields, answer = await ask_gateway(app, "POST", "/embed/v1/sessions", {"keys": 1}, headers)
                shown += [json.dumps(fields), answer.decode()]
        shown += [repr(wired), repr(wired.identity), logged.getvalue()]
        await wired.aclose()
    structlog.reset_defaults()
    with contextlib.suppress(ValueError):
        logged.close()
    parts = [part for proof in proofs for part in proof.split(".") if len(part) > 10]
    assert not [part for part in (*parts, *proofs, hashed(key), "canary") if part in "\n".join(shown)]


def audit_lines(monkeypatch, level="error", form="json", audit=True):
    logged = io.StringIO()
    monkeypatch.setattr("sys.stderr", logged)
    start_logging(Settings(log_level=level, log_format=form, audit=audit))
    caller = somebody(subject="ann@example.com", tenant="north", customer="C-1", origin="https://crm.example.com")
    saw(caller, {"customer", "credit"}, [CaseKey.quoted("orderNumber", "SO-1001")], "c-12345678")
    structlog.reset_defaults()
    keep_audit(is_kept=True)
    return logged.getvalue().splitlines()


def test_who_saw_what_is_one_line_whatever_is_logged_otherwise(monkeypatch):
    [line] = audit_lines(monkeypatch)
    told = json.loads(line)
    assert told.pop("timestamp")
    assert told.pop("pid") == os.getpid()
    assert told == {
        "event": "saw",
        "level": "info",
        "client": "desk",
        "subject": "71d4f55f72fa128d",  # printf %s ann@example.com | sha256sum | cut -c1-16
        "tenant": "north",
        "roles": ["agent"],
        "sections": ["credit", "customer"],
        "cases": ["SO:SO-1001"],
        "correlation_id": "c-12345678",
    }


async def test_lines_of_one_turn_of_the_loop_are_written_together_before_anything_is_sent():
    written = []
    keep_audit(is_kept=True, write=written.append)
    for n in range(3):
        saw(somebody(), {"credit"}, [CaseKey.quoted("orderNumber", f"SO-{n}")], "c-12345678")
    assert written == []
    await asyncio.sleep(0)
    [lines] = written
    told = [json.loads(line) for line in lines.splitlines()]
    assert [line["cases"] for line in told] == [[f"SO:SO-{n}"] for n in range(3)]
    [moment] = {line["timestamp"] for line in told}
    await asyncio.sleep(0.002)
    saw(somebody(), {"credit"}, [CaseKey.quoted("orderNumber", "SO-9")], "c-12345678")
    await asyncio.sleep(0)
    assert moment < json.loads(written[1])["timestamp"]


def test_the_person_is_not_in_it(monkeypatch):
    assert "ann" not in "".join(audit_lines(monkeypatch, form="text"))


def test_it_can_be_left_out(monkeypatch):
    assert audit_lines(monkeypatch, audit=False) == []
