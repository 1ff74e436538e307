"""The store against a real Redis: one atomic step, any order, nothing half-written."""

import asyncio
import inspect
import random
from datetime import UTC, datetime, timedelta

import pytest
import redis.exceptions
from redis.asyncio.connection import AbstractConnection

from cache.connections import open_connections, refuse_forgetful, store_failures
from cache.embedded import EmbeddedRedis
from cache.keys import Keys, member
from cache.store import Store
from domain.errors import StoreUnavailable
from domain.identity import EntityKey, EntityKind, Reference, Scheme
from domain.known import Known, Nature, digest_of, known_of, merge
from domain.observation import Absence, Channel, Hint, Snapshot
from domain.order import Order, OrderStatus

NATURE = Nature()
START = datetime(2026, 11, 23, tzinfo=UTC)


def key(number="SO-1", kind=EntityKind.ORDER):
    return EntityKey(tenant="main", source="erp", kind=kind, id=number)


def order(second, status=OrderStatus.RELEASED, number="SO-1", channel=Channel.API, **fields):
    content = Order(number=number, status=status, **fields)
    return known_of(Snapshot(key(number), content, None, START + timedelta(seconds=second), channel), NATURE)


def reference(scheme, value):
    return Reference(scheme=scheme, value=value)


async def test_what_was_settled_is_known(store):
    assert await store.known([key()]) == [None]
    settled = await store.settle(order(1), NATURE)
    assert await store.known([key("SO-2"), key()]) == [None, settled]


async def test_older_knowledge_changes_nothing_that_is_shown(store):
    newer = await store.settle(order(9, OrderStatus.SHIPPED), NATURE)
    after = await store.settle(order(1, OrderStatus.DRAFT), NATURE)
    assert after.current == newer.current


async def test_repetition_writes_nothing(store, client):
    await store.settle(order(1), NATURE)
    before = await client.info("commandstats")
    await store.settle(order(1), NATURE)
    after = await client.info("commandstats")
    assert after["cmdstat_hset"]["calls"] == before["cmdstat_hset"]["calls"]


async def test_many_writers_in_any_order_end_in_one_state(server, store):
    history = [
        order(second, status, channel=channel)
        for second in range(6)
        for status in (OrderStatus.DRAFT, OrderStatus.SHIPPED)
        for channel in Channel
    ]
    history += [known_of(Hint(key(), START + timedelta(seconds=second)), NATURE) for second in range(6)]
    history += [known_of(Absence(key(), START + timedelta(seconds=3)), NATURE)]
    expected = history[0]
    for seen in history[1:]:
        expected = merge(expected, seen, NATURE)
    clients = [open_connections(server.url) for _ in range(4)]
    writers = [Store(client, store._keys) for client in clients]
    shuffled = history * 2
    random.Random(7).shuffle(shuffled)
    await asyncio.gather(*(writers[n % 4].settle(seen, NATURE) for n, seen in enumerate(shuffled)))
    [known] = await store.known([key()])
    assert digest_of(known) == digest_of(expected)
    for client in clients:
        await client.aclose()


async def test_links_are_learned_and_unlearned_with_the_snapshot(store):
    tracking = reference(Scheme.TRACKING, "1Z1")
    await store.settle(order(1, references=(Reference(scheme=Scheme.TRACKING, value="1Z1", issuer="UPS"),)), NATURE)
    await store.settle(order(1, number="SO-2", references=(tracking,)), NATURE)
    linked = await store.linked([tracking, reference(Scheme.SO, "SO-1"), reference(Scheme.SO, "SO-9")])
    assert linked[tracking] == {key("SO-1"), key("SO-2")}
    assert linked[reference(Scheme.SO, "SO-1")] == {key("SO-1")}
    assert linked[reference(Scheme.SO, "SO-9")] == frozenset()
    await store.settle(order(2), NATURE)
    assert (await store.linked([tracking]))[tracking] == {key("SO-2")}
    await store.settle(known_of(Absence(key("SO-2"), START + timedelta(seconds=9)), NATURE), NATURE)
    assert (await store.linked([tracking]))[tracking] == frozenset()


async def test_each_transition_is_kept_and_announced_once(store, client):
    channel = client.pubsub()
    await channel.subscribe(store._keys.announcements())
    await channel.get_message(timeout=1)
    for _ in range(2):
        await store.settle(order(1), NATURE)
        await store.settle(order(2, OrderStatus.SHIPPED), NATURE)
    heard = [message["data"].decode() for _ in range(4) if (message := await channel.get_message(timeout=0.1))]
    assert heard == [member(key())] * 2
    entries = await client.xrange(store._keys.transitions(store._keys.partition(key())))
    first, second = (fields for _, fields in entries)
    assert (first[b"from"], first[b"to"]) == (b"", second[b"from"])
    await channel.aclose()


async def test_reading_many_is_one_round_trip(store, monkeypatch):
    names = [f"SO-{number}" for number in range(20)]
    for number in names:
        await store.settle(order(1, number=number), NATURE)
    trips = []
    send = AbstractConnection.send_packed_command
    monkeypatch.setattr(
        AbstractConnection, "send_packed_command", lambda self, *args, **kw: trips.append(1) or send(self, *args, **kw)
    )
    assert all(await store.known([key(number) for number in names]))
    assert len(trips) == 1
    assert all((await store.linked([reference(Scheme.SO, number) for number in names])).values())
    assert len(trips) == 2


async def test_bytes_that_cannot_be_read_are_written_over(store, client):
    await store.settle(order(1), NATURE)
    await client.hset(store._keys.state(key()), mapping={"known": b"\x00old edition", "digest": b"whatever"})
    assert await store.known([key()]) == [None]
    settled = await store.settle(order(2), NATURE)
    assert await store.known([key()]) == [settled]


async def test_everything_has_an_end_or_a_bound(store, client):
    await store.settle(order(1, references=(reference(Scheme.TRACKING, "1Z1"),)), NATURE)
    async for name in client.scan_iter():
        kind = await client.type(name)
        assert kind == b"stream" or await client.ttl(name) > 0


async def test_scripts_that_were_forgotten_are_loaded_again(store, client):
    await store.settle(order(1), NATURE)
    await client.script_flush()
    await store.settle(order(2, OrderStatus.SHIPPED), NATURE)


async def test_a_full_store_refuses_writes_and_still_reads(store, client):
    settled = await store.settle(order(1), NATURE)
    await client.config_set("maxmemory", "1")
    try:
        with pytest.raises(StoreUnavailable, match="it is full"):
            await store.settle(order(2, OrderStatus.SHIPPED), NATURE)
        assert await store.known([key()]) == [settled]
    finally:
        await client.config_set("maxmemory", "0")


async def test_a_dead_store_costs_little_time(tmp_path):
    with EmbeddedRedis(tmp_path) as server:
        client = open_connections(server.url)
        store = Store(client, Keys("main"))
        await store.settle(order(1), NATURE)
    started = asyncio.get_running_loop().time()
    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        await store.known([key()])
    assert asyncio.get_running_loop().time() - started < 0.3
    with EmbeddedRedis(tmp_path):
        assert (await store.known([key()]))[0] is not None
    await client.aclose()


async def test_a_store_that_may_evict_is_refused_by_name(client):
    await refuse_forgetful(client)
    await client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        with pytest.raises(
            StoreUnavailable, match="maxmemory-policy: found allkeys-lru, allowed: noeviction, volatile-"
        ):
            await refuse_forgetful(client)
    finally:
        await client.config_set("maxmemory-policy", "noeviction")


EXCEPTIONS = [
    kind
    for kind in vars(redis.exceptions).values()
    if inspect.isclass(kind) and issubclass(kind, redis.exceptions.RedisError)
]


@pytest.mark.parametrize("kind", EXCEPTIONS, ids=lambda kind: kind.__name__)
def test_every_exception_of_redis_has_a_meaning(kind):
    with pytest.raises(StoreUnavailable) as caught, store_failures():
        raise kind.__new__(kind)
    assert caught.value.detail


def test_names_that_look_alike_have_keys_of_their_own():
    keys = Keys("main", 3)
    odd = ["a:b", "a", "a}", "{a}", "a%3Ab", "a b", "a\nb", "ä"]
    entities = [
        EntityKey(tenant="main", source=source, kind=EntityKind.ORDER, id=number) for source in odd for number in odd
    ]
    states = {keys.state(entity) for entity in entities}
    assert len(states) == len(entities)
    assert all(state.count("{") == state.count("}") == 1 for state in states)
    assert Keys("a").state(entities[0]) != Keys("b").state(entities[0])


def test_an_entity_stays_in_its_partition():
    keys = Keys("main", 3)
    places = {keys.partition(key(f"SO-{number}")) for number in range(100)}
    assert places == {0, 1, 2}
    tags = {keys.state(key()).split("}")[0], keys.transitions(keys.partition(key())).split("}")[0]}
    assert len(tags) == 1


async def test_an_unknown_entity_is_nothing(store):
    assert await store.known([]) == []
    assert await store.linked([]) == {}
    assert (await store.settle(Known(key()), NATURE)) == Known(key())
