"""Outgoing webhooks: operational events, signed by Standard Webhooks, sent to those who want to be told.

Each is sent at least once, those of one entity in order. What a receiver does not take is sent again after a while,
each time later; while one event waits, only those of the same entity wait with it. At last it is parked.
"""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

import msgspec
import structlog

from cache.inbox import Letter
from cache.outbox import Outbox, Told
from cache.parking import Parked, Parking
from cache.stopping import stop
from domain.call import Call
from domain.clock import Clock
from domain.dead_letter import kept_reason
from domain.errors import CircuitOpen, DeadlineExceeded, SourceError, StoreError, UnusableAnswer
from domain.operational import OperationalEvent, OperationalEventType
from events.settle import Settled
from sources.http import Http, Request
from sources.signatures import sign

LEASE_SECONDS = 10.0
"""How long a process that delivers for a receiver may be gone before another takes over."""

MOST_IN_HAND = 1_000
"""Events that wait in a process for one receiver; more wait in the outbox."""

OK = range(200, 300)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Hook:
    """One receiver.

    Attributes:
        id: configured id.
        http: calls it.
        secret: signs what is sent, the first if there are two.
        types: what it wants to be told; empty: everything.
        patience: longest that one delivery may take.
        pauses: how long to wait after each failure; after the last comes no other attempt.
    """

    id: str
    http: Http
    secret: str
    types: frozenset[OperationalEventType]
    patience: timedelta
    pauses: Sequence[timedelta]

    def wants(self, event: OperationalEvent) -> bool:
        """Whether it is to be told of an event."""
        return not self.types or event.type in self.types


def body_of(event: OperationalEvent) -> bytes:
    """The event as CloudEvents 1.0 has it, in structured mode."""
    about = {
        "specversion": "1.0",
        "id": event.id,
        "source": "casefold",
        "type": f"casefold.operational.{event.type.value.lower()}.v1",
        "time": event.occurred_at,
        "subject": event.order_number or event.shipment_id or event.customer_id,
        "correlationid": event.correlation_id,
        "datacontenttype": "application/json",
        "data": event,
    }
    return msgspec.json.encode({name: value for name, value in about.items() if value is not None})


async def deliver(hook: Hook, name: str, body: bytes, clock: Clock) -> None:
    """Send one message, signed; 2xx says that it was taken.

    Raises:
        SourceError: it was not.
    """
    headers = sign(hook.secret, name, clock.now(), body.decode()) | {"Content-Type": "application/cloudevents+json"}
    call = Call(deadline=clock.monotonic() + hook.patience.total_seconds(), correlation_id=uuid4().hex)
    request = Request("POST", "", headers=headers, json=msgspec.Raw(body), is_safe=False)
    answer = await hook.http.send(request, call)
    if answer.status not in OK:
        raise UnusableAnswer(hook.id, f"it answered {answer.status}")


@dataclass(slots=True)
class _Line:
    """The events of one entity that wait for one receiver."""

    waiting: deque[Told] = field(default_factory=deque)
    task: "asyncio.Task[None] | None" = None


class Deliverer:
    """Delivers to one receiver; over all processes, one at a time does.

    Args:
        hook: the receiver.
        outbox: what there is to tell.
        parking: where goes what is not taken.
        clock: when.
    """

    def __init__(self, hook: Hook, outbox: Outbox, parking: Parking, clock: Clock) -> None:
        self.hook = hook
        self._outbox = outbox
        self._parking = parking
        self._clock = clock
        self._lines: dict[str, _Line] = {}
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to deliver."""
        self._task = asyncio.create_task(self._run())

    async def aclose(self) -> None:
        """Stop; what is under way will be sent again."""
        await stop([self._task] if self._task else [])
        await stop([line.task for line in self._lines.values() if line.task])

    async def _run(self) -> None:
        while True:
            try:
                await self._outbox.open(self.hook.id)
                await self._deliver_while_it_is_ours()
            except StoreError as error:
                log.warning("deliveries wait", receiver=self.hook.id, reason=str(error))
            except Exception:
                log.exception("deliveries stumbled", receiver=self.hook.id)
            await stop([line.task for line in self._lines.values() if line.task])
            self._lines.clear()
            await asyncio.sleep(LEASE_SECONDS / 10)

    async def _deliver_while_it_is_ours(self) -> None:
        if not await self._is_ours():
            return
        for partition in self._outbox.partitions:
            self._queue(await self._outbox.left(self.hook.id, partition))
        while await self._is_ours():
            if sum(len(line.waiting) for line in self._lines.values()) > MOST_IN_HAND:
                await asyncio.sleep(LEASE_SECONDS / 10)
                continue
            for partition in self._outbox.partitions:
                self._queue(await self._outbox.take(self.hook.id, partition))

    async def _is_ours(self) -> bool:
        return await self._outbox.lease(self.hook.id, LEASE_SECONDS)

    def _queue(self, told: Sequence[Told]) -> None:
        for each in told:
            line = self._lines.setdefault(each.entity, _Line())
            line.waiting.append(each)
            if line.task is None:
                line.task = asyncio.create_task(self._work_off(each.entity, line))

    async def _work_off(self, entity: str, line: _Line) -> None:
        while line.waiting:
            told = line.waiting[0]
            try:
                if self.hook.wants(told.event):
                    await self._send(told)
                await self._outbox.done(self.hook.id, told)
            except StoreError as error:
                log.warning("deliveries wait", receiver=self.hook.id, reason=str(error))
                await asyncio.sleep(1)
                continue
            except Exception:
                log.exception("a delivery stumbled", receiver=self.hook.id, id=told.event.id)
                await asyncio.sleep(LEASE_SECONDS)
                continue
            line.waiting.popleft()
        del self._lines[entity]

    async def _send(self, told: Told) -> None:
        """Send until it is taken, or given up."""
        body, attempts = body_of(told.event), 0
        while True:
            try:
                await deliver(self.hook, told.event.id, body, self._clock)
            except (CircuitOpen, DeadlineExceeded) as error:  # it was not even sent
                await asyncio.sleep(error.retry_after or 1)
            except SourceError as error:
                if attempts == len(self.hook.pauses):
                    await self._park(told, body, attempts + 1, error)
                    return
                await asyncio.sleep(max(error.retry_after or 0, self.hook.pauses[attempts].total_seconds()))
                attempts += 1
            else:
                return

    async def _park(self, told: Told, body: bytes, attempts: int, error: SourceError) -> None:
        now = self._clock.now()
        log.error("delivery parked", receiver=self.hook.id, id=told.event.id, reason=str(error))
        correlation_id = told.event.correlation_id or "-"
        letter = Letter("event", self.hook.id, told.event.id, body, now, correlation_id, attempts=attempts)
        await self._parking.park([Parked(letter, kept_reason([str(error)]), now)])


class Redelivery:
    """Sends parked deliveries once more.

    Args:
        hooks: by configured id.
        clock: when.
    """

    def __init__(self, hooks: Mapping[str, Hook], clock: Clock) -> None:
        self._hooks = hooks
        self._clock = clock

    async def settle(self, letters: Sequence[Letter]) -> list[Settled]:
        """Send each; says what became of it."""
        return [await self._sent(letter) for letter in letters]

    async def _sent(self, letter: Letter) -> Settled:
        hook = self._hooks.get(letter.source)
        if hook is None:
            return Settled(reasons=(f"webhook: found {letter.source}, allowed: a configured one",))
        try:
            await deliver(hook, letter.id, letter.body, self._clock)
        except SourceError as error:
            return Settled(reasons=(str(error),))
        return Settled(events=1)
