"""F4: a gap in the sequence ends coverage at once, and its late arrival restores it."""

from datetime import UTC, datetime, timedelta

import pytest

from app.main import create_app
from app.settings import configure
from app.wiring import build
from tests.callers import ANYBODY
from tests.events.test_doors import SOURCES, Running, event


class Counting(Running):
    def __init__(self, redis_url):
        counting = [SOURCES[0] | {"numbers_events": True}, *SOURCES[1:]]
        self.wired = build(configure({**ANYBODY, "sources": counting}, {}), redis_url)
        self.app = create_app(self.wired)

    async def feed(self):
        return next(each.feed for each in await self.wired.gateway.statuses() if each.id == "erp")

    async def state(self):
        return (await self.orders(max_age="PT3S"))["freshness"]["state"]


@pytest.fixture
async def counting(redis, client):  # noqa: ARG001  # the client empties it
    async with Counting(redis.url) as counting:
        yield counting


def beat(sequence):
    return event(sequence, kind="casefold.feed.heartbeat.v1", subject=None, data=None, sequence=str(sequence))


async def sent(running, *events):
    await running.send(list(events))
    await running.settled()


async def test_what_is_missing_ends_the_coverage_and_coming_late_restores_it(counting):
    first = event(1, "CONFIRMED", sequence="1", ago=8)
    await sent(counting, beat(0) | {"time": (datetime.now(UTC) - timedelta(seconds=9)).isoformat()})
    await sent(counting, first)
    await sent(counting, beat(2))
    assert (await counting.state(), (await counting.feed()).gaps) == ("FRESH", 0)
    await sent(counting, beat(4))
    assert ((await counting.feed()).gaps, await counting.state()) == (1, "STALE")
    missed = event(3, "SHIPPED", sequence="3", ago=1)
    await sent(counting, missed)
    section = await counting.orders(max_age="PT3S")
    assert ((await counting.feed()).gaps, section["freshness"]["state"]) == (0, "FRESH")
    assert [node["status"] for node in section["nodes"]] == ["SHIPPED"]
