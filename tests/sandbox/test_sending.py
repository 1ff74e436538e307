"""What the systems send of their own accord: signed as agreed, told in full, and no better than in real life."""

import asyncio
import json
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook

from domain.clock import ManualClock
from domain.event import Delivery, Event
from events.envelope import decode, encode, read
from sandbox.sending import SECRETS, Sending, Troubles, senders
from sandbox.world import WorldClock
from sources.easypost import SOURCE
from tests.posted import Posted
from tests.sandbox.looking import ANCHOR, WORLD
from tests.waiting import wait_until

EASYPOST = SOURCE.settings.model_validate(
    {
        "id": "tms-sandbox",
        "adapter": "easypost",
        "base_url": "https://easypost.example.com",
        "token": "t",
        "webhook_secret": SECRETS["easypost"],
    }
)


class Receiver(Posted):
    def __init__(self):
        self.events, self.messages, self.refuse = [], [], 0

    def take(self, path, headers, body):
        if self.refuse:
            self.refuse -= 1
            return 503
        self._note(path, headers, body)
        return 202

    def _note(self, path, headers, body):
        delivery = Delivery(body, headers, datetime.now(UTC))
        if path == "/events":
            found = read(headers, body)
            Webhook(SECRETS[found[0].source.removesuffix("-sandbox")]).verify(body, headers, json_parse=False)
            told = [decode("main", encode(each)) for each in found]
        else:
            inbox = SOURCE.open_inbox(EASYPOST)
            inbox.verify(delivery)
            told = inbox.decode(delivery)
        assert all(isinstance(each, Event) for each in told), told
        self.messages.append((path, len(told)))
        self.events += told


@pytest.fixture
async def receiver():
    async with Receiver().open() as receiver:
        yield receiver


@asynccontextmanager
async def sending(receiver, **troubles):
    """A still world, that the test moves on."""
    clock = WorldClock(ANCHOR, 0, ManualClock(ANCHOR))
    usual = {"duplicated": 0.0, "late": 0.0, "late_seconds": 0.3}
    sender = Sending(WORLD, clock, receiver.url, senders("-sandbox"), troubles=Troubles(**usual | troubles))
    task = asyncio.create_task(sender.run())
    await wait_until(lambda: receiver.messages or troubles.get("is_silent"))
    try:
        yield sender, clock
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def told(receiver):
    return [each for each in receiver.events if each.observations]


async def test_everything_that_happens_is_told_once_by_whoever_is_in_charge(receiver):
    async with sending(receiver) as (sender, clock):
        clock.advance(timedelta(days=2))
        kinds = {kind for each in senders("") for kind in each.kinds}
        news = WORLD.news(kinds, ANCHOR, ANCHOR + timedelta(days=2))
        await wait_until(lambda: len(told(receiver)) >= len(news))
        await asyncio.sleep(0.5)
        assert Counter(each.observations[0].key.kind for each in told(receiver)) == Counter(each.kind for each in news)
        assert len({each.observations[0].key for each in told(receiver)}) == len(news)
        assert {each.observations[0].key.source for each in told(receiver)} >= {
            "erp-sandbox",
            "wms-sandbox",
            "tms-sandbox",
        }
        assert (sender.sent.lost, sender.sent.late, sender.sent.duplicated) == (0, 0, 0)


async def test_the_warehouse_numbers_its_events_and_says_that_it_is_there(receiver):
    async with sending(receiver) as (_, clock):
        clock.advance(timedelta(days=1))
        await wait_until(lambda: sum(not each.observations for each in receiver.events) >= 2, seconds=8)
    numbers = [each.sequence for each in receiver.events if each.sequence is not None]
    assert numbers == list(range(1, len(numbers) + 1))


async def test_some_come_twice_some_late_and_some_not_at_all(receiver):
    async with sending(receiver, duplicated=0.3, late=0.3, lost=0.1) as (sender, clock):
        clock.advance(timedelta(days=2))
        await wait_until(lambda: sender.sent.events > 100)
        await asyncio.sleep(1)
    sent = sender.sent
    assert min(sent.duplicated, sent.late, sent.lost) > 5
    ids = Counter(each.id for each in receiver.events)
    assert abs(len(ids) - (sent.events - sent.lost)) <= 2, "what was under way when it ended"
    assert abs(sum(ids.values()) - len(ids) - sent.duplicated) <= 2


async def test_what_is_not_taken_is_sent_again_in_order(receiver):
    async with sending(receiver) as (sender, clock):
        receiver.refuse = 7
        clock.advance(timedelta(days=1))
        await wait_until(lambda: not receiver.refuse and len(told(receiver)) > 20, seconds=10)
    assert sender.sent.repeated == 7
    numbers = [each.sequence for each in receiver.events if each.sequence is not None]
    assert numbers == sorted(numbers)


async def test_it_can_be_silent_and_that_is_not_made_up_for(receiver):
    async with sending(receiver, is_silent=True) as (sender, clock):
        clock.advance(timedelta(days=1))
        await asyncio.sleep(0.5)
        assert receiver.messages == []
        sender.troubles = Troubles(duplicated=0, late=0)
        await wait_until(lambda: receiver.messages)
        assert told(receiver) == []


async def test_the_switch(client):
    answer = await client.put("/control/events", json={"lost": 0.5})
    assert (answer.status_code, answer.json()) == (404, {"error": "nothing is sent: there is no receiver"})


def test_a_story_is_told_the_same_way_twice():
    day = timedelta(days=1)
    one, other = (
        [
            json.loads(event) | {"time": None}
            for sender in senders("-sandbox")[:3]
            for event in sender.events(WORLD.news(sender.kinds, ANCHOR, ANCHOR + day), datetime.now(UTC))
            if b"heartbeat" not in event
        ]
        for _ in range(2)
    )
    assert one == other
    assert len(one) > 20
