"""A view that stays open: shown at once, then after each change that it shows, and not otherwise."""

import asyncio
import gc
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from cache.watch import PACE_SECONDS
from domain.errors import Unreachable
from domain.freshness import Policy
from domain.identity import EntityKey, EntityKind, Scheme
from domain.known import known_of
from domain.observation import Channel, Hint, Snapshot
from domain.order import Order, OrderStatus
from domain.shipment import Shipment, ShipmentStatus
from resolvers import reading
from resolvers.projection.execution import ProjectingExecution
from tests.resolvers.listening import ORDERS, listened, shown, watching
from tests.resolvers.systems import Desk, System
from tests.resolvers.test_state import POLICY, seconds
from tests.waiting import wait_until

QUIET_SECONDS = 0.35


@pytest.fixture
def tms():
    shipment = Shipment(id="SH-1", order_numbers=("SO-1",), status=ShipmentStatus.IN_TRANSIT)
    return System("tms", {EntityKind.SHIPMENT: (Scheme.SO,)}, {(EntityKind.SHIPMENT, Scheme.SO, "SO-1"): [shipment]})


@pytest.fixture
async def desk(redis, client, erp, tms, clock):  # noqa: ARG001  # the client empties it
    async with Desk([erp, tms], clock=clock, policy=POLICY, redis_url=redis.url) as desk:
        yield desk


async def settle(desk, status, after=5.0, number="SO-1", **fields):
    """What the ERP tells of its own accord, some seconds later."""
    desk.clock.advance(seconds(after))
    key, moment = EntityKey(tenant="main", source="erp", kind=EntityKind.ORDER, id=number), desk.clock.now()
    told = Snapshot(key, Order(number=number, status=status, **fields), moment, moment, Channel.EVENT)
    nature = desk.systems[0].nature
    await desk.memory.store.settle([(known_of(told), nature)])


async def hint(desk):
    desk.clock.advance(seconds(5))
    key = EntityKey(tenant="main", source="erp", kind=EntityKind.ORDER, id="SO-1")
    nature = desk.systems[0].nature
    await desk.memory.store.settle([(known_of(Hint(key, desk.clock.now())), nature)])


async def test_what_is_kept_is_shown_at_once_and_then_each_change(desk):
    await desk.view(ORDERS, orderNumber="SO-1")
    async with watching(desk.gateway) as listener:
        assert [shown(each) for each in await listener.hears(1)] == [("FRESH", ["RELEASED"])]
        await settle(desk, OrderStatus.SHIPPED)
        assert shown((await listener.hears(2))[1]) == ("FRESH", ["SHIPPED"])
        await asyncio.sleep(QUIET_SECONDS)
        assert len(listener.told) == 2


async def test_what_is_too_old_is_shown_first_and_replaced_as_it_arrives(desk, erp, tms, clock):
    fields = ORDERS + " shipments { freshness { state } problem { code } nodes { status } }"
    await desk.view(fields, orderNumber="SO-1")
    clock.advance(seconds(1_000))
    tms.delay_seconds, erp.delay_seconds = 0.6, 0.2
    began = asyncio.get_running_loop().time()
    async with watching(desk.gateway, fields) as listener:
        [first] = await listener.hears(1)
        assert asyncio.get_running_loop().time() - began < 0.15
        assert (shown(first), first["shipments"]["freshness"]["state"]) == (
            ("REVALIDATING", ["RELEASED"]),
            "REVALIDATING",
        )
        second = (await listener.hears(2))[1]
        assert (shown(second)[0], second["shipments"]["freshness"]["state"]) == ("FRESH", "REVALIDATING")
        third = (await listener.hears(3))[2]
        assert (shown(third)[0], third["shipments"]["freshness"]["state"]) == ("FRESH", "FRESH")
        await asyncio.sleep(QUIET_SECONDS)
        assert len(listener.told) == 3


async def test_of_what_is_not_known_the_first_to_answer_is_shown_first(desk, tms):
    fields = ORDERS + " shipments { freshness { state } problem { code } nodes { status } }"
    tms.delay_seconds = 0.5
    async with watching(desk.gateway, fields) as listener:
        [first] = await listener.hears(1)
        assert shown(first) == ("FRESH", ["RELEASED"])
        assert first["shipments"] == {"freshness": {"state": "UNAVAILABLE"}, "problem": None, "nodes": []}
        second = (await listener.hears(2))[1]
        assert second["shipments"]["nodes"] == [{"status": "IN_TRANSIT"}]


async def test_a_system_that_fails_is_asked_once_and_its_section_says_so(desk, erp, clock):
    await desk.view(ORDERS, orderNumber="SO-1")
    clock.advance(seconds(1_000))
    erp.failure = Unreachable
    erp.forget_questions()
    async with watching(desk.gateway) as listener:
        views = await listener.hears(2)
        assert [shown(each)[0] for each in views] == ["REVALIDATING", "STALE"]
        assert views[1]["orders"]["problem"] == {"code": "UNREACHABLE"}
        await settle(desk, OrderStatus.SHIPPED)
        await listener.hears(3)
        await asyncio.sleep(QUIET_SECONDS)
        assert len(erp.asked) == 1


async def test_a_hint_has_it_asked_again_even_if_asking_failed_before(desk, erp):
    await desk.view(ORDERS, orderNumber="SO-1")
    async with watching(desk.gateway) as listener:
        await listener.hears(1)
        erp.failure = Unreachable
        erp.forget_questions()
        await hint(desk)
        assert [shown(each)[0] for each in await listener.hears(3)] == ["FRESH", "REVALIDATING", "STALE"]
        await asyncio.sleep(QUIET_SECONDS)
        assert len(erp.asked) == 1
        await hint(desk)
        await wait_until(lambda: len(erp.asked) == 2)


async def test_an_age_that_nothing_kept_can_have_does_not_make_it_ask_without_end(desk, erp):
    async with watching(desk.gateway, freshness='maxAge: "PT0S"') as listener:
        await listener.hears(1)
        await settle(desk, OrderStatus.SHIPPED)
        await listener.hears(2)
        await asyncio.sleep(3 * QUIET_SECONDS)
        assert len(erp.asked) == 1


async def test_state_only_never_asks(desk, erp):
    await settle(desk, OrderStatus.RELEASED)
    async with watching(desk.gateway, freshness="onStale: STATE_ONLY") as listener:
        await listener.hears(1)
        await settle(desk, OrderStatus.SHIPPED)
        assert shown((await listener.hears(2))[1])[1] == ["SHIPPED"]
        assert erp.asked == []


async def test_what_the_selection_does_not_show_is_not_sent(desk):
    await desk.view(ORDERS, orderNumber="SO-1")
    async with (
        watching(desk.gateway, "orders { nodes { status } }") as narrow,
        watching(desk.gateway, "orders { nodes { status purchaseOrderNumber } }") as wide,
    ):
        await asyncio.gather(narrow.hears(1), wide.hears(1))
        await settle(desk, OrderStatus.RELEASED, purchase_order_number="PO-9")
        await wide.hears(2)
        await asyncio.sleep(QUIET_SECONDS)
        assert len(narrow.told) == 1


async def test_that_time_has_passed_is_not_sent(desk, clock):
    await desk.view(ORDERS, orderNumber="SO-1")
    async with watching(desk.gateway, freshness="onStale: STATE_ONLY") as listener:
        await listener.hears(1)
        clock.advance(seconds(1_000))
        await settle(desk, OrderStatus.RELEASED)
        await asyncio.sleep(QUIET_SECONDS)
        assert len(listener.told) == 1
        await desk.view(ORDERS, orderNumber="SO-1")
        await settle(desk, OrderStatus.SHIPPED)
        await listener.hears(2)


async def test_a_burst_is_a_few_views_and_the_last_state_is_shown(desk):
    await desk.view(ORDERS, orderNumber="SO-1")
    async with watching(desk.gateway, "orders { nodes { purchaseOrderNumber } }") as listener:
        await listener.hears(1)
        began = asyncio.get_running_loop().time()
        for n in range(100):
            await settle(desk, OrderStatus.RELEASED, after=5 if n == 0 else 0.1, purchase_order_number=f"PO-{n}")
        await wait_until(lambda: listener.told[-1]["orders"]["nodes"] == [{"purchaseOrderNumber": "PO-99"}])
        assert len(listener.told) <= 2 + (asyncio.get_running_loop().time() - began) / PACE_SECONDS


async def test_an_entity_that_turns_up_later_is_shown(desk):
    fields = "orders { nodes { number } } shipments { nodes { id } }"
    await desk.view(fields, orderNumber="SO-1")
    async with watching(desk.gateway, fields) as listener:
        await listener.hears(1)
        key = EntityKey(tenant="main", source="tms", kind=EntityKind.SHIPMENT, id="SH-2")
        moment = desk.clock.now()
        told = Snapshot(
            key,
            Shipment(id="SH-2", order_numbers=("SO-1",), status=ShipmentStatus.PLANNED),
            moment,
            moment,
            Channel.EVENT,
        )
        await desk.memory.store.settle([(known_of(told), desk.systems[1].nature)])
        second = (await listener.hears(2))[1]
        assert {each["id"] for each in second["shipments"]["nodes"]} == {"SH-1", "SH-2"}


@pytest.mark.parametrize(
    ("fields", "is_waited_for"),
    [("discrepancies { rule }", True), ("headline", True), ("orders { nodes { number } }", False)],
)
async def test_what_is_concluded_of_an_order_is_waited_for_where_it_is_shown(desk, fields, is_waited_for):
    await desk.view(ORDERS, orderNumber="SO-1")
    async with watching(desk.gateway, fields) as listener:
        await listener.hears(1)
        name = desk.memory.store.conclusions("SO-1").name
        assert (name in desk.memory.changes._by_name) is is_waited_for


@pytest.mark.parametrize("key", [{"orderNumber": "SO-404"}, {"trackingNumber": "1Z404"}])
async def test_a_key_that_nobody_knows_ends_it_with_one_error(desk, key):
    async with watching(desk.gateway, **key) as listener:
        code, error = await listener.ends()
        assert (code, error["message"], len(listener.answers)) == ("NOT_FOUND", "key: no system knows it", 1)
        assert error["extensions"]["correlationId"] == "c-1"


async def test_that_nobody_knows_it_is_not_concluded_from_old_answers(desk, erp, clock):
    assert await desk.view(ORDERS, orderNumber="SO-9") is None
    erp.knows[EntityKind.ORDER, Scheme.SO, "SO-9"] = [Order(number="SO-9", status=OrderStatus.RELEASED)]
    clock.advance(seconds(20))
    erp.delay_seconds = 0.6
    async with watching(desk.gateway, freshness='deadline: "PT0.2S"', orderNumber="SO-9") as listener:
        assert shown((await listener.hears(1))[0]) == ("FRESH", ["RELEASED"])


async def test_what_changes_during_the_first_look_is_shown(desk, monkeypatch):
    await desk.view(ORDERS, orderNumber="SO-1")
    read_cases, changes = reading.read_cases, iter([OrderStatus.SHIPPED])

    async def overtaken(*args):
        views = await read_cases(*args)
        for status in changes:
            await settle(desk, status)
        return views

    monkeypatch.setattr("resolvers.reading.read_cases", overtaken)
    async with watching(desk.gateway) as listener:
        assert [shown(each)[1] for each in await listener.hears(2)] == [["RELEASED"], ["SHIPPED"]]


async def test_a_key_that_cannot_be_ends_it_with_what_is_wrong(desk):
    async with watching(desk.gateway, orderNumber="") as listener:
        code, error = await listener.ends()
        assert (code, error["message"].split(":")[0]) == ("BAD_USER_INPUT", "key.orderNumber")


async def test_what_breaks_inside_is_told_by_its_id_only(desk, monkeypatch):
    async def broken(*_):
        raise RuntimeError("the inside")

    monkeypatch.setattr("resolvers.reading.read_cases", broken)
    async with watching(desk.gateway) as listener:
        code, error = await listener.ends()
    assert (code, error["message"]) == ("INTERNAL_ERROR", "Something went wrong here.")
    await wait_until(lambda: len(desk.gateway.watches) == 0)


async def test_all_who_look_at_the_same_share_one_look(desk, monkeypatch):
    await desk.view(ORDERS, orderNumber="SO-1")
    looks, read_cases = [], reading.read_cases

    async def counted(*args):
        looks.append(args)
        return await read_cases(*args)

    monkeypatch.setattr("resolvers.reading.read_cases", counted)
    async with AsyncExitStack() as stack:
        listeners = [await stack.enter_async_context(watching(desk.gateway)) for _ in range(50)]
        for each in listeners:
            await each.hears(1)
        await asyncio.sleep(QUIET_SECONDS)
        looks.clear()
        await settle(desk, OrderStatus.SHIPPED)
        for each in listeners:
            await each.hears(2)
        await asyncio.sleep(QUIET_SECONDS)
        assert len(desk.gateway.watches) == 1
        assert len(looks) <= 2


async def test_who_is_slow_gets_the_latest_and_holds_nobody_up(desk):
    fields = "orders { nodes { purchaseOrderNumber } }"
    await desk.view(ORDERS, orderNumber="SO-1")
    document = f'subscription {{ caseViewChanged(key: {{orderNumber: "SO-1"}}) {{ {fields} }} }}'
    slow = listened(desk.gateway, document)
    await anext(slow)
    async with watching(desk.gateway, fields) as quick:
        await quick.hears(1)
        for n in range(3):
            await settle(desk, OrderStatus.RELEASED, after=5 if n == 0 else 0.1, purchase_order_number=f"PO-{n}")
            await quick.hears(2 + n)
    next_view = (await anext(slow)).body["data"]["caseViewChanged"]
    assert next_view["orders"]["nodes"] == [{"purchaseOrderNumber": "PO-2"}]
    await slow.aclose()


async def test_views_of_subscriptions_are_projected(desk, monkeypatch):
    projected = []
    plan = ProjectingExecution._plan

    def noted(self, *args):
        projected.append(plan(self, *args))
        return projected[-1]

    monkeypatch.setattr(ProjectingExecution, "_plan", noted)
    async with watching(desk.gateway) as listener:
        await listener.hears(1)
    assert projected
    assert all(each.project for each in projected)


async def test_whoever_leaves_leaves_nothing_behind(desk):
    changes, watches = desk.memory.changes, desk.gateway.watches
    await desk.view(ORDERS, orderNumber="SO-1")

    async def open_and_close(times):
        for _ in range(times):
            async with watching(desk.gateway) as listener:
                await asyncio.sleep(0)
                if times < 50:
                    await listener.hears(1)
        await wait_until(lambda: not watches._ending and len(asyncio.all_tasks()) <= tasks)

    tasks, everybody = len(asyncio.all_tasks()), set(changes._everybody)
    await open_and_close(20)
    gc.collect()
    objects = len(gc.get_objects())
    await open_and_close(2_000)
    gc.collect()
    assert (len(watches), len(changes), changes._everybody) == (0, 0, everybody)
    assert len(gc.get_objects()) - objects < 1_000


async def test_when_the_process_ends_everybody_is_let_go(desk):
    async with watching(desk.gateway) as listener:
        await listener.hears(1)
        await desk.gateway.watches.aclose()
        await wait_until(lambda: listener.ended)
        assert listener.told


async def test_two_desks_on_one_store(redis, client, erp, clock):  # noqa: ARG001  # the client empties it
    policy = Policy(max_age=timedelta(hours=1))
    async with (
        Desk([erp], clock=clock, policy=policy, redis_url=redis.url) as here,
        Desk([erp], clock=clock, policy=policy, redis_url=redis.url) as there,
        watching(here.gateway) as listener,
    ):
        await listener.hears(1)
        await settle(there, OrderStatus.SHIPPED)
        assert shown((await listener.hears(2))[1])[1] == ["SHIPPED"]
