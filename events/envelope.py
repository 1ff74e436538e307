"""CloudEvents 1.0 over HTTP, and the canonical events inside. Pure.

Structured and batched mode are JSON (CloudEvents JSON format 1.0.2, sections 2 and 4); in binary mode the attributes
are headers that begin with `ce-` (HTTP protocol binding 1.0.2, section 3.1).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, TypeVar
from urllib.parse import unquote

import msgspec
from msgspec import Meta, Raw, Struct

from domain.entities import MODELS
from domain.event import Event, Unreadable
from domain.foreign import NO_LINKS, Links, Mended, as_it_stands, mended
from domain.fulfillment import Progress
from domain.identity import EntityKey, EntityKind
from domain.model import Instant, Model, Name, misfit
from domain.observation import Absence, Channel, Hint, Observation, Occurrence, Retraction, Snapshot
from domain.shipment import Milestone

STRUCTURED, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"

KINDS: Mapping[str, EntityKind] = {
    "order": EntityKind.ORDER,
    "shipment": EntityKind.SHIPMENT,
    "fulfillment": EntityKind.FULFILLMENT,
    "invoice": EntityKind.INVOICE,
    "credit": EntityKind.CREDIT,
    "customer": EntityKind.CUSTOMER,
    "inventory": EntityKind.INVENTORY,
    "return": EntityKind.RETURN,
    "claim": EntityKind.CLAIM,
    "case": EntityKind.SERVICE_CASE,
}
"""How event types name the kinds of entity."""

HAPPENINGS: Mapping[str, tuple[EntityKind, type[Milestone | Progress]]] = {
    "milestone": (EntityKind.SHIPMENT, Milestone),
    "progress": (EntityKind.FULFILLMENT, Progress),
}
"""How event types name what can happen, and to what."""

AnyModel = TypeVar("AnyModel", bound=Model)

HEARTBEAT = "casefold.feed.heartbeat.v1"

_TYPE = re.compile(r"casefold\.(?P<entity>[a-z]+)\.(?P<what>state|milestone|progress|retracted|hint)\.v1")

Line = Annotated[Name, Meta(pattern=r"^[^\x00-\x1f\x7f]+\Z")]
"""A name of one line."""


class Envelope(Struct):
    """One CloudEvent, as far as Casefold looks at it.

    Attributes:
        id: unique within its source.
        source: configured id of who sends.
        type: what it tells.
        time: the source's clock.
        subject: the entity, by the source's own id.
        sequence: decimal string that rises by one, where the source counts.
        correlationid: of the request that caused it.
    """

    specversion: str
    id: Line
    source: Name
    type: Name
    time: Instant | None = None
    subject: Line | None = None
    sequence: Annotated[str, Meta(pattern=r"^[0-9]{1,18}\Z")] | None = None
    correlationid: Name | None = None
    data: Raw = Raw(b"null")
    data_base64: bytes | None = None

    @property
    def content(self) -> bytes:
        """The data as JSON, however it was carried."""
        return bytes(self.data) if self.data_base64 is None else self.data_base64


class _Retracted(Struct, rename="camel"):
    retracted_id: Name | None = None


_envelopes = msgspec.json.Decoder(Envelope)
_batches = msgspec.json.Decoder(list[Raw])


@dataclass(frozen=True, slots=True)
class Rejected:
    """An event that was not taken, and why."""

    id: str | None
    reason: str


Received = Envelope | Rejected


def read(headers: Mapping[str, str], body: bytes) -> Sequence[Received]:
    """The events of a request; one bad event does not spoil its neighbours.

    Args:
        headers: names in lower case.
        body: as received.
    """
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == BATCH:
        return _batch(body)
    if media_type == STRUCTURED:
        return [_structured(body)]
    if "ce-specversion" in headers:
        return [_binary(headers, body)]
    allowed = f"{STRUCTURED}, {BATCH}, or ce- headers"
    return [Rejected(None, f"content-type: found {media_type or 'nothing'}, allowed: {allowed}")]


def _batch(body: bytes) -> Sequence[Received]:
    try:
        return [_structured(bytes(each)) for each in _batches.decode(body)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return [Rejected(None, f"body: {error}")]


def _structured(body: bytes) -> Received:
    try:
        return _checked(_envelopes.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Rejected(_id_of(body), f"{error}"[:300])


def _binary(headers: Mapping[str, str], body: bytes) -> Received:
    attributes = {name[3:]: unquote(value) for name, value in headers.items() if name.startswith("ce-")}
    try:
        data = msgspec.json.decode(body) if body else None
        return _checked(msgspec.json.decode(msgspec.json.encode(attributes | {"data": data}), type=Envelope))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Rejected(attributes.get("id"), f"{error}"[:300])


def _checked(envelope: Envelope) -> Received:
    if envelope.specversion != "1.0":
        return Rejected(envelope.id, f"specversion: found {envelope.specversion[:20]}, allowed: 1.0")
    if envelope.type != HEARTBEAT and _TYPE.fullmatch(envelope.type) is None:
        return Rejected(envelope.id, f"type: found {envelope.type[:100]}, allowed: casefold.<entity>.<what>.v1")
    if envelope.time is None:
        return Rejected(envelope.id, "time: found nothing, allowed: the source's clock, RFC 3339 with offset")
    return envelope


def _id_of(body: bytes) -> str | None:
    """What the event calls itself, as far as that can be read."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    name = found.get("id") if isinstance(found, dict) else None
    return name[:200] if isinstance(name, str) else None


def encode(envelope: Envelope) -> bytes:
    """The event in structured mode: how it is kept."""
    return msgspec.json.encode(envelope)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the content of one event.

    Attributes:
        envelope: around it.
        key: of the entity that it is about.
        time: the source's clock.
        links: which addresses are passed on.
        mended: what was dropped or cut.
    """

    envelope: Envelope
    key: EntityKey
    time: datetime
    links: Links
    mended: list[Mended] = field(default_factory=list)

    def content(self, model: type[AnyModel]) -> AnyModel:
        """The content as a canonical value.

        Raises:
            ValueError: it is none.
        """
        content = as_it_stands(model, self.envelope.content, self.links)
        if content is not None:
            return content
        told, done = mended(model, msgspec.json.decode(self.envelope.content), self.links)
        self.mended.extend(done)
        return msgspec.convert(told, model)


def decode(tenant: str, body: bytes, links: Links = NO_LINKS) -> Event | Unreadable:
    """What a kept event tells.

    Args:
        tenant: whose data it is.
        body: as `encode` made it.
        links: which addresses in it are passed on.
    """
    try:
        envelope = _envelopes.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Unreadable(misfit(error))
    assert envelope.time is not None  # noqa: S101  # see `_checked`
    try:
        observations, done = _told(tenant, envelope, envelope.time, links)
    except (msgspec.ValidationError, msgspec.DecodeError, ValueError, RecursionError) as error:
        return Unreadable(misfit(error), envelope.id)
    sequence = None if envelope.sequence is None else int(envelope.sequence)
    return Event(envelope.id, envelope.type, envelope.time, observations, sequence, mended=done)


def _told(
    tenant: str, envelope: Envelope, time: datetime, links: Links
) -> tuple[tuple[Observation, ...], tuple[Mended, ...]]:
    """What an event tells, and what was dropped or cut of it."""
    if envelope.type == HEARTBEAT:
        return (), ()
    match = _TYPE.fullmatch(envelope.type)
    if match is None or match["entity"] not in KINDS:
        raise ValueError(f"type: found another entity, allowed: one of {', '.join(sorted(KINDS))}")
    if envelope.subject is None:
        raise ValueError("subject: found nothing, allowed: the source's own id of the entity")
    kind = KINDS[match["entity"]]
    key = EntityKey(tenant=tenant, source=envelope.source, kind=kind, id=envelope.subject)
    reader = _Reader(envelope, key, time, links)
    return (_MAKERS[match["what"]](reader),), tuple(reader.mended)


def _snapshot(told: _Reader) -> Observation:
    return Snapshot(told.key, told.content(MODELS[told.key.kind]), told.time, told.time, Channel.EVENT)


def _happened(told: _Reader) -> Observation:
    what = told.envelope.type.split(".")[2]
    kind, model = HAPPENINGS[what]
    if told.key.kind is not kind:
        raise ValueError(f"type: found one of another entity, allowed: casefold.{kind.value.lower()}.{what}.v1")
    content = told.content(model)
    return Occurrence(told.key, content.event_id or told.envelope.id, content.recorded_at, content)


def _retracted(told: _Reader) -> Observation:
    retracted_id = msgspec.json.decode(told.envelope.content, type=_Retracted | None)
    if retracted_id is None or retracted_id.retracted_id is None:
        return Absence(told.key, told.time, Channel.EVENT)
    return Retraction(told.key, retracted_id.retracted_id, told.time)


def _hint(told: _Reader) -> Observation:
    return Hint(told.key, told.time)


_MAKERS: Mapping[str, Callable[[_Reader], Observation]] = {
    "state": _snapshot,
    "milestone": _happened,
    "progress": _happened,
    "retracted": _retracted,
    "hint": _hint,
}
