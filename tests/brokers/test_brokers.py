"""Events that a broker keeps: taken once they are on our own stream, however the broker and the store come and go."""

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime

import nats
import pytest
from nats.js.api import StorageType, StreamConfig

from app.settings import configure
from app.wiring import build
from cache.embedded import EmbeddedRedis
from domain.errors import SettingError
from domain.identity import EntityKey, EntityKind
from tests.brokers.servers import Nats
from tests.waiting import wait_until

SOURCE = {"id": "erp", "adapter": "canonical", "kinds": ["ERP"], "base_url": "http://127.0.0.1:1"}


def event(n, status="SHIPPED", source="erp", **changes):
    about = {
        "specversion": "1.0",
        "id": f"e-{n}",
        "source": source,
        "type": "casefold.order.state.v1",
        "subject": f"SO-{n}",
    }
    return about | {"time": datetime.now(UTC).isoformat(), "data": {"number": f"SO-{n}", "status": status}} | changes


def settings(**broker):
    about = {"id": "bus", "kind": "nats", "url": "nats://127.0.0.1:1", "subject": "events", "sources": ["erp"]}
    return configure({"sources": [SOURCE], "brokers": [about | broker]}, {})


class Listening:
    def __init__(self, redis_url, **broker):
        self.wired = build(settings(**broker), redis_url)

    async def __aenter__(self):
        await self.wired.open()
        return self

    async def __aexit__(self, *_):
        await self.wired.aclose()

    async def is_heard(self):
        await wait_until(lambda: self.wired.brokers[0].is_listening, seconds=20)

    async def knows(self, *numbers, seconds=20):
        keys = [EntityKey(tenant="main", source="erp", kind=EntityKind.ORDER, id=f"SO-{n}") for n in numbers]
        for _ in range(int(seconds / 0.05)):
            with suppress(Exception):
                if None not in await self.wired.settling.store.known(keys):
                    return True
            await asyncio.sleep(0.05)
        return False


class OnNats:
    """A sender on NATS, whose stream keeps what it sends."""

    def __init__(self, server):
        self.server = server
        self.broker = {"kind": "nats", "url": server.url, "subject": "events", "stream": "EVENTS"}

    async def __aenter__(self):
        self._client = await nats.connect(self.server.url)
        self._stream = self._client.jetstream()
        await self._stream.add_stream(StreamConfig(name="EVENTS", subjects=["events"], storage=StorageType.FILE))
        return self

    async def __aexit__(self, *_):
        await self._client.close()

    async def send(self, body, **headers):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        await self._stream.publish("events", body, headers=headers or None)

    async def left(self):
        consumer = await self._stream.consumer_info("EVENTS", "casefold")
        return consumer.num_pending + consumer.num_ack_pending


@pytest.fixture
async def bus(tmp_path):
    if Nats.binary() is None:
        pytest.skip("there is no nats-server, and none can be had")
    (tmp_path / "nats").mkdir()
    with Nats(tmp_path / "nats") as server:
        async with OnNats(server) as bus:
            yield bus


@pytest.fixture
def store(tmp_path):
    with EmbeddedRedis(tmp_path / "redis") as redis:
        yield redis


async def test_what_a_broker_keeps_is_settled_and_acknowledged(bus, store):
    async with Listening(store.url, **bus.broker) as listening:
        await bus.send(event(1))
        await bus.send([event(2), event(3)])
        headers = {f"ce-{name}": value for name, value in event(4).items() if name != "data"}
        await bus.send(event(4)["data"], **headers, **{"content-type": "application/json"})
        assert await listening.knows(1, 2, 3, 4)
        for _ in range(100):
            if not await bus.left():
                break
            await asyncio.sleep(0.05)
        assert await bus.left() == 0


async def test_what_cannot_be_used_is_parked_and_holds_nobody_up(bus, store):
    async with Listening(store.url, **bus.broker) as listening:
        await bus.send(b"no json at all")
        await bus.send(event(1, source="wms"))
        await bus.send([event(2, specversion="0.3"), event(3)])
        assert await listening.knows(3)
        page = await listening.wired.dead_letters.page(10)
        reasons = [each.reason for each in page.letters]
        assert [reason.split(": ")[:2] for reason in reasons] == [
            ["bus", "specversion"],
            ["bus", "source"],
            ["bus", reasons[2].split(": ")[1]],
        ]
        assert page.letters[-1].payload == "no json at all"


async def test_while_the_store_is_down_the_broker_keeps_it(bus, store):
    async with Listening(store.url, **bus.broker) as listening:
        await bus.send(event(1))
        assert await listening.knows(1)
        store.stop()
        for n in range(2, 12):
            await bus.send(event(n))
        await asyncio.sleep(1)
        assert await bus.left() > 0
        store.start()
        assert await listening.knows(*range(2, 12))


async def test_a_broker_that_is_killed_is_heard_again(bus, store):
    async with Listening(store.url, **bus.broker) as listening:
        await bus.send(event(1))
        assert await listening.knows(1)
        bus.server.kill()
        await asyncio.sleep(0.5)
        bus.server.start()
        async with OnNats(bus.server) as again:
            await again.send(event(2))
            assert await listening.knows(2, seconds=30)


async def test_two_gateways_share_what_there_is(bus, store):
    async with Listening(store.url, **bus.broker) as one, Listening(store.url, **bus.broker):
        for n in range(50):
            await bus.send(event(n))
        assert await one.knows(*range(50))


async def test_a_broker_that_is_not_there_is_no_reason_not_to_start(store):
    async with Listening(store.url) as listening:
        assert listening.wired.gateway.reader.memory.is_up
        assert not listening.wired.brokers[0].is_listening


@pytest.mark.parametrize(
    ("broker", "said"),
    [
        pytest.param({"kind": "zeromq"}, "brokers[0].kind", id="another broker"),
        pytest.param({"sources": ["crm"]}, "brokers[0].sources[0]", id="no such source"),
        pytest.param({"sources": []}, "brokers[0].sources", id="nobody is believed"),
        pytest.param({"subject": ""}, "brokers[0].subject", id="nowhere"),
    ],
)
def test_a_broker_that_cannot_be_is_refused_at_the_start(broker, said):
    with pytest.raises(SettingError) as caught:
        settings(**broker)
    assert str(caught.value).startswith(said)
