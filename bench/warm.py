"""Views of what is kept: near (in the process) and warm (in Redis, nothing near), against the raw limit.

`python -m bench warm [--readers 20] [--seconds 3] [--rounds 3]`

Redis itself is asked how many commands it ran, and how often it had to read from a socket, per view.
"""

import json
import os
import statistics
import tempfile
import time
from pathlib import Path

import redis

from bench.load import load, post
from bench.processes import GATEWAY_PORT, LOAD_CORE, PEER_PORT, served, upstream
from bench.work import FULL, PANEL
from cache.embedded import EmbeddedRedis

VIEWS = 200
KEY = {"key": {"orderNumber": "SO-1"}}
STATE_ONLY = 'caseView(key: $key, freshness: {maxAge: "PT1H"})'


def request(text):
    query = text.replace("caseView(key: $key)", STATE_ONLY)
    return post("/graphql", json.dumps({"query": query, "variables": KEY}).encode())


def run(readers=20, seconds=3.0, rounds=3):
    os.sched_setaffinity(0, {LOAD_CORE})
    shapes = {"full view": request(FULL), "panel": request(PANEL)}
    check = b'"FRESH"'
    results = {}
    with tempfile.TemporaryDirectory() as folder, EmbeddedRedis(Path(folder)) as server, upstream(0):
        client = redis.Redis.from_url(server.url)
        with served("bench.limit:app", PEER_PORT):
            for _ in range(rounds):
                _keep(results, load("limit", PEER_PORT, shapes["full view"], readers=readers, seconds=seconds))
        for kind, near_bytes in (("near", 64 * 1024 * 1024), ("warm", 0)):
            with served("bench.gateway:app", GATEWAY_PORT, BENCH_REDIS=server.url, CASEFOLD_NEAR_BYTES=str(near_bytes)):
                for shape, sent in shapes.items():
                    load("first", GATEWAY_PORT, sent, readers=1, seconds=0.5, check=check)
                    for _ in range(rounds):
                        name = f"{kind}, {shape}"
                        _keep(results, load(name, GATEWAY_PORT, sent, readers=readers, seconds=seconds, check=check))
                    _costs(f"{kind}, {shape}", client, sent, check)
    _table(results, rounds)


def _keep(results, result):
    results.setdefault(result.name, []).append(result)


def _costs(name, client, sent, check):
    """Counted over views one by one; the heartbeat of the announcements, once a second, is not theirs."""
    time.sleep(0.2)
    client.config_resetstat()
    result = load(name, GATEWAY_PORT, sent, readers=1, seconds=2.0, check=check, pace=1 / VIEWS)
    views = result.per_second * 2.0
    calls = {key.removeprefix("cmdstat_"): each["calls"] for key, each in client.info("commandstats").items()}
    ours = {key: count for key, count in calls.items() if key not in {"info", "config|resetstat", "config", "publish"}}
    reads = client.info("stats")["total_reads_processed"]
    print(f"{name}: per view {sum(ours.values()) / views:.2f} commands {ours}, {reads / views:.2f} reads from sockets")


def _table(results, rounds):
    limit = statistics.median(each.per_second for each in results["limit"])
    print(f"\nviews of what is kept, one core, medians of {rounds} rounds\n")
    print(f"{'':24}{'per second':>12}{'p50 ms':>9}{'p99 ms':>9}{'of the limit':>14}")
    for name, each in results.items():
        median = lambda field, each=each: statistics.median(getattr(one, field) for one in each)  # noqa: E731
        rate = median("per_second")
        print(f"{name:24}{rate:12.0f}{median('p50_ms'):9.2f}{median('p99_ms'):9.2f}{rate / limit:14.3f}")
