"""The cold view: nothing that is kept is young enough, every system is asked, each takes its time, and all is kept.

`python -m bench cold [--delay 20] [--readers 20] [--rate 200] [--seconds 3] [--rounds 3]`; rate 0: a closed loop
"""

import json
import os
import statistics
import tempfile
import urllib.request
from pathlib import Path

from bench.load import get, load, post
from bench.processes import GATEWAY_PORT, LOAD_CORE, PEER_PORT, UPSTREAM_PORT, served
from bench.processes import upstream as upstreams
from bench.work import FULL, PANEL, SYSTEMS
from cache.embedded import EmbeddedRedis

ANEW = 'caseView(key: $key, freshness: {maxAge: "PT0S"})'


def _asked(text, order):
    query = text.replace("caseView(key: $key)", ANEW)
    return post("/graphql", json.dumps({"query": query, "variables": {"key": {"orderNumber": order}}}).encode())


def _calls():
    with urllib.request.urlopen(f"http://127.0.0.1:{UPSTREAM_PORT}/calls") as answer:
        return int(answer.read())


def run(delay=20.0, readers=20, rate=200.0, seconds=3.0, rounds=3):
    os.sched_setaffinity(0, {LOAD_CORE})
    orders = [f"SO-{n}" for n in range(readers)]
    lookups = [{"entity": kind, "scheme": "SO", "values": ["SO-1"]} for kind in SYSTEMS["tms"]]
    upstream = post("/tms/v1/read", json.dumps({"lookups": lookups}).encode())
    graphql = {name: [_asked(text, order) for order in orders] for name, text in (("full", FULL), ("panel", PANEL))}
    contenders = {
        "upstream itself, one call": (UPSTREAM_PORT, upstream, b"Leipzig"),
        "casefold, full view": (GATEWAY_PORT, graphql["full"], b'"FRESH"'),
        "aggregator, full view": (PEER_PORT, [get(f"/case/{order}") for order in orders], b"Leipzig"),
        "casefold, panel": (GATEWAY_PORT, graphql["panel"], b'"FRESH"'),
        "aggregator, panel": (PEER_PORT, [get(f"/panel/{order}") for order in orders], b"Leipzig"),
    }
    pace = readers / rate if rate else 0.0
    results, calls = {name: [] for name in contenders}, {}
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedRedis(Path(folder)) as redis,
        upstreams(delay),
        served("bench.gateway:app", GATEWAY_PORT, BENCH_REDIS=redis.url),
        served("bench.peers.aggregator:app", PEER_PORT),
    ):
        for _ in range(rounds):
            for name, (port, request, check) in contenders.items():
                load(name, port, request, readers=readers, seconds=0.5, check=check, pace=pace)
                before = _calls()
                result = load(name, port, request, readers=readers, seconds=seconds, check=check, pace=pace)
                calls[name] = (_calls() - before) / (result.per_second * seconds)
                results[name].append(result)
    _table(
        results,
        calls,
        f"upstreams at {delay:g} ms, {readers} readers, {f'{rate:g} views/s' if rate else 'in a closed loop'}",
    )


def _table(results, calls, title):
    median = lambda name, field: statistics.median(getattr(each, field) for each in results[name])  # noqa: E731
    base = median("upstream itself, one call", "p50_ms")
    print(f"\ncold view, {title}, one core, medians of {len(next(iter(results.values())))} rounds\n")
    print(f"{'':28}{'per second':>12}{'p50 ms':>9}{'p99 ms':>9}{'added p50':>11}{'calls/view':>12}")
    for name in results:
        p50 = median(name, "p50_ms")
        print(
            f"{name:28}{median(name, 'per_second'):12.0f}{p50:9.1f}{median(name, 'p99_ms'):9.1f}{p50 - base:11.1f}{calls[name]:12.2f}"
        )
    for shape in ("full view", "panel"):
        ratio = median(f"casefold, {shape}", "per_second") / median(f"aggregator, {shape}", "per_second")
        print(f"casefold / aggregator, {shape}: {ratio:.2f}")
