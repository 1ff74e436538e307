"""What the simulated systems say has changed is enough: whatever looks different now was named."""

from datetime import datetime, timedelta

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clock import ManualClock
from sandbox import crm, erp, wms
from sandbox.desks import KEYS, Request, endpoints
from sandbox.server import create_sandbox
from sandbox.world import WorldClock
from tests.sandbox.looking import ANCHOR, WORLD, unhurried

SYSTEMS = {"erp": erp.ANSWERS, "wms": wms.ANSWERS, "crm": crm.ANSWERS}


def told(system, since, now, limit=1_000):
    clock = WorldClock(now, 0, ManualClock(now))
    [changes] = [each for each in endpoints(WORLD, clock, KEYS) if each.path == f"/{system}/v1/changes"]
    query = {"since": since.isoformat(), "limit": str(limit)}
    return msgspec.json.decode(changes.answer(Request(f"Bearer sandbox-{system}-key", {}, query, b"")).body)


def named(answer):
    return {(each["entity"], each["scheme"], each["value"]) for each in answer["changes"]}


hours = st.integers(-24 * 20, 24 * 20)


@pytest.mark.parametrize("system", SYSTEMS)
@unhurried
@given(start=hours, length=st.integers(0, 48), script=st.sampled_from(WORLD.scripts))
def test_whatever_looks_different_was_named(system, start, length, script):
    since = ANCHOR + timedelta(hours=start)
    until = since + timedelta(hours=length)
    changes = named(told(system, since, until, limit=1_000))
    whole = told(system, since, until, limit=1_000)["isWhole"]
    for kind, schemes in SYSTEMS[system].items():
        for scheme, value in script.numbers:
            if scheme in schemes and whole:
                before, after = (list(WORLD.find(kind, (scheme, value), moment)) for moment in (since, until))
                assert before == after or (kind.value, scheme.value, value) in changes


@unhurried
@given(start=hours, limit=st.integers(1, 50))
def test_page_after_page_is_the_whole(start, limit):
    since = ANCHOR + timedelta(hours=start)
    now = since + timedelta(hours=6)
    pages, at = set(), since
    for _ in range(5_000):
        page = told("erp", at, now, limit)
        pages |= named(page)
        if page["isWhole"]:
            break
        assert datetime.fromisoformat(page["until"]) > at
        at = datetime.fromisoformat(page["until"])
    whole = set()
    for hour in range(6):
        whole |= named(told("erp", since + timedelta(hours=hour), since + timedelta(hours=hour + 1)))
    assert pages == whole


async def test_over_http_it_needs_the_token_and_a_moment():
    transport = httpx.ASGITransport(create_sandbox(anchor=ANCHOR))
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
        assert (await client.get("/erp/v1/changes", params={"since": "2026-03-02T09:30:00Z"})).status_code == 401
        headers = {"Authorization": "Bearer sandbox-erp-key"}
        answer = await client.get("/erp/v1/changes", params={"since": "2026-03-02T09:30:01Z"}, headers=headers)
        assert answer.json() == {"changes": [], "until": "2026-03-02T09:30:00Z", "isWhole": True}
        for wrong in (
            {},
            {"since": "yesterday"},
            {"since": "2026-03-02T09:30:00"},
            {"since": "2026-03-02T09:30:00Z", "limit": "0"},
        ):
            assert (await client.get("/erp/v1/changes", params=wrong, headers=headers)).status_code == 400


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_changed_at_the_very_moment_is_named(system):
    page = told(system, ANCHOR - timedelta(days=20), ANCHOR + timedelta(days=20), limit=1)
    assert not page["isWhole"]
    next_moment = datetime.fromisoformat(page["until"])
    assert named(told(system, next_moment, next_moment))


async def test_it_is_counted_and_as_faulty_as_its_system():
    transport = httpx.ASGITransport(create_sandbox(anchor=ANCHOR))
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
        asked = {"params": {"since": "2026-03-02T09:30:00Z"}, "headers": {"Authorization": "Bearer sandbox-wms-key"}}
        await client.put("/control/wms", json={"status": 503, "retryAfter": 7})
        answer = await client.get("/wms/v1/changes", **asked)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")
        counters = (await client.get("/control/counters")).json()
        assert counters["wms"]["changes"]["calls"] == 1
        assert "changes" not in counters.get("erp", {})
