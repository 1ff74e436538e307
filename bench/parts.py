"""What each part of an answer costs that was given before, on one core: the short way, called without a server.

`python -m bench parts [--rounds 3]`

The gateway is put together as `casefold serve` does it; only uvicorn and the wire are left out, so that the parts can be
told apart. What is left out is the limit that `python -m bench race` measures.
"""

import asyncio
import gc
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import uvicorn
from uvicorn.server import ServerState

from app.http.short_way import _usual
from app.main import create_app
from app.serving import OPTIONS
from app.settings import load
from app.short_protocol import ShortProtocol
from app.telemetry import start_logging
from app.wiring import build
from bench.answers import PROOF
from bench.gateway import settings
from bench.processes import SERVER_CORE, upstream
from bench.questions import QUESTIONS, asked
from bench.temperatures import HOT, ONE
from cache.embedded import EmbeddedRedis
from resolvers.again import KeptAnswer
from resolvers.template import microseconds

CALLS, RUNS = 200, 10


def run(rounds=3):
    with tempfile.TemporaryDirectory() as folder, EmbeddedRedis(Path(folder)) as redis, upstream(0.0) as port:
        os.sched_setaffinity(0, {SERVER_CORE})
        config = Path(folder) / "casefold.toml"
        config.write_text(settings(redis.url, port))
        with Path(os.devnull).open("w") as nowhere:
            sys.stderr, told = nowhere, sys.stderr
            try:
                asyncio.run(_run(load(config), redis.url, rounds))
            finally:
                sys.stderr = told


async def _run(configuration, redis_url, rounds):
    start_logging(configuration.gateway)
    wired = build(configuration, redis_url)
    app = create_app(wired, has_worker=False)
    await wired.open(has_worker=False)
    gc.collect()
    gc.freeze()
    try:
        print(f"parts of an answer that was given before, medians of {rounds} rounds, in microseconds\n")
        print(f"{'':44}" + "".join(f"{name:>10}" for name in QUESTIONS))
        table = [await _parts(app, wired, asked(name, ONE[0], HOT.freshness), rounds) for name in QUESTIONS]
        for part in table[0]:
            print(f"{part:44}" + "".join(f"{parts[part]:10.1f}" for parts in table))
    finally:
        await wired.aclose()


async def _parts(app, wired, body, rounds):
    """Microseconds of each part."""
    while not wired.main.memory.is_current:  # noqa: ASYNC110  # announcements begin by themselves
        await asyncio.sleep(0.05)
    usual, gateway = _usual(HEADERS), wired.gateway
    caller = await wired.identity.caller(usual.proof)
    kept = None
    while not isinstance(kept, KeptAnswer):
        await _ask(app, body)
        kept = gateway.kept.get((caller.audience, body))
    echo = usual.correlation_id
    now, asked_keys = gateway.reader.clock.now(), kept.asked
    blanks = {"servedInMs": 0.123, "remaining": 999_999, "resetSeconds": 12.345}
    present = microseconds(now)
    wire = _Wire(app, body)
    parts = {
        "all of it, with HTTP": wire.ask,
        "all of it, without": lambda: app.short.answer(HEADERS, body, "127.0.0.1"),
        "  headers, and a correlation id": lambda: _usual(HEADERS),
        "  who asks": lambda: wired.identity.known(usual.proof),
        "  the answer, by who asks and what": lambda: gateway.kept.get((caller.audience, bytes(memoryview(body)))),
        "  whether it still is the answer": lambda: kept.holds(gateway.reader.memory, present),
        "  limits": lambda: gateway.rates.again(caller, kept.cost, "127.0.0.1", asked_keys),
        "  the audit log": lambda: kept.audited and gateway.audit.saw(caller, kept.audited, kept.shown, echo),
        "  writing it, ages anew": lambda: kept.template.written(
            present,
            kept._clocks,  # noqa: SLF001  # what it is written with
            kept._sinces,  # noqa: SLF001  # as above
            echo,
            **blanks,
        ),
    }
    return {name: statistics.median([await _cost(part) for _ in range(rounds)]) for name, part in parts.items()}


async def _cost(part):
    """Microseconds of one call, of the quickest run: others use this machine, too."""
    is_awaited = asyncio.iscoroutine(first := part())
    if is_awaited:
        await first
    best = float("inf")
    for _ in range(RUNS):
        began = time.perf_counter()
        if is_awaited:
            for _ in range(CALLS):
                await part()
        else:
            for _ in range(CALLS):
                part()
        best = min(best, time.perf_counter() - began)
    return best / CALLS * 1e6


class _Wire:
    """A connection whose other end takes everything."""

    def __init__(self, app, body):
        config = uvicorn.Config(app, **OPTIONS)
        config.load()
        state = ServerState()
        state.default_headers = [(b"date", b"Fri, 27 Nov 2026 09:00:00 GMT")]
        self.protocol = ShortProtocol(config, state, {}, asyncio.get_running_loop())
        self.protocol.connection_made(self)
        lines = b"".join(b"%b: %b\r\n" % header for header in HEADERS[:-1])
        self.request = b"POST /graphql HTTP/1.1\r\n%bcontent-length: %d\r\n\r\n%b" % (lines, len(body), body)

    def ask(self):
        self.protocol.data_received(self.request)

    def write(self, data):
        self.written = data

    def is_closing(self):
        return False

    def get_extra_info(self, name):
        return ("127.0.0.1", 9802) if name == "sockname" else ("127.0.0.1", 50_000) if name == "peername" else None

    def set_protocol(self, protocol): ...

    def pause_reading(self): ...

    def resume_reading(self): ...


HEADERS = [
    (b"host", b"127.0.0.1:9802"),
    (b"content-type", b"application/json"),
    (b"authorization", PROOF.partition(": ")[2].encode()),
    (b"content-length", b"2000"),
]


async def _ask(app, body):
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "root_path": "",
        "query_string": b"",
        "scheme": "http",
        "headers": HEADERS,
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 9802),
        "state": {},
    }
    await app(scope, _receive_of(body), _nothing)


def _receive_of(body):
    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _nothing(_):
    """What is sent goes nowhere."""
