"""Who listens goes on hearing: from other gateways, after announcements were missed, after the store was down."""

import asyncio

import pytest

from cache.connections import open_connections
from tests.faults.rigs import CanonicalSystem, Gateway, RedisProcess
from tests.resolvers.listening import shown, watching
from tests.waiting import wait_until

READ = 'maxAge: "PT0S"'


@pytest.fixture
def redis(tmp_path):
    with RedisProcess(tmp_path) as redis:
        yield redis


@pytest.fixture
async def system():
    async with CanonicalSystem().open() as system:
        yield system


def statuses(listener):
    return [shown(each)[1] for each in listener.told]


async def test_what_one_gateway_learns_is_shown_by_another(redis, system):
    async with (
        Gateway(redis.url, system.url) as one,
        Gateway(redis.url, system.url) as other,
        watching(other.wired.gateway) as listener,
    ):
        await listener.hears(1)
        system.status = "SHIPPED"
        await one.orders(freshness=READ)
        await wait_until(lambda: statuses(listener)[-1] == ["SHIPPED"])
        assert system.calls == 2


async def test_what_was_missed_while_the_channel_was_lost_is_shown_when_it_is_back(redis, system, monkeypatch):
    client = open_connections(redis.url)
    async with (
        Gateway(redis.url, system.url) as one,
        Gateway(redis.url, system.url) as other,
        watching(other.wired.gateway) as listener,
    ):
        await listener.hears(1)
        monkeypatch.setattr(other.memory.announcements, "_take", lambda _: None)
        system.status = "SHIPPED"
        await one.orders(freshness=READ)
        await asyncio.sleep(0.5)
        assert statuses(listener)[-1] == ["RELEASED"]
        monkeypatch.undo()
        await client.client_kill_filter(_type="pubsub")
        await wait_until(lambda: statuses(listener)[-1] == ["SHIPPED"])
    await client.aclose()


async def test_a_store_that_was_down_takes_nothing_away_and_it_goes_on(redis, system):
    async with Gateway(redis.url, system.url) as gateway:
        await gateway.orders()
        async with watching(gateway.wired.gateway) as listener:
            await listener.hears(1)
            await _outlives_the_store(redis, system, gateway, listener)


async def _outlives_the_store(redis, system, gateway, listener):
    redis.kill()
    await wait_until(lambda: not gateway.memory.is_up)
    system.is_down = True
    gateway.memory._missed()
    await asyncio.sleep(0.5)
    assert statuses(listener)[-1] == ["RELEASED"]
    system.is_down = False
    redis.start()
    await wait_until(lambda: gateway.memory.is_up and gateway.memory.announcements.is_live)
    system.status = "SHIPPED"
    await gateway.orders(freshness=READ)
    await wait_until(lambda: statuses(listener)[-1] == ["SHIPPED"])
    assert all(state in {"FRESH", "REVALIDATING"} for state, _ in map(shown, listener.told))


async def test_it_can_be_opened_without_a_store(redis, system):
    redis.kill()
    async with Gateway(redis.url, system.url) as gateway, watching(gateway.wired.gateway) as listener:
        await wait_until(lambda: statuses(listener)[-1:] == [["RELEASED"]])
        redis.start()
        await wait_until(lambda: gateway.memory.is_up and gateway.memory.announcements.is_live)
        system.status = "SHIPPED"
        await gateway.orders(freshness=READ)
        await wait_until(lambda: statuses(listener)[-1] == ["SHIPPED"])
