"""How fast events are taken, settled, and seen.

`python -m bench ingest [--events 50000] [--seconds 5]`

Redis is append-only and fsyncs every second. The gateway has one core, Redis and the sender share the other.

- accepted: batches of 100, with a bearer token, over four connections, until all are answered 202; beside it what a bare
  loop reaches here that decodes the same batches and appends each event, or each batch, to a stream.
- settled: by one `casefold work`, from its first acknowledgement to its last, of events about a tenth as many orders;
  beside it what a bare loop reaches that reads the same entries, decodes them and acknowledges them.
- seen: from the answer 202 to a view that shows it, events coming at 1,000 a second.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import msgspec
import redis

from bench.processes import GATEWAY_PORT, LOAD_CORE, SERVER_CORE
from cache.embedded import EmbeddedRedis
from cache.keys import Keys

BATCH = 100
CONNECTIONS = 4
TOKEN = {"authorization": "Bearer t-1", "content-type": "application/cloudevents-batch+json"}
STATUSES = ["CONFIRMED", "RELEASED", "PARTIALLY_SHIPPED", "SHIPPED"]


def run(events=50_000, seconds=5.0):
    with tempfile.TemporaryDirectory() as folder, EmbeddedRedis(Path(folder) / "redis") as server:
        client = redis.Redis.from_url(server.url)
        os.sched_setaffinity(0, {LOAD_CORE})
        config = _config(Path(folder), server.url)
        batches = [_batch(start, events) for start in range(0, events, BATCH)]
        with _program("serve", "--no-worker", config=config, core=SERVER_CORE):
            taken = [asyncio.run(_accept(batches, client)) for _ in range(3)]
            _say("accepted", events, taken)
            _say("  bare: decode, one XADD an event", events, [_bare(client, batches, is_each=True) for _ in range(3)])
            _say("  bare: decode, one XADD a batch", events, [_bare(client, batches, is_each=False) for _ in range(3)])
            client.flushall()
            asyncio.run(_accept(batches, client, is_kept=True))
        bare = _bare_settle(client)
        with _program("work", config=config, core=SERVER_CORE):
            settled = _wait_until_settled(client)
        _say("settled", events, [settled])
        _say("  bare: read, decode, acknowledge", events, [bare])
        client.flushall()
        with _program("serve", config=config, core=SERVER_CORE):
            _say_times(asyncio.run(_seen(seconds)))


def _say(what, events, seconds):
    rates = sorted(events / each for each in seconds)
    print(f"{what:<36}{statistics.median(rates):>10,.0f}/s   ({rates[0]:,.0f} to {rates[-1]:,.0f})")


def _say_times(times):
    times.sort()
    p50, p99 = times[len(times) // 2], times[int(len(times) * 0.99)]
    print(
        f"seen, of 1,000 events a second      p50 {p50 * 1_000:.1f} ms, p99 {p99 * 1_000:.1f} ms ({len(times)} looked for)"
    )


def _event(n, events, status=None, number=None):
    number = number or f"SO-{n % max(events // 10, 1)}"
    about = {
        "specversion": "1.0",
        "id": f"e-{n}",
        "source": "erp",
        "type": "casefold.order.state.v1",
        "subject": number,
    }
    time_ = (datetime.now(UTC) - timedelta(seconds=60) + timedelta(milliseconds=n % 50_000)).isoformat()
    lines = [{"lineNumber": str(i), "sku": f"SKU-{i}", "orderedQuantity": "4"} for i in range(3)]
    data = {"number": number, "status": status or STATUSES[n % 4], "customerId": "C-1", "lines": lines}
    return about | {"time": time_, "data": data}


def _batch(start, events):
    return json.dumps([_event(n, events) for n in range(start, start + BATCH)]).encode()


def _config(folder, redis_url):
    config = folder / "casefold.toml"
    config.write_text(
        f'port = {GATEWAY_PORT}\nredis_url = "{redis_url}"\nlog_level = "error"\n'
        '[[sources]]\nid = "erp"\nadapter = "canonical"\nkinds = ["ERP"]\n'
        'base_url = "http://127.0.0.1:1"\nevents_token = "t-1"\n'
    )
    return config


@contextmanager
def _program(*arguments, config, core):
    pinned = lambda: os.sched_setaffinity(0, {core})  # noqa: E731
    command = [sys.executable, "-m", "app", *arguments, "--config", str(config)]
    process = subprocess.Popen(command, preexec_fn=pinned)  # noqa: PLW1509
    try:
        if arguments[0] == "serve":
            _wait_until_ready()
        yield process
    finally:
        process.terminate()
        process.wait(15)


def _wait_until_ready():
    for _ in range(200):
        try:
            if httpx.get(f"http://127.0.0.1:{GATEWAY_PORT}/readyz").status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.05)
    raise RuntimeError("the gateway is not ready")


async def _accept(batches, client, *, is_kept=False):
    """Raw HTTP over a few connections: the sender must not be what is measured."""
    if not is_kept:
        client.flushall()
    waiting = iter(batches)
    started = time.perf_counter()
    await asyncio.gather(*(_sender(waiting) for _ in range(CONNECTIONS)))
    return time.perf_counter() - started


async def _sender(batches):
    reader, writer = await asyncio.open_connection("127.0.0.1", GATEWAY_PORT)
    fields = "".join(f"{name}: {value}\r\n" for name, value in TOKEN.items())
    for body in batches:
        while True:
            writer.write(
                f"POST /events HTTP/1.1\r\nhost: x\r\n{fields}content-length: {len(body)}\r\n\r\n".encode() + body
            )
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
            if b" 202 " in head[:20]:
                break
            await asyncio.sleep(0.05)
    writer.close()


def _bare(client, batches, *, is_each):
    client.flushall()
    decoder = msgspec.json.Decoder(list[dict])
    started = time.perf_counter()
    for batch in batches:
        events = decoder.decode(batch)
        with client.pipeline(transaction=False) as pipeline:
            for each in [batch] if not is_each else [msgspec.json.encode(event) for event in events]:
                pipeline.xadd("bare", {"event": each})
            pipeline.execute()
    return time.perf_counter() - started


def _stream():
    return f"{Keys('main').inbox()}:inbox"


def _bare_settle(client):
    """What is in the inbox, read by a group of its own, decoded and acknowledged."""
    client.xgroup_create(_stream(), "bare", "0")
    started = time.perf_counter()
    while found := client.xreadgroup("bare", "one", {_stream(): ">"}, count=10):
        [(_, entries)] = found
        for number, fields in entries:
            for name, value in fields.items():
                if name != b"source":
                    msgspec.json.decode(msgspec.msgpack.decode(value)[3])
            client.xack(_stream(), "bare", number)
    client.xgroup_destroy(_stream(), "bare")
    return time.perf_counter() - started


def _wait_until_settled(client):
    """From the first acknowledgement to the last."""
    key = f"{Keys('main').inbox()}:pending"
    total = int(client.hget(key, "erp"))
    while int(client.hget(key, "erp")) == total:
        time.sleep(0.001)
    started = time.perf_counter()
    while int(client.hget(key, "erp")):
        time.sleep(0.01)
    return time.perf_counter() - started


QUERY = (
    """{ caseView(key: {orderNumber: "NUMBER"}, freshness: {onStale: STATE_ONLY}) { orders { nodes { number } } } }"""
)


async def _seen(seconds):
    times, rate = [], 1_000
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{GATEWAY_PORT}", timeout=10) as client:
        for tick in (-5, -10):  # everything that is done only once
            await _see(client, json.dumps([_event(tick * 10, 1, number=f"NEW-{tick * 10}")]).encode(), tick, [])
        tasks, started = [], time.perf_counter()
        for tick in range(int(seconds * rate / 10)):
            await asyncio.sleep(max(0, started + tick / (rate / 10) - time.perf_counter()))
            body = json.dumps([_event(n, 1, number=f"NEW-{n}") for n in range(tick * 10, tick * 10 + 10)]).encode()
            tasks.append(asyncio.create_task(_see(client, body, tick, times)))
        await asyncio.gather(*tasks)
    return times


async def _see(client, body, tick, times):
    answer = await client.post("/events", content=body, headers=TOKEN)
    answer.raise_for_status()
    if tick % 5:
        return
    accepted = time.perf_counter()
    query = QUERY.replace("NUMBER", f"NEW-{tick * 10}")
    while True:
        view = (await client.post("/graphql", json={"query": query})).json()["data"]["caseView"]
        if view and view["orders"]["nodes"]:
            times.append(time.perf_counter() - accepted)
            return
        await asyncio.sleep(0.001)
