"""F1 over the real store: whatever order events come in, and however often, the same bytes are kept."""

import random
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from app.settings import configure
from app.wiring import build
from cache.inbox import Letter
from cache.keys import Keys
from cache.server import Server
from cache.store import Store
from domain.identity import EntityKey, EntityKind
from domain.known import Nature, known_of
from domain.observation import Snapshot
from domain.order import Order, OrderStatus
from events.envelope import Envelope, encode
from events.settle import Settling
from tests.callers import ANYBODY

START = datetime(2026, 11, 23, tzinfo=UTC)
ORDERS, EVENTS = 500, 10_000
STATUSES = [status for status in OrderStatus if status is not OrderStatus.UNKNOWN]


def letter(n, rng):
    number = f"SO-{rng.randrange(ORDERS)}"
    time = START + timedelta(seconds=rng.randrange(1_000))
    kind = rng.choice(["state"] * 8 + ["hint", "retracted"])
    data = f'{{"number": "{number}", "status": "{rng.choice(STATUSES).value}"}}' if kind == "state" else "null"
    event = Envelope("1.0", f"e-{n}", "erp", f"casefold.order.{kind}.v1", time, number)
    body = encode(event).replace(b'"data":null', f'"data":{data}'.encode())
    return Letter("event", "erp", f"e-{n}", body, START, "c-1", {})


def answer(n, rng):
    """What the source said when it was asked in between."""
    number, moment = f"SO-{rng.randrange(ORDERS)}", START + timedelta(seconds=rng.randrange(1_000), microseconds=n)
    key = EntityKey(tenant="main", source="erp", kind=EntityKind.ORDER, id=number)
    content = Order(number=number, status=rng.choice(STATUSES))
    return known_of(Snapshot(key, content, None, moment, verified_at=moment))


async def kept(client, tenant):
    names = sorted([name async for name in client.scan_iter(match=f"casefold:{{{tenant}:*state*", count=1_000)])
    return {name.decode().partition("}")[2]: value for name, value in zip(names, await client.mget(names), strict=True)}


@pytest.mark.parametrize("seed", [7, 8])
async def test_f1_ten_thousand_events_shuffled_a_third_twice_and_answers_in_between(redis, client, seed):
    rng = random.Random(seed)
    letters, answers = [letter(n, rng) for n in range(EVENTS)], [answer(n, rng) for n in range(1_000)]
    wired = build(
        configure(
            {**ANYBODY, "sources": [{"id": "erp", "adapter": "canonical", "base_url": "http://127.0.0.1:1"}]}, {}
        ),
        redis.url,
    )
    server = Server(redis.url)
    await server.open()
    shuffled = letters + rng.sample(letters, EVENTS // 3)
    rng.shuffle(shuffled)
    for tenant, sent in (("inorder", letters), ("shuffled", shuffled)):
        store = Store(server, Keys(tenant))
        settling = Settling(store, wired.gateway.reader.upstreams, {})
        asked = iter(answers if tenant == "inorder" else rng.sample(answers, len(answers)))
        for start in range(0, len(sent), 500):
            settled = await settling.settle(sent[start : start + 500])
            assert not any(each.reasons for each in settled)
            await store.settle([(known, Nature()) for known in islice(asked, 60)])
    one, other = await kept(client, "inorder"), await kept(client, "shuffled")
    assert len(one) == ORDERS
    assert one == other
    await server.aclose()
