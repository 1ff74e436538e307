"""F3: every event that was answered 202 is settled or parked, whoever is killed and whenever."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from cache.inbox import InboxStream, Retention
from cache.keys import Keys
from cache.parking import Parking
from cache.server import Server
from cache.store import Store
from domain.identity import EntityKey, EntityKind
from tests.faults.rigs import RedisProcess, ServedGateway

SENDERS = 16


@pytest.fixture
def redis(tmp_path):
    with RedisProcess(tmp_path, "--appendfsync", "always") as redis:
        yield redis


class Senders:
    """Many senders, each event once, until it is answered 202; a tenth of the events are poison."""

    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}/events"
        self.accepted, self.seen = [], set()
        self._tasks = []

    async def __aenter__(self):
        self._tasks = [asyncio.create_task(self._send(n)) for n in range(SENDERS)]
        return self

    async def __aexit__(self, *_):
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _send(self, sender):
        n = 0
        async with httpx.AsyncClient(timeout=5) as client:
            while True:
                n += 1
                number = f"SO-{sender}-{n}"
                body = json.dumps(_event(number, is_poison=n % 10 == 2))
                headers = {"authorization": "Bearer t-1", "content-type": "application/cloudevents+json"}
                try:
                    answer = await client.post(self.url, content=body, headers=headers)
                except httpx.HTTPError:
                    await asyncio.sleep(0.05)
                    continue
                self.seen.add(answer.status_code)
                if answer.status_code == 202:
                    self.accepted.append(number)
                else:
                    await asyncio.sleep(0.02)


def _event(number, *, is_poison):
    data = {"number": number} if is_poison else {"number": number, "status": "SHIPPED"}
    about = {"specversion": "1.0", "id": number, "source": "erp", "type": "casefold.order.state.v1", "subject": number}
    return about | {"time": datetime.now(UTC).isoformat(), "data": data}


async def expect_everything(redis, accepted):
    server = Server(redis.url)
    await server.open()
    keys = Keys("main")
    store, parking = Store(server, keys), Parking(server, keys.inbox())
    inbox = InboxStream(server, keys.inbox(), Retention(timedelta(days=1), 2**30))
    for _ in range(600):
        if await inbox.waiting() == 0:
            break
        await asyncio.sleep(0.05)
    assert await inbox.waiting() == 0
    known = await store.known(
        [EntityKey(tenant="main", source="erp", kind=EntityKind.ORDER, id=each) for each in accepted]
    )
    parked = {each.letter.id for each in (await parking.newest(10_000)).values()}
    lost = [number for number, each in zip(accepted, known, strict=True) if each is None and number not in parked]
    assert not lost
    assert sum(each is not None for each in known) > len(parked) > 0
    await server.aclose()


async def test_f3_redis_is_killed_again_and_again(redis, tmp_path):
    async with ServedGateway(tmp_path, "http://127.0.0.1:1", redis.url, events_token="t-1") as gateway:
        async with Senders(gateway.port) as senders:
            for _ in range(3):
                await asyncio.sleep(0.7)
                redis.kill()
                await asyncio.sleep(0.7)
                redis.start()
                await asyncio.sleep(0.5)
        assert senders.seen == {202, 503}
        assert len(senders.accepted) > 100
        await expect_everything(redis, senders.accepted)


async def test_f3_the_gateway_and_its_worker_are_killed_mid_batch_and_others_go_on(redis, tmp_path):
    one = ServedGateway(tmp_path, "http://127.0.0.1:1", redis.url, events_token="t-1")
    async with one:
        async with Senders(one.port) as senders:
            await asyncio.sleep(1)
            one.kill()
            await asyncio.sleep(0.2)
        assert len(senders.accepted) > 20
        async with ServedGateway(tmp_path, "http://127.0.0.1:1", redis.url, events_token="t-1"):
            await expect_everything(redis, senders.accepted)


async def test_f3_workers_of_their_own_are_killed_and_others_take_over(redis, tmp_path):
    gateway = ServedGateway(tmp_path, "http://127.0.0.1:1", redis.url, events_token="t-1").without_worker()
    async with gateway:
        workers = [gateway.worker() for _ in range(2)]
        try:
            async with Senders(gateway.port) as senders:
                await asyncio.sleep(3)
                workers[0].kill()
                await asyncio.sleep(0.5)
            assert len(senders.accepted) > 100
            await expect_everything(redis, senders.accepted)
            workers[1].terminate()
            assert workers[1].wait(15) == 0
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
