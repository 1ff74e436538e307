"""What a source sends of its own accord."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.foreign import Mended
from domain.observation import Observation, UnmappedCode, moment_of

MOST_AHEAD = timedelta(days=1)
"""How far a source's clock may be ahead of ours: a zone that was mistaken is less than that. What is told of a later
moment would hide all that comes until then."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as it came, before anything is made of it.

    Attributes:
        body: raw bytes; signatures are over them.
        headers: names in lower case.
        received_at: our clock.
    """

    body: bytes
    headers: Mapping[str, str]
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """One event, understood.

    Attributes:
        id: unique within the source; the same id is the same event.
        type: the source's own word for it.
        time: the source's clock.
        sequence: rises by one from event to event, where the source counts.
        observations: what it tells; a heartbeat tells nothing.
        unmapped: codes that no table knows.
        mended: what was dropped or cut of what was told.
    """

    id: str
    type: str
    time: datetime
    observations: tuple[Observation, ...]
    sequence: int | None = None
    unmapped: tuple[UnmappedCode, ...] = ()
    mended: tuple[Mended, ...] = ()

    @property
    def latest(self) -> datetime:
        """The latest moment by which anything in it is put in order."""
        return max((self.time, *(moment_of(each) for each in self.observations)))


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that its adapter knows by name, and knows to be of no use here."""

    id: str
    type: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An event, or a whole message, that could not be understood; it is parked.

    Attributes:
        reason: what is wrong, naming the field, what kind of thing was found and what is allowed; never a value.
        id: its id, as far as it could be read.
    """

    reason: str
    id: str | None = None


Decoded = Event | Ignored | Unreadable
