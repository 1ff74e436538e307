"""What a source tells us: four kinds of observation.

They are made for every entity of every answer, so they are structs: made at once, and no work for the collector.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import assert_never

from msgspec import Struct

from domain.entity import Entity
from domain.identity import EntityKey
from domain.model import Model


class Channel(Enum):
    """How an observation came."""

    API = "API"
    EVENT = "EVENT"


class Snapshot(Struct, frozen=True, gc=False):
    """The whole entity looked like this.

    Attributes:
        key: whose state it is.
        content: the state.
        as_of: what the source says of its own last change, null where it does not say; never our clock.
        moment: the source's time at which this was true; orders the snapshots of one entity.
        channel: how it came.
        verified_at: our time at which the source was asked; null: it was not asked, an event told.
    """

    key: EntityKey
    content: Entity
    as_of: datetime | None
    moment: datetime
    channel: Channel = Channel.API
    verified_at: datetime | None = None


class Absence(Struct, frozen=True, gc=False):
    """There was no such entity: it was deleted, or never was. Orders like a snapshot."""

    key: EntityKey
    moment: datetime
    channel: Channel = Channel.API
    verified_at: datetime | None = None


class Occurrence(Struct, frozen=True, gc=False):
    """One thing happened.

    Attributes:
        key: to which entity.
        identity: names it; the source's event id, else what it is made of (code, classifier, place, time).
        recorded_at: the source's time at which it was written down; a later one is a revision.
        content: what happened.
    """

    key: EntityKey
    identity: str
    recorded_at: datetime
    content: Model


class Retraction(Struct, frozen=True, gc=False):
    """An occurrence did not happen."""

    key: EntityKey
    identity: str
    recorded_at: datetime


class Hint(Struct, frozen=True, gc=False):
    """Something changed, without saying what."""

    key: EntityKey
    hinted_at: datetime


Observation = Snapshot | Absence | Occurrence | Retraction | Hint


def moment_of(observation: Observation) -> datetime:
    """The source's time by which an observation is put in order among others of its entity."""
    match observation:
        case Snapshot() | Absence():
            return observation.moment
        case Occurrence() | Retraction():
            return observation.recorded_at
        case Hint():
            return observation.hinted_at
        case _:
            assert_never(observation)


@dataclass(frozen=True, slots=True)
class UnmappedCode:
    """A word of a source that no table of its adapter has; it is kept raw and moves nothing.

    Attributes:
        code_list: which vocabulary of the source, e.g. `sale.state`.
        code: the word as sent.
    """

    code_list: str
    code: str
