"""The store against a real Redis: one atomic step, any order, nothing half-written."""

import asyncio
import inspect
import random
from datetime import UTC, datetime, timedelta

import pytest
import redis.exceptions

from cache.codec import Footprint
from cache.connections import refuse_forgetful, store_failures
from cache.embedded import EmbeddedRedis
from cache.keys import Keys, name_of
from cache.server import Server
from cache.settling import LONGEST_LINKS
from cache.store import Store
from domain.errors import StoreForgets, StoreFull, StoreUnavailable
from domain.feed import Feed
from domain.identity import CaseKey, EntityKey, EntityKind, Reference, Scheme
from domain.known import Known, Nature, digest_of, known_of, merge
from domain.listing import Listing
from domain.lookup import Lookup, Question
from domain.observation import Absence, Channel, Hint, Snapshot
from domain.order import Order, OrderStatus
from tests.waiting import wait_until

NATURE = Nature()
START = datetime(2026, 11, 23, tzinfo=UTC)


def key(number="SO-1", kind=EntityKind.ORDER):
    return EntityKey(tenant="main", source="erp", kind=kind, id=number)


def order(second, status=OrderStatus.RELEASED, number="SO-1", channel=Channel.API, **fields):
    content = Order(number=number, status=status, **fields)
    return known_of(Snapshot(key(number), content, None, START + timedelta(seconds=second), channel))


def reference(scheme, value):
    return Reference(scheme=scheme, value=value)


def orders_of(scheme, value):
    return Question("erp", Lookup(EntityKind.ORDER, reference(scheme, value)))


async def settle(store, *seen):
    """What is known of the last of them after all were settled."""
    now = await store.settle([(known, NATURE) for known in seen])
    return now[seen[-1].key]


async def test_what_was_told_is_not_told_again_when_the_state_was_lost(store, client):
    for _ in range(2):
        await settle(store, order(1, channel=Channel.EVENT))
        await client.delete(store.keys.state(key()))
    streams = [store.keys.outgoing(partition) for partition in range(store.keys.partitions)]
    assert sum([await client.xlen(stream) for stream in streams]) == 1
    await settle(store, order(2, OrderStatus.ON_HOLD, channel=Channel.EVENT))
    assert sum([await client.xlen(stream) for stream in streams]) == 2


async def known(store, *numbers):
    return await store.known([key(number) for number in numbers or ["SO-1"]])


async def linked(store, question):
    [(ids, _)] = await store.read([store.links(question)])
    return set(ids)


async def commands(client):
    return {name: each["calls"] for name, each in (await client.info("commandstats")).items()}


async def test_what_was_settled_is_known(store):
    assert await known(store) == [None]
    settled = await settle(store, order(1))
    assert await known(store, "SO-2", "SO-1") == [None, settled]


async def test_older_knowledge_changes_nothing_that_is_shown(store):
    newer = await settle(store, order(9, OrderStatus.SHIPPED))
    after = await settle(store, order(1, OrderStatus.DRAFT))
    assert after.current == newer.current


async def test_repetition_writes_nothing(store, client):
    await settle(store, order(1))
    before = await commands(client)
    await settle(store, order(1))
    assert (await commands(client))["cmdstat_set"] == before["cmdstat_set"]


async def test_many_writers_in_any_order_end_in_one_state(redis, store):
    history = [
        order(second, status, channel=channel)
        for second in range(6)
        for status in (OrderStatus.DRAFT, OrderStatus.SHIPPED)
        for channel in Channel
    ]
    history += [known_of(Hint(key(), START + timedelta(seconds=second))) for second in range(6)]
    history += [known_of(Absence(key(), START + timedelta(seconds=3)))]
    expected = history[0]
    for seen in history[1:]:
        expected = merge(expected, seen, NATURE)
    servers = [Server(redis.url) for _ in range(4)]
    await asyncio.gather(*(each.open() for each in servers))
    writers = [Store(each, store.keys) for each in servers]
    shuffled = history * 2
    random.Random(7).shuffle(shuffled)
    await asyncio.gather(*(settle(writers[n % 4], seen) for n, seen in enumerate(shuffled)))
    [found] = await known(store)
    assert digest_of(found) == digest_of(expected)
    for each in servers:
        await each.aclose()


async def test_what_was_known_when_it_was_looked_up_saves_a_round_trip_and_no_write(store, client):
    first = await settle(store, order(1))
    before = await commands(client)
    second = await store.settle([(order(2, OrderStatus.SHIPPED), NATURE)], before={key(): first})
    assert (await commands(client))["cmdstat_evalsha"] == before["cmdstat_evalsha"] + 1
    third = await store.settle([(order(3, OrderStatus.CANCELLED), NATURE)], before={key(): first})
    assert third[key()] == merge(second[key()], order(3, OrderStatus.CANCELLED), NATURE)


async def test_links_are_learned_and_unlearned_with_the_snapshot(store):
    tracking = orders_of(Scheme.TRACKING, "1Z1")
    await settle(store, order(1, references=(Reference(scheme=Scheme.TRACKING, value="1Z1", issuer="UPS"),)))
    await settle(store, order(1, number="SO-2", references=(reference(Scheme.TRACKING, "1Z1"),)))
    assert await linked(store, tracking) == {"SO-1", "SO-2"}
    assert await linked(store, orders_of(Scheme.SO, "SO-1")) == {"SO-1"}
    assert await linked(store, orders_of(Scheme.SO, "SO-9")) == set()
    await settle(store, order(2))
    assert await linked(store, tracking) == {"SO-2"}
    await settle(store, known_of(Absence(key("SO-2"), START + timedelta(seconds=9))))
    assert await linked(store, tracking) == set()


async def test_a_truck_is_linked_to_many_orders_and_an_order_to_many_trucks(store):
    numbers = [f"1Z{n}" for n in range(30)]
    for number in ("SO-1", "SO-2"):
        await settle(
            store, order(1, number=number, references=tuple(reference(Scheme.TRACKING, each) for each in numbers))
        )
    assert [await linked(store, orders_of(Scheme.TRACKING, each)) for each in numbers] == [{"SO-1", "SO-2"}] * 30


async def test_f9_the_links_of_one_number_are_bounded(store, monkeypatch):
    monkeypatch.setattr("cache.settling.LONGEST_LINKS", 3)
    assert LONGEST_LINKS > 3
    for n in range(20):
        await settle(store, order(1, number=f"SO-{n}", references=(reference(Scheme.TRACKING, "1Z1"),)))
    assert len(await linked(store, orders_of(Scheme.TRACKING, "1Z1"))) <= 3 * store.keys.partitions


async def test_each_transition_is_kept_and_each_write_announced(store, client):
    channel = client.pubsub()
    await channel.subscribe(store.keys.announcements())
    await channel.get_message(timeout=1)
    for _ in range(2):
        await settle(store, order(1))
        await settle(store, order(2, OrderStatus.SHIPPED))
    await settle(store, order(3, OrderStatus.SHIPPED))
    heard = [message["data"].decode() for _ in range(5) if (message := await channel.get_message(timeout=0.1))]
    entries = await client.xrange(store.keys.transitions(store.keys.partition(name_of(key()))))
    first, second = (fields for _, fields in entries)  # that it is still so is no transition
    assert (first[b"from"], first[b"to"]) == (b"", second[b"from"])
    [now] = await known(store)
    one, other, last = (
        f"E {name_of(key())} {digest}" for digest in (*(each[b"to"].decode() for each in (first, second)), now.kept_as)
    )
    assert heard == [f"{one}\nL erp:ORDER:SO:SO-1", other, last]
    await channel.aclose()


async def test_of_two_listings_the_newer_one_stays_whatever_comes_last(store):
    question, now = orders_of(Scheme.PO, "PO-1"), START + timedelta(seconds=10)
    newer, older = Listing(now, now, ("SO-2",)), Listing(START, START, ("SO-1",))
    for listing in (newer, older):
        await store.settle([], {question: listing})
    assert (await store.read([store.listing(question)]))[0][0] == newer


async def test_a_feed_is_written_only_by_who_has_read_the_last_one(store):
    one, other = Feed(watermark=START), Feed(watermark=START + timedelta(seconds=1))
    assert await store.swap_feed("erp", Feed(), one)
    assert not await store.swap_feed("erp", Feed(), other)
    assert await store.swap_feed("erp", one, other)
    assert (await store.read([store.feed("erp")]))[0][0] == other


async def test_a_footprint_comes_back(store):
    case = CaseKey(scheme=Scheme.SO, value="SO-1")
    footprint = Footprint((orders_of(Scheme.SO, "SO-1"),), (key(),))
    await store.remember({case: footprint})
    assert (await store.read([store.footprint(case)]))[0][0] == footprint


async def test_reading_many_is_one_command(store, client):
    names = [f"SO-{number}" for number in range(20)]
    await settle(store, *(order(1, number=number) for number in names))
    before = (await client.info("stats"))["total_commands_processed"]
    assert all(await known(store, *names))
    assert (await client.info("stats"))["total_commands_processed"] - before == 2  # ours, and the one that counts


async def test_bytes_that_cannot_be_read_are_written_over(store, client):
    await settle(store, order(1))
    await client.set(store.keys.state(key()), b"\x00old edition")
    assert await known(store) == [None]
    settled = await settle(store, order(2))
    assert await known(store) == [settled]


async def test_f9_everything_has_an_end_or_a_bound(store, client):
    now = datetime.now(UTC)
    question = orders_of(Scheme.SO, "SO-1")
    await store.settle([(order(1), NATURE)], {question: Listing(now, now, ("SO-1",))})
    await store.remember({CaseKey(scheme=Scheme.SO, value="SO-1"): Footprint((question,), (key(),))})
    names = [name async for name in client.scan_iter()]
    assert len(names) == 6
    for name in names:
        kind = await client.type(name)
        assert kind == b"stream" or await client.ttl(name) > 0


async def test_scripts_that_were_forgotten_are_loaded_again(store, client):
    await settle(store, order(1))
    await client.script_flush()
    await settle(store, order(2, OrderStatus.SHIPPED))


async def test_a_full_store_refuses_writes_and_still_reads(store, client):
    settled = await settle(store, order(1))
    await client.config_set("maxmemory", "1")
    try:
        with pytest.raises(StoreFull):
            await settle(store, order(2, OrderStatus.SHIPPED))
        assert await known(store) == [settled]
    finally:
        await client.config_set("maxmemory", "0")
    await settle(store, order(2, OrderStatus.SHIPPED))


async def test_a_dead_store_costs_little_time_once_and_is_used_again_when_it_is_back(tmp_path):
    clock = asyncio.get_running_loop().time
    with EmbeddedRedis(tmp_path) as redis:
        server = Server(redis.url)
        await server.open()
        store = Store(server, Keys("main"))
        settled = await settle(store, order(1))
    for most in (0.3, 0.001):
        started = clock()
        with pytest.raises(StoreUnavailable):
            await known(store)
        assert clock() - started < most
    with EmbeddedRedis(tmp_path):
        back = clock()
        await wait_until(lambda: server.is_up)
        assert clock() - back < 1
        assert await known(store) == [settled]
    await server.aclose()


async def test_a_store_that_may_evict_is_refused_by_name(redis, client):
    await refuse_forgetful(client)
    await client.config_set("maxmemory-policy", "allkeys-lru")
    server = Server(redis.url)
    try:
        with pytest.raises(StoreForgets, match="maxmemory-policy: found allkeys-lru, allowed: noeviction, volatile-"):
            await server.open()
    finally:
        await client.config_set("maxmemory-policy", "noeviction")
        await server.aclose()


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
    places = {keys.partition(name_of(key(f"SO-{number}"))) for number in range(100)}
    assert places == {0, 1, 2}
    tags = {keys.state(key()).split("}")[0], keys.transitions(keys.partition(name_of(key()))).split("}")[0]}
    assert len(tags) == 1


async def test_nothing_to_do_is_nothing_done(store):
    assert await store.known([]) == []
    assert await store.settle([]) == {}
    assert await store.settle([(Known(key()), NATURE)]) == {key(): Known(key())}
