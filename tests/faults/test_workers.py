"""Workers die, pause, race and are flooded: nothing is lost, nothing goes back, nothing is told twice."""

import asyncio
import json
import random
import signal
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from app.settings import configure
from app.wiring import build
from cache.embedded import EmbeddedRedis
from cache.inbox import InboxStream, Letter, Retention
from cache.keys import Keys
from cache.parking import Parking
from cache.server import Server
from cache.store import Store
from domain.clock import ManualClock, SystemClock
from domain.identity import EntityKey, EntityKind
from events.envelope import BATCH, Envelope, encode
from events.replay import Choice, Replay
from events.settle import Settling
from events.worker import Worker
from tests.callers import ANYBODY
from tests.faults.rigs import CanonicalSystem, Proxy, RedisProcess, ServedGateway

START = datetime(2026, 11, 23, tzinfo=UTC)
ORDERS = 20
STATUSES = ["CONFIRMED", "RELEASED", "SHIPPED", "ON_HOLD"]
SOURCE = {"id": "erp", "adapter": "canonical", "base_url": "http://127.0.0.1:1"}
WIRED = build(configure({**ANYBODY, "sources": [SOURCE]}, {}), "unix:///dev/null")


class Crash(BaseException):
    """The process is gone."""


def letter(n, chance, poison=0.05):
    number, moment = f"SO-{chance.randrange(ORDERS)}", START + timedelta(seconds=n)
    data = {"number": number} if chance.random() < poison else {"number": number, "status": chance.choice(STATUSES)}
    event = Envelope("1.0", f"e-{n}", "erp", "casefold.order.state.v1", moment, number)
    body = encode(event).replace(b'"data":null', b'"data":' + json.dumps(data).encode())
    return Letter("event", "erp", f"e-{n}", body, START, "c-1")


class Site:
    """The inbox, the store and the workers of one tenant."""

    def __init__(self, server, tenant):
        keys = Keys(tenant)
        self.server, self.store = server, Store(server, keys)
        self.parking = Parking(server, keys.inbox())
        self.prefix = keys.inbox()

    def worker(self):
        inbox = InboxStream(self.server, self.prefix, Retention(timedelta(days=1), 2**30))
        settling = Settling(self.store, WIRED.gateway.reader.upstreams, {})
        return Worker(self.server, inbox, settling, self.parking, SystemClock())

    async def told(self):
        stream = self.store.keys.outgoing(0)
        found = await self.server.command("XRANGE", stream, "-", "+")
        return Counter(
            json.loads(
                dict(zip(fields[::2], fields[1::2], strict=True) if isinstance(fields, list) else fields)[b"event"]
            )["id"]
            for _, fields in found
        )

    async def work_off(self, workers):
        """By several workers in turn, each with whatever befalls it, until nothing waits."""
        for _ in range(1_000):
            worker = workers()
            inbox = worker._inbox
            await inbox.open()
            entries = await inbox.take_again(5, timedelta(0)) or await inbox.take(5, timedelta(milliseconds=1))
            if not entries and await inbox.waiting() == 0:
                return
            with suppress(Crash):
                await worker.work(entries)
        raise AssertionError("it does not come to an end")


@pytest.fixture
async def server(redis, client):  # noqa: ARG001  # the client empties it
    server = Server(redis.url)
    await server.open()
    yield server
    await server.aclose()


def crashing(worker, point, chance):
    """A worker that may die at this point."""

    def dying(call, *, after):
        async def guarded(*arguments, **named):
            is_last = chance.random() < 0.4
            if is_last and not after:
                raise Crash
            result = await call(*arguments, **named)
            if is_last:
                raise Crash
            return result

        return guarded

    store = worker._settling.store
    store = worker._settling.store = Store(store.server, store.keys)
    match point:
        case "read":
            worker._settling.settle = dying(worker._settling.settle, after=False)
        case "merged":
            store._write = dying(store._write, after=False)
        case "written":
            store._write = dying(store._write, after=True)
        case "before it is acknowledged":
            worker._inbox.done = dying(worker._inbox.done, after=False)
    return worker


POINTS = ("read", "merged", "written", "before it is acknowledged")


async def test_f1_f3_killed_at_any_point_it_ends_as_if_nothing_had_happened(server):
    for seed in range(50):
        chance = random.Random(seed)
        letters = [letter(n, chance) for n in range(60)]
        calm, troubled = Site(server, f"calm{seed}"), Site(server, f"troubled{seed}")
        for site in (calm, troubled):
            inbox = site.worker()._inbox
            for start in range(0, 60, 12):
                await inbox.accept(letters[start : start + 12])
        await calm.work_off(calm.worker)
        await troubled.work_off(lambda: crashing(troubled.worker(), chance.choice(POINTS), chance))  # noqa: B023  # used at once
        assert _contents(await _known(calm)) == _contents(await _known(troubled)), seed
        parked = [{each.letter.id for each in (await site.parking.newest(100)).values()} for site in (calm, troubled)]
        assert parked[0] == parked[1], seed
        assert set((await troubled.told()).values()) <= {1}, "nothing is told twice"
        assert await troubled.worker()._inbox.pending() == {"erp": 0}


async def _known(site):
    key = {"tenant": site.store.keys.tenant, "source": "erp", "kind": EntityKind.ORDER}
    return await site.store.known([EntityKey(id=f"SO-{n}", **key) for n in range(ORDERS)])


def _contents(known):
    """Everything but whose it is."""
    return [each and (each.latest, each.hinted_at, each.occurrences, each.retracted) for each in known]


async def test_a_worker_that_was_paused_and_goes_on_changes_nothing(server):
    site, chance = Site(server, "zombie"), random.Random(1)
    zombie, other = site.worker(), site.worker()
    await zombie._inbox.open()
    await zombie._inbox.accept([letter(n, chance, poison=0) for n in range(50)])
    in_hand = await zombie._inbox.take(10, timedelta(seconds=1))
    await zombie._inbox.accept([letter(n, chance, poison=0) for n in range(50, 100)])
    await site.work_off(lambda: other)
    before = _contents(await _known(site))
    told = await site.told()
    await zombie.work(in_hand)
    assert _contents(await _known(site)) == before
    assert await site.told() == told
    assert await zombie._inbox.pending() == {"erp": 0}


async def test_two_workers_of_one_name_do_no_harm(server):
    site, chance = Site(server, "twins"), random.Random(2)
    one, other = site.worker(), site.worker()
    other._inbox.consumer = one._inbox.consumer
    await one._inbox.open()
    letters = [letter(n, chance, poison=0) for n in range(200)]
    for start in range(0, 200, 5):
        await one._inbox.accept(letters[start : start + 5])

    async def run(worker):
        while await worker._inbox.waiting():
            entries = await worker._inbox.take_again(3, timedelta(0)) or await worker._inbox.take(
                3, timedelta(milliseconds=1)
            )
            if entries:
                await worker.work(entries)

    await asyncio.gather(run(one), run(other))
    calm = Site(server, "single")
    await calm.worker()._inbox.accept(letters)
    await calm.work_off(calm.worker)
    assert _contents(await _known(site)) == _contents(await _known(calm))
    assert set((await site.told()).values()) == {1}


async def test_settling_does_not_depend_on_our_clock(server):
    chance = random.Random(3)
    letters = [letter(n, chance, poison=0) for n in range(100)]
    seen = []
    for minutes in (0, 10, -10):
        site = Site(server, f"clock{minutes + 10}")
        worker = site.worker()
        worker._clock = ManualClock(datetime.now(UTC) + timedelta(minutes=minutes))
        received = worker._clock.now()
        shifted = [Letter(each.form, each.source, each.id, each.body, received, "c-1") for each in letters]
        await worker._inbox.accept(shifted)
        await site.work_off(lambda: worker)  # noqa: B023  # used at once
        seen.append(_contents(await _known(site)))
    assert seen[0] == seen[1] == seen[2]


async def test_f2_a_reader_never_sees_anything_go_back(server):
    """Each event counts one up; they come shuffled and three times, over two workers, while somebody looks."""
    site, chance = Site(server, "monotonic"), random.Random(5)

    def counted(n):
        number, moment = f"SO-{n % ORDERS}", START + timedelta(seconds=n)
        data = {"number": number, "status": "CONFIRMED", "purchaseOrderNumber": f"{n:06}"}
        event = Envelope("1.0", f"e-{n}", "erp", "casefold.order.state.v1", moment, number)
        return Letter(
            "event",
            "erp",
            f"e-{n}",
            encode(event).replace(b'"data":null', b'"data":' + json.dumps(data).encode()),
            START,
            "c",
        )

    letters = [counted(n) for n in range(10_000)]
    sent = [
        Letter(each.form, each.source, f"{each.id}/{time}", each.body, START, "c")
        for each in letters
        for time in range(3)
    ]
    chance.shuffle(sent)
    seen, looks, is_over = {}, 0, False

    async def look():
        nonlocal looks
        while not is_over:
            for known in await _known(site):
                if known is not None:
                    count = known.current.content.purchase_order_number
                    assert count >= seen.get(known.key.id, ""), "it went back"
                    seen[known.key.id] = count
            looks += 1
            await asyncio.sleep(0.01)

    looking = asyncio.create_task(look())
    workers = [site.worker(), site.worker()]
    await workers[0]._inbox.open()
    for worker in workers:
        worker.open()
    for start in range(0, len(sent), 500):
        await workers[0]._inbox.accept(sent[start : start + 500])
    while await workers[0]._inbox.waiting():  # noqa: ASYNC110  # it is another process that would set an event
        await asyncio.sleep(0.05)
    is_over = True
    await looking
    for worker in workers:
        await worker.aclose()
    assert looks > 20
    assert seen == {f"SO-{n}": f"{9_980 + n:06}" for n in range(ORDERS)}


@pytest.fixture
def redis_process(tmp_path):
    with RedisProcess(tmp_path) as redis:
        yield redis


def batch(first, last):
    now = datetime.now(UTC).isoformat()
    return json.dumps(
        [
            {
                "specversion": "1.0",
                "id": f"b-{n}",
                "source": "erp",
                "type": "casefold.order.state.v1",
                "subject": f"SO-{n % 5_000}",
                "time": now,
                "data": {"number": f"SO-{n % 5_000}", "status": STATUSES[n % 4]},
            }
            for n in range(first, last)
        ]
    ).encode()


HEADERS = {"authorization": "Bearer t-1", "content-type": BATCH}


async def test_fifty_thousand_events_at_once_and_views_stay_within_their_deadline(redis_process, tmp_path):
    async with (
        CanonicalSystem().open() as system,
        ServedGateway(tmp_path, system.url, redis_process.url, events_token="t-1").without_worker() as gateway,
    ):
        worker, took = gateway.worker(), []
        try:
            await gateway.orders("SO-1")

            async def look():
                while worker.poll() is None:
                    started = time.monotonic()
                    section = await gateway.orders(f"SO-{len(took) % 50}", 'onStale: SERVE_STALE, maxAge: "PT1M"')
                    took.append(time.monotonic() - started)
                    assert section["nodes"]
                    await asyncio.sleep(0.02)

            looking = asyncio.create_task(look())
            async with httpx.AsyncClient(base_url=gateway.url, timeout=20) as client:
                for start in range(0, 50_000, 500):
                    while (
                        answer := await client.post("/events", content=batch(start, start + 500), headers=HEADERS)
                    ).status_code != 202:
                        assert answer.status_code in {429, 503}
                        await asyncio.sleep(0.5)
            server = Server(redis_process.url)
            await server.open()
            inbox = InboxStream(server, Keys("main").inbox(), Retention(timedelta(days=1), 2**30))
            for _ in range(600):
                if await inbox.waiting() == 0:
                    break
                await asyncio.sleep(0.1)
            assert await inbox.waiting() == 0
            await server.aclose()
            looking.cancel()
            assert len(took) > 20
            assert max(took) <= 2.0 + 0.3
        finally:
            worker.kill()
            worker.wait()


async def test_asked_to_end_under_load_it_finishes_what_it_began(redis_process, tmp_path):
    async with CanonicalSystem(delay_seconds=0.2).open() as system:
        gateway = ServedGateway(tmp_path, system.url, redis_process.url, events_token="t-1")
        async with gateway:
            answers = []
            query = (
                "{ caseView(key: {orderNumber: NUMBER}, freshness: {maxAge: ZERO}) { orders { nodes { number } } } }"
            )

            async def look(number):
                asked = query.replace("NUMBER", f'"SO-{number}"').replace("ZERO", '"PT0S"')
                async with httpx.AsyncClient(base_url=gateway.url, timeout=20) as client:
                    while gateway.process.poll() is None:
                        started = time.monotonic()
                        try:
                            answers.append(
                                (started, (await client.post("/graphql", json={"query": asked})).status_code)
                            )
                        except httpx.HTTPError as error:
                            answers.append((started, type(error).__name__))
                            await asyncio.sleep(0.05)

            readers = [asyncio.create_task(look(number)) for number in range(20)]
            await asyncio.sleep(1)
            began = time.monotonic()
            gateway.process.send_signal(signal.SIGTERM)
            while gateway.process.poll() is None:
                assert time.monotonic() - began < 10
                await asyncio.sleep(0.05)
            await asyncio.gather(*readers)
        in_hand = [outcome for started, outcome in answers if started < began - 0.05]
        assert len(in_hand) >= 20
        assert set(in_hand) == {200}, "what was under way is answered"
        assert any(outcome == "ConnectError" for _, outcome in answers), "what comes later is refused"


async def test_a_slow_disk_or_wire_slows_the_workers_and_nothing_else(tmp_path):
    with RedisProcess(tmp_path) as redis:
        async with Proxy(redis.port).open() as wire:
            wire.delay_seconds = 0.05
            server = Server(wire.url)
            await server.open()
            site, chance = Site(server, "slow"), random.Random(9)
            worker = site.worker()
            await worker._inbox.open()
            await worker._inbox.accept([letter(n, chance, poison=0) for n in range(100)])
            await site.work_off(lambda: worker)
            assert (await worker._inbox.waiting(), len(await site.told()) > 10) == (0, True)
            await server.aclose()


async def test_a_killed_store_is_waited_for_by_the_workers(tmp_path):
    with EmbeddedRedis(tmp_path) as redis:
        server = Server(redis.url)
        await server.open()
        site, chance = Site(server, "killed"), random.Random(9)
        worker = site.worker()
        await worker._inbox.open()
        await worker._inbox.accept([letter(n, chance, poison=0) for n in range(50)])
        redis.stop()
        worker.open()
        await asyncio.sleep(0.5)
        redis.start()
        for _ in range(200):
            with suppress(Exception):
                if await worker._inbox.waiting() == 0:
                    break
            await asyncio.sleep(0.05)
        assert await worker._inbox.waiting() == 0
        await worker.aclose()
        await server.aclose()


async def test_a_long_replay_twice_while_live_changes_nothing_and_holds_nobody_up(server):
    site, chance = Site(server, "replayed"), random.Random(11)
    worker = site.worker()
    inbox, settling = worker._inbox, worker._settling
    await inbox.open()
    worker.open()
    letters = [letter(n, chance, poison=0) for n in range(10_000)]
    for start in range(0, len(letters), 500):
        await inbox.accept(letters[start : start + 500])
    while await inbox.waiting():  # noqa: ASYNC110  # it is the store that says so
        await asyncio.sleep(0.05)
    before, told = _contents(await _known(site)), await site.told()

    async def replay_twice():
        for _ in range(2):
            work = Replay(inbox, settling, SystemClock(), per_second=4_000)
            report = await work.run(Choice(), is_dry=False, progress=lambda _: None)
            assert report.letters >= 10_000

    started = time.monotonic()
    replaying, lags, n = asyncio.create_task(replay_twice()), [], 0
    while not replaying.done():
        n += 1
        key = EntityKey(tenant="replayed", source="erp", kind=EntityKind.ORDER, id=f"LIVE-{n}")
        data = {"number": key.id, "status": "RELEASED"}
        event = Envelope("1.0", f"live-{n}", "erp", "casefold.order.state.v1", datetime.now(UTC), key.id)
        body = encode(event).replace(b'"data":null', b'"data":' + json.dumps(data).encode())
        sent = time.monotonic()
        await inbox.accept([Letter("event", "erp", f"live-{n}", body, datetime.now(UTC), "c")])
        while (await site.store.known([key])) == [None]:  # noqa: ASYNC110  # as above
            await asyncio.sleep(0.005)
        lags.append(time.monotonic() - sent)
        await asyncio.sleep(0.1)
    await replaying
    await worker.aclose()
    assert time.monotonic() - started >= 2 * len(letters) / 4_000 - 0.5, "no faster than it may"
    assert len(lags) > 20
    assert max(lags) <= 2
    assert _contents(await _known(site)) == before
    assert {name: count for name, count in (await site.told()).items() if name in told} == told
