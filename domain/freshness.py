"""How old what is known is, and where it comes from. The words mean what RFC 9111 and RFC 5861 mean by them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from msgspec import Struct

from domain.errors import ProblemCode, SourceError
from domain.identity import EntityKind


class FreshnessState(Enum):
    """How a section stands to the age asked for."""

    FRESH = "FRESH"
    STALE = "STALE"
    REVALIDATING = "REVALIDATING"
    UNAVAILABLE = "UNAVAILABLE"
    FORBIDDEN = "FORBIDDEN"


class Origin(Enum):
    """How something came to be known."""

    EVENT = "EVENT"
    API = "API"
    CACHE = "CACHE"


class OnStale(Enum):
    """What to do with a section older than the age asked for."""

    REFRESH = "REFRESH"
    SERVE_STALE = "SERVE_STALE"
    STATE_ONLY = "STATE_ONLY"


@dataclass(frozen=True, slots=True)
class Ask:
    """What a caller accepts.

    Attributes:
        max_age: oldest acceptable knowledge; null: the section's policy.
        on_stale: what to do with older knowledge.
        deadline: longest the whole view may take.
        read_now: kinds that are read from their systems of record whatever is known.
    """

    max_age: timedelta | None = None
    on_stale: OnStale = OnStale.REFRESH
    deadline: timedelta = timedelta(seconds=2)
    read_now: frozenset[EntityKind] = frozenset()


@dataclass(frozen=True, slots=True)
class Policy:
    """How old knowledge of one kind of entity of one source may be.

    Attributes:
        max_age: age up to which it is FRESH.
        stale_while_revalidate: how much older it may be served while a refresh is under way (RFC 5861, section 3).
        stale_if_error: age up to which it may be served when the source cannot answer (RFC 5861, section 4).
        negative_max_age: age up to which "there is none" is believed.
    """

    max_age: timedelta
    stale_while_revalidate: timedelta = timedelta(0)
    stale_if_error: timedelta = timedelta(0)
    negative_max_age: timedelta = timedelta(0)


class Holding(Enum):
    """What is held of an entity."""

    NOTHING = "NOTHING"
    ABSENCE = "ABSENCE"
    STATE = "STATE"


class Held(Struct, frozen=True):
    """What is held of an entity, and how far it can be relied on.

    Attributes:
        holding: nothing, that there is none, or a state.
        verified_at: latest moment at which it is known to have been true; null: never.
        is_suspect: whether something says that it may have changed since.
    """

    holding: Holding = Holding.NOTHING
    verified_at: datetime | None = None
    is_suspect: bool = False

    def age(self, now: datetime) -> timedelta | None:
        """Now less `verified_at`, never below zero; null if it was never verified."""
        return None if self.verified_at is None else max(now - self.verified_at, timedelta(0))

    def is_within(self, max_age: timedelta, now: datetime) -> bool:
        """Whether it can be relied on, and is no older than that."""
        return not self.is_suspect and self.verified_at is not None and now - self.verified_at <= max_age


@dataclass(frozen=True, slots=True)
class Serve:
    """Answer with what is held."""

    state: FreshnessState


@dataclass(frozen=True, slots=True)
class ServeAndRefresh:
    """Answer with what is held, REVALIDATING, and ask the source in the background."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """Ask the source and wait; `has_fallback` says whether what is held may stand in for an answer that fails."""

    has_fallback: bool


@dataclass(frozen=True, slots=True)
class Refuse:
    """There is nothing to answer with, and the source may not be asked: UNAVAILABLE."""


Decision = Serve | ServeAndRefresh | Fetch | Refuse


def decide(held: Held, ask: Ask, policy: Policy, now: datetime) -> Decision:
    """What a read does with one entity; total."""
    match held.holding:
        case Holding.NOTHING:
            return _without_state(ask)
        case Holding.ABSENCE:
            is_believed = held.is_within(accepted_age(held.holding, ask, policy), now)
            return Serve(FreshnessState.FRESH) if is_believed else _without_state(ask)
        case Holding.STATE:
            return _with_state(held, ask, policy, now)


def accepted_age(holding: Holding, ask: Ask, policy: Policy) -> timedelta:
    """The age that is decided against: the caller's, else the policy's.

    That there is none is never believed for longer than the policy says: what is new has to be found.
    """
    if holding is Holding.ABSENCE:
        return policy.negative_max_age if ask.max_age is None else min(policy.negative_max_age, ask.max_age)
    return policy.max_age if ask.max_age is None else ask.max_age


def _without_state(ask: Ask) -> Decision:
    return Refuse() if ask.on_stale is OnStale.STATE_ONLY else Fetch(has_fallback=False)


def _with_state(held: Held, ask: Ask, policy: Policy, now: datetime) -> Decision:
    if held.is_within(accepted_age(held.holding, ask, policy), now):
        return Serve(FreshnessState.FRESH)
    match ask.on_stale:
        case OnStale.STATE_ONLY:
            return Serve(FreshnessState.STALE)
        case OnStale.SERVE_STALE:
            return ServeAndRefresh()
        case OnStale.REFRESH:
            # A caller who names an age means it: only the policy's own age has a grace.
            grace = policy.stale_while_revalidate if ask.max_age is None else timedelta(0)
            may_wait = grace > timedelta(0) and held.is_within(policy.max_age + grace, now)
            return ServeAndRefresh() if may_wait else Fetch(has_fallback=True)


def after_failure(held: Held, policy: Policy, now: datetime) -> FreshnessState:
    """What is said when the source was asked and could not answer: STALE if what is held may stand in."""
    age = held.age(now)
    may_stand_in = held.holding is Holding.STATE and age is not None and age <= policy.stale_if_error
    return FreshnessState.STALE if may_stand_in else FreshnessState.UNAVAILABLE


class Freshness(Struct, frozen=True):
    """How old one section is.

    Attributes:
        state: how it stands to the age asked for.
        as_of: when the source itself last changed it, as far as it says.
        verified_at: latest moment at which it is known to have been true.
        age_seconds: now less `verified_at`, when the answer was put together.
        max_age_seconds: the age that the decision was made against.
        origin: how it came to be known.
        source: configured id of the source.
    """

    state: FreshnessState
    as_of: datetime | None = None
    verified_at: datetime | None = None
    age_seconds: float | None = None
    max_age_seconds: float | None = None
    origin: Origin | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class SourceProblem:
    """Why a section is not fresh, as data."""

    code: ProblemCode
    source: str
    message: str
    correlation_id: str
    retry_after_seconds: float | None = None

    @classmethod
    def of(cls, error: SourceError, correlation_id: str) -> "SourceProblem":
        """The problem that a failed call to a source is."""
        return cls(
            code=error.code,
            source=error.source,
            message=str(error),
            correlation_id=correlation_id,
            retry_after_seconds=error.retry_after,
        )
