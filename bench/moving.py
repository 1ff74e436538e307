"""How fast cases are read while events move them, against the same reads while nothing happens.

`python -m bench moving [--orders 2000] [--events 200] [--seconds 4] [--rounds 5]`

Cases are read by Zipf's law, the full view, one round while all stands still and one while so many events a second change
the status of any order. They are settled and announced from outside, as another gateway does: what is measured is what
it costs those who read that it has changed. The goal is 0.60 of still.
"""

import asyncio
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

from msgspec.structs import replace

from bench.answers import PROOF
from bench.gateway import NEAR_BYTES, gateway
from bench.load import post
from bench.processes import GATEWAY_PORT, LOAD_CORE, upstream
from bench.questions import asked
from bench.rounds import MARKS
from bench.temperatures import HOT
from bench.work import entities
from bench.wrk import loaded
from cache.embedded import EmbeddedRedis
from cache.keys import Keys
from cache.server import Server
from cache.store import Store
from domain.identity import MAIN_TENANT, EntityKey, EntityKind
from domain.known import Nature, known_of
from domain.observation import Channel, Snapshot
from domain.order import OrderStatus

GOAL = 0.60
READS = 4_000
READERS, TIMES_ASKED = 8, 4
BATCHES = 10
STATUSES = (OrderStatus.RELEASED, OrderStatus.PARTIALLY_SHIPPED, OrderStatus.SHIPPED)
NATURE = Nature()


def run(orders, events, seconds, rounds):
    os.sched_setaffinity(0, {LOAD_CORE})
    drawn = random.Random(7)  # noqa: S311  # the same each time
    numbers = drawn.choices(range(orders), [1 / (n + 1) for n in range(orders)], k=READS)
    reads = [_request(n) for n in numbers]
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedRedis(Path(folder)) as redis,
        upstream(0.0) as port,
        gateway(redis.url, port, near_bytes=8 * NEAR_BYTES, settles=False),
    ):
        print(f"full views of {orders:,} cases by Zipf's law, {rounds} rounds of {seconds:g} s each\n")
        for _ in range(TIMES_ASKED):
            _ask_each(orders)
        pairs = [_pair(redis.url, reads, seconds, events, orders) for _ in range(rounds)]
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


def _pair(redis_url, reads, seconds, events, orders):
    """One round of each; before both, what events had moved is read once more."""
    pair = []
    for read in (_read, lambda *given: _read_moving(redis_url, *given, events, orders)):
        _ask_each(orders)
        pair.append(read(reads, seconds))
    return pair


def _read(reads, seconds):
    return loaded("casefold", GATEWAY_PORT, reads, seconds=seconds, check=MARKS["full"]).per_second


def _read_moving(redis_url, reads, seconds, events, orders):
    over = threading.Event()
    sender = threading.Thread(target=_send, args=(redis_url, events, orders, over))
    sender.start()
    try:
        return _read(reads, seconds)
    finally:
        over.set()
        sender.join()


def _send(redis_url, events, orders, over):
    """So many events a second, in ten batches."""
    asyncio.run(_settle(redis_url, events, orders, over))


async def _settle(redis_url, events, orders, over):
    server = Server(redis_url)
    await server.open()
    store, due = Store(server, Keys(MAIN_TENANT)), time.monotonic()
    while not over.is_set():
        moved = random.sample(range(orders), events // BATCHES)
        await store.settle([(known_of(_moved(order)), NATURE) for order in moved])
        due += 1 / BATCHES
        await asyncio.sleep(max(due - time.monotonic(), 0))
    await server.aclose()


def _moved(n):
    [(_, order)] = entities(EntityKind.ORDER, f"SO-{n}")
    now = datetime.now(UTC)
    key = EntityKey(tenant=MAIN_TENANT, source="erp", kind=EntityKind.ORDER, id=order.number)
    moved = replace(order, status=random.choice(STATUSES), purchase_order_number=f"PO-{n}")  # noqa: S311
    return Snapshot(key, moved, now, now, Channel.EVENT)
