"""Who listens to operational events and loses the connection goes on after a cursor: nothing lost, nothing twice."""

import asyncio
import random
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.cursor import BEGINNING, cursor_of, is_later, place_of
from cache.keys import Keys
from cache.outbox import Broadcast, Outbox
from cache.server import Server
from cache.store import Store
from domain.errors import CursorExpired, FellBehind, InvalidRequest
from domain.observation import Channel
from tests.cache.test_store import order, settle
from tests.events.test_doors import Running, event
from tests.resolvers.listening import Listener
from tests.waiting import wait_until

POSITIONS = st.tuples(st.integers(0, 2**62), st.integers(0, 2**62)).map(lambda each: f"{each[0]}-{each[1]}")


@pytest.fixture(params=[1, 3], ids=["one partition", "three partitions"])
async def store(request, redis, client):  # noqa: ARG001  # the client empties it
    server = Server(redis.url)
    await server.open()
    yield Store(server, Keys("main", request.param))
    await server.aclose()


@pytest.fixture
async def events(store):
    broadcast = Broadcast(Outbox(store), lambda: True)
    yield broadcast
    await broadcast.aclose()


async def tell(store, numbers):
    for n in numbers:
        await settle(store, order(n, number=f"SO-{n}", channel=Channel.EVENT))


async def _all_of(listening, heard):
    async for each in listening:
        heard.append(each.event.order_number)  # what came before it broke off counts


async def hear(events, cursor, count):
    """The numbers of the next orders that are told of, and where that ends."""
    numbers = []
    async with aclosing(events.listen(cursor)) as listening:
        while len(numbers) < count:
            heard = await asyncio.wait_for(anext(listening), 5)
            numbers.append(heard.event.order_number)
            cursor = heard.cursor
    return numbers, cursor


@given(st.lists(POSITIONS, max_size=40))
def test_a_cursor_is_read_as_it_was_written(place):
    assert place_of(cursor_of(place), len(place)) == place


@pytest.mark.parametrize(
    "cursor", ["", "x", "MQ", "!", "ä", "MSAx", cursor_of(["1-1", "2-2"]), cursor_of(["-1-1"]), "A" * 10_000]
)
def test_what_is_no_cursor_is_refused(cursor):
    with pytest.raises(InvalidRequest, match=r"after: found .*, allowed: the cursor of an operational event"):
        place_of(cursor, 1)


def test_positions_are_compared_as_numbers():
    assert is_later("10-0", "9-5")
    assert is_later("9-10", "9-9")
    assert not is_later("9-9", "9-9")


@pytest.mark.parametrize("seed", range(5))
async def test_however_often_it_breaks_nothing_is_lost_and_nothing_comes_twice(store, events, seed):
    chance, heard = random.Random(seed), []
    cursor = await events.now()
    telling = asyncio.create_task(tell(store, range(60)))
    while len(heard) < 60:
        numbers, cursor = await hear(events, cursor, min(chance.randint(1, 15), 60 - len(heard)))
        heard += numbers
        await asyncio.sleep(chance.choice([0, 0, 0.02, 0.05]))
    await telling
    assert sorted(heard) == sorted(f"SO-{n}" for n in range(60))


async def test_what_another_gateway_gave_is_good_here_too(store, events):
    elsewhere = Broadcast(Outbox(store), lambda: True)
    cursor = await elsewhere.now()
    await tell(store, range(10))
    first, cursor = await hear(elsewhere, cursor, 4)
    rest, _ = await hear(events, cursor, 6)
    assert sorted(first + rest) == sorted(f"SO-{n}" for n in range(10))
    await elsewhere.aclose()


async def test_more_than_a_page_was_missed(store, events, monkeypatch):
    monkeypatch.setattr("cache.outbox.PAGE", 4)
    cursor = await events.now()
    await tell(store, range(50))
    numbers, _ = await hear(events, cursor, 50)
    assert len(set(numbers)) == 50


async def test_from_the_beginning_of_an_outbox_that_had_nothing(store, events):
    cursor = await events.now()
    assert place_of(cursor, store.keys.partitions) == [BEGINNING] * store.keys.partitions
    await tell(store, range(3))
    assert len((await hear(events, cursor, 3))[0]) == 3


async def test_what_was_dropped_meanwhile_is_said_to_be(store, events, client):
    start = await events.now()
    await tell(store, range(20))
    _, cursor = await hear(events, start, 1)
    for partition in range(store.keys.partitions):
        await client.xtrim(store.keys.outgoing(partition), maxlen=1, approximate=False)
    with pytest.raises(CursorExpired, match="not kept any more"):
        await hear(events, cursor, 19)


async def test_before_the_first_of_a_full_outbox_something_may_be_gone(store, events, monkeypatch):
    monkeypatch.setattr("cache.outbox.PAGE", 4)
    cursor = await events.now()
    await tell(store, range(50))
    monkeypatch.setattr("cache.outbox.OUTGOING", 8)
    with pytest.raises(CursorExpired):
        await hear(events, cursor, 50)


async def test_who_falls_behind_is_told_where_to_go_on(store, events, monkeypatch):
    monkeypatch.setattr("cache.outbox.MOST_UNHEARD", 3)
    slow = events.listen(await events.now())
    first = asyncio.create_task(anext(slow))
    await asyncio.sleep(0.1)
    await tell(store, range(20))
    heard = [(await first).event.order_number]
    await asyncio.sleep(0.2)
    with pytest.raises(FellBehind) as caught:
        await _all_of(slow, heard)
    rest, _ = await hear(events, caught.value.cursor, 20 - len(heard))
    assert sorted(heard + rest) == sorted(f"SO-{n}" for n in range(20))


async def test_whoever_leaves_leaves_nothing_behind(store, events):
    await tell(store, range(3))
    await hear(events, cursor_of([BEGINNING] * store.keys.partitions), 1)
    tasks = len(asyncio.all_tasks())
    for _ in range(2_000):
        listening = asyncio.create_task(anext(events.listen()))
        await asyncio.sleep(0)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    await wait_until(lambda: len(asyncio.all_tasks()) <= tasks)
    assert events._listeners == set()


DOCUMENT = """subscription($after: String, $types: [OperationalEventType!]) {
  operationalEvents(after: $after, types: $types) { orderNumber type cursor } }"""


async def test_over_graphql(redis, client):  # the client empties it
    async with Running(redis.url) as running:
        gateway = running.wired.gateway
        await wait_until(lambda: gateway.reader.memory.is_up)
        cursor = await gateway.operational_events.now()
        await running.send([event(n, "RELEASED", f"SO-{n}", ago=9) for n in range(3)])
        await running.settled()
        async with Listener(gateway, DOCUMENT, after=cursor) as listener:
            told = await listener.hears(3)
        async with Listener(gateway, DOCUMENT, after=told[0]["cursor"]) as listener:
            assert await listener.hears(2) == told[1:]
        async with Listener(gateway, DOCUMENT, after="nonsense") as listener:
            code, error = await listener.ends()
            assert (code, error["message"].split(":")[0]) == ("BAD_USER_INPUT", "after")
        await client.xtrim(Keys("main").outgoing(0), maxlen=1, approximate=False)
        async with Listener(gateway, DOCUMENT, after=told[0]["cursor"]) as listener:
            code, error = await listener.ends()
            assert (code, len(listener.answers)) == ("CURSOR_EXPIRED", 1)


async def test_who_is_too_slow_is_given_the_cursor_in_the_extensions(redis, client, monkeypatch):  # noqa: ARG001
    async with Running(redis.url) as running, Listener(running.wired.gateway, DOCUMENT) as listener:
        broadcast = running.wired.main.broadcast
        await wait_until(lambda: broadcast._listeners)
        monkeypatch.setattr(broadcast, "_pass_on", lambda _, queue: broadcast._end(queue))
        await running.send([event(1, "RELEASED", ago=9)])
        code, error = await listener.ends()
        assert code == "FELL_BEHIND"
        assert place_of(error["extensions"]["cursor"], 1)
