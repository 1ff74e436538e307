"""How fast cases are read while events move them, against the same reads while nothing happens.

`python -m bench moving [--orders 2000] [--events 200] [--seconds 4] [--rounds 5]`

Cases are read by Zipf's law, the full view, one round while all stands still and one while so many events a second change
the status of any order. The gateway settles them itself, on the core that it answers on. The goal is 0.60 of still.
"""

import itertools
import os
import random
import socket
import statistics
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import httpx

from bench.answers import PROOF
from bench.gateway import EVENTS_TOKEN, NEAR_BYTES, gateway
from bench.load import post
from bench.processes import GATEWAY_PORT, LOAD_CORE, upstream
from bench.questions import asked
from bench.rounds import MARKS
from bench.temperatures import HOT
from bench.wrk import loaded
from cache.embedded import EmbeddedRedis

GOAL = 0.60
READS = 4_000
READERS, TIMES_ASKED = 8, 4
BATCHES = 10
STATUSES = ("RELEASED", "PARTIALLY_SHIPPED", "SHIPPED")


def run(orders, events, seconds, rounds):
    os.sched_setaffinity(0, {LOAD_CORE})
    drawn = random.Random(7)  # noqa: S311  # the same each time
    numbers = drawn.choices(range(orders), [1 / (n + 1) for n in range(orders)], k=READS)
    reads = [_request(n) for n in numbers]
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedRedis(Path(folder)) as redis,
        upstream(0.0) as port,
        gateway(redis.url, port, near_bytes=8 * NEAR_BYTES),
    ):
        print(f"full views of {orders:,} cases by Zipf's law, {rounds} rounds of {seconds:g} s each\n")
        for _ in range(TIMES_ASKED):
            _ask_each(orders)
        pairs = [(_read(reads, seconds), _read_moving(reads, seconds, events, orders)) for _ in range(rounds)]
    ratios = [moving / still for still, moving in pairs]
    print(f"{'still':24}{statistics.median(still for still, _ in pairs):10,.0f} answers/s")
    print(f"{f'{events} events a second':24}{statistics.median(moving for _, moving in pairs):10,.0f} answers/s")
    print(f"{'ratio':24}{statistics.median(ratios):10.2f}   {' '.join(f'{each:.2f}' for each in ratios)}; goal: {GOAL}")


def _ask_each(orders):
    """Each order once."""
    with ThreadPoolExecutor(READERS) as readers:
        list(readers.map(_ask_some, (range(n, orders, READERS) for n in range(READERS))))


def _ask_some(numbers):
    with socket.create_connection(("127.0.0.1", GATEWAY_PORT)) as wire, wire.makefile("rb") as answers:
        for n in numbers:
            wire.sendall(_request(n))
            while (line := answers.readline()) != b"\r\n":
                if line.lower().startswith(b"content-length:"):
                    size = int(line.split(b":")[1])
            answers.read(size)


def _request(n):
    return post("/graphql", asked("full", f"SO-{n}", HOT.freshness), PROOF)


def _read(reads, seconds):
    return loaded("casefold", GATEWAY_PORT, reads, seconds=seconds, check=MARKS["full"]).per_second


def _read_moving(reads, seconds, events, orders):
    over = threading.Event()
    sender = threading.Thread(target=_send, args=(events, orders, over))
    sender.start()
    try:
        return _read(reads, seconds)
    finally:
        over.set()
        sender.join()


def _send(events, orders, over):
    """So many events a second, in ten batches."""
    counted = itertools.count(time.time_ns())
    headers = {"authorization": f"Bearer {EVENTS_TOKEN}-erp", "content-type": "application/cloudevents-batch+json"}
    with httpx.Client(base_url=f"http://127.0.0.1:{GATEWAY_PORT}", headers=headers) as client:
        due = time.monotonic()
        while not over.is_set():
            batch = [_event(next(counted), random.randrange(orders)) for _ in range(events // BATCHES)]  # noqa: S311
            answer = client.post("/events", json=batch)
            if answer.status_code != 202:
                raise RuntimeError(f"wrong answer: {answer.status_code} {answer.text[:300]}")
            due += 1 / BATCHES
            time.sleep(max(due - time.monotonic(), 0))


def _event(n, order):
    number = f"SO-{order}"
    return {
        "specversion": "1.0",
        "id": f"e-{n}",
        "source": "erp",
        "type": "casefold.order.state.v1",
        "subject": number,
        "time": datetime.now(UTC).isoformat(),
        "data": {"number": number, "status": STATUSES[n % 3], "customerId": "C-77"},
    }
