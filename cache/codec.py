"""What is known of an entity as bytes, and back.

The first byte names the edition of the format. Bytes of another edition, or that cannot be read for any reason, are a
miss and never a crash: the source is asked again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated
from urllib.parse import unquote

import msgspec
from msgspec import Meta, Raw, Struct

from cache.keys import spelled
from domain.conclusions import Conclusions
from domain.entities import MODELS
from domain.entity import Entity
from domain.eta import EtaBasis
from domain.feed import Feed
from domain.fold import HAPPENINGS
from domain.identity import EntityKey, EntityKind
from domain.known import Happening, Known, Version
from domain.listing import Listing
from domain.lookup import Question
from domain.model import Model
from domain.observation import Channel
from domain.operational import OperationalEvent
from domain.shipment import Milestone
from domain.stages import Standing
from domain.statement import Statement

EDITION = b"\x01"

HAPPENINGS_BY_NAME: dict[EntityKind, dict[str, type[Model]]] = {
    kind: {model.__name__: model for model in models} for kind, models in HAPPENINGS.items()
}

MOMENT_LENGTH = len("2026-11-23T08:30:00.000000+00:00")

Moment = Annotated[datetime, Meta(tz=True)]


class _Version(Struct, array_like=True):
    digest: str
    moment: Moment
    channel: Channel
    as_of: Moment | None
    content: Raw
    verified_at: Moment | None


class _Happening(Struct, array_like=True):
    identity: str
    recorded_at: Moment
    digest: str
    content: Raw
    model: str = Milestone.__name__


class _Statement(Struct, array_like=True):
    basis: EtaBasis
    at: Moment | None
    on: date | None
    said_at: Moment


class _Known(Struct, array_like=True):
    latest: list[_Version]
    hinted_at: Moment
    occurrences: list[_Happening]
    retracted: list[tuple[str, Moment]]
    statements: list[_Statement] = []


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Known)


def encode(known: Known) -> bytes:
    """The same bytes for the same state, whatever way it came about: what `_Known` reads, in one go."""
    stored = (
        [(each.digest, each.moment, each.channel, each.as_of, each.content, each.verified_at) for each in known.latest],
        known.hinted_at,
        [
            (each.identity, each.recorded_at, each.digest, each.content, type(each.content).__name__)
            for each in known.occurrences
        ],
        known.retracted,
        [_stored(each) for each in known.statements],
    )
    return EDITION + _encoder.encode(stored)


def decode(key: EntityKey, stored: bytes) -> Known | None:
    """What is known of the entity; null for bytes that cannot be read."""
    if not stored.startswith(EDITION):
        return None
    try:
        return _known(key, _decoder.decode(stored[len(EDITION) :]))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, KeyError):
        return None


def _known(key: EntityKey, stored: _Known) -> Known:
    return Known(
        key=key,
        latest=tuple(_version(each, MODELS[key.kind]) for each in stored.latest),
        hinted_at=stored.hinted_at,
        occurrences=tuple(_happening(each, HAPPENINGS_BY_NAME[key.kind][each.model]) for each in stored.occurrences),
        retracted=tuple(stored.retracted),
        statements=tuple(_statement(each) for each in stored.statements),
    )


def _version(stored: _Version, model: type[Entity]) -> Version:
    content = msgspec.json.decode(stored.content, type=model | None)
    return Version(stored.digest, stored.moment, stored.channel, stored.as_of, content, stored.verified_at)


def _happening(stored: _Happening, model: type[Model]) -> Happening:
    content = msgspec.json.decode(stored.content, type=model)
    return Happening(stored.identity, stored.recorded_at, stored.digest, content)


def _stored(statement: Statement) -> _Statement:
    if isinstance(statement.value, datetime):
        return _Statement(statement.basis, statement.value, None, statement.said_at)
    return _Statement(statement.basis, None, statement.value, statement.said_at)


def _statement(stored: _Statement) -> Statement:
    value = stored.at or stored.on
    if value is None:
        raise msgspec.ValidationError("a statement without a value")
    return Statement(stored.basis, value, stored.said_at)


class _Listing(Struct, array_like=True):
    verified_at: Moment
    entities: tuple[str, ...]


_listing_decoder = msgspec.json.Decoder(_Listing)


def encode_listing(listing: Listing) -> bytes:
    """A value that begins with its moment, so that of two the newer one is the greater one."""
    moment = listing.moment.astimezone(UTC).isoformat(timespec="microseconds")
    return moment.encode() + _encoder.encode(_Listing(listing.verified_at, listing.entities))


def decode_listing(stored: bytes) -> Listing | None:
    """The listing; null for bytes that cannot be read."""
    try:
        moment = datetime.fromisoformat(stored[:MOMENT_LENGTH].decode())
        body = _listing_decoder.decode(stored[MOMENT_LENGTH:])
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
        return None
    return Listing(moment, body.verified_at, body.entities)


def encode_ids(ids: Iterable[str]) -> bytes:
    """A list of ids, one a line."""
    return "\n".join(map(spelled, ids)).encode()


def decode_ids(stored: bytes) -> tuple[str, ...]:
    """The ids of a list."""
    return tuple(unquote(line) for line in stored.decode().split("\n") if line)


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a view looked at last time: where to look first next time, and no more than that."""

    questions: tuple[Question, ...]
    entities: tuple[EntityKey, ...]


_footprint_decoder = msgspec.json.Decoder(Footprint)


def encode_footprint(footprint: Footprint) -> bytes:
    """As JSON."""
    return EDITION + _encoder.encode(footprint)


def decode_footprint(stored: bytes) -> Footprint | None:
    """The footprint; null for bytes that cannot be read."""
    if not stored.startswith(EDITION):
        return None
    try:
        return _footprint_decoder.decode(stored[len(EDITION) :])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


_operational_decoder = msgspec.json.Decoder(OperationalEvent)


def encode_operational(event: OperationalEvent) -> bytes:
    """As JSON, as the outside gets it."""
    return _encoder.encode(event)


def decode_operational(stored: bytes) -> OperationalEvent:
    """The event.

    Raises:
        msgspec.DecodeError: the bytes are of another edition of this program.
    """
    return _operational_decoder.decode(stored)


_conclusions_decoder = msgspec.json.Decoder(Conclusions)


def encode_conclusions(conclusions: Conclusions) -> bytes:
    """As JSON."""
    return EDITION + _encoder.encode(conclusions)


def decode_conclusions(stored: bytes) -> Conclusions | None:
    """The conclusions; null for bytes that cannot be read: they are drawn anew."""
    if not stored.startswith(EDITION):
        return None
    try:
        return _conclusions_decoder.decode(stored[len(EDITION) :])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


_standing_decoder = msgspec.json.Decoder(Standing)


def encode_standing(standing: Standing) -> bytes:
    """As JSON."""
    return _encoder.encode(standing)


def decode_standing(stored: bytes) -> Standing | None:
    """The row; null for bytes that cannot be read."""
    try:
        return _standing_decoder.decode(stored)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


_feed_decoder = msgspec.json.Decoder(Feed)


def encode_feed(feed: Feed) -> bytes:
    """As JSON."""
    return _encoder.encode(feed)


def decode_feed(stored: bytes) -> Feed | None:
    """The feed; null for bytes that cannot be read: it is heard anew."""
    try:
        return _feed_decoder.decode(stored)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
