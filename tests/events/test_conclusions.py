"""What is concluded from events: found and cleared without anybody looking, told once, kept, and on the board."""

import asyncio
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from cache.agenda import Agenda
from cache.board import Board, BoardFilter
from cache.codec import decode_operational
from cache.experience import Experience
from cache.keys import Keys
from domain.clock import ManualClock
from domain.conclusions import UNSURE_AGAIN
from domain.discrepancy import DiscrepancyState, Tolerances
from domain.errors import Unreachable
from domain.freshness import Ask, FreshnessState, Policy
from domain.fulfillment import Fulfillment, FulfillmentLine, FulfillmentStatus
from domain.identity import EntityKey, EntityKind, Scheme
from domain.known import Nature, known_of
from domain.observation import Channel, Snapshot
from domain.operational import OperationalEventType
from domain.order import Order, OrderStatus
from domain.service_case import CaseKind, CasePriority, ServiceCase, ServiceCaseStatus
from domain.shipment import Shipment, ShipmentStatus
from domain.stages import Allowances, Stage
from events.ahead import ReadAhead
from events.conclude import Concluder, Measures
from tests.resolvers.systems import Desk, System
from tests.waiting import wait_until

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
POLICY = Policy(max_age=timedelta(days=10), negative_max_age=timedelta(days=10))
SO, K = Scheme.SO, EntityKind
ASKED = {
    K.ORDER: (SO,),
    K.FULFILLMENT: (SO,),
    K.SHIPMENT: (SO,),
    K.INVOICE: (SO,),
    K.RETURN: (SO,),
    K.CLAIM: (SO,),
    K.SERVICE_CASE: (Scheme.CASE, SO),
    K.CREDIT: (Scheme.CUSTOMER,),
    K.CUSTOMER: (Scheme.CUSTOMER,),
    K.INVENTORY: (Scheme.SKU,),
}


class SlowClock(ManualClock):
    """Our own time is told; the time that a view may take passes by itself."""

    def monotonic(self):
        return asyncio.get_running_loop().time()


def order(status="RELEASED", number="SO-1"):
    return Order(number=number, status=OrderStatus[status], customer_id="C-1")


def picking(picked, number="SO-1", status="PARTIALLY_PICKED"):
    line = FulfillmentLine(sku="A", ordered_quantity=Decimal(10), picked_quantity=Decimal(picked))
    return Fulfillment(
        id=f"D-{number}",
        order_number=number,
        status=FulfillmentStatus[status],
        lines=(line,),
        released_at=START,
        warehouse="HAM",
    )


def shipment(status="IN_TRANSIT", number="SO-1"):
    return Shipment(id=f"S-{number}", order_numbers=(number,), status=ShipmentStatus[status])


@dataclass
class Knowing(System):
    """A system that says when each of its records was changed."""

    changed_at: dict[str, datetime] = field(default_factory=dict)

    def _snapshots(self, lookup):
        told = super()._snapshots(lookup)
        return tuple(replace(each, as_of=self.changed_at.get(each.key.id, START)) for each in told)


class Deskwork:
    """A desk with a concluder whose turns are taken by hand."""

    def __init__(self, desk, tolerances=None):
        self.desk, self.clock = desk, desk.clock
        self.store = desk.memory.store
        self.agenda = Agenda(self.store)
        self.board = Board(desk.memory, desk.reader.upstreams, desk.clock)
        self.ahead = ReadAhead(desk.reader, Ask())
        measures = Measures(tolerances or Tolerances(), Allowances())
        self.experience = Experience(self.store, desk.clock)
        self.concluder = Concluder(
            desk.reader,
            self.agenda,
            self.board,
            experience=self.experience,
            measures=measures,
            ahead=self.ahead,
        )
        self.system = desk.systems[0]

    async def told(self, entity, moment=None):
        """The system knows it by now, and sends it."""
        self.know(entity)
        kind = next(kind for kind in ASKED if type(entity).__name__.upper() == kind.value.replace("_", ""))
        key = EntityKey(tenant="main", source="all", kind=kind, id=getattr(entity, "id", None) or entity.number)
        moment = moment or self.clock.now()
        self.system.changed_at[key.id] = max(moment, self.system.changed_at.get(key.id, moment))
        snapshot = Snapshot(key, entity, moment, moment, Channel.EVENT)
        await self.desk.memory.settle([(known_of(snapshot), Nature())], {}, {})

    def know(self, entity):
        kind = next(kind for kind in ASKED if type(entity).__name__.upper() == kind.value.replace("_", ""))
        numbers = getattr(entity, "order_numbers", None) or (getattr(entity, "order_number", None) or entity.number,)
        for number in numbers:
            self.system.knows[kind, SO, number] = [entity]
        if kind is K.SERVICE_CASE:
            self.system.knows[kind, Scheme.CASE, entity.number] = [entity]

    async def think(self):
        """Until there is nothing to think about."""
        while any([await self.concluder.work(partition) for partition in self.agenda.partitions]):
            pass
        await wait_until(lambda: not self.ahead._tasks)

    async def conclusions(self, number="SO-1"):
        [(written, _)] = await self.store.read([self.store.conclusions(number)])
        return written and written.conclusions

    async def findings(self, number="SO-1"):
        kept = await self.conclusions(number)
        return {(each.rule, each.state.name) for each in kept.findings} if kept else set()


@pytest.fixture
def clock():
    return SlowClock(START)


@pytest.fixture(params=[1, 3], ids=["one partition", "three partitions"])
async def work(request, redis, client, clock):  # noqa: ARG001  # the client empties it
    desk = Desk([Knowing("all", ASKED)], clock=clock, policy=POLICY, redis_url=redis.url)
    desk.memory.store.keys = Keys("main", request.param)
    async with desk:
        desk.memory.store.keys = Keys("main", request.param)
        work = Deskwork(desk)
        yield work
        await work.ahead.aclose()


@pytest.fixture
def news(client, work):
    async def told():
        streams = [await client.xrange(work.store.keys.outgoing(each)) for each in work.agenda.partitions]
        events = [decode_operational(fields[b"event"]) for stream in streams for _, fields in stream]
        return [(each.type.name, each.order_number) for each in events if each.type in DISCREPANCIES]

    return told


DISCREPANCIES = {OperationalEventType.DISCREPANCY_FOUND, OperationalEventType.DISCREPANCY_CLEARED}


async def test_found_without_anybody_looking_told_once_and_cleared(work, news, clock):
    for each in (order(), picking(4), shipment()):
        await work.told(each)
    await work.think()
    assert await work.findings() == set(), "it may be so for half an hour"
    clock.advance(timedelta(minutes=31))
    await work.think()
    assert await work.findings() == {("dispatched-not-picked", "OPEN")}
    assert await news() == [("DISCREPANCY_FOUND", "SO-1")]
    [kept] = (await work.conclusions()).findings
    assert kept.raised_at == START + timedelta(minutes=30)

    clock.advance(timedelta(minutes=1))
    await work.told(replace(shipment(), source_status="moved"))
    await work.think()
    [still] = (await work.conclusions()).findings
    assert (still.id, still.raised_at) == (kept.id, kept.raised_at), "its grace does not begin again"

    clock.advance(timedelta(minutes=1))
    await work.told(picking(10, status="PICKED"))
    await work.think()
    [over] = (await work.conclusions()).findings
    assert (over.id, over.state, over.cleared_at) == (kept.id, DiscrepancyState.CLEARED, clock.now())
    assert await news() == [("DISCREPANCY_FOUND", "SO-1"), ("DISCREPANCY_CLEARED", "SO-1")]

    clock.advance(timedelta(days=8))
    await work.think()
    assert await work.findings() == set(), "what has been over for long is forgotten"
    assert len(await news()) == 2


async def test_what_cannot_be_made_sure_is_neither_raised_nor_cleared(work, news, clock):
    work.system.failure = Unreachable
    for each in (order(), picking(4), shipment()):
        await work.told(each)
    clock.advance(timedelta(hours=1))
    await work.think()
    assert (await work.findings(), await news()) == (set(), [])

    work.system.failure = None
    clock.advance(UNSURE_AGAIN)
    work.concluder._made_sure.clear()  # as if this time had passed on the monotonic clock, too
    await work.think()
    assert await work.findings() == {("dispatched-not-picked", "OPEN")}

    work.system.failure = Unreachable
    clock.advance(POLICY.max_age)
    await work.think()
    assert await work.findings() == {("dispatched-not-picked", "OPEN")}, "old knowledge ends nothing"
    assert await news() == [("DISCREPANCY_FOUND", "SO-1")]


async def test_who_looks_sees_what_was_found_since_when_and_what_is_over(work, clock):
    document = "discrepancies { rule state raisedAt clearedAt }"
    for each in (order(), picking(4), shipment()):
        await work.told(each)
    clock.advance(timedelta(minutes=31))
    await work.think()
    seen = await work.desk.view(document, orderNumber="SO-1")
    raised_at = (START + timedelta(minutes=30)).isoformat()
    assert seen["discrepancies"] == [
        {"rule": "dispatched-not-picked", "state": "OPEN", "raisedAt": raised_at, "clearedAt": None}
    ]
    clock.advance(timedelta(minutes=1))
    await work.told(picking(10, status="PICKED"))
    await work.think()
    await wait_until_announced(work)
    [over] = (await work.desk.view(document, orderNumber="SO-1"))["discrepancies"]
    assert (over["state"], over["raisedAt"], over["clearedAt"]) == ("CLEARED", raised_at, clock.now().isoformat())


async def wait_until_announced(work):
    """A near copy is dropped as soon as the announcement is there."""
    name = work.store.conclusions("SO-1").name
    await wait_until(lambda: name not in work.desk.memory.near)


async def test_two_that_think_at_the_same_time_end_in_one_conclusion(work, news, clock):
    other = Deskwork(work.desk)
    for each in (order(), picking(4), shipment()):
        await work.told(each)
    clock.advance(timedelta(hours=1))
    await work.desk.view("discrepancies { rule }", orderNumber="SO-1")  # now all of it is sure
    await asyncio.gather(*(each.concluder.conclude(["SO-1"]) for each in (work, other) for _ in range(5)))
    assert await work.findings() == {("dispatched-not-picked", "OPEN")}
    assert await news() == [("DISCREPANCY_FOUND", "SO-1")]


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
async def test_conclusions_depend_on_what_is_known_and_not_on_how_it_came(work, clock, seed):
    rng = random.Random(seed)
    history = [
        (order("RELEASED"), 1),
        (picking(0, status="RELEASED"), 2),
        (picking(4), 3),
        (shipment("DISPATCHED"), 4),
        (shipment("IN_TRANSIT"), 5),
        (order("RELEASED", "SO-2"), 1),
        (picking(10, "SO-2", "PICKED"), 6),
        (shipment("BOOKED", "SO-2"), 7),
    ]
    told = history + rng.sample(history, 3)
    rng.shuffle(told)
    clock.advance(timedelta(minutes=10))
    for entity, minute in told:
        await work.told(entity, START + timedelta(minutes=minute))
        if rng.random() < 0.4:
            await work.think()
    for entity, _ in history:
        work.know(entity)  # the systems themselves know the last
    clock.advance(timedelta(hours=2))
    await work.think()
    found = {number: await work.findings(number) for number in ("SO-1", "SO-2")}
    assert found == {"SO-1": {("dispatched-not-picked", "OPEN")}, "SO-2": set()}
    standings = {
        (each.order_number, each.stage, each.since)
        for number in found
        for each in (await work.conclusions(number)).standings
    }
    assert standings == {
        ("SO-1", Stage.RELEASED_NOT_PICKED, START),
        ("SO-2", Stage.PICKED_NOT_SHIPPED, START + timedelta(minutes=6)),
    }


async def test_work_that_stands_is_on_the_board_until_it_moves_on(work, clock):
    await work.told(order())
    await work.told(picking(0, status="RELEASED"))
    await work.think()
    assert (await work.board.page(BoardFilter(), 10)).rows == (), "eight hours are allowed"
    clock.advance(timedelta(hours=9))
    page = await work.board.page(BoardFilter(), 10)
    [row] = page.rows
    assert (row.standing.order_number, row.standing.stage, row.overdue) == (
        "SO-1",
        Stage.RELEASED_NOT_PICKED,
        timedelta(hours=1),
    )
    assert [(each.stage, each.count, each.oldest_since) for each in page.by_stage] == [
        (Stage.RELEASED_NOT_PICKED, 1, START)
    ]
    assert await work.board.orders_of("C-1") == {"SO-1"}
    await work.told(picking(10, status="PICKED"))
    await work.think()
    assert (await work.board.page(BoardFilter(), 10)).total == 0
    clock.advance(timedelta(hours=9))
    assert [each.standing.stage for each in (await work.board.page(BoardFilter(), 10)).rows] == [
        Stage.PICKED_NOT_SHIPPED
    ]
    await work.told(order("CANCELLED"))
    await work.think()
    assert (await work.board.page(BoardFilter(), 10)).total == 0


async def test_late_data_is_not_late_goods(work, clock):
    await work.told(order())
    await work.told(picking(0, status="RELEASED"))
    await work.think()
    clock.advance(timedelta(hours=9))
    [row] = (await work.board.page(BoardFilter(), 10)).rows
    assert row.state is FreshnessState.FRESH
    clock.advance(POLICY.max_age)
    [row] = (await work.board.page(BoardFilter(), 10)).rows
    assert row.state is FreshnessState.STALE


async def test_the_board_page_by_page_and_by_what_it_is_asked_for(work, clock):
    for n in range(25):
        number = f"SO-{n:02}"
        await work.told(changed_order(number, f"C-{n % 3}"))
        await work.told(replace(picking(0, number, "RELEASED"), warehouse=f"W-{n % 2}", released_at=START))
    await work.think()
    clock.advance(timedelta(hours=10))
    seen, after = [], None
    while True:
        page = await work.board.page(BoardFilter(), 10, after)
        assert page.total == 25
        seen += [row.standing.order_number for row in page.rows]
        if not page.has_more:
            break
        after = page.rows[-1].cursor
    assert sorted(seen) == [f"SO-{n:02}" for n in range(25)], "each once"
    chosen = await work.board.page(BoardFilter(warehouse="W-1", customer_id="C-0"), 100)
    assert {row.standing.order_number for row in chosen.rows} == {f"SO-{n:02}" for n in range(25) if n % 6 == 3}
    assert chosen.total == 4
    none = await work.board.page(BoardFilter(stages=frozenset({Stage.PAST_ETA})), 10)
    assert (none.rows, none.total, [each.count for each in none.by_stage]) == ((), 0, [25])
    assert (await work.board.page(BoardFilter(min_overdue=timedelta(hours=3)), 10)).total == 0


def changed_order(number, customer):
    return replace(order(number=number), customer_id=customer)


async def test_the_board_as_it_is_asked_for(work, clock):
    await work.told(order())
    await work.told(picking(0, status="RELEASED"))
    await work.think()
    clock.advance(timedelta(hours=9))
    document = """query($filter: StalledFilter) { stalled(filter: $filter, first: 5) { totalCount
        pageInfo { hasNextPage } byStage { stage count oldestSince }
        edges { cursor node { stage since expectedBy overdueSeconds orderNumber customerId warehouse lastEvent
          caseNumbers dataState valueAtRisk { amount } } } } }"""
    result = await work.desk.execute(document, filter={"warehouse": "HAM", "minOverdue": "PT30M"})
    assert result.errors is None
    told = result.data["stalled"]
    [edge] = told["edges"]
    assert (told["totalCount"], told["pageInfo"]["hasNextPage"]) == (1, False)
    assert edge["node"] == {
        "stage": "RELEASED_NOT_PICKED",
        "since": START.isoformat(),
        "expectedBy": (START + timedelta(hours=8)).isoformat(),
        "overdueSeconds": 3600.0,
        "orderNumber": "SO-1",
        "customerId": "C-1",
        "warehouse": "HAM",
        "lastEvent": "RELEASED",
        "caseNumbers": [],
        "dataState": "FRESH",
        "valueAtRisk": None,
    }
    refused = await work.desk.execute("{ stalled(first: 500) { totalCount } }")
    assert "first: found '500'" in str(refused.errors[0])
    refused = await work.desk.execute('{ stalled(after: "x y") { totalCount } }')
    assert "after" in str(refused.errors[0])


async def test_a_case_that_was_opened_is_read_before_anybody_asks(work):
    work.know(order())
    await work.told(service_case("NEW"))
    await work.think()
    assert "ORDER by SO SO-1" in work.system.questions
    work.system.forget_questions()
    seen = await work.desk.view("orders { freshness { state } nodes { number } }", caseNumber="CS-1")
    assert seen["orders"] == {"freshness": {"state": "FRESH"}, "nodes": [{"number": "SO-1"}]}
    assert work.system.questions == set(), "the first look is warm"
    await work.told(replace(service_case("NEW"), priority=CasePriority.HIGH))
    await work.think()
    assert work.system.questions == set(), "once is enough"
    await work.told(replace(service_case("CLOSED"), number="CS-2"))
    await work.think()
    assert not any("CS-2" in each for each in work.system.questions), "nobody will open that one"


def service_case(status):
    return ServiceCase(
        number="CS-1",
        subject="Where is it?",
        kind=CaseKind.WISMO,
        status=ServiceCaseStatus[status],
        opened_at=START,
        order_numbers=("SO-1",),
    )
