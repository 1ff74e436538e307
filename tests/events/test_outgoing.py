"""Events out: once for each change, to who listens and to who is called."""

import asyncio
import json

import pytest

from app.main import create_app
from app.settings import configure
from app.wiring import build
from cache.keys import Keys
from domain.errors import SettingError
from resolvers.context import Context
from resolvers.operation import Operations, Request
from tests.callers import ANYBODY, EVERYTHING
from tests.events.receiver import SECRET, Receiver
from tests.events.test_doors import SOURCES, Running, event
from tests.waiting import wait_until

RETRIES = ["PT0.05S", "PT0.1S", "PT0.1S"]


class Telling(Running):
    """A gateway that tells a receiver."""

    def __init__(self, redis_url, receiver, **hook):
        about = {"id": "desk", "url": f"{receiver.url}/told?by=casefold", "secret": SECRET, "retries": RETRIES} | hook
        self.wired = build(configure({**ANYBODY, "sources": SOURCES, "webhooks": [about]}, {}), redis_url)
        self.app = create_app(self.wired)

    async def __aenter__(self):
        await super().__aenter__()
        await self.wired.main.deliverers[0]._outbox.open("desk")
        return self


@pytest.fixture
async def receiver():
    async with Receiver().open() as receiver:
        yield receiver


@pytest.fixture
async def telling(redis, client, receiver):  # noqa: ARG001  # the client empties it
    async with Telling(redis.url, receiver) as telling:
        yield telling


async def test_each_change_is_told_once_signed_and_in_order(telling, receiver):
    history = [event(1, "CONFIRMED", ago=9), event(2, "RELEASED", ago=8)]
    held = {
        "number": "SO-1",
        "status": "ON_HOLD",
        "customerId": "C-1",
        "holds": [{"kind": "CREDIT", "reason": "limit"}],
    }
    history.append(event(3, ago=7, data=held))
    for each in history:
        await telling.send([each], **{"x-correlation-id": "c-from-outside"})
        await telling.settled()
    await telling.send(history[::-1])
    await wait_until(lambda: len(receiver.events) == 2)
    await asyncio.sleep(0.2)
    assert [each["type"] for each in receiver.events] == [
        "casefold.operational.order_released.v1",
        "casefold.operational.order_held.v1",
    ]
    first = receiver.events[0]
    assert (first["subject"], first["source"], first["specversion"]) == ("SO-1", "casefold", "1.0")
    assert (first["data"]["summary"], first["correlationid"]) == ("Order SO-1 was released.", "c-from-outside")
    assert receiver.events[1]["data"]["customerId"] == "C-1"


async def test_f3_however_often_and_by_however_many_it_is_settled_it_is_told_once(redis, client, receiver):
    events = [event(n, "RELEASED", f"SO-{n % 20}", ago=20) for n in range(100)]
    async with Telling(redis.url, receiver) as one, Telling(redis.url, receiver) as other:
        await asyncio.gather(
            *(each.send(events[start : start + 10]) for each in (one, other) for start in range(0, 100, 10))
        )
        for each in (one, other):
            letters = [letter async for entry in each.wired.main.inbox.journal() for letter in entry.letters]
            await each.wired.main.settling.settle_again(letters)
        await wait_until(lambda: len(receiver.events) >= 20, seconds=15)
        await asyncio.sleep(0.3)
    assert await client.xlen(Keys("main").outgoing(0)) == 20
    assert {each["subject"] for each in receiver.events} == {f"SO-{n}" for n in range(20)}
    assert len({each["id"] for each in receiver.events}) == 20


async def test_what_is_not_taken_is_sent_again_and_only_its_own_wait_for_it(telling, receiver):
    failures = iter([500, 503, 429])
    receiver.answer = lambda event: next(failures, 204) if event["subject"] == "SO-1" else 204
    await telling.send([event(1, "RELEASED", "SO-1", ago=9)])
    await telling.settled()
    held = {"number": "SO-1", "status": "ON_HOLD"}
    await telling.send([event(2, number="SO-1", ago=5, data=held), event(3, "RELEASED", "SO-2", ago=5)])
    await wait_until(lambda: len(receiver.events) == 3)
    told = [(each["subject"], each["data"]["type"]) for each in receiver.events]
    assert told.index(("SO-1", "ORDER_RELEASED")) < told.index(("SO-1", "ORDER_HELD"))
    assert told[0] == ("SO-2", "ORDER_RELEASED")
    assert receiver.calls == 6


async def test_what_is_never_taken_is_parked_and_can_be_sent_again(telling, receiver):
    receiver.answer = lambda event: 400 if event["subject"] == "SO-1" else 204
    await telling.send([event(1, "RELEASED", "SO-1", ago=9), event(2, "RELEASED", "SO-2", ago=9)])
    deliveries = telling.wired.main.deliveries
    for _ in range(200):
        page = await deliveries.page(10)
        if page.letters:
            break
        await asyncio.sleep(0.02)
    [parked] = page.letters
    assert (parked.source, parked.attempts) == ("desk", len(RETRIES) + 1)
    assert json.loads(parked.payload)["subject"] == "SO-1"
    assert [each.outcome.value for each in await deliveries.retry([parked.id])] == ["STILL_FAILING"]
    receiver.answer = lambda _: 204
    assert [each.outcome.value for each in await deliveries.retry([parked.id])] == ["APPLIED"]
    assert [each["subject"] for each in receiver.events] == ["SO-2", "SO-1"]
    assert (await telling.wired.main.dead_letters.page(10)).total == 0, "what came in is another matter"


async def test_what_was_not_sent_when_a_gateway_ended_is_sent_by_the_next(redis, client, receiver):
    receiver.answer = lambda _: 500
    async with Telling(redis.url, receiver, retries=["PT1H"]) as one:
        await one.send([event(n, "RELEASED", f"SO-{n}", ago=9) for n in range(5)])
        await wait_until(lambda: receiver.calls >= 5)
    receiver.answer = lambda _: 204
    await client.delete(Keys("main").lease("hook:desk"))
    async with Telling(redis.url, receiver):
        await wait_until(lambda: len(receiver.events) == 5)


async def test_only_what_it_wants_to_be_told(redis, client, receiver):  # noqa: ARG001
    async with Telling(redis.url, receiver, types=["ORDER_HELD"]) as telling:
        await telling.send([event(1, "RELEASED", ago=9)])
        await telling.settled()
        await telling.send([event(2, "ON_HOLD", ago=5)])
        await wait_until(lambda: receiver.events)
    assert [each["data"]["type"] for each in receiver.events] == ["ORDER_HELD"]


async def listen(running, heard, **arguments):
    query = """subscription($types: [OperationalEventType!], $customerId: ID) {
      operationalEvents(types: $types, customerId: $customerId) { id type orderNumber customerId summary } }"""
    context = Context(running.wired.gateway, EVERYTHING, "c-1", None, None)
    async for each in Operations().stream(Request(query, arguments), context):
        assert "errors" not in each.body
        heard.append(each.body["data"]["operationalEvents"])


async def test_who_is_connected_hears_it_at_once_and_only_what_was_asked_for(redis, client):  # noqa: ARG001
    async with Running(redis.url) as running:
        everything, held, ours = [], [], []
        async with asyncio.TaskGroup() as tasks:
            listening = [
                tasks.create_task(listen(running, everything)),
                tasks.create_task(listen(running, held, types=["ORDER_HELD"])),
                tasks.create_task(listen(running, ours, customerId="C-1")),
            ]
            await asyncio.sleep(0.3)
            await running.send([event(1, "RELEASED", ago=9)])
            await running.settled()
            data = {"number": "SO-1", "status": "ON_HOLD", "customerId": "C-1"}
            await running.send([event(2, ago=5, data=data)])
            await wait_until(lambda: len(everything) == 2)
            await asyncio.sleep(0.1)
            for task in listening:
                task.cancel()
        assert [each["type"] for each in everything] == ["ORDER_RELEASED", "ORDER_HELD"]
        assert held == ours == everything[1:]


async def test_who_is_too_slow_is_told_that_it_ends_and_holds_nobody_up(redis, client, monkeypatch):  # noqa: ARG001
    monkeypatch.setattr("cache.outbox.MOST_UNHEARD", 3)
    async with Running(redis.url) as running:
        slow, quick = running.wired.gateway.operational_events(), []
        first = asyncio.create_task(anext(slow))

        async def hear():
            async for each in running.wired.gateway.operational_events():
                quick.append(each)  # noqa: PERF401  # one by one, as they come

        hearing = asyncio.create_task(hear())
        await asyncio.sleep(0.3)
        await running.send([event(n, "RELEASED", f"SO-{n}", ago=9) for n in range(10)])
        await wait_until(lambda: len(quick) == 10)
        await first
        with pytest.raises(StopAsyncIteration):
            await anext(slow)
        hearing.cancel()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"url": "http://hooks.example.com/x"}, "webhooks[0].url", id="without TLS"),
        pytest.param({"url": "https://user:pass@hooks.example.com"}, "webhooks[0].url", id="with credentials"),
        pytest.param({"secret": "short"}, "webhooks[0].secret", id="a secret that cannot sign"),
        pytest.param({"types": ["ORDER_LOST"]}, "webhooks[0].types[0]", id="no such type"),
        pytest.param({"retries": ["PT0S"]}, "webhooks[0].retries[0]", id="no pause"),
        pytest.param({"id": "Desk!"}, "webhooks[0].id", id="no label"),
    ],
)
def test_a_receiver_that_cannot_be_is_refused_at_the_start(changes, said):
    good = {"id": "desk", "url": "https://hooks.example.com/x?y=1", "secret": SECRET}
    configure({"webhooks": [good]}, {})
    with pytest.raises(SettingError) as caught:
        configure({"webhooks": [good | changes]}, {})
    assert str(caught.value).startswith(said)
    assert "RRRR" not in str(caught.value)


def test_two_receivers_of_one_name_are_refused():
    good = {"id": "desk", "url": "https://hooks.example.com/x", "secret": SECRET}
    with pytest.raises(SettingError, match=r"webhooks\[1\].id: found 'desk'"):
        configure({"webhooks": [good, good]}, {})
