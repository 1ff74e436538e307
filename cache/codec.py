"""What is known of an entity as bytes, and back.

The first byte names the edition of the format. Bytes of another edition, or that cannot be read for any reason, are a
miss and never a crash: the source is asked again.
"""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct

from domain.entities import MODELS
from domain.entity import Entity
from domain.identity import EntityKey, EntityKind
from domain.known import Happening, Known, Version
from domain.model import Model
from domain.observation import Channel
from domain.shipment import Milestone

EDITION = b"\x01"

OCCURRENCES: dict[EntityKind, type[Model]] = {EntityKind.SHIPMENT: Milestone}
"""What can happen to the entities of a kind, where a source tells of it one by one."""

Moment = Annotated[datetime, Meta(tz=True)]


class _Version(Struct, array_like=True):
    digest: str
    moment: Moment
    channel: Channel
    as_of: Moment | None
    content: Raw


class _Happening(Struct, array_like=True):
    identity: str
    recorded_at: Moment
    digest: str
    content: Raw


class _Known(Struct, array_like=True):
    latest: list[_Version]
    hinted_at: Moment
    occurrences: list[_Happening]
    retracted: list[tuple[str, Moment]]


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Known)


def encode(known: Known) -> bytes:
    """The same bytes for the same state, whatever way it came about."""
    stored = _Known(
        latest=[
            _Version(each.digest, each.moment, each.channel, each.as_of, Raw(_encoder.encode(each.content)))
            for each in known.latest
        ],
        hinted_at=known.hinted_at,
        occurrences=[
            _Happening(each.identity, each.recorded_at, each.digest, Raw(_encoder.encode(each.content)))
            for each in known.occurrences
        ],
        retracted=list(known.retracted),
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
        occurrences=tuple(_happening(each, OCCURRENCES[key.kind]) for each in stored.occurrences),
        retracted=tuple(stored.retracted),
    )


def _version(stored: _Version, model: type[Entity]) -> Version:
    content = msgspec.json.decode(stored.content, type=model | None)
    return Version(stored.digest, stored.moment, stored.channel, stored.as_of, content)


def _happening(stored: _Happening, model: type[Model]) -> Happening:
    content = msgspec.json.decode(stored.content, type=model)
    return Happening(stored.identity, stored.recorded_at, stored.digest, content)
