"""What a page of the stall board costs, with a few and with many open orders, in a real Redis.

`python -m bench board [--orders 1000000] [--rounds 3]`

Every order is open and stands at one of the eight stages, in one of 4 warehouses or with one of 12 carriers; half of
them are overdue. What is measured is all of `stalled` but GraphQL: one script in Redis, and the reading of what tells
late data from late goods. The goal is 5 ms for the first page, whatever the number of orders.
"""

import asyncio
import os
import statistics
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import redis

from bench.processes import LOAD_CORE
from cache.agenda import Agenda, Concluding
from cache.board import Board, BoardFilter, attributes_of, name_of_row, score_of
from cache.codec import encode_standing
from cache.embedded import EmbeddedRedis
from cache.keys import Keys
from cache.memory import Memory
from cache.server import Server
from cache.store import Store
from domain.clock import SystemClock
from domain.conclusions import Conclusions
from domain.identity import EntityKind
from domain.money import Money
from domain.stages import Stage, Standing

FEW, GOAL_MS, PAGE, BATCH, CALLS = 1_000, 5.0, 25, 5_000, 200
KEYS = Keys("main")
STAGES = tuple(Stage)
ASKED = {
    "first page": BoardFilter(),
    "first page of one stage": BoardFilter(stages=frozenset({Stage.PAST_ETA})),
    "first page of a warehouse": BoardFilter(warehouse="W-3"),
    "first page of a customer": BoardFilter(customer_id="C-3"),
}
TWO = BoardFilter(warehouse="W-3", customer_id="C-3")


def run(orders=1_000_000, rounds=3):
    os.sched_setaffinity(0, {LOAD_CORE})
    few, many = _measured(FEW, rounds), _measured(orders, rounds)
    print(f"\npages of {PAGE}, medians of {rounds} rounds of {CALLS}, in ms; the goal for the first: {GOAL_MS}\n")
    print(f"{'open orders':36}{FEW:>12,}{orders:>12,}{'ratio':>8}")
    for name, took in few.items():
        print(f"{name:36}{took:12.2f}{many[name]:12.2f}{many[name] / took:8.2f}")


def _measured(orders, rounds):
    with tempfile.TemporaryDirectory() as folder, EmbeddedRedis(Path(folder)) as server:
        with closing(redis.Redis.from_url(server.url)) as client:
            client.config_set("appendonly", "no")
            started = time.perf_counter()
            for start in range(0, orders, BATCH):
                _fill(client, range(start, min(start + BATCH, orders)), orders)
            used = client.info("memory")["used_memory"]
            print(f"{orders:,} rows kept in {time.perf_counter() - started:.0f} s, {used / orders / 1024:.1f} KB each")
        return asyncio.run(_asked(server.url, rounds))


def _fill(client, numbers, orders):
    rows, indexes = {}, {}
    for standing in (_standing(n, orders) for n in numbers):
        name = name_of_row(standing)
        rows[name] = encode_standing(standing)
        for attributes in attributes_of(standing):
            indexes.setdefault(KEYS.board(0, standing.stage, attributes), {})[name] = score_of(standing)
    with client.pipeline(transaction=False) as pipeline:
        pipeline.hset(KEYS.board_rows(0), mapping=rows)
        for key, scores in indexes.items():
            pipeline.zadd(key, scores)
        pipeline.execute()


def _standing(n, orders):
    """Of all of them, half are overdue: from a week ago to a week ahead."""
    expected_by = datetime.now(UTC) + timedelta(weeks=2) * ((n * 7919 % orders) / orders - 0.5)
    is_in_warehouse = n % len(STAGES) < 2
    return Standing(
        stage=STAGES[n % len(STAGES)],
        since=expected_by - timedelta(hours=8),
        expected_by=expected_by,
        order_number=f"SO-{n}",
        kind=EntityKind.FULFILLMENT if is_in_warehouse else EntityKind.SHIPMENT,
        entity=f"E-{n}",
        source="wms" if is_in_warehouse else "tms",
        shipment_id=None if is_in_warehouse else f"E-{n}",
        customer_id=f"C-{n // 8 % 10}",
        warehouse=f"W-{n // 8 % 4}" if is_in_warehouse else None,
        carrier=None if is_in_warehouse else f"Carrier {n % 12}",
        last_event="in_transit",
        value_at_risk=Money(amount=Decimal("1240.00"), currency="EUR"),
    )


async def _asked(url, rounds):
    memory = Memory(Store(Server(url), KEYS), SystemClock(), near_bytes=0)
    await memory.open()
    board = Board(memory, {}, SystemClock())
    for asked in (*ASKED.values(), TWO):
        if not (await board.page(asked, PAGE)).rows:
            raise RuntimeError(f"nothing is on the page of {asked}")
    took = {name: await _cost(lambda asked=asked: board.page(asked, PAGE), rounds) for name, asked in ASKED.items()}
    cursor = (await board.page(BoardFilter(), PAGE)).rows[-1].cursor
    took["second page"] = await _cost(lambda: board.page(BoardFilter(), PAGE, cursor), rounds)
    took["first page of a warehouse and customer"] = await _cost(lambda: board.page(TWO, PAGE), rounds, calls=20)
    agenda = Agenda(memory.store)
    numbers = iter(range(10**9))
    took["one more row, written"] = await _cost(lambda: agenda.conclude([_concluding(next(numbers))]), rounds)
    await memory.aclose()
    return took


def _concluding(n):
    return Concluding(None, Conclusions(f"SO-N{n}", standings=(_standing(n, FEW),)), ())


async def _cost(ask, rounds, calls=CALLS):
    return statistics.median([await _round(ask, calls) for _ in range(rounds)]) * 1e3


async def _round(ask, calls):
    took = []
    for _ in range(calls):
        started = time.perf_counter()
        await ask()
        took.append(time.perf_counter() - started)
    return statistics.median(took)
