"""The store on a Redis Cluster of three nodes, and on every Redis that this machine has."""

import asyncio
import shutil
import time
from pathlib import Path

import pytest
from redis import Redis

from cache.embedded import redis_server
from cache.keys import Keys
from cache.server import Server
from cache.store import Store
from domain.identity import Scheme
from domain.known import digest_of, merge
from tests.cache.test_store import NATURE, key, known, linked, order, orders_of, reference, settle
from tests.faults.rigs import CanonicalSystem, Gateway, RedisProcess, said, statuses
from tests.waiting import wait_until

SLOTS = 16_384


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
