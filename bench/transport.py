"""What one call costs: with httpx, with httpx over aiohttp's connections, with our client, and with aiohttp alone.

`python -m bench.transport [--seconds 1] [--rounds 5]`

Every contender asks the same system for the same shipments, over kept connections, from one core; the system has the
other core and answers at once. CPU is that of the asking process.
"""

import argparse
import asyncio
import json
import os
import statistics
import time
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
import httpx
import uvloop

from bench.processes import LOAD_CORE, SERVER_CORE, process, python
from bench.work import SYSTEMS
from domain.call import Call
from domain.clock import SystemClock
from sources.http import Http, Limits, Request
from sources.http.addresses import Destination
from sources.http.transport import open_transport

PORT = 9804
URL = f"http://127.0.0.1:{PORT}"
PATH = "/tms/v1/read"
QUESTION = {"lookups": [{"entity": kind, "scheme": "SO", "values": ["SO-1"]} for kind in SYSTEMS["tms"]]}
UNDER_WAY = (1, 8, 32)
LIMIT = "aiohttp alone"


@dataclass
class Cost:
    per_second: float
    cpu_us: float


@asynccontextmanager
async def _httpx(transport=None):
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)  # kinder to it than its default
    async with httpx.AsyncClient(transport=transport, limits=limits, timeout=2.0, trust_env=False) as client:

        async def ask():
            return (await client.post(URL + PATH, json=QUESTION)).content

        yield ask


@asynccontextmanager
async def _casefold():
    clock = SystemClock()
    limits = Limits(timedelta(seconds=2), timedelta(seconds=0.5), concurrency=max(UNDER_WAY), max_body_bytes=2**21)
    request = Request("POST", PATH, json=QUESTION)
    async with aclosing(Http("tms", URL, limits=limits, clock=clock)) as client:

        async def ask():
            return (await client.send(request, Call(clock.monotonic() + 2, "c-12345678"))).body

        yield ask


@asynccontextmanager
async def _aiohttp():
    connector, timeout = aiohttp.TCPConnector(limit=0), aiohttp.ClientTimeout(total=2.0)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:

        async def ask():
            async with session.post(URL + PATH, json=QUESTION) as response:
                return await response.read()

        yield ask


CONTENDERS = {
    "httpx": _httpx,
    "httpx over aiohttp": lambda: _httpx(open_transport(Destination(httpx.URL(URL).host))),
    "casefold": _casefold,
    LIMIT: _aiohttp,
}


async def _asker(ask, until):
    calls = 0
    while time.perf_counter() < until:
        if b"Leipzig" not in await ask():
            raise RuntimeError("wrong answer")
        calls += 1
    return calls


async def _cost(contender, under_way, seconds):
    async with contender() as ask:
        await asyncio.gather(*(ask() for _ in range(under_way)))
        started, cpu = time.perf_counter(), time.process_time()
        calls = sum(await asyncio.gather(*(_asker(ask, started + seconds) for _ in range(under_way))))
        return Cost(calls / (time.perf_counter() - started), (time.process_time() - cpu) / calls * 1e6)


def run(seconds=1.0, rounds=5):
    os.sched_setaffinity(0, {LOAD_CORE})
    costs = {(under_way, name): [] for under_way in UNDER_WAY for name in CONTENDERS}
    with process(python("-m", "bench.upstream", str(PORT), "0"), PORT, SERVER_CORE):
        for _ in range(rounds):
            for (under_way, name), found in costs.items():
                found.append(uvloop.run(_cost(CONTENDERS[name], under_way, seconds)))
    _table({key: _median(found) for key, found in costs.items()}, rounds)


def _median(costs):
    return Cost(*(statistics.median(getattr(cost, name) for cost in costs) for name in ("per_second", "cpu_us")))


def _table(costs, rounds):
    size = len(json.dumps(QUESTION))
    print(f"\none call, a question of {size} bytes, one core, medians of {rounds} rounds\n")
    print(f"{'under way':>9}  {'':20}{'per second':>12}{'CPU us/call':>13}{'of aiohttp':>12}")
    for (under_way, name), cost in costs.items():
        share = cost.per_second / costs[under_way, LIMIT].per_second
        print(f"{under_way:9}  {name:20}{cost.per_second:12.0f}{cost.cpu_us:13.0f}{share:12.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.transport")
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    run(arguments.seconds, arguments.rounds)
