"""One polite client per source.

A call passes, in this order: the pause that the source asked for, the circuit breaker, the bulkhead, both once more,
the wire, the ceiling. All of it together takes no longer than the total time, or what is left of the caller's deadline.

Tests give `transport=httpx.MockTransport(router.async_handler)`, with a respx router, instead of connections.
"""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from importlib.metadata import version
from typing import Self, cast

import httpx
import msgspec

from domain.call import Call
from domain.clock import Clock
from domain.errors import (
    Busy,
    CircuitOpen,
    DeadlineExceeded,
    Refused,
    SourceError,
    TooSlow,
    Unreachable,
)
from domain.freshness import SourceProblem
from domain.source_status import CallHealth, CircuitState
from sources.http.addresses import Destination
from sources.http.body import ACCEPTED, read_body
from sources.http.breaker import Admission, Breaker, Closed, Outcome
from sources.http.message import Answer, Request
from sources.http.retry import RetryBudget
from sources.http.tally import Tally
from sources.http.translate import LASTING, LIBRARY_ERRORS, refusal, translated
from sources.http.transport import open_transport
from sources.settings import ApiSettings

USER_AGENT = f"casefold/{version('casefold')}"
RETRY_WAIT_SECONDS = (0.01, 0.05)
"""A retry follows after a moment of this length, so that many callers do not repeat in step."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What calling one source may cost.

    Attributes:
        total: longest that a whole call may take, waiting for a place included.
        connect: longest that connecting may take.
        concurrency: calls under way at once.
        max_body_bytes: largest decoded answer.
    """

    total: timedelta
    connect: timedelta
    concurrency: int
    max_body_bytes: int

    @classmethod
    def of(cls, settings: ApiSettings) -> Self:
        """The limits that a source's settings state."""
        return cls(
            total=settings.timeout,
            connect=settings.connect_timeout,
            concurrency=settings.concurrency,
            max_body_bytes=settings.max_body_bytes,
        )


class Http:
    """Calls one source."""

    def __init__(
        self,
        source: str,
        base_url: str,
        *,
        limits: Limits,
        clock: Clock,
        headers: Mapping[str, str] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        allow_private: bool = False,
    ) -> None:
        self._source = source
        self._limits = limits
        self._clock = clock
        self._headers = {"Accept": "application/json", "Accept-Encoding": ACCEPTED, "User-Agent": USER_AGENT} | dict(
            headers or {}
        )
        self._transport = transport or open_transport(Destination(httpx.URL(base_url).host, allow_private))
        self._places = asyncio.Semaphore(limits.concurrency)
        self._breaker = Breaker()
        self._retries = RetryBudget(filled_at=clock.monotonic())
        self._paused_until = clock.monotonic()
        self._tally = Tally()
        self._url = lru_cache(maxsize=256)(lambda path: httpx.URL(base_url + path))
        self._timeout = {"connect": limits.connect.total_seconds(), "read": None, "write": None, "pool": None}

    async def send(self, request: Request, call: Call) -> Answer:
        """Make one call, repeated once if that is safe and promising.

        Args:
            request: what to send.
            call: on whose behalf, until when.

        Returns:
            An answer with a status of `READABLE`, 404 among them: the adapter knows what that means.

        Raises:
            SourceError: anything else, by kind.
        """
        until = self._clock.monotonic() + min(self._limits.total.total_seconds(), call.seconds_left(self._clock))
        try:
            return await self._try(request, call, until)
        except (Unreachable, Busy) as error:
            if not await self._may_repeat(request, error, until):
                raise
        return await self._try(request, call, until)

    def health(self) -> CallHealth:
        """How the calls of the last minute went."""
        now = self._clock.monotonic()
        match self._breaker.state:
            case Closed():
                circuit = CircuitState.CLOSED
            case _ if self._breaker.pause_left(now) > 0:
                circuit = CircuitState.OPEN
            case _:
                circuit = CircuitState.HALF_OPEN
        return self._tally.health(now, circuit)

    def spoiled(self, error: SourceError, call: Call) -> SourceError:
        """Take note that the latest answer only looked good: an error inside, a wrong schema. Returns the error."""
        self._breaker = self._breaker.spoiled(self._clock.monotonic(), _jitter())
        self._tally.spoiled(SourceProblem.of(error, call.correlation_id))
        return error

    async def aclose(self) -> None:
        """Close every connection."""
        await self._transport.aclose()

    async def _may_repeat(self, request: Request, error: SourceError, until: float) -> bool:
        now, wait = self._clock.monotonic(), random.uniform(*RETRY_WAIT_SECONDS)  # noqa: S311  # guards nothing
        is_promising = error.retry_after is None and error.detail not in LASTING and not self._breaker.pause_left(now)
        if not (request.is_safe and is_promising and until - now > wait):
            return False
        budget = self._retries.spend(now)
        if budget is None:
            return False
        self._retries = budget
        await asyncio.sleep(wait)
        return True

    async def _try(self, request: Request, call: Call, until: float) -> Answer:
        self._refuse(until)
        await self._wait_for_place(until)
        try:
            self._refuse(until)  # those who were called meanwhile may have learned something
            return await self._watched(request, call, until)
        finally:
            self._places.release()

    def _refuse(self, until: float) -> None:
        """Say no to a call that must not be made now."""
        now = self._clock.monotonic()
        if now >= until:
            raise DeadlineExceeded(self._source)
        if now < self._paused_until:
            raise Busy(self._source, retry_after=self._paused_until - now)
        if pause := self._breaker.pause_left(now):
            raise CircuitOpen(self._source, retry_after=pause)

    async def _wait_for_place(self, until: float) -> None:
        try:
            async with asyncio.timeout(until - self._clock.monotonic()):
                await self._places.acquire()
        except TimeoutError as error:
            raise DeadlineExceeded(self._source) from error

    async def _watched(self, request: Request, call: Call, until: float) -> Answer:
        """Let the breaker admit the call; tell it, and the tally, how the call ended."""
        started = self._clock.monotonic()
        self._breaker, admission = self._breaker.admit(started)
        if admission is Admission.NO:
            raise CircuitOpen(self._source, retry_after=self._breaker.pause_left(started))
        self._retries = self._retries.called()
        outcome = Outcome.NEUTRAL  # of a caller who leaves
        try:
            answer = await self._in_time(request, call, until - started)
            outcome = Outcome.GOOD
        except SourceError as error:
            ended = self._clock.monotonic()
            outcome = self._outcome(error, ended - started)
            self._tally.failed(ended, ended - started, SourceProblem.of(error, call.correlation_id))
            raise
        finally:
            self._breaker = self._breaker.record(admission, outcome, self._clock.monotonic(), _jitter())
        self._tally.answered(self._clock.monotonic(), answer.took.total_seconds(), self._clock.now())
        return answer

    def _outcome(self, error: SourceError, waited: float) -> Outcome:
        """What a failure says about the health of the source."""
        match error:
            case Refused():
                return Outcome.NEUTRAL
            case Busy(retry_after=float()):  # it said when it will be well; one that does not is failing
                return Outcome.NEUTRAL
            case TooSlow() if waited < self._limits.total.total_seconds() / 2:  # the caller was in a hurry
                return Outcome.NEUTRAL
            case _:
                return Outcome.BAD

    async def _in_time(self, request: Request, call: Call, seconds: float) -> Answer:
        try:
            async with asyncio.timeout(seconds):
                return await self._exchange(request, call)
        except TimeoutError as error:
            raise TooSlow(self._source) from error

    async def _exchange(self, request: Request, call: Call) -> Answer:
        sent_at, started = self._clock.now(), self._clock.monotonic()
        try:
            response = await self._transport.handle_async_request(self._wire_request(request, call))
            try:
                headers = dict(response.headers.items())
                self._raise_refusal(response.status_code, headers)
                body = await read_body(
                    cast("httpx.AsyncByteStream", response.stream),
                    headers.get("content-encoding", ""),
                    self._limits.max_body_bytes,
                    self._source,
                )
            finally:
                await response.aclose()
        except LIBRARY_ERRORS as error:
            raise translated(self._source, error) from error
        took = timedelta(seconds=self._clock.monotonic() - started)
        return Answer(self._source, response.status_code, headers, body, sent_at, took)

    def _raise_refusal(self, status: int, headers: Mapping[str, str]) -> None:
        error = refusal(self._source, status, headers, self._clock.now())
        if isinstance(error, Busy) and error.retry_after is not None:
            self._paused_until = max(self._paused_until, self._clock.monotonic() + error.retry_after)
        if error is not None:
            raise error

    def _wire_request(self, request: Request, call: Call) -> httpx.Request:
        headers = {**self._headers, "X-Correlation-ID": call.correlation_id, **request.headers}
        if call.traceparent:
            headers["traceparent"] = call.traceparent
        content = None
        if request.json is not None:
            content = msgspec.json.encode(request.json)
            headers.setdefault("Content-Type", "application/json")
        url = self._url(request.path)
        return httpx.Request(
            request.method,
            url.copy_with(params=list(request.params)) if request.params else url,
            headers=headers,
            content=content,
            extensions={"timeout": self._timeout},
        )


def _jitter() -> float:
    return random.uniform(-1, 1)  # noqa: S311  # spreads load, guards nothing
