"""Other ways in: canonical events that a message broker keeps, taken from it only when they are on our own stream.

NATS JetStream, RabbitMQ and Kafka are spoken to through FastStream, which is an extra of the installation. What cannot
be used is parked: a broker has nobody to whom one could say no.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any
from uuid import uuid4

import structlog

from cache.inbox import InboxStream, Letter
from cache.parking import Parked, Parking
from cache.stopping import stop
from domain.clock import Clock
from domain.dead_letter import kept_reason, without_values
from domain.errors import StoreError
from events import envelope
from events.envelope import BATCH, STRUCTURED, Envelope, Received, Rejected

GROUP = "casefold"
"""What all gateways together are called by a broker: each message goes to one of them."""

PAUSE_SECONDS = 1.0
"""How long to wait before what could not be taken, or a broker that cannot be reached, is tried again."""

log = structlog.get_logger()

Take = Callable[[bytes, Mapping[str, str]], Awaitable[None]]
"""Takes the body and the headers of a message; raises if it has to come again."""


class BrokerKind(Enum):
    """Which broker it is."""

    NATS = "nats"
    RABBITMQ = "rabbitmq"
    KAFKA = "kafka"


@dataclass(frozen=True, slots=True)
class Broker:
    """One broker, and where in it events are.

    Attributes:
        id: configured id.
        kind: which one.
        url: its address; of Kafka, `host:port`.
        subject: subject, queue or topic.
        stream: of NATS: the JetStream that keeps the subject.
        sources: ids of the sources whose events are believed.
    """

    id: str
    kind: BrokerKind
    url: str
    subject: str
    stream: str | None
    sources: tuple[str, ...]


class BrokerInbox:
    """Takes what comes in at one broker.

    Args:
        broker: which.
        inbox: where events go.
        parking: where goes what cannot be used.
        clock: when.
    """

    def __init__(self, broker: Broker, inbox: InboxStream, parking: Parking, clock: Clock) -> None:
        self._broker = broker
        self._inbox = inbox
        self._parking = parking
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self.is_listening = False

    def open(self) -> None:
        """Begin to listen; a broker that cannot be reached is tried again and again."""
        self._task = asyncio.create_task(self._run())

    async def aclose(self) -> None:
        """Stop; what is under way will come again."""
        if self._task is not None:
            await stop([self._task])

    async def take(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Take one message in, event by event.

        Raises:
            StoreError: nothing can be kept just now; it has to come again.
        """
        received = [self._believed(each) for each in envelope.read(_typed(body, headers), body)]
        now, correlation_id = self._clock.now(), uuid4().hex
        letters = [
            Letter("event", each.source, each.id, envelope.encode(each), now, each.correlationid or correlation_id)
            for each in received
            if isinstance(each, Envelope)
        ]
        refused = [each for each in received if isinstance(each, Rejected)]
        try:
            await self._inbox.accept(letters)
            await self._parking.park([self._parked(each, body, correlation_id) for each in refused])
        except StoreError as error:
            log.warning("broker waits", broker=self._broker.id, reason=str(error))
            await asyncio.sleep(PAUSE_SECONDS)
            raise

    def _believed(self, received: Received) -> Received:
        sources = self._broker.sources
        if isinstance(received, Envelope) and received.source not in sources:
            allowed = ", ".join(sorted(sources))
            return Rejected(received.id, f"source: found {received.source[:100]}, allowed: {allowed}")
        return received

    def _parked(self, rejected: Rejected, body: bytes, correlation_id: str) -> Parked:
        now = self._clock.now()
        name = rejected.id or hashlib.sha256(body).hexdigest()[:32]
        letter = Letter("event", self._broker.sources[0], name, body, now, correlation_id, attempts=1)
        reason = without_values(f"{self._broker.id}: {rejected.reason}", "something else")
        return Parked(letter, kept_reason([reason]), now)

    async def _run(self) -> None:
        while True:
            broker = _CONNECT[self._broker.kind](self._broker, self.take)
            try:
                await broker.start()
                self.is_listening = True
                log.info("broker heard", broker=self._broker.id)
                await asyncio.Event().wait()
            except Exception as error:  # noqa: BLE001  # whatever a driver raises
                log.warning("broker not heard", broker=self._broker.id, reason=type(error).__name__)
            finally:
                self.is_listening = False
                await broker.stop()
            await asyncio.sleep(PAUSE_SECONDS)


def _typed(body: bytes, headers: Mapping[str, str]) -> Mapping[str, str]:
    """The headers in lower case; where nothing says what the body is, it is JSON, one event or many."""
    told = {name.lower(): value for name, value in headers.items()}
    if "content-type" in told or "ce-specversion" in told:
        return told
    return told | {"content-type": BATCH if body.lstrip()[:1] == b"[" else STRUCTURED}


def _nats(broker: Broker, take: Take) -> Any:  # noqa: ANN401  # FastStream's broker
    from faststream import AckPolicy  # noqa: PLC0415  # an extra
    from faststream.nats import JStream, NatsBroker, PullSub  # noqa: PLC0415
    from faststream.nats.annotations import NatsMessage  # noqa: PLC0415

    connection = NatsBroker(broker.url, logger=None, allow_reconnect=True, max_reconnect_attempts=-1)

    @connection.subscriber(
        broker.subject,
        durable=GROUP,
        pull_sub=PullSub(batch_size=1),
        stream=JStream(broker.stream or GROUP, declare=False),
        ack_policy=AckPolicy.NACK_ON_ERROR,
        decoder=_as_it_is,
    )
    async def taken(message: NatsMessage) -> None:
        await take(message.body, _text(message.headers, message.content_type))

    return connection


def _rabbitmq(broker: Broker, take: Take) -> Any:  # noqa: ANN401  # FastStream's broker
    from faststream import AckPolicy  # noqa: PLC0415  # an extra
    from faststream.rabbit import RabbitBroker, RabbitQueue  # noqa: PLC0415
    from faststream.rabbit.annotations import RabbitMessage  # noqa: PLC0415

    connection = RabbitBroker(broker.url, logger=None)

    @connection.subscriber(
        RabbitQueue(broker.subject, durable=True), ack_policy=AckPolicy.NACK_ON_ERROR, decoder=_as_it_is
    )
    async def taken(message: RabbitMessage) -> None:
        await take(message.body, _text(message.headers, message.content_type))

    return connection


def _kafka(broker: Broker, take: Take) -> Any:  # noqa: ANN401  # FastStream's broker
    from faststream import AckPolicy  # noqa: PLC0415  # an extra
    from faststream.kafka import KafkaBroker  # noqa: PLC0415
    from faststream.kafka.annotations import KafkaMessage  # noqa: PLC0415

    connection = KafkaBroker(broker.url, logger=None)

    @connection.subscriber(
        broker.subject,
        group_id=GROUP,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.NACK_ON_ERROR,
        decoder=_as_it_is,
    )
    async def taken(message: KafkaMessage) -> None:
        await take(message.body, _text(message.headers, message.content_type))

    return connection


def _as_it_is(message: Any) -> Any:  # noqa: ANN401  # any of FastStream's messages
    return message.body


def _text(headers: Mapping[str, Any], content_type: str | None) -> dict[str, str]:
    """Headers as text; Kafka's CloudEvents binding writes `ce_` where HTTP writes `ce-`, and AMQP's `cloudEvents:`."""
    told = {_spelled(name): str(value) for name, value in headers.items()}
    return told | ({"content-type": content_type} if content_type and "content-type" not in told else {})


def _spelled(name: str) -> str:
    for prefix in ("ce_", "cloudEvents:", "cloudEvents_"):
        if name.startswith(prefix):
            return f"ce-{name.removeprefix(prefix)}"
    return name.lower()


_CONNECT: Mapping[BrokerKind, Callable[[Broker, Take], Any]] = {
    BrokerKind.NATS: _nats,
    BrokerKind.RABBITMQ: _rabbitmq,
    BrokerKind.KAFKA: _kafka,
}
