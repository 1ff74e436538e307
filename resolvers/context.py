"""What every resolver is given."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

import strawberry

from cache.board import Board
from cache.experience import Experience
from cache.grounds import Grounds
from cache.kept import KeptAnswers
from cache.outbox import Broadcast
from cache.reader import Reader, Reading
from cache.shared_answers import SharedAnswers
from cache.watch import Watches
from domain.call import Call
from domain.caller import Caller
from domain.dead_letter import DeadLetterOutcome, DeadLetterPage
from domain.discrepancy import Tolerances
from domain.freshness import Ask
from domain.identity import CaseKey, EntityKind, SourceKind
from domain.source_status import SourceStatus
from domain.timeline import Roles
from resolvers.permissions import Sight, sight_of
from resolvers.template import Echo


class DeadLetters(Protocol):
    """What can be done about events that could not be applied."""

    async def page(self, first: int, after: str | None = None, source: str | None = None) -> DeadLetterPage:
        """Some of them, newest first."""

    async def retry(self, names: Sequence[str]) -> Sequence[DeadLetterOutcome]:
        """Try to apply them again."""

    async def discard(self, names: Sequence[str], reason: str) -> Sequence[DeadLetterOutcome]:
        """Give them up."""


class Audit(Protocol):
    """Accounts for who was shown what not everybody may see."""

    def saw(self, caller: Caller, what: Collection[str], keys: Collection[CaseKey], correlation_id: str) -> None:
        """A caller was shown something of these cases: `credit`, `customer` or `signature`."""

    def revealed(self, caller: Caller, names: Collection[str], correlation_id: str) -> None:
        """A caller was shown what is in these parked letters."""


class Budget(Protocol):
    """How much a caller may still ask for."""

    @property
    def limit(self) -> int:
        """Points of the whole span."""

    @property
    def remaining(self) -> int:
        """Points that are left."""

    @property
    def reset_seconds(self) -> float:
        """When all of them are there again."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The same, for HTTP."""

    @property
    def policy(self) -> bytes:
        """The value of `RateLimit-Policy` in it."""

    @property
    def left(self) -> bytes:
        """The value of `RateLimit` in it."""


class Rates(Protocol):
    """How often a caller may ask; each raises `TooManyRequests` when that was too often."""

    def charge(self, caller: Caller, cost: int) -> Budget:
        """One operation of so many points."""

    def again(self, caller: Caller, cost: int, address: str | None, keys: Sequence[CaseKey]) -> Budget:
        """One operation of so many points that asks for these cases, and whose answer is there already."""

    def asked(self, caller: Caller, address: str | None, keys: Sequence[CaseKey]) -> None:
        """Somebody is about to ask for these cases."""

    def missed(self, caller: Caller, address: str | None, keys: Sequence[CaseKey]) -> None:
        """Nothing is known of these; whoever guesses numbers is stopped the next time."""

    def refreshed(self, caller: Caller) -> None:
        """Systems of record are to be asked, whatever is known."""

    def operated(self, caller: Caller) -> None:
        """An operator does something that may be costly."""

    def floored(self, caller: Caller, ask: Ask) -> Ask:
        """What is asked, no younger than the caller may insist on."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """What one gateway process has.

    Attributes:
        reader: asks the sources.
        statuses: how the configured sources are doing.
        longest: the longest that a view may take.
        kinds_of: what the configured sources of some kinds are the authority for.
        dead_letters: events that could not be applied.
        operational_events: everything that the business is told.
        roles: in which role each source serves each kind of entity.
        board: where work stands longer than it may.
        experience: what deliveries have taught.
        watches: views that stay open.
        rates: how often callers may ask.
        audit: accounts for what callers were shown.
        kept: answers that were given before, see `resolvers.again`.
        shared: those of other processes.
        tolerances: how much systems may differ before it is a contradiction.
        panels_see_signatures: whether panels may see who signed for a delivery.
    """

    reader: Reader
    statuses: Callable[[], Awaitable[Sequence[SourceStatus]]]
    longest: timedelta
    kinds_of: Callable[[Collection[SourceKind]], frozenset[EntityKind]]
    dead_letters: DeadLetters
    operational_events: Broadcast
    board: Board
    experience: Experience
    watches: Watches
    rates: Rates
    audit: Audit
    kept: KeptAnswers[Any]
    shared: SharedAnswers[Any]
    tolerances: Tolerances = field(default_factory=Tolerances)
    roles: Roles = field(default_factory=dict)
    panels_see_signatures: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """One request to the gateway.

    Attributes:
        gateway: what the process has.
        caller: who asks.
        correlation_id: found in every log line and sent on to every source.
        traceparent: W3C Trace Context header of the request, if it had one.
        received_at: when the request came in, on the monotonic clock; null for a connection that stays, where each
            operation begins when it begins.
        address: where the caller is, as far as known.
        readings: the reads that were begun for it.
        asked: the cases that are asked for, as often as they are.
        shown: the cases of which something is shown.
        revealed: names of the parked letters that are shown as they came.
        grounds: where is noted what the answer rests on; null: it will not be given again.
    """

    gateway: Gateway
    caller: Caller
    correlation_id: str
    traceparent: str | None
    received_at: float | None
    address: str | None = None
    readings: list[Reading] = field(default_factory=list)
    asked: list[CaseKey] = field(default_factory=list)
    shown: set[CaseKey] = field(default_factory=set)
    revealed: set[str] = field(default_factory=set)
    grounds: Grounds | None = None

    def afresh(self) -> "Context":
        """The same for the next operation, of which nothing has been read or shown yet."""
        return replace(self, readings=[], asked=[], shown=set(), revealed=set())

    def noting(self, grounds: Grounds) -> "Context":
        """The same, and what its answer rests on is noted."""
        return replace(self, correlation_id=Echo(self.correlation_id), grounds=grounds)

    def not_noting(self) -> "Context":
        """The same from the beginning, and nobody wants to know what its answer rests on."""
        return replace(self.afresh(), correlation_id=str(self.correlation_id), grounds=None)

    def now(self) -> datetime:
        """The present, as far as this request is concerned."""
        clock = self.gateway.reader.clock
        return clock.now() if self.grounds is None else self.grounds.now(clock)

    @property
    def sight(self) -> Sight:
        """What the caller may see."""
        return sight_of(self.caller.roles, panels_see_signatures=self.gateway.panels_see_signatures)

    @property
    def began_at(self) -> float:
        """Since when the caller waits, on the monotonic clock."""
        return self.gateway.reader.clock.monotonic() if self.received_at is None else self.received_at

    def reading(self, ask: Ask) -> Reading:
        """Begin the reads of one field, within what the caller accepts to wait."""
        call = Call(
            deadline=self.began_at + ask.deadline.total_seconds(),
            correlation_id=self.correlation_id,
            traceparent=self.traceparent,
        )
        reading = self.gateway.reader.reading(call, ask, self.grounds)
        self.readings.append(reading)
        return reading


Info = strawberry.Info[Context, None]
"""What Strawberry hands to a resolver."""
