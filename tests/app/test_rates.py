import asyncio
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from app.rates import Allowed, Budget, Rates
from cache import counts
from cache.counts import Window
from domain.caller import Caller, Role
from domain.clock import ManualClock, SystemClock
from domain.errors import StoreUnavailable, TooManyRequests
from domain.freshness import Ask
from domain.identity import CaseKey
from resolvers.limits import Mode
from tests.faults.rigs import RedisProcess
from tests.waiting import wait_until

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
BOT = Caller(client="bot", roles=frozenset({Role.BOT}))
CRM = Caller(client="crm", roles=frozenset({Role.AGENT}))
SMALL = Allowed(
    requests="5 per second",
    cost="100 per minute",
    asked="3 per minute",
    misses="4 per 10 minutes",
    refreshes="2 per minute",
    operations="2 per minute",
)


def keys(*numbers):
    return [CaseKey.quoted("orderNumber", number) for number in numbers]


@pytest.fixture
def clock():
    return ManualClock(NOON)


@pytest.fixture
def rates(clock):
    return Rates(SMALL, clock)


def times_until_refused(act, most=20):
    """How often something may be done, and when it may be done again."""
    for done in range(most):
        try:
            act()
        except TooManyRequests as error:
            return done, error.retry_after_seconds
    return most, None


def test_a_budget_is_spent_told_and_given_back(rates, clock):
    clock.advance(timedelta(seconds=45))
    assert rates.charge(BOT, 60) == Budget(100, 40, 15)
    with pytest.raises(TooManyRequests, match=r"cost: 100 per 1 minute: come again in 15 s"):
        rates.charge(BOT, 41)
    assert rates.charge(BOT, 40) == Budget(100, 0, 15)
    clock.advance(timedelta(seconds=15))
    assert rates.charge(BOT, 1) == Budget(100, 99, 60)


def test_what_is_left_is_said_as_http_says_it(rates):
    assert rates.charge(BOT, 60).headers == {"RateLimit-Policy": '"cost";q=100', "RateLimit": '"cost";r=40;t=60'}


@pytest.mark.parametrize(
    ("act", "done", "again_in"),
    [
        pytest.param(lambda rates: rates.charge(BOT, 1), 5, 1, id="requests"),
        pytest.param(lambda rates: rates.asked(BOT, None, keys("SO-1")), 3, 60, id="the same key"),
        pytest.param(lambda rates: rates.refreshed(BOT), 2, 60, id="systems made to answer"),
        pytest.param(lambda rates: rates.operated(BOT), 2, 60, id="deeds of operators"),
    ],
)
def test_what_is_done_too_often_is_refused_for_this_client_only(rates, act, done, again_in):
    assert times_until_refused(lambda: act(rates)) == (done, again_in)
    rates.charge(CRM, 1)
    rates.asked(CRM, None, keys("SO-1"))
    rates.refreshed(CRM)
    rates.operated(CRM)


def test_other_keys_may_still_be_asked_for_and_a_refused_question_counts_for_none(rates):
    assert times_until_refused(lambda: rates.asked(BOT, None, keys("SO-1")))[0] == 3
    for _ in range(10):
        with pytest.raises(TooManyRequests, match="asked"):
            rates.asked(BOT, None, keys("SO-2", "SO-1"))
    rates.asked(BOT, None, keys("SO-2"))


def test_who_tries_numbers_is_stopped_by_client_and_by_address(rates, clock):
    def tried(caller, address, number):
        rates.asked(caller, address, keys(number))
        rates.missed(caller, address, keys(number))

    for number in range(4):
        tried(BOT, "192.0.2.1", f"1Z{number}")
    with pytest.raises(TooManyRequests, match="misses: 4 per 10 minute"):
        tried(BOT, "192.0.2.99", "1Z5")  # the same client from elsewhere
    with pytest.raises(TooManyRequests, match="misses"):
        tried(CRM, "192.0.2.1", "1Z5")  # another client from there
    tried(CRM, "192.0.2.99", "1Z5")
    clock.advance(timedelta(minutes=10))
    tried(BOT, "192.0.2.1", "1Z6")


def test_a_batch_of_misses_counts_for_each_and_hits_for_none(rates):
    for number in range(20):
        rates.asked(BOT, "192.0.2.1", keys(f"SO-{number}"))
        rates.missed(BOT, "192.0.2.1", [])
    rates.missed(BOT, "192.0.2.1", keys("A", "B", "C", "D"))
    with pytest.raises(TooManyRequests):
        rates.asked(BOT, "192.0.2.1", keys("E"))


def test_tenants_are_counted_apart(rates):
    other = Caller(client="bot", roles=BOT.roles, tenant="other")
    assert times_until_refused(lambda: rates.charge(BOT, 20))[0] == 5
    rates.charge(other, 100)


def test_where_limits_are_only_logged_nobody_is_refused_and_each_is_told_once(clock):
    rates = Rates(Allowed(requests="1 per minute", asked="1 per minute", mode=Mode.LOG), clock)
    with capture_logs() as lines:
        for _ in range(50):
            rates.charge(BOT, 1)
            rates.asked(BOT, "192.0.2.1", keys("SO-1"))
    told = [(line["event"], line["limit"], line["client"]) for line in lines]
    assert told == [("limit exceeded", "requests", "bot"), ("limit exceeded", "asked", "bot")]
    assert "192.0.2.1" not in str(lines)


@pytest.mark.parametrize(
    ("roles", "asked", "accepted"),
    [
        pytest.param({Role.BOT}, 0, 30, id="a bot may not insist"),
        pytest.param({Role.BOT}, 60, 60, id="what is older anyway"),
        pytest.param({Role.BOT, Role.AGENT}, 0, 1, id="of several roles the youngest"),
        pytest.param({Role.OPS}, 0, 0, id="operators may"),
        pytest.param({Role.BOT}, None, None, id="the policy of each section"),
    ],
)
def test_nobody_insists_on_less_than_its_role_may(rates, roles, asked, accepted):
    caller = Caller(client="x", roles=frozenset(roles))
    ask = Ask(max_age=None if asked is None else timedelta(seconds=asked))
    floored = rates.floored(caller, ask).max_age
    assert floored == (None if accepted is None else timedelta(seconds=accepted))


def test_a_window_forgets_who_came_first_when_it_is_full(monkeypatch):
    monkeypatch.setattr(counts, "MOST_NAMES", 100)
    window = Window("asked", Rates(SMALL, ManualClock(NOON))._asked.item)
    for name in range(1_000):
        window.of((name,), NOON.timestamp()).add()
    assert len(window.counts) == 100
    assert (999,) in window.counts


def test_a_check_costs_microseconds_however_many_names_there_are():
    rates = Rates(Allowed(requests="10000000 per minute", cost="100000000 per minute"), SystemClock())
    callers = [Caller(client=f"c{n}", roles=BOT.roles) for n in range(10_000)]

    def seconds(those):
        began_at = time.thread_time()
        for caller in those:
            rates.charge(caller, 1)
        return (time.thread_time() - began_at) / len(those)

    seconds(callers)
    assert min(seconds(callers) for _ in range(3)) <= 20e-6  # measured: 2 µs


@asynccontextmanager
async def opened(*all_rates):
    for each in all_rates:
        each.open()
    try:
        yield
    finally:
        for each in all_rates:
            await each.aclose()


SHARED = Allowed(requests="1000 per second", cost="1000 per hour", misses="20 per hour")


@pytest.fixture
def soon(monkeypatch):
    monkeypatch.setattr(counts, "SHARE_SECONDS", 0.02)


def spent(rates):
    return 1_000 - rates.charge(BOT, 0).remaining


@pytest.mark.usefixtures("client", "soon")
async def test_what_one_gateway_counts_the_others_heed(redis):
    one, two = (Rates(SHARED, ManualClock(NOON), redis.url) for _ in range(2))
    async with opened(one, two):
        for _ in range(9):
            one.charge(BOT, 100)
        await wait_until(lambda: not one._cost.due)  # told
        two.charge(BOT, 100)
        await wait_until(lambda: spent(two) == 1_000)
        with pytest.raises(TooManyRequests):
            two.charge(BOT, 1)
        one.missed(BOT, "192.0.2.1", keys(*map(str, range(18))))
        await wait_until(lambda: not one._misses.due)
        two.missed(BOT, "192.0.2.1", keys("A", "B"))
        await wait_until(lambda: _is_refused(lambda: two.asked(CRM, "192.0.2.1", keys("C"))))


def _is_refused(act):
    try:
        act()
    except TooManyRequests:
        return True
    return False


@pytest.mark.usefixtures("soon")
async def test_less_than_a_tenth_is_nobody_elses_business(redis, client):
    rates = Rates(SHARED, ManualClock(NOON), redis.url)
    async with opened(rates):
        rates.charge(BOT, 99)
        await asyncio.sleep(0.2)
        assert await client.keys() == []
        rates.charge(BOT, 1)
        await wait_until(lambda: not rates._cost.due)  # told
        [key] = await client.keys()
        assert key.startswith(b"casefold:main:rates:cost")
        assert b"bot" not in key.split(b":")[-1]
        assert 0 < await client.ttl(key) <= 3_600


@pytest.mark.usefixtures("soon")
async def test_a_redis_that_dies_refuses_nobody_and_is_told_later(tmp_path):
    with RedisProcess(tmp_path) as redis:
        rates = Rates(SHARED, ManualClock(NOON), redis.url)
        async with opened(rates):
            rates.charge(BOT, 100)
            await wait_until(lambda: not rates._cost.due)  # told
            redis.kill()
            with capture_logs() as lines:
                for _ in range(8):
                    rates.charge(BOT, 100)
                    await asyncio.sleep(0.05)
                assert spent(rates) == 900
                await wait_until(lambda: rates.sharing.failures > 2)
            assert [line["event"] for line in lines] == ["limits not shared"]
            assert rates.charge(BOT, 100).remaining == 0
            with pytest.raises(TooManyRequests):
                rates.charge(BOT, 1)
            redis.start()
            await wait_until(lambda: not rates._cost.due)  # told
            async with Redis.from_url(redis.url) as reader:
                [key] = await reader.keys()
                assert await reader.get(key) == b"1000"


@pytest.mark.usefixtures("soon")
async def test_a_redis_that_was_never_there_is_only_logged():
    rates = Rates(SHARED, ManualClock(NOON), "redis://127.0.0.1:1")
    async with opened(rates):
        rates.charge(BOT, 500)
        await wait_until(lambda: rates.sharing.failures > 1)
        assert spent(rates) == 500
        with pytest.raises(StoreUnavailable):
            await rates.sharing.share()
