"""What is kept is served, said to be as old as it is, and refreshed when it has to be."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from cache.embedded import EmbeddedRedis
from domain.clock import ManualClock
from domain.errors import Unreachable
from domain.freshness import Policy
from domain.identity import EntityKey, EntityKind, Scheme
from domain.known import Nature, known_of
from domain.lookup import Changes, Lookup
from domain.observation import Channel, Snapshot
from domain.order import Order, OrderStatus
from tests.resolvers.systems import Desk, System, reference
from tests.resolvers.world import rich_desk
from tests.waiting import wait_until

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
STATE = "freshness { state origin ageSeconds maxAgeSeconds source verifiedAt asOf } problem { code message }"
ORDERS = f"orders {{ {STATE} nodes {{ number status }} }}"
POLICY = Policy(
    max_age=timedelta(seconds=60),
    stale_while_revalidate=timedelta(seconds=30),
    stale_if_error=timedelta(hours=1),
    negative_max_age=timedelta(seconds=10),
)
SO = {"orderNumber": "SO-1"}


class SlowClock(ManualClock):
    """Our own time is told; the time that a view may take passes by itself."""

    def monotonic(self):
        return asyncio.get_running_loop().time()


def seconds(count):
    return timedelta(seconds=count)


@pytest.fixture
def clock():
    return SlowClock(START)


@pytest.fixture
def erp():
    order = Order(number="SO-1", status=OrderStatus.RELEASED)
    return System("erp", {EntityKind.ORDER: (Scheme.SO, Scheme.PO)}, {(EntityKind.ORDER, Scheme.SO, "SO-1"): [order]})


@pytest.fixture
async def desk(redis, client, erp, clock):  # noqa: ARG001  # the client empties it
    async with Desk([erp], clock=clock, policy=POLICY, redis_url=redis.url) as desk:
        yield desk


async def orders(desk, freshness=None, key=None, fields=ORDERS):
    document = "query($key: CaseKey!, $freshness: FreshnessInput) { caseView(key: $key, freshness: $freshness) { %s } }"
    result = await desk.execute(document % fields, key=key or SO, freshness=freshness)
    assert result.errors is None, result.errors
    return result.data["caseView"] and result.data["caseView"]["orders"]


def said(section):
    return section["freshness"]["state"], section["freshness"]["origin"]


def statuses(section):
    return [node["status"] for node in section["nodes"]]


def change(erp, status):
    erp.knows[EntityKind.ORDER, Scheme.SO, "SO-1"] = [Order(number="SO-1", status=status)]


async def settle_event(desk, status, moment, number="SO-1", **fields):
    key = EntityKey(tenant="main", source="erp", kind=EntityKind.ORDER, id=number)
    event = Snapshot(key, Order(number=number, status=status, **fields), moment, moment, Channel.EVENT)
    await desk.memory.store.settle([(known_of(event), Nature())])
    await asyncio.sleep(0.05)


async def test_what_was_read_once_is_not_read_again_within_its_age(desk, erp, clock):
    assert said(await orders(desk)) == ("FRESH", "API")
    clock.advance(seconds(60))
    section = await orders(desk)
    assert said(section) == ("FRESH", "CACHE")
    assert section["freshness"] | {"asOf": None} == {
        "state": "FRESH",
        "origin": "CACHE",
        "ageSeconds": 60.0,
        "maxAgeSeconds": 60.0,
        "source": "erp",
        "verifiedAt": START.isoformat(),
        "asOf": None,
    }
    assert len(erp.asked) == 1


async def test_older_than_its_age_it_is_revalidated_in_the_background(desk, erp, clock):
    await orders(desk)
    change(erp, OrderStatus.SHIPPED)
    clock.advance(seconds(61))
    section = await orders(desk)
    assert (said(section), statuses(section)) == (("REVALIDATING", "CACHE"), ["RELEASED"])
    await wait_until(lambda: len(erp.asked) == 2 and not desk.reader.flights._flights)
    await asyncio.sleep(0.05)
    section = await orders(desk)
    assert (said(section), statuses(section)) == (("FRESH", "CACHE"), ["SHIPPED"])
    assert len(erp.asked) == 2


async def test_beyond_the_grace_it_is_fetched(desk, erp, clock):
    await orders(desk)
    change(erp, OrderStatus.SHIPPED)
    clock.advance(seconds(91))
    section = await orders(desk)
    assert (said(section), statuses(section)) == (("FRESH", "API"), ["SHIPPED"])


async def test_who_names_an_age_gets_that_age(desk, erp, clock):
    await orders(desk)
    clock.advance(seconds(5))
    assert said(await orders(desk, {"maxAge": "PT5S"})) == ("FRESH", "CACHE")
    section = await orders(desk, {"maxAge": "PT4S"})
    assert (said(section), section["freshness"]["maxAgeSeconds"]) == (("FRESH", "API"), 4.0)
    clock.advance(seconds(80))
    assert said(await orders(desk, {"maxAge": "PT1H"})) == ("FRESH", "CACHE")
    assert said(await orders(desk, {"maxAge": "PT0S"})) == ("FRESH", "API")
    assert len(erp.asked) == 3


async def test_serve_stale_answers_at_once_and_refreshes(desk, erp, clock):
    await orders(desk)
    clock.advance(timedelta(days=2))
    erp.delay_seconds = 0.2
    section = await orders(desk, {"onStale": "SERVE_STALE"})
    assert said(section) == ("REVALIDATING", "CACHE")
    await wait_until(lambda: len(erp.asked) == 2)


async def test_state_only_never_asks(desk, erp, clock):
    section = await orders(desk, {"onStale": "STATE_ONLY"})
    assert said(section) == ("UNAVAILABLE", None)
    assert section["problem"] is None
    await orders(desk)
    clock.advance(seconds(61))
    assert said(await orders(desk, {"onStale": "STATE_ONLY"})) == ("STALE", "CACHE")
    assert said(await orders(desk, {"onStale": "STATE_ONLY", "maxAge": "PT2M"})) == ("FRESH", "CACHE")
    assert len(erp.asked) == 1


async def test_a_system_that_fails_is_stood_in_for_by_what_is_known_of_it(desk, erp, clock):
    await orders(desk)
    clock.advance(seconds(100))
    erp.failure = Unreachable
    section = await orders(desk)
    assert (said(section), statuses(section)) == (("STALE", "CACHE"), ["RELEASED"])
    assert section["problem"] == {"code": "UNREACHABLE", "message": "erp cannot be reached"}
    assert section["freshness"]["ageSeconds"] == 100
    clock.advance(timedelta(hours=1))
    section = await orders(desk)
    assert (said(section), section["problem"]["code"], section["nodes"]) == (("UNAVAILABLE", None), "UNREACHABLE", [])
    erp.failure = None
    assert said(await orders(desk)) == ("FRESH", "API")


async def test_a_system_that_hangs_is_left_at_the_deadline_and_its_answer_still_lands(desk, erp, clock):
    await orders(desk)
    clock.advance(seconds(100))
    change(erp, OrderStatus.SHIPPED)
    erp.delay_seconds = 0.3
    section = await orders(desk, {"deadline": "PT0.1S"})
    assert (said(section), section["problem"]["code"]) == (("STALE", "CACHE"), "TIMEOUT")
    await asyncio.sleep(0.4)
    section = await orders(desk, {"deadline": "PT0.1S"})
    assert (said(section), statuses(section)) == (("FRESH", "CACHE"), ["SHIPPED"])
    assert len(erp.asked) == 2


async def test_that_there_is_nothing_is_remembered_for_a_while(desk, erp, clock):
    unknown = {"orderNumber": "SO-404"}
    for _ in range(2):
        assert await orders(desk, key=unknown) is None
    assert len(erp.asked) == 1
    clock.advance(seconds(11))
    assert await orders(desk, key=unknown) is None
    assert len(erp.asked) == 2


async def test_refreshing_asks_whatever_is_known(desk, erp, clock):
    document = """mutation($key: CaseKey!, $sources: [SourceKind!]) { refreshCaseView(key: $key, sources: $sources) {
      caseView { orders { freshness { state origin } nodes { status } } } userErrors { field code message } } }"""
    await orders(desk)
    change(erp, OrderStatus.SHIPPED)
    clock.advance(seconds(1))
    result = await desk.execute(document, key=SO)
    assert result.data["refreshCaseView"] == {
        "caseView": {"orders": {"freshness": {"state": "FRESH", "origin": "API"}, "nodes": [{"status": "SHIPPED"}]}},
        "userErrors": [],
    }
    assert len(erp.asked) == 2
    await desk.execute(document, key=SO, sources=["ERP"])
    assert len(erp.asked) == 3
    for key, field, code in (
        ({"orderNumber": "SO-404"}, ["key"], "NOT_FOUND"),
        ({"orderNumber": ""}, ["key", "orderNumber"], "BAD_USER_INPUT"),
    ):
        payload = (await desk.execute(document, key=key)).data["refreshCaseView"]
        assert payload["caseView"] is None
        assert [(each["field"], each["code"]) for each in payload["userErrors"]] == [(field, code)]


class TestEvents:
    async def test_what_an_event_told_is_served_without_asking(self, desk, erp, clock):
        await orders(desk)
        clock.advance(seconds(10))
        await settle_event(desk, OrderStatus.SHIPPED, clock.now())
        section = await orders(desk)
        assert (said(section), statuses(section)) == (("FRESH", "EVENT"), ["SHIPPED"])
        assert section["freshness"]["asOf"] == clock.now().isoformat()
        assert len(erp.asked) == 1

    async def test_an_order_known_only_by_its_event_is_known(self, desk, erp, clock):
        await settle_event(desk, OrderStatus.SHIPPED, clock.now(), number="SO-7")
        section = await orders(desk, key={"orderNumber": "SO-7"})
        assert (said(section), statuses(section)) == (("FRESH", "EVENT"), ["SHIPPED"])
        assert not erp.asked

    async def test_that_an_event_names_a_number_does_not_say_that_no_other_does(self, desk, erp, clock):
        await settle_event(desk, OrderStatus.SHIPPED, clock.now(), number="SO-7", purchase_order_number="PO-1")
        other = Order(number="SO-8", purchase_order_number="PO-1", status=OrderStatus.RELEASED)
        erp.knows[EntityKind.ORDER, Scheme.PO, "PO-1"] = [other]
        state_only = await orders(desk, {"onStale": "STATE_ONLY"}, key={"purchaseOrderNumber": "PO-1"})
        assert (said(state_only), statuses(state_only)) == (("STALE", "EVENT"), ["SHIPPED"])
        section = await orders(desk, key={"purchaseOrderNumber": "PO-1"})
        assert sorted(node["number"] for node in section["nodes"]) == ["SO-7", "SO-8"]
        assert erp.questions == {"ORDER by PO PO-1"}

    async def test_f2_a_slow_answer_does_not_replace_the_event_that_overtook_it(self, desk, erp, clock):
        await orders(desk)
        clock.advance(seconds(100))
        erp.delay_seconds = 0.3
        looking = asyncio.create_task(orders(desk))
        await wait_until(lambda: len(erp.asked) == 2)
        real, erp.clock = erp.clock, ManualClock(clock.now())
        await settle_event(desk, OrderStatus.SHIPPED, clock.now() + seconds(5))
        clock.advance(seconds(6))
        assert statuses(await looking) == ["SHIPPED"]
        erp.clock = real
        assert statuses(await orders(desk)) == ["SHIPPED"]

    async def test_one_answer_without_it_does_not_delete_what_an_event_told_of_and_the_next_one_does(
        self, desk, erp, clock
    ):
        await settle_event(desk, OrderStatus.SHIPPED, clock.now(), number="SO-7")
        clock.advance(seconds(100))
        section = await orders(desk, key={"orderNumber": "SO-7"})
        assert (said(section)[0], section["problem"]["code"], statuses(section)) == ("STALE", "NOT_FOUND", ["SHIPPED"])
        clock.advance(seconds(1))
        assert await orders(desk, key={"orderNumber": "SO-7"}) is None
        assert len(erp.asked) == 2
        assert await orders(desk, key={"orderNumber": "SO-7"}) is None
        assert len(erp.asked) == 2

    @pytest.mark.parametrize("minutes", [-10, 10])
    async def test_f4_a_clock_that_is_wrong_never_makes_anything_look_fresh(self, desk, clock, minutes):
        await settle_event(desk, OrderStatus.SHIPPED, clock.now() + timedelta(minutes=minutes), number="SO-7")
        section = await orders(desk, {"onStale": "STATE_ONLY"}, key={"orderNumber": "SO-7"})
        assert said(section) == ("STALE", "EVENT")
        if minutes > 0:
            assert section["freshness"]["asOf"] is None


class TestPolls:
    """A source that can say what has changed is read only when something has."""

    @pytest.fixture
    def changed(self):
        return []

    @pytest.fixture
    def erp(self, erp, changed):
        async def changes(since, _):
            erp.polled.append(since)
            return Changes(tuple(changed), erp.clock.now())

        erp.polled, erp.changes = [], changes
        return erp

    @pytest.fixture
    async def poller(self, desk):
        [poller] = desk.reader.pollers()
        return poller

    async def poll(self, poller, client):
        await client.delete(poller._memory.store.keys.lease("poll:erp"))
        assert await poller.poll()
        await asyncio.sleep(0.05)

    async def test_nothing_new_keeps_everything_fresh(self, desk, erp, clock, client, poller):
        await self.poll(poller, client)
        await orders(desk)
        clock.advance(timedelta(hours=3))
        await self.poll(poller, client)
        section = await orders(desk)
        assert said(section) == ("FRESH", "EVENT")
        assert (section["freshness"]["ageSeconds"], len(erp.asked)) == (0, 1)

    async def test_what_has_changed_is_read_again_if_anything_is_kept_of_it(
        self, desk, erp, clock, client, poller, changed
    ):
        await self.poll(poller, client)
        await orders(desk)
        changed += [Lookup(EntityKind.ORDER, reference(Scheme.SO, number)) for number in ("SO-1", "SO-2")]
        change(erp, OrderStatus.SHIPPED)
        clock.advance(seconds(20))
        await self.poll(poller, client)
        assert erp.questions == {"ORDER by SO SO-1"}
        clock.advance(seconds(20))
        assert statuses(await orders(desk)) == ["SHIPPED"]
        assert len(erp.asked) == 2

    async def test_a_poll_that_could_not_be_finished_moves_nothing(self, desk, erp, clock, client, poller, changed):
        await self.poll(poller, client)
        await orders(desk)
        before = clock.now()
        changed.append(Lookup(EntityKind.ORDER, reference(Scheme.SO, "SO-1")))
        clock.advance(seconds(200))
        erp.failure = Unreachable
        await client.delete(poller._memory.store.keys.lease("poll:erp"))
        with pytest.raises(Unreachable):
            await poller.poll()
        section = await orders(desk)
        assert (said(section)[0], section["freshness"]["verifiedAt"]) == ("STALE", before.isoformat())
        erp.failure = None
        await self.poll(poller, client)
        assert erp.polled[-1] == erp.polled[-2]

    async def test_one_gateway_polls_and_all_know(self, desk, redis, erp, clock, client, poller):
        async with Desk([erp], clock=clock, policy=POLICY, redis_url=redis.url) as other:
            [others] = other.reader.pollers()
            await self.poll(poller, client)
            assert not await others.poll()
            await orders(desk)
            clock.advance(timedelta(hours=1))
            await self.poll(poller, client)
            assert said(await orders(other)) == ("FRESH", "EVENT")
        assert len(erp.asked) == 1

    async def test_a_feed_that_begins_after_something_was_read_does_not_cover_it(self, desk, clock, client, poller):
        await orders(desk)
        clock.advance(seconds(100))
        await self.poll(poller, client)
        assert said(await orders(desk, {"onStale": "STATE_ONLY"}))[0] == "STALE"


class TestTheStoreIsGone:
    async def test_views_are_answered_directly_and_near_copies_are_said_to_be_stale(self, tmp_path, erp, clock):
        with EmbeddedRedis(tmp_path) as redis:
            async with Desk([erp], clock=clock, policy=POLICY, redis_url=redis.url) as desk:
                await orders(desk)
                await asyncio.sleep(0.3)  # what was written has been announced
                await orders(desk)
                redis.stop()
                await wait_until(lambda: not desk.memory.announcements.is_live)
                assert said(await orders(desk)) == ("FRESH", "API")
                erp.failure = Unreachable
                section = await orders(desk)
                assert (said(section), statuses(section)) == (("STALE", "CACHE"), ["RELEASED"])
                assert section["problem"]["code"] == "UNREACHABLE"


async def test_the_whole_case_is_kept(redis, client, clock):  # noqa: ARG001  # the client empties it
    desk = Desk(rich_desk().systems, clock=clock, policy=POLICY, redis_url=redis.url)
    fields = "customer { freshness { state } customer { id } } shipments { nodes { id freshness { origin } } } credit { credit { status } }"
    document = f"query($key: CaseKey!) {{ caseView(key: $key) {{ {fields} }} }}"
    async with desk:
        first = (await desk.execute(document, key=SO)).data
        asked = [len(system.asked) for system in desk.systems]
        second = (await desk.execute(document, key=SO)).data
        assert [len(system.asked) for system in desk.systems] == asked
        third = (await desk.execute(document, key=SO)).data
    assert str(first).replace("'API'", "'CACHE'") == str(second) == str(third)
