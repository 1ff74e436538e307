"""The journal: kept within its bounds, and enough to make the same state again (F10)."""

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest

from cache.inbox import InboxStream, Letter, Retention
from cache.server import Server
from cache.stopping import stop
from domain.clock import SystemClock
from domain.identity import EntityKey, EntityKind
from domain.known import digest_of
from events.replay import Choice, Replay
from tests.events.test_doors import Running, event

STATUSES = ["DRAFT", "CONFIRMED", "RELEASED", "PARTIALLY_SHIPPED", "SHIPPED", "CANCELLED"]
TMS = {"authorization": "Bearer t-3"}


@pytest.fixture
async def running(redis, client):  # noqa: ARG001  # the client empties it
    async with Running(redis.url) as running:
        yield running


def milestone(n, shipment, code, ago):
    moment = (datetime.now(UTC) - timedelta(seconds=ago)).isoformat()
    data = {"code": code, "classifier": "ACTUAL", "occurredAt": moment, "recordedAt": moment, "sourceCode": code}
    kind = "casefold.shipment.milestone.v1"
    return event(f"m{n}", kind=kind, source="tms", subject=shipment, data=data | {"source": "tms"}, ago=ago)


async def send_a_history(running):
    chance = random.Random(4)
    orders = [event(n, chance.choice(STATUSES), f"SO-{n % 20}", ago=chance.randrange(900)) for n in range(300)]
    codes = ["PICKED_UP", "DEPARTED", "DELIVERED"]
    moves = [milestone(n, f"S-{n % 20}", chance.choice(codes), ago=chance.randrange(900)) for n in range(200)]
    for start in range(0, 300, 50):
        await running.send(orders[start : start + 50])
        await running.send(moves[start : start + 50], **TMS)
    await running.settled()


async def digests(store):
    keys = [EntityKey(tenant="main", source="erp", kind=EntityKind.ORDER, id=f"SO-{n}") for n in range(20)]
    keys += [EntityKey(tenant="main", source="tms", kind=EntityKind.SHIPMENT, id=f"S-{n}") for n in range(20)]
    return [known and digest_of(known) for known in await store.known(keys)]


async def wipe_the_state(client):
    for pattern in ("*:state:*", "*:links:*", "*:listing:*", "*:transitions"):
        async for key in client.scan_iter(pattern):
            await client.delete(key)


def replay(wired, per_second=100_000):
    return Replay(wired.main.inbox, wired.main.settling, SystemClock(), per_second)


async def test_f10_the_state_is_wiped_and_made_again_byte_for_byte(running, client):
    await send_a_history(running)
    store = running.wired.main.settling.store
    before, told = await digests(store), await client.xlen(store.keys.outgoing(0))
    assert None not in before
    await wipe_the_state(client)
    assert set(await digests(store)) == {None}
    dry = await replay(running.wired).run(Choice(), is_dry=True, progress=lambda _: None)
    assert (len(dry.changes), dry.events) == (40, 500)
    assert set(await digests(store)) == {None}
    seen = []
    report = await replay(running.wired).run(Choice(), is_dry=False, progress=lambda told: seen.append(told.entries))
    assert (report.letters, report.events, report.unusable) == (500, 500, 0)
    assert seen == sorted(seen)
    assert await digests(store) == before
    assert await client.xlen(store.keys.outgoing(0)) == told > 20, "nobody is told of the past"


async def test_replayed_while_live_and_broken_off_it_changes_nothing(running):
    await send_a_history(running)
    store = running.wired.main.settling.store
    before = await digests(store)
    for seconds in (0.02, 0.05):
        work = replay(running.wired, per_second=2_000).run(Choice(), is_dry=False, progress=lambda _: None)
        task = asyncio.create_task(work)
        await asyncio.sleep(seconds)
        assert not task.done()
        await stop([task])
    dry = await replay(running.wired).run(Choice(), is_dry=True, progress=lambda _: None)
    assert (dry.changes, await digests(store)) == ((), before)


async def test_what_is_replayed_can_be_chosen(running, client):
    await send_a_history(running)
    await wipe_the_state(client)

    async def chosen(**choice):
        report = await replay(running.wired).run(Choice(**choice), is_dry=True, progress=lambda _: None)
        return report.letters, {change.key.id[:2] for change in report.changes}

    assert await chosen(source="tms") == (200, {"S-"})
    assert await chosen(entity="SO-3") == (15, {"SO"})
    now = datetime.now(UTC)
    assert await chosen(since=now + timedelta(minutes=1)) == (0, set())
    assert await chosen(until=now - timedelta(minutes=1)) == (0, set())
    assert (await chosen(since=now - timedelta(minutes=1)))[0] == 500


@pytest.fixture
async def box(redis, client):  # noqa: ARG001  # the client empties it
    server = Server(redis.url)
    await server.open()
    yield lambda **kept: InboxStream(server, "test:{a}", Retention(**{"time": timedelta(days=1), "size": 2**30} | kept))
    await server.aclose()


def letters(first, last, size=10):
    now = datetime.now(UTC)
    return [Letter("event", "erp", f"e-{n}", b"x" * size, now, "c") for n in range(first, last)]


async def settle_one_entry(inbox):
    [entry] = await inbox.take(1, timedelta(seconds=1))
    await inbox.done([entry])


async def test_what_is_older_than_the_journal_goes_but_never_before_it_is_settled(box):
    inbox = box()
    await inbox.open()
    for n in range(3):
        await inbox.accept(letters(n, n + 1))
    await settle_one_entry(inbox)
    tomorrow = datetime.now(UTC) + timedelta(days=2)
    assert await inbox.trim(datetime.now(UTC)) == 0
    await inbox.trim(tomorrow)
    assert await inbox.waiting() == 2
    for _ in range(2):
        await settle_one_entry(inbox)
    await inbox.trim(tomorrow)
    assert await inbox.length() <= 1


async def test_what_is_in_a_worker_s_hands_stays(box):
    inbox = box()
    await inbox.open()
    for n in range(3):
        await inbox.accept(letters(n, n + 1))
    [in_hand] = await inbox.take(1, timedelta(seconds=1))
    await inbox.trim(datetime.now(UTC) + timedelta(days=2))
    assert (await inbox.length(), await inbox.waiting()) == (3, 3)
    await inbox.done([in_hand])


async def test_a_worker_goes_on_after_the_store_was_emptied(running, client):
    await running.send([event(1)])
    await running.settled()
    await client.flushdb()
    await running.send([event(2, number="SO-2")])
    await running.settled()
    assert [node["number"] for node in (await running.orders("SO-2"))["nodes"]] == ["SO-2"]


async def test_the_journal_is_bounded_in_bytes(box, client):
    inbox = box(size=200_000)
    await inbox.open()
    for n in range(100):
        await inbox.accept(letters(10 * n, 10 * n + 10, size=1_000))
        await settle_one_entry(inbox)
    for _ in range(3):
        await inbox.trim(datetime.now(UTC))
    assert await client.memory_usage("test:{a}:inbox", samples=0) < 250_000
    assert await inbox.length() > 10
