"""What happens to a call when the other side misbehaves: real TCP on loopback."""

import asyncio
import gzip
import re
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.call import Call
from domain.clock import SystemClock
from domain.errors import (
    Busy,
    CircuitOpen,
    DeadlineExceeded,
    ProblemCode,
    Refused,
    SourceError,
    TooSlow,
    Unreachable,
    UnusableAnswer,
)
from domain.source_status import CircuitState
from sources.http import Answer, Http, Limits, Request
from tests.wire.raw_server import RawServer, answer, drip, endless, hang, raw

CLOCK = SystemClock()
CEILING = 2 * 1024 * 1024
TOTAL = 0.3


def http(url, *, total=TOTAL, concurrency=8, **options):
    limits = Limits(timedelta(seconds=total), timedelta(seconds=0.2), concurrency, CEILING)
    return Http("erp", url, limits=limits, clock=CLOCK, **options)


def call(seconds=5.0):
    return Call(deadline=CLOCK.monotonic() + seconds, correlation_id="c-12345678")


async def send(url, request=None, within=5.0, **options):
    client = http(url, **options)
    try:
        return await client.send(request or Request("GET", "/"), call(within))
    finally:
        await client.aclose()


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        pytest.param(hang, TooSlow, id="accepts and never answers"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\nx-slow: "), TooSlow, id="headers drip"),
        pytest.param(drip(HEAD + b"content-length: 100000\r\n\r\n"), TooSlow, id="the body drips"),
        pytest.param(raw(b"", then_reset=True), Unreachable, id="resets before a byte"),
        pytest.param(raw(b"", then_close=True), Unreachable, id="closes before a byte"),
        pytest.param(raw(HEAD + b"content-length: 10\r\n\r\n{}", then_close=True), Unreachable, id="half a body"),
        pytest.param(
            raw(HEAD + b"content-length: 10\r\n\r\n{}", then_reset=True), Unreachable, id="half a body, then a reset"
        ),
        pytest.param(raw(HEAD + b"content-length: ten\r\n\r\n{}"), UnusableAnswer, id="a length that is no number"),
        pytest.param(raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), UnusableAnswer, id="a garbage status line"),
        pytest.param(raw(HEAD + b"x" * 200_000 + b": 1\r\n\r\n"), UnusableAnswer, id="a header without end"),
        pytest.param(answer(500), UnusableAnswer, id="500"),
        pytest.param(answer(502), Unreachable, id="502"),
        pytest.param(answer(503), Busy, id="503"),
        pytest.param(answer(429), Busy, id="429"),
        pytest.param(answer(401), Refused, id="401"),
        pytest.param(answer(403), Refused, id="403"),
        pytest.param(answer(422), UnusableAnswer, id="422"),
        pytest.param(
            answer(302, location="http://169.254.169.254/latest"), Unreachable, id="a redirect to another host"
        ),
        pytest.param(answer(content_encoding="br"), UnusableAnswer, id="an encoding nobody asked for"),
        pytest.param(answer(content_encoding="gzip"), UnusableAnswer, id="gzip that is none"),
        pytest.param(
            answer(body=gzip.compress(b"{}" * 50)[:-9], content_encoding="gzip"),
            UnusableAnswer,
            id="gzip that breaks off",
        ),
        pytest.param(
            answer(body=gzip.compress(b"{}") + b"{}", content_encoding="gzip"),
            UnusableAnswer,
            id="gzip that ends before the body",
        ),
        pytest.param(answer(body=b"x" * (CEILING + 1)), UnusableAnswer, id="a byte too many"),
    ],
)
async def test_every_fault_has_one_domain_error_and_leaves_no_socket(behaviour, error):
    async with RawServer(behaviour) as server:
        started = CLOCK.monotonic()
        with pytest.raises(SourceError) as caught:
            await send(server.url)
        assert type(caught.value) is error
        assert CLOCK.monotonic() - started < TOTAL + 0.15
        assert await server.closed(within=0.1)
        assert all("169.254" not in str(value) for value in caught.value.args)


async def test_what_answers_is_read():
    async with RawServer(
        [answer(body=b'{"a": 1}'), answer(404), answer(body=gzip.compress(b"[1]"), content_encoding="gzip")]
    ) as server:
        client = http(server.url)
        first, second, third = [await client.send(Request("GET", "/x"), call()) for _ in range(3)]
        assert (first.status, first.json()) == (200, {"a": 1})
        assert second.status == 404
        assert third.json() == [1]
        assert server.connections == 1, "connections are reused"
        await client.aclose()


async def test_a_body_of_exactly_the_ceiling_is_read():
    async with RawServer(answer(body=gzip.compress(b" " * CEILING), content_encoding="gzip")) as server:
        assert len((await send(server.url)).body) == CEILING


async def test_what_nobody_asked_for_is_never_taken_for_the_next_answer():
    async def talkative(connection):
        connection.write(HEAD + b'content-length: 8\r\n\r\n["mine"]')
        await asyncio.sleep(0.02)
        connection.write(HEAD + b'content-length: 9\r\n\r\n["yours"]')

    async with RawServer([talkative, answer(body=b'["mine"]')]) as server:
        client = http(server.url)
        for _ in range(2):
            assert (await client.send(Request("GET", "/"), call())).json() == ["mine"]
            await asyncio.sleep(0.04)
        assert (server.connections, len(server.requests)) == (2, 2)
        await client.aclose()


async def test_neither_cookies_nor_proxies_of_the_environment_are_used(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with RawServer(answer(set_cookie="session=7; Path=/")) as server:
        client = http(server.url.replace("127.0.0.1", "localhost"))  # nobody keeps cookies of a bare address
        for _ in range(2):
            await client.send(Request("GET", "/"), call())
        assert b"session=7" not in server.requests[1]
        await client.aclose()


async def test_no_port_open_is_unreachable():
    with pytest.raises(Unreachable, match="no connection"):
        await send("http://127.0.0.1:1")


async def test_correlation_goes_along_and_bodies_are_json():
    async with RawServer(answer()) as server:
        client = http(server.url, headers={"Authorization": "Bearer s3cret"})
        await client.send(
            Request("POST", "/v1/read?", (("a", "1 2"), ("a", "3")), {"X-Company": "7"}, {"k": [1]}),
            Call(CLOCK.monotonic() + 1, "c-87654321", "00-" + "a" * 32 + "-" + "b" * 16 + "-01"),
        )
        sent = server.requests[0].decode()
        await client.aclose()
    assert sent.startswith(("POST /v1/read?a=1+2&a=3 HTTP/1.1", "POST /v1/read?a=1%202&a=3 HTTP/1.1"))
    lowered = sent.lower()
    assert "x-correlation-id: c-87654321" in lowered
    assert "traceparent: 00-" in lowered
    assert "authorization: bearer s3cret" in lowered
    assert "x-company: 7" in lowered
    assert sent.endswith('{"k":[1]}')
    assert "s3cret" not in repr(client)


async def test_a_hanging_source_holds_no_more_sockets_than_its_bulkhead():
    async with RawServer(hang) as server:
        client = http(server.url, concurrency=8)
        calls = [asyncio.create_task(client.send(Request("GET", "/"), call())) for _ in range(40)]
        await asyncio.sleep(TOTAL * 0.7)
        assert server.open == 8
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        codes = {error.code for error in outcomes if isinstance(error, SourceError)}
        assert codes <= {ProblemCode.TIMEOUT, ProblemCode.DEADLINE_EXCEEDED, ProblemCode.CIRCUIT_OPEN}
        assert await server.closed(within=0.1)
        await client.aclose()


async def test_a_deadline_that_is_over_opens_no_socket():
    async with RawServer(answer()) as server:
        with pytest.raises(DeadlineExceeded):
            await send(server.url, within=-1)
        assert server.connections == 0


async def test_waiting_for_a_place_counts_against_the_deadline():
    async with RawServer(hang) as server:
        client = http(server.url, concurrency=1)
        first = asyncio.create_task(client.send(Request("GET", "/"), call()))
        await asyncio.sleep(0.05)
        with pytest.raises(DeadlineExceeded):
            await client.send(Request("GET", "/"), call(0.1))
        with pytest.raises(TooSlow):
            await first
        await client.aclose()


class TestRetry:
    async def test_a_safe_call_is_repeated_once_after_a_broken_connection(self):
        async with RawServer([raw(b"", then_reset=True), answer(body=b"[1]")]) as server:
            assert (await send(server.url)).json() == [1]
            assert len(server.requests) == 2

    async def test_nobody_else_repeats_a_call_on_a_kept_connection(self):
        async with RawServer([answer(), raw(b"", then_reset=True)]) as server:
            client = http(server.url)
            await client.send(Request("GET", "/"), call())
            with pytest.raises(Unreachable):
                await client.send(Request("GET", "/", is_safe=False), call())
            assert len(server.requests) == 2
            await client.aclose()

    async def test_only_once(self):
        async with RawServer(answer(502)) as server:
            with pytest.raises(Unreachable):
                await send(server.url)
            assert len(server.requests) == 2

    @pytest.mark.parametrize(
        "behaviour",
        [hang, answer(401), answer(500), answer(429), answer(503, retry_after="1")],
        ids=["hang", "401", "500", "429", "503 with Retry-After"],
    )
    async def test_not_where_it_promises_nothing(self, behaviour):
        async with RawServer(behaviour) as server:
            with pytest.raises(SourceError):
                await send(server.url)
            assert len(server.requests) == 1

    async def test_not_for_a_call_that_changes_something(self):
        async with RawServer(answer(502)) as server:
            with pytest.raises(Unreachable):
                await send(server.url, Request("POST", "/", is_safe=False))
            assert len(server.requests) == 1

    async def test_retries_are_a_tenth_of_the_calls_and_one_a_second(self):
        async with RawServer(answer(502)) as server:
            client = http(server.url)
            for _ in range(9):
                with pytest.raises(SourceError):
                    await client.send(Request("GET", "/"), call())
            assert len(server.requests) <= 9 * 1.1 + 2
            await client.aclose()


class TestPause:
    async def test_nothing_is_sent_before_retry_after_has_passed(self):
        async with RawServer(answer(503, retry_after="30")) as server:
            client = http(server.url)
            for _ in range(5):
                with pytest.raises(Busy) as caught:
                    await client.send(Request("GET", "/"), call())
                assert 29 < caught.value.retry_after <= 30
            assert len(server.requests) == 1
            await client.aclose()

    async def test_those_who_waited_for_a_place_meanwhile_are_refused_as_well(self):
        async with RawServer(answer(503, retry_after="30")) as server:
            client = http(server.url, concurrency=2)
            outcomes = await asyncio.gather(*(outcome(client) for _ in range(40)))
            assert {type(error) for error in outcomes} == {Busy}
            assert len(server.requests) == 2
            await client.aclose()


async def outcome(client):
    try:
        return await client.send(Request("GET", "/"), call())
    except SourceError as error:
        return error


class TestCircuit:
    async def test_it_opens_within_twenty_calls_at_half_failures(self):
        behaviours = [answer(500), answer()] * 30
        async with RawServer(behaviours) as server:
            client = http(server.url)
            outcomes = [await outcome(client) for _ in range(40)]
            assert isinstance(outcomes[-1], CircuitOpen)
            assert outcomes[-1].retry_after > 0
            assert len(server.requests) <= 20
            assert client.health().circuit is CircuitState.OPEN
            await client.aclose()

    async def test_a_caller_who_leaves_says_nothing_about_the_source(self):
        async with RawServer(hang) as server:
            client = http(server.url, total=5, concurrency=40)
            tasks = [asyncio.create_task(client.send(Request("GET", "/"), call())) for _ in range(30)]
            await asyncio.sleep(0.1)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            assert client.health().circuit is CircuitState.CLOSED
            assert await server.closed(within=0.2)
            await client.aclose()

    async def test_a_caller_in_a_hurry_says_nothing_about_the_source(self):
        async with RawServer(hang) as server:
            client = http(server.url, total=5, concurrency=40)
            await asyncio.gather(
                *(client.send(Request("GET", "/"), call(0.05)) for _ in range(30)), return_exceptions=True
            )
            assert client.health().circuit is CircuitState.CLOSED
            await client.aclose()


RESET_PEAK, STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")


def forget_peak():
    RESET_PEAK.write_text("5")


def resident_kib(field):
    return int(re.search(rf"{field}:\s+(\d+) kB", STATUS.read_text())[1])


def bomb(size):
    """A gzip stream of `size` zeros, a thousandth of that on the wire."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([packer.compress(bytes(1_000_000)) for _ in range(size // 1_000_000)] + [packer.flush()])


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(endless(HEAD + b"content-length: 200000000\r\n\r\n", b"x" * 65_536), id="200 MB with a length"),
        pytest.param(
            endless(HEAD + b"transfer-encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65_536 + b"\r\n"),
            id="chunks without end",
        ),
        pytest.param(answer(body=bomb(200_000_000), content_encoding="gzip"), id="a gzip bomb"),
    ],
)
@pytest.mark.skipif(not RESET_PEAK.exists(), reason="only Linux can reset its peak of resident memory")
async def test_a_body_over_the_ceiling_is_refused_before_it_fills_memory(behaviour):
    async with RawServer(behaviour) as server:
        forget_peak()
        before = resident_kib("VmRSS")
        with pytest.raises(UnusableAnswer, match="larger than 2097152 bytes"):
            await send(server.url, total=5)
        assert resident_kib("VmHWM") - before < 32 * 1024
        assert await server.closed(within=0.1)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<html>maintenance</html>", id="HTML"),
        pytest.param(b'{"a": [1, 2', id="cut short"),
        pytest.param(b'{"a": NaN}', id="NaN"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, id="a very deep array"),
        pytest.param(b'{"a": "\\ud800"}', id="a lone surrogate"),
        pytest.param(b"\xef\xbb\xbf{}", id="a byte order mark"),
        pytest.param(b"\xff\xfe", id="not UTF-8"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_what_is_not_json_is_never_data(body):
    whole = Answer("erp", 200, {"content-type": "text/html"}, body, CLOCK.now(), timedelta(0))
    with pytest.raises(UnusableAnswer, match="is not JSON"):
        whole.json()


def test_the_moment_of_an_answer_is_the_sources_own_time_less_the_call_unless_its_clock_agrees_with_ours():
    sent_at = datetime(2026, 11, 23, 8, 30, 0, 300_000, tzinfo=UTC)
    took = timedelta(seconds=2)
    dated = lambda time: Answer("erp", 200, {"date": f"Mon, 23 Nov 2026 {time} GMT"}, b"", sent_at, took)  # noqa: E731
    assert dated("08:20:00").moment.isoformat() == "2026-11-23T08:19:58+00:00"
    assert dated("08:40:00").moment.isoformat() == "2026-11-23T08:39:58+00:00"
    for agreeing in ("08:30:00", "08:30:01", "08:30:02"):
        assert dated(agreeing).moment == sent_at
    assert dated("08:29:59").moment < sent_at
    assert Answer("erp", 200, {}, b"", sent_at, took).moment == sent_at
    assert Answer("erp", 200, {"date": "yesterday"}, b"", sent_at, took).moment == sent_at
