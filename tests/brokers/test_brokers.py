"""Events that a broker keeps: taken once they are on our own stream, however the broker and the store come and go."""

import asyncio
import json
import re
from contextlib import suppress
from datetime import UTC, datetime

import aio_pika
import nats
import pytest
from nats.js.api import StorageType, StreamConfig

from app.settings import configure
from app.wiring import build
from cache.embedded import EmbeddedRedis
from domain.errors import SettingError
from domain.identity import EntityKey, EntityKind
from tests.brokers.servers import Nats, RabbitMq
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
        await wait_until(lambda: self.wired.main.brokers[0].is_listening, seconds=20)

    async def knows(self, *numbers, seconds=20):
        keys = [EntityKey(tenant="main", source="erp", kind=EntityKind.ORDER, id=f"SO-{n}") for n in numbers]
        for _ in range(int(seconds / 0.05)):
            with suppress(Exception):
                if None not in await self.wired.main.settling.store.known(keys):
                    return True
            await asyncio.sleep(0.05)
        return False


class OnNats:
    """A sender on NATS, whose stream keeps what it sends."""

    def __init__(self, server, name):
        self.server, self.name = server, name
        self.broker = {"kind": "nats", "url": server.url, "subject": name, "stream": name}

    async def __aenter__(self):
        self._client = await nats.connect(self.server.url)
        self._stream = self._client.jetstream()
        await self._stream.add_stream(StreamConfig(name=self.name, subjects=[self.name], storage=StorageType.FILE))
        return self

    async def __aexit__(self, *_):
        await self._client.close()

    async def send(self, body, **headers):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        await self._stream.publish(self.name, body, headers=headers or None)

    async def left(self):
        consumer = await self._stream.consumer_info(self.name, "casefold")
        return consumer.num_pending + consumer.num_ack_pending


class OnRabbitMq:
    """A sender on RabbitMQ, whose queue keeps what it sends."""

    def __init__(self, server, name):
        self.server, self.name = server, name
        self.broker = {"kind": "rabbitmq", "url": server.url, "subject": name}

    async def __aenter__(self):
        for _ in range(200):  # it listens before it can serve
            try:
                self._connection = await aio_pika.connect(self.server.url)
                break
            except (aio_pika.exceptions.AMQPError, OSError):
                await asyncio.sleep(0.1)
        self._channel = await self._connection.channel()
        self._queue = await self._channel.declare_queue(self.name, durable=True)
        return self

    async def __aexit__(self, *_):
        with suppress(Exception):
            await self._connection.close()

    async def send(self, body, **headers):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = headers.pop("content-type", None)
        message = aio_pika.Message(
            body, headers=headers, content_type=kind, delivery_mode=aio_pika.DeliveryMode.PERSISTENT
        )
        await self._channel.default_exchange.publish(message, self.name)

    async def left(self):
        """What is in the queue, and what is in nobody's hands for good: one that is taken again is counted, too."""
        async with await aio_pika.connect(self.server.url) as connection:
            queue = await (await connection.channel()).declare_queue(self.name, durable=True, passive=True)
            return queue.declaration_result.message_count


BROKERS = {"nats": (Nats, OnNats, Nats.binary), "rabbitmq": (RabbitMq, OnRabbitMq, RabbitMq.home)}


@pytest.fixture(scope="module", params=BROKERS)
def broker(request, tmp_path_factory):
    server, sender, found = BROKERS[request.param]
    if found() is None:
        pytest.skip(f"there is no {request.param} server, and none can be had")
    with server(tmp_path_factory.mktemp(request.param)) as running:
        yield lambda name: sender(running, name)


@pytest.fixture
async def bus(broker, request):
    """A queue of its own for each test."""
    name = re.sub(r"\W", "_", request.node.name)[:60]
    async with broker(name) as bus:
        bus.again = lambda: broker(name)
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
        page = await listening.wired.main.dead_letters.page(10)
        assert {each.reason.split(": ")[1] for each in page.letters} == {"JSON is malformed", "source", "specversion"}
        assert "no json at all" in {each.payload for each in page.letters}


async def test_while_the_store_is_down_the_broker_keeps_it(bus, store):
    async with Listening(store.url, **bus.broker) as listening:
        await bus.send(event(1))
        assert await listening.knows(1)
        store.stop()
        for n in range(2, 12):
            await bus.send(event(n))
        await asyncio.sleep(2)
        assert not await listening.knows(2, seconds=0.2)
        store.start()
        assert await listening.knows(*range(2, 12))


async def test_a_broker_that_is_killed_is_heard_again(bus, store):
    async with Listening(store.url, **bus.broker) as listening:
        await bus.send(event(1))
        assert await listening.knows(1)
        bus.server.kill()
        await asyncio.sleep(0.5)
        bus.server.start()
        async with bus.again() as again:
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
        assert not listening.wired.main.brokers[0].is_listening


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
