"""The store on a Redis Cluster of three nodes, and on every Redis that this machine has."""

import asyncio
import shutil
import time
from contextlib import aclosing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis import Redis

from app.rates import Allowed, Rates
from cache.changes import Changes
from cache.embedded import redis_server
from cache.keys import Keys
from cache.outbox import Outbox
from cache.server import Server
from cache.shared_answers import SharedAnswers
from cache.store import Store
from domain.caller import Caller, Role
from domain.clock import ManualClock
from domain.errors import StoreUnavailable, TooManyRequests
from domain.identity import CaseKey, Scheme
from domain.known import digest_of, merge
from domain.observation import Channel
from events.replay import Choice
from tests.cache.test_store import NATURE, key, known, linked, order, orders_of, reference, settle
from tests.events.test_doors import Running, event
from tests.events.test_journal import replay
from tests.faults.rigs import CanonicalSystem, Gateway, RedisProcess, said, statuses
from tests.waiting import wait_until

SLOTS = 16_384
CALLER = Caller(client="bot", roles=frozenset({Role.BOT}))


def _knows_all(info):
    return b"cluster_state:ok" in info and b"cluster_known_nodes:3" in info


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    folders = [tmp_path_factory.mktemp(f"node{n}") for n in range(3)]
    settings = ("--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--maxmemory-policy", "noeviction")
    nodes = [RedisProcess(folder, *settings) for folder in folders]
    for node in nodes:
        node.start()
    clients = [Redis.from_url(node.url) for node in nodes]
    for n, client in enumerate(clients):
        share = range(n * SLOTS // 3, (n + 1) * SLOTS // 3)
        client.execute_command("CLUSTER", "ADDSLOTS", *share)
        client.execute_command("CLUSTER", "MEET", "127.0.0.1", nodes[0].port)
    for client in clients:
        while not _knows_all(client.execute_command("CLUSTER", "INFO")):
            time.sleep(0.05)
        client.close()
    yield nodes
    for node in nodes:
        node.kill()


async def test_gateways_count_together_on_a_cluster(cluster):
    clock, allowed = ManualClock(datetime(2026, 11, 27, tzinfo=UTC)), Allowed(asked="2 per hour")
    one, two = (Rates(allowed, clock, node.url) for node in cluster[:2])
    keys = [CaseKey.quoted("orderNumber", f"SO-{n}") for n in range(60)]
    for gateway in (one, two):
        gateway.asked(CALLER, None, keys)
        while gateway._asked.due:
            with suppress(StoreUnavailable):  # this machine may be busy, and an answer late
                await gateway.sharing.share()
    with pytest.raises(TooManyRequests):
        two.asked(CALLER, None, keys[-1:])
    for gateway in (one, two):
        await gateway.aclose()


async def test_a_cluster_is_noticed_and_its_keys_are_spread(cluster):
    server = Server(cluster[0].url)
    await server.open()
    assert server.primaries == 3
    store = Store(server, Keys("main", 3))
    names = [f"SO-{n}" for n in range(60)]
    first = await store.settle([(order(1, number=name), NATURE) for name in names])
    assert await known(store, *names) == [first[key(name)] for name in names]
    assert [await linked(store, orders_of(Scheme.SO, name)) for name in names] == [{name} for name in names]
    for node in cluster:
        assert Redis.from_url(node.url).dbsize() > 10
    await server.aclose()


async def test_writers_of_a_cluster_end_in_one_state(cluster):
    servers = [Server(node.url) for node in cluster]
    await asyncio.gather(*(server.open() for server in servers))
    stores = [Store(server, Keys("race", 3)) for server in servers]
    history = [
        order(second, number="SO-7", references=(reference(Scheme.TRACKING, f"1Z{second}"),)) for second in range(30)
    ]
    expected = history[0]
    for seen in history[1:]:
        expected = merge(expected, seen, NATURE)
    await asyncio.gather(*(settle(stores[n % 3], seen) for n, seen in enumerate(history)))
    [found] = await known(stores[0], "SO-7")
    assert digest_of(found) == digest_of(expected)
    assert await linked(stores[1], orders_of(Scheme.TRACKING, "1Z29")) == {"SO-7"}
    assert await linked(stores[1], orders_of(Scheme.TRACKING, "1Z28")) == set()
    for server in servers:
        await server.aclose()


async def test_gateways_on_a_cluster_hear_each_other(cluster):
    async with (
        CanonicalSystem().open() as system,
        Gateway(cluster[0].url, system.url) as one,
        Gateway(cluster[1].url, system.url) as other,
    ):
        for _ in range(2):
            assert statuses(await other.orders("SO-90")) == ["RELEASED"]
            await asyncio.sleep(0.2)
        system.status = "SHIPPED"
        await one.orders("SO-90", 'maxAge: "PT0S"')
        await asyncio.sleep(0.1)
        assert statuses(await other.orders("SO-90")) == ["SHIPPED"]
        assert said(await one.orders("SO-90")) == ("FRESH", "CACHE")
        assert system.calls == 2


async def test_a_cluster_shares_no_answers(cluster):
    """Its nodes cannot look at each other's keys, so no command could tell whether an answer still is one."""
    server = Server(cluster[0].url)
    shared = SharedAnswers(Store(server, Keys("main", 3)), Changes(), "1")
    await server.open()
    assert not shared.is_on
    await server.aclose()


async def test_events_out_of_a_cluster_are_heard_whatever_node_they_are_on(cluster):
    server = Server(cluster[0].url)
    await server.open()
    store, heard = Store(server, Keys("out", 3)), []
    outbox = Outbox(store)

    async def hear():
        async for told in outbox.follow(await outbox.end()):
            heard.append(told)  # noqa: PERF401  # one by one, as they come

    hearing = asyncio.create_task(hear())
    await outbox.open("desk")
    await asyncio.sleep(0.5)
    for n in range(30):
        await settle(store, order(n, number=f"SO-{n}", channel=Channel.EVENT))
    await wait_until(lambda: len(heard) == 30)
    hearing.cancel()
    assert {told.event.order_number for told in heard} == {f"SO-{n}" for n in range(30)}
    taken = [told for partition in outbox.partitions for told in await outbox.take("desk", partition)]
    assert {told.number for told in taken} == {told.number for told in heard}
    assert len({told.partition for told in taken}) > 1
    for told in taken:
        await outbox.done("desk", told)
    assert [await outbox.left("desk", partition) for partition in outbox.partitions] == [[], [], []]
    await server.aclose()


async def one_by_one(events, cursor, count):
    """What somebody hears whose connection breaks after every event."""
    numbers = []
    for _ in range(count):
        async with aclosing(events.listen(cursor)) as listening:
            heard = await anext(listening)
        numbers.append(heard.event.order_number)
        cursor = heard.cursor
    return numbers


async def test_events_come_in_and_go_out_over_a_cluster(cluster):
    async with Running(cluster[0].url) as running:
        events, heard = running.wired.gateway.operational_events, []
        await wait_until(lambda: running.wired.gateway.reader.memory.is_up)
        began = await events.now()

        async def hear():
            async for told in running.wired.gateway.operational_events.listen():
                heard.append(told.event.order_number)  # noqa: PERF401  # one by one, as they come

        hearing = asyncio.create_task(hear())
        await asyncio.sleep(0.5)
        status, _, answer = await running.send([event(n, "RELEASED", f"SO-{7_000 + n}", ago=5) for n in range(20)])
        assert (status, answer["accepted"]) == (202, 20)
        await running.settled()
        assert statuses(await running.orders("SO-7019")) == ["RELEASED"]
        await wait_until(lambda: len(heard) == 20)
        hearing.cancel()
        assert sorted(await one_by_one(events, began, 20)) == sorted(heard)
        await running.send([event(50, number="SO-7050", data={})])
        await running.settled()
        [parked] = (await running.wired.main.dead_letters.page(5)).letters
        assert (await running.wired.main.dead_letters.discard([parked.id], "a test"))[0].outcome.value == "DISCARDED"
        report = await replay(running.wired).run(Choice(), is_dry=True, progress=lambda _: None)
        assert (report.events, report.changes) == (20, ())


def binaries():
    """The one on PATH, and the one in the wheel."""
    found = {redis_server().resolve()} | {Path(path).resolve() for path in [shutil.which("redis-server")] if path}
    return sorted(found)


@pytest.mark.parametrize("binary", binaries(), ids=str)
async def test_every_redis_of_this_machine_serves(binary, tmp_path):
    with RedisProcess(tmp_path, binary=binary) as redis:
        async with CanonicalSystem().open() as system, Gateway(redis.url, system.url) as gateway:
            assert said(await gateway.orders()) == ("FRESH", "API")
            assert said(await gateway.orders()) == ("FRESH", "CACHE")
            redis.kill()
            await wait_until(lambda: not gateway.memory.announcements.is_live)
            assert said(await gateway.orders()) == ("FRESH", "API")
            redis.start()
            await wait_until(lambda: gateway.memory.is_up)
            assert said(await gateway.orders())[0] == "FRESH"
