"""What the client does over time and over many calls; respx answers instead of a connection, a clock by hand."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import respx

from domain.call import Call
from domain.clock import ManualClock
from domain.errors import (
    Busy,
    CircuitOpen,
    ProblemCode,
    Refused,
    SourceError,
    Unreachable,
    UnusableAnswer,
)
from domain.source_status import CircuitState
from sources.http import Http, Limits, Request
from sources.settings import ApiSettings

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
LIMITS = Limits(timedelta(seconds=2), timedelta(seconds=1), concurrency=8, max_body_bytes=1_024)
GET = Request("GET", "/orders")
OPENING = 10
"""So many failures in a row open the circuit."""


@pytest.fixture
def clock():
    return ManualClock(NOW)


@pytest.fixture
def orders():
    """The source's one address."""
    return respx.Router(assert_all_called=False).get("http://erp.test/api/orders")


@pytest.fixture
async def http(clock, orders):
    router = respx.Router()
    router.routes.add(orders)
    client = Http(
        "erp",
        "http://erp.test/api",
        limits=LIMITS,
        clock=clock,
        headers={"Authorization": "Bearer s3cret"},
        transport=httpx.MockTransport(router.async_handler),
    )
    yield client
    await client.aclose()


@pytest.fixture
def ask(http, clock):
    """Make a call; its error is a result."""

    async def ask(request=GET):
        try:
            return await http.send(request, Call(clock.monotonic() + 5, "c-12345678"))
        except SourceError as error:
            return error

    return ask


@pytest.fixture
def spoil(http, ask, clock):
    """Make a call whose answer turns out to be an error."""

    async def spoil():
        await ask()
        return http.spoiled(UnusableAnswer("erp", "an error inside"), Call(clock.monotonic() + 5, "c-12345678"))

    return spoil


async def test_respx_answers_instead_of_a_connection(ask, orders):
    orders.respond(json=[{"number": "SO-1"}])
    answer = await ask()
    assert answer.json() == [{"number": "SO-1"}]
    assert (answer.source, answer.status, answer.sent_at) == ("erp", 200, NOW)
    assert orders.calls.last.request.headers["x-correlation-id"] == "c-12345678"


class Body(httpx.AsyncByteStream):
    """Remembers whether it was closed."""

    is_closed = False

    async def __aiter__(self):
        yield b"x" * (LIMITS.max_body_bytes + 1)

    async def aclose(self):
        self.is_closed = True


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        pytest.param(500, {}, id="not read because of its status"),
        pytest.param(200, {"content-encoding": "br"}, id="not read because of its encoding"),
        pytest.param(200, {}, id="not read to its end"),
    ],
)
async def test_an_answer_that_is_given_up_is_closed(ask, orders, status, headers):
    body = Body()
    orders.side_effect = [httpx.Response(status, headers=headers, stream=body)]
    assert isinstance(await ask(), UnusableAnswer)
    assert body.is_closed


def test_limits_are_those_of_the_settings():
    settings = ApiSettings(id="erp", adapter="canonical", base_url="https://erp.example.com", concurrency=3)
    assert Limits.of(settings) == Limits(timedelta(seconds=2), timedelta(milliseconds=500), 3, 2 * 1024 * 1024)


class TestPause:
    @pytest.mark.parametrize("retry_after", ["30", "Mon, 23 Nov 2026 08:30:30 GMT"], ids=["seconds", "a date"])
    @pytest.mark.parametrize("status", [429, 503])
    async def test_the_source_is_left_alone_until_it_has_passed(self, ask, orders, clock, status, retry_after):
        orders.side_effect = [httpx.Response(status, headers={"retry-after": retry_after}), httpx.Response(200)]
        assert (await ask()).retry_after == 30
        clock.advance(timedelta(seconds=29))
        early = await ask()
        assert isinstance(early, Busy)
        assert early.retry_after == 1
        assert orders.call_count == 1
        clock.advance(timedelta(seconds=1))
        assert (await ask()).status == 200

    async def test_a_shorter_one_that_comes_later_does_not_shorten_it(self, ask, orders, clock):
        under_way = asyncio.Event()

        async def busy(_):
            seconds = "30" if not under_way.is_set() else "1"
            under_way.set()
            await asyncio.sleep(0)
            return httpx.Response(503, headers={"retry-after": seconds})

        orders.side_effect = busy
        await asyncio.gather(ask(), ask())
        clock.advance(timedelta(seconds=20))
        assert (await ask()).retry_after == 10

    async def test_what_was_refused_without_a_call_is_not_counted_as_one(self, http, ask, orders):
        orders.respond(503, headers={"retry-after": "30"})
        for _ in range(5):
            await ask()
        assert http.health().calls_last_minute == 1


class TestRetry:
    @pytest.mark.parametrize(
        "failure",
        [
            pytest.param(httpx.ConnectTimeout("x"), id="connecting took too long"),
            pytest.param(httpx.ReadTimeout("x"), id="reading took too long"),
            pytest.param(httpx.UnsupportedProtocol("x"), id="an address that is not http"),
            pytest.param(httpx.Response(302, headers={"location": "http://169.254.169.254/"}), id="a redirect"),
            pytest.param(httpx.Response(401), id="401"),
            pytest.param(httpx.Response(500), id="500"),
            pytest.param(httpx.Response(429), id="429"),
        ],
    )
    async def test_what_a_second_call_does_not_cure_is_not_repeated(self, ask, orders, failure):
        orders.side_effect = [failure, httpx.Response(200)]
        assert isinstance(await ask(), SourceError)
        assert orders.call_count == 1

    @pytest.mark.parametrize(
        "failure",
        [
            pytest.param(httpx.ConnectError("x"), id="no connection"),
            pytest.param(httpx.Response(502), id="502"),
            pytest.param(httpx.Response(503), id="503"),
            pytest.param(httpx.Response(504), id="504"),
        ],
    )
    async def test_what_may_be_over_in_a_moment_is_repeated(self, ask, orders, failure):
        orders.side_effect = [failure, httpx.Response(200)]
        assert not isinstance(await ask(), SourceError)
        assert orders.call_count == 2

    async def test_a_failure_that_opens_the_circuit_is_told_as_it_was(self, ask, orders, clock):
        orders.respond(502)
        outcomes = [await ask(Request("GET", "/orders", is_safe=False))]
        while orders.call_count < OPENING:  # by twos after the first: the one that opens it would have been repeated
            clock.advance(timedelta(seconds=1))
            outcomes.append(await ask())
        assert {type(error) for error in outcomes} == {Unreachable}
        assert isinstance(await ask(), CircuitOpen)
        assert orders.call_count == OPENING

    async def test_at_thirty_percent_failures_retries_are_a_tenth_and_the_circuit_stays_closed(self, http, ask, orders):
        asked, served = 200, iter(range(10_000))
        orders.side_effect = lambda _: httpx.Response(502 if next(served) % 10 in {2, 5, 8} else 200)
        outcomes = [await ask() for _ in range(asked)]
        assert not any(isinstance(outcome, CircuitOpen) for outcome in outcomes)
        assert asked < orders.call_count <= asked * 1.1 + 1
        assert http.health().circuit is CircuitState.CLOSED


class TestCircuit:
    async def test_one_call_at_a_time_tries_whether_the_source_is_back(self, http, ask, orders, clock):
        orders.respond(500)
        for _ in range(OPENING):
            await ask()
        assert isinstance(await ask(), CircuitOpen)
        clock.advance(timedelta(seconds=6))
        assert http.health().circuit is CircuitState.HALF_OPEN
        back = asyncio.Event()

        async def slow(_):
            await back.wait()
            return httpx.Response(200)

        orders.side_effect = slow
        probe, *others = [asyncio.create_task(ask()) for _ in range(20)]
        assert {type(error) for error in await asyncio.gather(*others)} == {CircuitOpen}
        back.set()
        assert (await probe).status == 200
        assert orders.call_count == OPENING + 1
        assert http.health().circuit is CircuitState.CLOSED

    async def test_a_cancelled_probe_makes_room_for_the_next(self, ask, orders, clock):
        orders.respond(500)
        for _ in range(OPENING):
            await ask()
        clock.advance(timedelta(seconds=6))

        async def hang(_):
            await asyncio.Event().wait()

        orders.side_effect = hang
        probe = asyncio.create_task(ask())
        await asyncio.sleep(0)
        assert isinstance(await ask(), CircuitOpen)
        probe.cancel()
        await asyncio.gather(probe, return_exceptions=True)
        orders.side_effect = None
        orders.respond(200)
        assert (await ask()).status == 200

    @pytest.mark.parametrize(
        ("response", "circuit"),
        [
            pytest.param(httpx.Response(401), CircuitState.CLOSED, id="401 is about us"),
            pytest.param(
                httpx.Response(503, headers={"retry-after": "0"}), CircuitState.CLOSED, id="503 that says until when"
            ),
            pytest.param(httpx.Response(503), CircuitState.OPEN, id="503 that does not"),
            pytest.param(httpx.Response(404), CircuitState.CLOSED, id="404 is an answer"),
            pytest.param(httpx.Response(418), CircuitState.OPEN, id="what no adapter can read"),
        ],
    )
    async def test_which_statuses_count(self, http, ask, orders, response, circuit):
        orders.side_effect = lambda _: response
        for _ in range(OPENING):
            await ask()
        assert http.health().circuit is circuit

    async def test_errors_inside_good_answers_count_as_failures_and_as_nothing_else(self, http, spoil, orders):
        orders.respond(200)
        for _ in range(OPENING):
            await spoil()
        health = http.health()
        assert health.circuit is CircuitState.OPEN
        assert (health.calls_last_minute, health.errors_last_minute) == (OPENING, OPENING)
        assert health.last_success_at is None
        assert health.last_problem.code is ProblemCode.BAD_RESPONSE

    async def test_a_probe_whose_answer_was_spoiled_opens_it_again_for_longer(self, spoil, ask, orders, clock):
        orders.respond(200)
        for _ in range(OPENING):
            await spoil()
        clock.advance(timedelta(seconds=6))
        await spoil()
        again = await ask()
        assert isinstance(again, CircuitOpen)
        assert again.retry_after > 6


class TestHealth:
    async def test_the_last_minute(self, http, ask, orders, clock):
        seconds = [*range(1, 20), 100]

        def slow(_):
            clock.advance(timedelta(milliseconds=seconds[orders.call_count]))
            return httpx.Response(200)

        orders.side_effect = slow
        for _ in seconds:
            await ask()
        answered_at = clock.now()
        orders.side_effect = None
        orders.respond(403)
        assert isinstance(await ask(), Refused)
        health = http.health()
        assert (health.calls_last_minute, health.errors_last_minute) == (21, 1)
        assert (health.latency_p50_ms, health.latency_p95_ms) == (11, 100)
        assert health.last_success_at == answered_at
        assert health.last_problem.code is ProblemCode.UNAUTHORIZED
        assert health.last_problem.correlation_id == "c-12345678"

    async def test_older_calls_are_forgotten_the_last_success_is_not(self, http, ask, orders, clock):
        orders.respond(200)
        await ask()
        clock.advance(timedelta(seconds=61))
        health = http.health()
        assert (health.calls_last_minute, health.latency_p50_ms) == (0, None)
        assert health.last_success_at == NOW


@pytest.mark.parametrize("failure", [httpx.ConnectError("Bearer s3cret"), httpx.Response(401, text="Bearer s3cret")])
async def test_no_secret_and_no_words_of_the_source_in_errors(http, ask, orders, failure):
    orders.side_effect = [failure, failure]
    error = await ask()
    assert "s3cret" not in repr((error, str(error), http.health(), http))
