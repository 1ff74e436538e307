"""F7: everybody who asks the same at the same time shares one call, in a gateway and over all of them."""

import asyncio
import statistics
import time

import pytest

from tests.faults.rigs import CanonicalSystem, Gateway, RedisProcess, ServedGateway, said, statuses
from tests.waiting import wait_until


@pytest.fixture
def redis(tmp_path):
    with RedisProcess(tmp_path) as redis:
        yield redis


@pytest.fixture
async def system():
    async with CanonicalSystem(delay_seconds=0.3).open() as system:
        yield system


async def test_f7_a_thousand_readers_of_one_cold_entity_are_one_call(redis, system):
    async with Gateway(redis.url, system.url, longest="PT20S") as gateway:  # a crowd on a busy machine
        seen = await asyncio.gather(*(gateway.orders() for _ in range(1_000)))
    assert system.calls == 1
    assert {said(section) for section in seen} <= {("FRESH", "API"), ("FRESH", "CACHE")}, "late ones find it kept"


async def test_f7_fifty_entities_in_one_window_are_one_call(redis, system):
    async with Gateway(redis.url, system.url) as gateway:
        await gateway.views([f"SO-{n}" for n in range(50)])
        assert system.calls == 1
        await asyncio.gather(*(gateway.orders(f"PO-{n}") for n in range(50)))
    assert system.calls <= 1 + 15, "requests of their own that come in the same moment share calls, too"


async def test_f7_readers_of_four_gateways_are_one_call_or_two(redis, system, tmp_path):
    async with asyncio.TaskGroup() as starting:
        gateways = [ServedGateway(tmp_path, system.url, redis.url) for _ in range(4)]
        for gateway in gateways:
            starting.create_task(gateway.__aenter__())
    try:
        seen = await asyncio.gather(*(gateway.orders() for gateway in gateways for _ in range(10)))
        assert system.calls <= 2
        assert {said(section)[0] for section in seen} == {"FRESH"}
        assert {said(await gateway.orders())[0] for gateway in gateways} == {"FRESH"}
        assert system.calls <= 2
    finally:
        await asyncio.gather(*(gateway.__aexit__() for gateway in gateways))


async def test_a_gateway_that_is_killed_while_it_holds_the_lease_costs_others_the_lease(redis, system, tmp_path):
    system.delay_seconds = 0.8
    one = ServedGateway(tmp_path, system.url, redis.url)
    async with one, Gateway(redis.url, system.url) as other:
        looking = asyncio.create_task(one.orders())
        await wait_until(lambda: system.under_way)
        following = asyncio.create_task(other.orders(freshness='deadline: "PT5S"'))
        await asyncio.sleep(0.1)
        one.kill()
        started = time.monotonic()
        assert said(await following) == ("FRESH", "API")
        assert time.monotonic() - started < 1.0 + 0.8 + 0.3
        await asyncio.gather(looking, return_exceptions=True)
    assert system.calls == 2


async def test_who_leaves_early_leaves_the_flight_to_land(redis, system):
    async with Gateway(redis.url, system.url) as gateway:
        section = await gateway.orders(freshness='deadline: "PT0.1S"')
        assert (section["freshness"]["state"], section["problem"]["code"]) == ("UNAVAILABLE", "TIMEOUT")
        await asyncio.sleep(0.4)
        assert said(await gateway.orders(freshness='deadline: "PT0.1S"')) == ("FRESH", "CACHE")
    assert system.calls == 1


async def test_background_refreshes_are_few_at_a_time_and_the_first_to_be_dropped(redis, system, monkeypatch):
    monkeypatch.setattr("cache.background.WAITING", 20)
    monkeypatch.setattr("cache.background.BATCH", 5)
    numbers = [f"SO-{n}" for n in range(50)]
    async with Gateway(redis.url, system.url, freshness={"orders": {"max_age": "PT0S"}}) as gateway:
        await gateway.views(numbers)
        system.calls = system.most_under_way = 0
        seen = await gateway.views(numbers, "onStale: SERVE_STALE")
        assert {view["orders"]["freshness"]["state"] for view in seen} == {"REVALIDATING"}
        background = gateway.wired.gateway.reader.background
        await wait_until(lambda: system.calls and not background._tasks)
    assert background.dropped == 30
    assert system.most_under_way <= 2
    assert 2 <= system.calls <= 4


@pytest.mark.parametrize("fault", ["slow", "flapping"])
async def test_f5_views_are_in_time_and_what_is_known_stands_in(redis, system, fault):
    system.delay_seconds = 0.0
    async with Gateway(redis.url, system.url) as gateway:
        numbers = [f"SO-{n}" for n in range(20)]
        await gateway.views(numbers)
        system.delay_seconds, system.is_flapping = (1.0, False) if fault == "slow" else (0.0, True)
        spent = []
        for _ in range(7):
            started = time.monotonic()
            views = await gateway.views(numbers, 'maxAge: "PT0S", deadline: "PT0.3S"')
            spent.append(time.monotonic() - started)
            for view in views:
                section = view["orders"]
                assert statuses(section) == ["RELEASED"]
                assert section["freshness"]["state"] == ("STALE" if section["problem"] else "FRESH")
    assert statistics.median(spent) <= 0.3 + 0.15, "a busy machine is late now and then, a fault is there each time"
    assert max(spent) < 0.3 + 0.7, "no view waits for the system, which takes a second"


async def test_f6_the_same_answers_with_the_store_and_without_it(redis, system):
    async with Gateway(redis.url, system.url) as kept, Gateway("redis://127.0.0.1:1", system.url) as direct:
        for number in ("SO-1", "SO-2"):
            one, other = await kept.orders(number), await direct.orders(number)
            for section in (one, other):
                del section["freshness"]["ageSeconds"]
            assert one == other
        assert statuses(await kept.orders()) == statuses(await direct.orders())
