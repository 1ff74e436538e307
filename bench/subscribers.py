"""What open views cost those who read, and what a change costs where many look at the same.

`python -m bench subscribers [--subscribers 1000] [--readers 20] [--seconds 3] [--rounds 3]`

Each subscriber has a WebSocket of its own. Idle ones look each at another order, all at the full view. Then all of them
look at one panel, of one order, and one event changes a shipment of it: the time until the first and until the last
has heard of it, and the commands that Redis counted meanwhile.
"""

import asyncio
import json
import os
import resource
import statistics
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
import redis
import websockets

from bench.answers import PROOF
from bench.gateway import EVENTS_TOKEN, gateway
from bench.load import load, post
from bench.processes import GATEWAY_PORT, LOAD_CORE, upstream
from bench.questions import FULL, PANEL, asked
from bench.temperatures import HOT, ONE
from bench.work import entities
from cache.embedded import EmbeddedRedis
from domain.identity import EntityKind

AT_ONCE = 50
EVENTS = 5


class Crowd:
    """Subscribers in a loop of their own, beside the readers."""

    def __init__(self, count, document, number_of):
        self._count, self._document, self._number_of = count, document, number_of
        self._loop = asyncio.new_event_loop()
        self.heard = []

    def __enter__(self):
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(600)
        return self

    def __exit__(self, *_):
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(600)
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _open(self):
        places = asyncio.Semaphore(AT_ONCE)
        self._wires = await asyncio.gather(*(self._subscribe(n, places) for n in range(self._count)))
        self._tasks = [asyncio.create_task(self._hear(wire)) for wire in self._wires]

    async def _close(self):
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*(wire.close() for wire in self._wires))

    async def _subscribe(self, n, places):
        async with places:
            wire = await websockets.connect(
                f"ws://127.0.0.1:{GATEWAY_PORT}/graphql", subprotocols=["graphql-transport-ws"], ping_interval=None
            )
            await wire.send(json.dumps({"type": "connection_init"}))
            await wire.recv()
            variables = {"key": {"orderNumber": self._number_of(n)}, "freshness": HOT.freshness}
            payload = {"query": self._document, "variables": variables}
            await wire.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
            first = json.loads(await wire.recv())
            if first["type"] != "next" or first["payload"].get("errors"):
                raise RuntimeError(f"wrong answer: {str(first)[:300]}")
            return wire

    async def _hear(self, wire):
        async for _ in wire:
            self.heard.append(time.perf_counter())


def _subscription(text):
    return text.replace("query ", "subscription ", 1).replace("caseView(", "caseViewChanged(")


def _full():
    return post("/graphql", asked("full", ONE[0], HOT.freshness), PROOF)


def run(subscribers=1_000, readers=20, seconds=3.0, rounds=3):
    os.sched_setaffinity(0, {LOAD_CORE})
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory() as folder, EmbeddedRedis(Path(folder)) as server, upstream(0) as systems:
        client = redis.Redis.from_url(server.url)
        with gateway(server.url, systems):
            read = lambda: _reads(readers, seconds, rounds)  # noqa: E731
            load("first", GATEWAY_PORT, _full(), readers=1, seconds=0.5)
            alone = read()
            with Crowd(subscribers, _subscription(FULL), lambda n: f"SO-{n + 100}"):
                time.sleep(3)
                beside = read()
            again = read()
            _compare(subscribers, alone, beside, again)
            with Crowd(subscribers, _subscription(PANEL), lambda _: "SO-1") as crowd:
                time.sleep(3)
                _one_event(crowd, subscribers, client)


def _reads(readers, seconds, rounds):
    results = [load("", GATEWAY_PORT, _full(), readers=readers, seconds=seconds) for _ in range(rounds)]
    return statistics.median(each.per_second for each in results), statistics.median(each.p99_ms for each in results)


def _compare(subscribers, alone, beside, again):
    print(f"\nfull views a second, near\n{'':34}{'per second':>12}{'p99 ms':>9}{'ratio':>8}")
    for name, (rate, late) in (("alone", alone), (f"{subscribers:,} idle beside", beside), ("alone again", again)):
        print(f"{name:34}{rate:12.0f}{late:9.2f}{rate / alone[0]:8.2f}")


def _one_event(crowd, subscribers, client):
    key, shipment = entities(EntityKind.SHIPMENT, "SO-1")[0]
    for n in range(EVENTS):
        crowd.heard.clear()
        client.config_resetstat()
        changed = msgspec.structs.replace(shipment, tracking_number=f"1Z{n}")
        started = time.perf_counter()
        _send(n, key, changed)
        for _ in range(500):
            time.sleep(0.02)
            if len(crowd.heard) >= subscribers:
                break
        calls = client.info("commandstats").get("cmdstat_mget", {}).get("calls", 0)
        took = [(each - started) * 1_000 for each in sorted(crowd.heard)]
        print(
            f"an event to {subscribers:,} of one view: {len(took):,} heard, first {took[0]:.0f} ms, last {took[-1]:.0f} ms, {calls} MGET"
        )
        time.sleep(1)


def _send(n, key, shipment):
    event = {
        "specversion": "1.0",
        "id": f"bench-{n}",
        "source": "tms",
        "type": "casefold.shipment.state.v1",
        "subject": key,
        "time": datetime.now(UTC).isoformat(),
        "data": msgspec.to_builtins(shipment, str_keys=True),
    }
    headers = {"authorization": f"Bearer {EVENTS_TOKEN}-tms", "content-type": "application/cloudevents+json"}
    httpx.post(
        f"http://127.0.0.1:{GATEWAY_PORT}/events", content=msgspec.json.encode(event), headers=headers
    ).raise_for_status()
