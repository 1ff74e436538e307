"""Real sockets that accept and never answer, or are not there at all: views come in time, and nothing piles up."""

import asyncio
import json
import statistics
import time

import pytest

from tests.app.gateway import ask, gateway
from tests.wire.raw_server import RawServer, answer, hang

DEADLINE = 0.8
VIEWS, READERS = 200, 50
KINDS = ("ERP", "WMS", "TMS", "CRM", "CLAIMS")
QUERY = {
    "query": """{ caseView(key: {orderNumber: "SO-1"}, freshness: {deadline: "PT0.8S"}) {
      orders { freshness { state } problem { code } } fulfillments { freshness { state } problem { code } }
      shipments { freshness { state } problem { code } } claims { freshness { state } problem { code } }
      serviceCase { freshness { state } problem { code } } } }"""
}
OWN = {"ERP": "orders", "WMS": "fulfillments", "TMS": "shipments", "CRM": "serviceCase", "CLAIMS": "claims"}
NOTHING = json.dumps({"results": []}).encode()


def source(kind, url, **changes):
    return {"id": kind.lower(), "adapter": "canonical", "kinds": [kind], "base_url": url} | changes


async def one_view(app):
    started = time.perf_counter()
    _, _, body = await ask(app, "POST", "/graphql", QUERY)
    return time.perf_counter() - started, json.loads(body)["data"]["caseView"]


class Lag:
    """How late this machine wakes anybody up: what a test may not blame on the gateway."""

    async def __aenter__(self):
        self.worst = 0.0
        self._watch = asyncio.create_task(self._measure())
        return self

    async def __aexit__(self, *_):
        self._watch.cancel()
        await asyncio.gather(self._watch, return_exceptions=True)

    async def _measure(self):
        while True:
            due = time.perf_counter() + 0.01
            await asyncio.sleep(0.01)
            self.worst = max(self.worst, time.perf_counter() - due)


async def many_views(app):
    """So many views by so many readers at once, after one that warms up."""
    await one_view(app)
    turns = asyncio.Semaphore(READERS)

    async def reader():
        async with turns:
            return await one_view(app)

    return await asyncio.gather(*(reader() for _ in range(VIEWS)))


@pytest.mark.parametrize("hanging", [("TMS",), ("ERP", "WMS"), KINDS], ids=["one hangs", "two hang", "all hang"])
async def test_f5_every_view_is_in_time_whatever_hangs(hanging):
    async with RawServer(hang) as stuck, RawServer(answer(body=NOTHING)) as well:
        app = gateway(sources=[source(kind, stuck.url if kind in hanging else well.url) for kind in KINDS])
        async with Lag() as lag:
            seen = await many_views(app)
        assert max(seconds for seconds, _ in seen) <= DEADLINE + 0.05 + 2 * lag.worst
        assert stuck.open <= 8 * len(hanging)
        for _, view in seen:
            for kind, section in OWN.items():
                state = "UNAVAILABLE" if kind in hanging else "FRESH"
                assert view[section]["freshness"]["state"] == state
                if kind in hanging:
                    assert view[section]["problem"]["code"] in {"TIMEOUT", "DEADLINE_EXCEEDED", "CIRCUIT_OPEN"}


async def test_a_system_that_hangs_is_soon_left_alone():
    async with RawServer(hang) as stuck, RawServer(answer(body=NOTHING)) as well:
        app = gateway(
            sources=[source(kind, stuck.url if kind == "TMS" else well.url, timeout="PT0.8S") for kind in KINDS]
        )
        while (await one_view(app))[1]["shipments"]["problem"]["code"] != "CIRCUIT_OPEN":
            assert len(stuck.requests) < 20
        before = len(stuck.requests)
        seen = await many_views(app)
        assert len(stuck.requests) - before <= 1, "one probe at most"
        assert {view["shipments"]["problem"]["code"] for _, view in seen} <= {"CIRCUIT_OPEN", "TIMEOUT"}
        assert statistics.median([seconds for seconds, _ in seen]) < DEADLINE / 2, "nobody waits for an open circuit"


@pytest.mark.parametrize("stopped", KINDS)
async def test_a_system_that_is_stopped_affects_exactly_its_own_section(stopped):
    async with RawServer(answer(body=NOTHING)) as well:
        app = gateway(sources=[source(kind, "http://127.0.0.1:1" if kind == stopped else well.url) for kind in KINDS])
        _, view = await one_view(app)
    states = {section: view[section]["freshness"]["state"] for section in OWN.values()}
    assert states == dict.fromkeys(OWN.values(), "FRESH") | {OWN[stopped]: "UNAVAILABLE"}
    assert view[OWN[stopped]]["problem"]["code"] == "UNREACHABLE"
