"""An answer that is given again is the answer that would have been found anew."""

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cache.embedded import EmbeddedRedis
from cache.grounds import Grounds
from domain.caller import Caller, Role
from domain.errors import TooManyRequests
from domain.freshness import Policy
from domain.identity import EntityKey, EntityKind, Scheme
from domain.known import Nature, known_of
from domain.lookup import Changes, Lookup
from domain.observation import Channel, Snapshot
from domain.order import Order, OrderStatus
from domain.validity import NOW, Elapsed, Validity
from examples.derived import examples
from resolvers.context import Context
from resolvers.keeping import packed, unpacked
from resolvers.operation import Operations, Request
from resolvers.template import encoded
from resolvers.wording import wording
from tests.callers import EVERYTHING
from tests.resolvers.systems import Desk, reference
from tests.resolvers.test_projection import CASE_VIEW, selections
from tests.resolvers.test_state import POLICY, SlowClock, change, settle_event
from tests.resolvers.world import rich_desk
from tests.waiting import wait_until

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
OPERATIONS = Operations()
VIEW = "query($key: CaseKey!, $freshness: FreshnessInput) { caseView(key: $key, freshness: $freshness) %s }"
STATE = "{ freshness { state origin ageSeconds verifiedAt asOf maxAgeSeconds source } problem { code correlationId } nodes { number status } }"
ORDERS = VIEW % f"{{ id status completeness orders {STATE} }}"
SO = {"key": {"orderNumber": "SO-1"}}


@pytest.fixture
async def desk(redis, client, erp, clock):  # noqa: ARG001  # the client empties it
    async with Desk([erp], clock=clock, policy=POLICY, redis_url=redis.url) as desk:
        yield desk


def context_of(desk, echo="c-1"):
    return Context(desk.gateway, desk.caller, echo, None, desk.clock.monotonic())


async def kept_of(desk, document, variables, tries=10):
    """The answer as it is kept; null: it never is."""
    for _ in range(tries):
        desk.clock.advance(timedelta(milliseconds=1))  # what was seen this very moment is only valid for this moment
        grounds = Grounds()
        context = context_of(desk, "c-of-the-first").noting(grounds)
        answer = await OPERATIONS.execute(Request(document, variables), context)
        encoded(answer.body)
        if answer.kept is not None and grounds.hold(desk.memory):
            return answer.kept
        await asyncio.sleep(0.02)
    return None


async def anew(desk, document, variables):
    answer = await OPERATIONS.execute(Request(document, variables), context_of(desk))
    return told(encoded(answer.body))


def again(desk, kept, echo="c-1"):
    """What is told by what was kept; null: it has to be found anew."""
    served = kept.served(desk.gateway, desk.caller, None, echo)
    return None if served is None else told(served.body)


def told(body):
    """An answer without what is of one request."""
    answer = json.loads(body)
    own = answer["extensions"]["casefold"]
    del own["servedInMs"], own["budget"]["remaining"], own["budget"]["resetSeconds"]
    return answer


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    selection=selections(CASE_VIEW),
    passed=st.lists(st.timedeltas(timedelta(0), timedelta(days=2)), min_size=1, max_size=4),
    max_age=st.sampled_from([None, "PT1M", "PT6H", "P300D"]),
    role=st.sampled_from([*Role, None]),
)
async def test_any_selection_is_told_again_as_it_would_be_found(redis, client, selection, passed, max_age, role):
    await client.flushall()
    caller = EVERYTHING if role is None else Caller(client="tests", roles=frozenset({role}), customer="C-1")
    clock, variables = SlowClock(START), SO | {"freshness": {"maxAge": max_age, "onStale": "STATE_ONLY"}}
    known = Desk(rich_desk().systems, clock=clock, policy=Policy(timedelta(hours=5)), redis_url=redis.url)
    async with known as desk:
        desk.caller = EVERYTHING
        await anew(desk, VIEW % "{ orders { __typename } status discrepancies { id } answers { text } }", SO)
        await asyncio.sleep(0.02)
        desk.caller = caller
        kept = await kept_of(desk, VIEW % selection, variables, tries=3)
        if kept is None:
            return
        for span in passed:
            clock.advance(span)
            shown = again(desk, kept)
            assert shown == again(desk, unpacked(packed(kept)))
            assert shown is None or shown == await anew(desk, VIEW % selection, variables)


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(ORDERS, id="a section"),
        pytest.param(
            VIEW % "{ headline answers { text validUntil } discrepancies { rule raisedAt } }", id="conclusions"
        ),
        pytest.param(
            "query($key: CaseKey!) { eta(key: $key) { kind message eta { basis confidence } freshness { ageSeconds state } } }",
            id="when it comes",
        ),
        pytest.param(
            "query($key: CaseKey!) { caseViews(keys: [$key, $key]) { orders { nodes { number } freshness { ageSeconds } } } }",
            id="several views",
        ),
    ],
)
async def test_what_nothing_has_changed_of_is_kept(redis, client, clock, document):  # noqa: ARG001  # the client empties it
    async with Desk(rich_desk().systems, clock=clock, policy=POLICY, redis_url=redis.url) as desk:
        kept = await kept_of(desk, document, SO)
        clock.advance(timedelta(seconds=7))
        assert again(desk, kept) == again(desk, unpacked(packed(kept))) == await anew(desk, document, SO)
        assert again(desk, kept, "c-2")["extensions"]["casefold"]["requestId"] == "c-2"


async def test_it_ages_and_is_not_told_once_it_is_too_old(desk, erp, clock):
    kept = await kept_of(desk, ORDERS, SO)
    clock.advance(timedelta(seconds=41.5))
    age = again(desk, kept)["data"]["caseView"]["orders"]["freshness"]["ageSeconds"]
    assert age == pytest.approx(41.5, abs=0.02)
    clock.advance(timedelta(seconds=30))
    assert again(desk, kept) is None
    assert len(erp.asked) == 1


async def test_a_change_drops_it(desk, erp, clock):
    answers = desk.gateway.kept
    for _ in range(2):
        kept = await kept_of(desk, ORDERS, SO)
        answers.keep("question", kept, kept.size, kept.names)
        assert answers.get("question") is kept
        change(erp, OrderStatus.SHIPPED)
        await settle_event(desk, OrderStatus.SHIPPED, clock.now())
        await wait_until(lambda: answers.get("question") is None)
        clock.advance(timedelta(seconds=1))
        assert (await anew(desk, ORDERS, SO))["data"]["caseView"]["orders"]["nodes"] == [
            {"number": "SO-1", "status": "SHIPPED"}
        ]
    assert (len(answers), answers.used_bytes, len(desk.memory.changes)) == (0, 0, 0)


async def test_a_change_on_another_gateway_drops_it(desk, redis, erp, clock):
    async with Desk([erp], clock=clock, policy=POLICY, redis_url=redis.url) as other:
        kept = await kept_of(desk, ORDERS, SO)
        desk.gateway.kept.keep("question", kept, kept.size, kept.names)
        await settle_event(other, OrderStatus.SHIPPED, clock.now())
        await wait_until(lambda: desk.gateway.kept.get("question") is None)


async def test_nothing_is_kept_of_an_answer_for_which_somebody_was_asked(desk):
    answer = await OPERATIONS.execute(Request(ORDERS, SO), context_of(desk).noting(Grounds()))
    assert answer.kept is None
    insisting = SO | {"freshness": {"maxAge": "PT0S"}}
    assert await kept_of(desk, ORDERS, insisting, tries=3) is None


@pytest.mark.parametrize(
    "document",
    [
        pytest.param("query($key: CaseKey!) { caseView(key: $key) { id } sources { id } }", id="how systems are"),
        pytest.param('query { caseView(key: {orderNumber: "SO-2"}) { id } }', id="what nobody knows"),
        pytest.param('query($key: CaseKey!) { caseView(key: $key) { headline(timeZone: "Mars") } }', id="an error"),
        pytest.param("query { __typename }", id="nothing of a case"),
    ],
)
async def test_what_announcements_do_not_tell_of_is_found_anew(desk, document):
    assert await kept_of(desk, document, SO if "$key" in document else {}, tries=3) is None


async def test_without_announcements_nothing_is_told_again(tmp_path, erp, clock):
    with EmbeddedRedis(tmp_path) as redis:
        async with Desk([erp], clock=clock, policy=POLICY, redis_url=redis.url) as desk:
            kept = await kept_of(desk, ORDERS, SO)
            desk.gateway.kept.keep("question", kept, kept.size, kept.names)
            redis.stop()
            await wait_until(lambda: not desk.memory.announcements.is_live)
            assert again(desk, kept) is None
            assert await kept_of(desk, ORDERS, SO, tries=3) is None
            redis.start()
            await wait_until(lambda: desk.memory.announcements.is_live)
            assert desk.gateway.kept.get("question") is None


class TestFeeds:
    """Where a feed tells that nothing has changed, an answer grows no older."""

    @pytest.fixture
    def erp(self, erp):
        async def changes(*_):
            return Changes(erp.changed, erp.clock.now())

        erp.changed, erp.changes = (), changes
        return erp

    async def poll(self, desk, client):
        [poller] = desk.reader.pollers()
        await client.delete(desk.memory.store.keys.lease("poll:erp"))
        assert await poller.poll()
        await asyncio.sleep(0.05)

    async def test_the_same_answer_is_verified_until_now(self, desk, client, clock):
        await self.poll(desk, client)
        await anew(desk, ORDERS, SO)
        clock.advance(timedelta(seconds=1))
        await self.poll(desk, client)
        kept = await kept_of(desk, ORDERS, SO)
        for hours in (1, 5, 40):
            clock.advance(timedelta(hours=hours))
            assert again(desk, kept) is None
            await self.poll(desk, client)
            clock.advance(timedelta(seconds=9))
            section = again(desk, kept)["data"]["caseView"]["orders"]["freshness"]
            assert (section["state"], section["origin"], section["ageSeconds"]) == ("FRESH", "EVENT", 9)
            assert again(desk, kept) == await anew(desk, ORDERS, SO)

    async def test_what_a_poll_names_is_read_anew(self, desk, erp, client, clock):
        await self.poll(desk, client)
        kept = await kept_of(desk, ORDERS, SO)
        desk.gateway.kept.keep("question", kept, kept.size, kept.names)
        erp.changed = (Lookup(EntityKind.ORDER, reference(Scheme.SO, "SO-1")),)
        erp.knows[EntityKind.ORDER, Scheme.SO, "SO-1"] = [Order(number="SO-1", status=OrderStatus.SHIPPED)]
        clock.advance(timedelta(seconds=20))
        await self.poll(desk, client)
        assert desk.gateway.kept.get("question") is None

    async def test_a_feed_that_was_not_heard_when_it_was_kept_makes_it_another(self, desk, client, clock):
        kept = await kept_of(desk, ORDERS, SO)
        desk.gateway.kept.keep("question", kept, kept.size, kept.names)
        clock.advance(timedelta(seconds=1))
        await self.poll(desk, client)
        assert desk.gateway.kept.get("question") is None


async def test_every_telling_is_counted_and_accounted_for(redis, client, clock):  # noqa: ARG001  # as above
    async with Desk(rich_desk().systems, clock=clock, policy=POLICY, redis_url=redis.url) as desk:
        document = VIEW % "{ credit { credit { status } } customer { customer { name } } }"
        kept = await kept_of(desk, document, SO)
        desk.audit.lines.clear()
        for count in range(1, 4):
            assert again(desk, kept)
            assert desk.audit.lines == [("tests", frozenset({"credit", "customer"}), frozenset({"SO-1"}))] * count
        with suppress(TooManyRequests):
            for _ in range(1_000):
                again(desk, kept)
        with pytest.raises(TooManyRequests):
            again(desk, kept)


async def test_what_is_kept_of_a_number_that_an_event_adds_to_is_dropped(desk, erp, clock):
    """Also of what was not there, it is heard when it is."""
    erp.knows[EntityKind.ORDER, Scheme.SO, "SO-1"] = []
    key = EntityKey(tenant="main", source="erp", kind=EntityKind.ORDER, id="SO-9")
    await anew(desk, ORDERS, SO)
    erp.knows[EntityKind.ORDER, Scheme.SO, "SO-1"] = [Order(number="SO-1", status=OrderStatus.RELEASED)]
    clock.advance(timedelta(seconds=11))
    kept = await kept_of(desk, ORDERS, SO)
    desk.gateway.kept.keep("question", kept, kept.size, kept.names)
    other = Order(number="SO-9", status=OrderStatus.RELEASED)
    event = Snapshot(key, other, clock.now(), clock.now(), Channel.EVENT)
    await desk.memory.store.settle([(known_of(event), Nature())])
    await asyncio.sleep(0.05)
    assert desk.gateway.kept.get("question") is kept


ASKED_OFTEN = [each for each in examples() if each.kind == "query" and "key" in each.variables]


@pytest.mark.parametrize("example", ASKED_OFTEN, ids=lambda example: example.name)
async def test_every_example_is_kept(redis, client, clock, example):  # noqa: ARG001  # as above
    """What nobody thought of would be found anew each time; nothing that is asked often may be like that."""
    async with Desk(rich_desk().systems, clock=clock, policy=POLICY, redis_url=redis.url) as desk:
        variables = dict(example.variables) | SO | {"postalCode": None}
        kept = await kept_of(desk, example.text, variables)
        clock.advance(timedelta(seconds=7))
        assert again(desk, kept) == await anew(desk, example.text, variables)


async def test_what_cannot_be_done_with_what_moves_is_done_with_what_stands_still(desk, monkeypatch):
    """Noting what an answer rests on never spoils it."""

    def fail(*_):
        raise LookupError

    await anew(desk, ORDERS, SO)
    monkeypatch.setattr(Elapsed, "__le__", fail)
    monkeypatch.setattr(Elapsed, "__lt__", fail)
    answer = await OPERATIONS.execute(Request(ORDERS, SO), context_of(desk).noting(Grounds()))
    assert answer.kept is None
    assert "errors" not in answer.body
    assert told(encoded(answer.body)) == await anew(desk, ORDERS, SO)


def test_a_span_that_moves_is_written_as_it_is_and_not_kept():
    validity = Validity()
    span = validity.moment(START) - (START - timedelta(hours=3))
    assert wording("en", None).write(span) == wording("en", None).write(timedelta(hours=3))
    assert not validity.holds({NOW: START})
