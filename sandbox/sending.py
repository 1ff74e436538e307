"""What the systems send of their own accord: each in its own way, and no better than in real life.

The ERP, the WMS and the CRM send canonical events, signed by Standard Webhooks; the WMS numbers its events and sends a
heartbeat. EasyPost sends its own, with an HMAC. Some come twice, some late and so out of order, some not at all. What
nobody takes is sent again, as vendors do.
"""

import asyncio
import hashlib
import hmac
import unicodedata
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from random import Random
from typing import Annotated, Any

import httpx
import msgspec
from msgspec import Meta, Raw, Struct
from standardwebhooks.webhooks import Webhook

from domain.identity import EntityKind
from sandbox import crm, erp, wms
from sandbox.history import News
from sandbox.world import World, WorldClock

SECRETS: Mapping[str, str] = {
    **{
        system: "whsec_" + b64encode(f"{system}-sandbox-signing-secret".encode()).decode()
        for system in ("erp", "wms", "crm")
    },
    "easypost": "s\u00e4ndbox easypost secret",
}
"""What each sender signs with; EasyPost takes its secret in normal form NFKD."""

LOOK_SECONDS = 0.2
"""How often the world is looked at for news."""

HEARTBEAT = timedelta(seconds=2)

TOGETHER = 100
"""Canonical events of one request."""

PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""How long to wait after each failure, in seconds; the last again and again."""

NAMES: Mapping[EntityKind, str] = {
    EntityKind.ORDER: "order",
    EntityKind.CUSTOMER: "customer",
    EntityKind.INVOICE: "invoice",
    EntityKind.CREDIT: "credit",
    EntityKind.FULFILLMENT: "fulfillment",
    EntityKind.INVENTORY: "inventory",
    EntityKind.RETURN: "return",
    EntityKind.SERVICE_CASE: "case",
}

Share = Annotated[float, Meta(ge=0, le=1)]


class Troubles(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What goes wrong on the way; what is left out is as usual.

    Attributes:
        duplicated: share of events that are sent twice.
        late: share that is sent `late_seconds` later, and so out of order.
        late_seconds: see above.
        lost: share that is never sent.
        is_silent: nothing is sent, heartbeats included; it is not made up for.
        per_second: events that each system sends a second, at most.
    """

    duplicated: Share = 0.05
    late: Share = 0.05
    late_seconds: Annotated[float, Meta(ge=0, le=600)] = 3.0
    lost: Share = 0.0
    is_silent: bool = False
    per_second: Annotated[float, Meta(gt=0, le=100_000)] = 1_000.0


@dataclass(frozen=True, slots=True)
class Message:
    """One request to the receiver."""

    path: str
    headers: Mapping[str, str]
    body: bytes


class CanonicalSender:
    """A system that sends canonical events.

    Args:
        system: which one.
        source: what the receiver calls it.
        kinds: what it tells of.
        is_numbered: whether its events carry a sequence, and it sends heartbeats.
    """

    def __init__(self, system: str, source: str, kinds: Iterable[EntityKind], *, is_numbered: bool = False) -> None:
        self.kinds = frozenset(kinds)
        self._source = source
        self._webhook = Webhook(SECRETS[system])
        self._is_numbered = is_numbered
        self._sequence = 0
        self._beat_at = datetime.min.replace(tzinfo=UTC)

    def events(self, news: Iterable[News], now: datetime) -> list[bytes]:
        """An event for each, and a heartbeat when it is time."""
        told = [self._event(f"casefold.{NAMES[each.kind]}.state.v1", now, each) for each in news]
        if self._is_numbered and now - self._beat_at >= HEARTBEAT:
            self._beat_at = now
            told.append(self._event("casefold.feed.heartbeat.v1", now, None))
        return told

    def messages(self, events: Sequence[bytes], now: datetime) -> list[Message]:
        """The events, many in one request."""
        return [self._message(events[start : start + TOGETHER], now) for start in range(0, len(events), TOGETHER)]

    def _event(self, kind: str, now: datetime, news: News | None) -> bytes:
        about: dict[str, Any] = {"specversion": "1.0", "source": self._source, "type": kind, "time": now}
        name = f"{kind}/{now.isoformat()}"
        if news is not None:
            found = msgspec.json.decode(news.body, type=dict[str, Raw])
            about |= {"subject": news.id, "data": found["data"]}
            name = f"{kind}/{news.id}/{news.at.isoformat()}"
        if self._is_numbered:
            self._sequence += 1
            about["sequence"] = str(self._sequence)
        return msgspec.json.encode(about | {"id": hashlib.sha256(name.encode()).hexdigest()[:32]})

    def _message(self, events: Sequence[bytes], now: datetime) -> Message:
        body = b"[" + b",".join(events) + b"]"
        name = "msg_" + hashlib.sha256(body).hexdigest()[:24]
        headers = {
            "content-type": "application/cloudevents-batch+json",
            "webhook-id": name,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._webhook.sign(name, now, body.decode()),
        }
        return Message("/events", headers, body)


class EasyPostSender:
    """EasyPost: one event a request, with the whole object.

    Args:
        source: what the receiver calls it.
        kind: of which objects it tells.
    """

    def __init__(self, source: str, kind: EntityKind) -> None:
        self.kinds = frozenset({kind})
        self._path = f"/webhooks/{source}"
        self._key = unicodedata.normalize("NFKD", SECRETS["easypost"]).encode()

    def events(self, news: Iterable[News], now: datetime) -> list[bytes]:
        """An event for each."""
        return [self._event(each, now) for each in news]

    def messages(self, events: Sequence[bytes], now: datetime) -> list[Message]:  # noqa: ARG002  # as the others have it
        """The events, one a request."""
        return [self._message(each) for each in events]

    def _event(self, news: News, now: datetime) -> bytes:
        result = msgspec.json.decode(news.body, type=dict[str, Raw])
        result["updated_at"] = Raw(msgspec.json.encode(now))
        name = hashlib.sha256(f"{news.id}/{news.at.isoformat()}".encode()).hexdigest()[:32]
        about = {"id": f"evt_{name}", "object": "Event", "mode": "test", "created_at": now, "previous_attributes": {}}
        description = "tracker.updated" if news.kind is EntityKind.SHIPMENT else "claim.updated"
        return msgspec.json.encode(about | {"description": description, "status": "pending", "result": result})

    def _message(self, event: bytes) -> Message:
        digest = hmac.new(self._key, event, hashlib.sha256).hexdigest()
        headers = {"content-type": "application/json", "x-hmac-signature": f"hmac-sha256-hex={digest}"}
        return Message(self._path, headers, event)


Sender = CanonicalSender | EasyPostSender


def senders(suffix: str) -> Sequence[Sender]:
    """Every system that sends; the receiver calls it by its name and this suffix."""
    return (
        CanonicalSender("erp", f"erp{suffix}", erp.ANSWERS),
        CanonicalSender("wms", f"wms{suffix}", wms.ANSWERS, is_numbered=True),
        CanonicalSender("crm", f"crm{suffix}", crm.ANSWERS),
        EasyPostSender(f"tms{suffix}", EntityKind.SHIPMENT),
        EasyPostSender(f"claims{suffix}", EntityKind.CLAIM),
    )


@dataclass(slots=True)
class Sent:
    """What has been sent so far, by what became of it."""

    events: int = 0
    requests: int = 0
    duplicated: int = 0
    late: int = 0
    lost: int = 0
    repeated: int = 0


@dataclass(slots=True)
class _Late:
    at: float
    sender: Sender
    event: bytes


@dataclass(slots=True)
class Sending:
    """Sends all news of the world to one receiver.

    Attributes:
        world: what happens.
        clock: the world's time; events carry the real one, because it is now that they are sent.
        url: where.
        senders: who.
        seed: of what goes wrong.
        troubles: what goes wrong.
        sent: what has been sent.
    """

    world: World
    clock: WorldClock
    url: str
    senders: Sequence[Sender]
    seed: int = 7
    troubles: Troubles = field(default_factory=Troubles)
    sent: Sent = field(default_factory=Sent)

    async def run(self) -> None:
        """Send for ever."""
        async with httpx.AsyncClient(base_url=self.url, timeout=5) as client, asyncio.TaskGroup() as tasks:
            for number, sender in enumerate(self.senders):
                tasks.create_task(self._run(sender, client, Random(f"{self.seed}/{number}")))

    async def _run(self, sender: Sender, client: httpx.AsyncClient, rng: Random) -> None:
        late: list[_Late] = []
        since = self.clock.now()
        while True:
            until, now = self.clock.now(), datetime.now(UTC)
            events = sender.events(self.world.news(sender.kinds, since, until), now)
            since = until
            if not self.troubles.is_silent:
                on_their_way = self._through_the_wire(sender, events, late, rng)
                for message in sender.messages(on_their_way, now):
                    await self._send(message, client)
                await asyncio.sleep(len(on_their_way) / self.troubles.per_second)
            await asyncio.sleep(LOOK_SECONDS)

    def _through_the_wire(self, sender: Sender, events: Sequence[bytes], late: list[_Late], rng: Random) -> list[bytes]:
        """What of the events arrives now, and what of earlier ones."""
        clock, troubles = asyncio.get_running_loop().time(), self.troubles
        arriving = [each.event for each in late if each.at <= clock]
        late[:] = [each for each in late if each.at > clock]
        self.sent.events += len(events)
        for event in events:
            chance = rng.random()
            if chance < troubles.lost:
                self.sent.lost += 1
            elif chance < troubles.lost + troubles.late:
                self.sent.late += 1
                late.append(_Late(clock + troubles.late_seconds, sender, event))
            else:
                arriving.append(event)
                if rng.random() < troubles.duplicated:
                    self.sent.duplicated += 1
                    late.append(_Late(clock + LOOK_SECONDS, sender, event))
        return arriving

    async def _send(self, message: Message, client: httpx.AsyncClient) -> None:
        """Until it is taken; whoever refuses it for good is not asked again."""
        attempt = 0
        while True:
            self.sent.requests += 1
            with suppress(httpx.HTTPError):
                answer = await client.post(message.path, content=message.body, headers=dict(message.headers))
                if answer.status_code not in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
                    return
            self.sent.repeated += 1
            await asyncio.sleep(PAUSES[min(attempt, len(PAUSES) - 1)])
            attempt += 1
