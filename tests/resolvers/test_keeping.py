"""An answer that one process has found is given by another, for as long as it is the answer."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest

from cache.embedded import EmbeddedRedis
from cache.grounds import Grounds
from domain.caller import Caller, Role
from domain.errors import TooManyRequests
from domain.lookup import Changes
from domain.order import OrderStatus
from resolvers.context import Context
from resolvers.keeping import from_elsewhere, is_wanted, keep
from resolvers.operation import Operations, Request
from tests.resolvers.systems import Desk
from tests.resolvers.test_again import ORDERS, SO, VIEW, anew, told
from tests.resolvers.test_state import POLICY, change, settle_event
from tests.resolvers.world import rich_desk
from tests.waiting import wait_until

OPERATIONS = Operations()
BODY = b"the bytes of the request"
WHOLE = (
    VIEW
    % """{ headline discrepancies { rule } orders { nodes { number } freshness { ageSeconds state } }
    shipments { nodes { id eta { basis } } freshness { ageSeconds } } fulfillments { nodes { id } } credit { freshness { asOf } } }"""
)


def desk_of(systems, redis, clock, **given):
    own = {"near_bytes": 0, "answer_bytes": 0, "generation": "1"} | given
    return Desk(systems, clock=clock, policy=POLICY, redis_url=redis.url, **own)


@pytest.fixture
async def pair(redis, client, erp, clock):  # noqa: ARG001  # the client empties it
    async with desk_of([erp], redis, clock) as one, desk_of([erp], redis, clock) as other:
        yield one, other


async def ask(desk, document, body=BODY):
    """One asking on the long way, as the door does it."""
    question, grounds = (desk.caller.audience, body), Grounds()
    desk.clock.advance(timedelta(milliseconds=1))
    context = Context(desk.gateway, desk.caller, "c-of-the-first", None, desk.clock.monotonic())
    if not is_wanted(desk.gateway, question):
        await OPERATIONS.execute(Request(document, SO), context)
        return
    answer = await OPERATIONS.execute(Request(document, SO), context.noting(grounds))
    keep(desk.gateway, question, answer.kept, grounds)


async def shared_by(desk, document=ORDERS, body=BODY):
    """Have it found here until it is there for others."""
    for _ in range(8):
        await ask(desk, document, body)
        await asyncio.sleep(0.02)
        if await given(desk, body=body):
            return
    raise AssertionError("it is not shared")


async def given(desk, echo="c-2", body=BODY):
    """The answer by the other process; null: it has to be found anew."""
    question = (desk.caller.audience, body)
    served = await from_elsewhere(desk.gateway, question, desk.caller, None, echo)
    return None if served is None else told(served.body)


async def test_what_one_has_found_the_other_gives(pair, erp, clock):
    one, other = pair
    await shared_by(one)
    clock.advance(timedelta(seconds=41.5))
    asked = len(erp.asked)
    answer = await given(other)
    assert answer == (await anew(other, ORDERS, SO)) | {"extensions": answer["extensions"]}
    assert answer["extensions"]["casefold"]["requestId"] == "c-2"
    assert answer["data"]["caseView"]["orders"]["freshness"]["ageSeconds"] == pytest.approx(41.5, abs=0.05)
    assert len(erp.asked) == asked
    clock.advance(timedelta(seconds=30))
    assert await given(other) is None


async def test_many_who_ask_at_once_are_one_command(pair, client):
    one, other = pair
    await shared_by(one)
    await shared_by(one, body=b"another")
    before = (await client.info("commandstats"))["cmdstat_evalsha"]["calls"]
    answers = await asyncio.gather(*(given(other, body=body) for body in [BODY, b"another", b"a third"] * 10))
    assert [answer is None for answer in answers] == [False, False, True] * 10
    assert (await client.info("commandstats"))["cmdstat_evalsha"]["calls"] == before + 1


async def test_who_may_see_something_else_is_given_nothing(pair):
    one, other = pair
    await shared_by(one)
    for caller in (
        Caller(client="tests", roles=frozenset({Role.PANEL})),
        Caller(client="tests", roles=one.caller.roles, customer="C-1"),
        Caller(client="tests", roles=one.caller.roles, tenant="another"),
    ):
        other.caller = caller
        assert await given(other) is None
    other.caller = Caller(client="somebody else", roles=frozenset(sorted(one.caller.roles, key=lambda role: role.name)))
    assert await given(other)


async def test_who_is_made_otherwise_is_given_nothing(pair, redis, erp, clock):
    await shared_by(pair[0])
    for generation in ("2", None):
        async with desk_of([erp], redis, clock, generation=generation) as other:
            assert await given(other) is None


async def test_a_change_ends_it_at_once(pair, erp, clock):
    """By the very command that gives it: what is announced is not waited for."""
    one, other = pair
    await shared_by(one)
    change(erp, OrderStatus.SHIPPED)
    await settle_event(one, OrderStatus.SHIPPED, clock.now())
    assert await given(other) is None
    await shared_by(one)
    assert (await given(other))["data"]["caseView"]["orders"]["nodes"] == [{"number": "SO-1", "status": "SHIPPED"}]


async def test_it_rests_on_every_value_that_was_looked_at(redis, client, clock):
    """Any of them that is changed, or goes, ends it; whatever does not belong to it does not."""
    systems = rich_desk().systems
    async with desk_of(systems, redis, clock) as one, desk_of(systems, redis, clock) as other:
        await anew(one, WHOLE, SO)
        await asyncio.sleep(0.05)
        await shared_by(one, WHOLE)
        assert await given(other)
        grounds = [
            key async for key in client.scan_iter("*")
            if any(f":{kind}:".encode() in key for kind in ("state", "listing", "links", "conclusions"))
        ]  # fmt: skip
        ended = set()
        for key in sorted(grounds):
            value = await client.get(key)
            await client.set(key, b"~" + value)
            is_changed = await given(other) is None
            await client.delete(key)
            is_gone = await given(other) is None
            await client.set(key, value)
            assert is_changed is is_gone
            ended |= {key} if is_gone else set()
            assert await given(other)
        assert {kind for key in ended for kind in key.split(b":")} >= {b"state", b"listing", b"links"}
        assert len(ended) > len(grounds) / 2
        for name in grounds:
            await client.set(name + b"-of-another", b"x")
        assert await given(other)


class TestFeeds:
    @pytest.fixture
    def erp(self, erp):
        async def changes(*_):
            return Changes((), erp.clock.now())

        erp.changes = changes
        return erp

    async def poll(self, desk, client):
        [poller] = desk.reader.pollers()
        await client.delete(desk.memory.store.keys.lease("poll:erp"))
        assert await poller.poll()

    async def test_it_grows_no_older_while_the_feed_goes_on(self, pair, client, clock):
        one, other = pair
        await self.poll(one, client)
        await anew(one, ORDERS, SO)
        clock.advance(timedelta(seconds=1))
        await self.poll(one, client)
        await shared_by(one)
        clock.advance(timedelta(hours=5))
        assert await given(other) is None
        other.gateway.kept.drop_all()
        other.gateway.kept._asked.clear()
        await self.poll(one, client)
        clock.advance(timedelta(seconds=9))
        section = (await given(other))["data"]["caseView"]["orders"]["freshness"]
        assert (section["state"], section["origin"], section["ageSeconds"]) == ("FRESH", "EVENT", 9)

    async def test_it_is_kept_where_feeds_are_at_hand(self, pair, redis, erp, client, clock):
        one, _ = pair
        await self.poll(one, client)
        await anew(one, ORDERS, SO)
        clock.advance(timedelta(seconds=1))
        await self.poll(one, client)
        await shared_by(one)
        async with desk_of([erp], redis, clock, near_bytes=1_000_000, answer_bytes=1_000_000) as third:
            assert await given(third)
            assert len(third.gateway.kept) == 1


async def test_what_was_given_is_kept_here_until_it_changes(pair, redis, erp, clock):
    one, _ = pair
    await shared_by(one)
    async with desk_of([erp], redis, clock, near_bytes=1_000_000, answer_bytes=1_000_000) as third:
        question = (third.caller.audience, BODY)
        assert await given(third)
        assert third.gateway.kept.get(question)
        await settle_event(one, OrderStatus.SHIPPED, clock.now())
        await wait_until(lambda: third.gateway.kept.get(question) is None)


async def test_what_is_announced_while_it_is_looked_for_is_not_kept(pair, redis, erp, clock, monkeypatch):
    one, _ = pair
    await shared_by(one)
    async with desk_of([erp], redis, clock, near_bytes=1_000_000, answer_bytes=1_000_000) as third:
        run = third.memory.server.run

        async def slow(steps):
            results = await run(steps)
            await settle_event(one, OrderStatus.SHIPPED, clock.now())
            await asyncio.sleep(0.05)
            return results

        monkeypatch.setattr(third.memory.server, "run", slow)
        assert await given(third)
        assert not third.gateway.kept


async def test_giving_is_counted_and_stopped(pair):
    one, other = pair
    await shared_by(one)
    with suppress(TooManyRequests):
        for _ in range(1_000):
            await given(other)
    with pytest.raises(TooManyRequests):
        await given(other)


@pytest.mark.parametrize("value", [b"", b"x", b"\0\0\0\1\x90no answer", b"\0\0\0\x06\x95\x90\x90\x90\x90\x90no answer"])
async def test_bytes_that_are_no_answer_are_none(pair, client, value):
    one, other = pair
    await shared_by(one)
    [key] = [key async for key in client.scan_iter("*:answer:*")]
    await client.set(key, value)
    assert await given(other) is None
    assert other.memory.is_up


async def test_without_the_store_nobody_waits_for_it(tmp_path, erp, clock):
    with EmbeddedRedis(tmp_path) as redis:
        async with desk_of([erp], redis, clock) as one, desk_of([erp], redis, clock) as other:
            await shared_by(one)
            redis.stop()
            assert await given(other) is None
            await ask(one, ORDERS)
            redis.start()
            await wait_until(lambda: other.memory.is_current)
            assert await given(other)


async def test_who_looks_for_it_when_all_ends_is_told_of_nothing(pair, monkeypatch):
    one, other = pair
    await shared_by(one)

    async def never(_):
        await asyncio.Event().wait()

    monkeypatch.setattr(other.memory.server, "run", never)
    waiting = asyncio.create_task(given(other))
    await asyncio.sleep(0.02)
    await other.gateway.shared.aclose()
    assert await waiting is None


async def test_they_do_not_stay_for_ever(pair, client):
    await shared_by(pair[0])
    [key] = [key async for key in client.scan_iter("*:answer:*")]
    assert 0 < await client.ttl(key) <= 600
    assert b"c-of-the-first" not in await client.get(key)
