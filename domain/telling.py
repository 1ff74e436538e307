"""What is told of a number: from what is held of it to an answer with its age, its origin and its state."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from domain.case_view import Answered, Part, Withdrawn
from domain.entity import Entity
from domain.feed import Coverage
from domain.fold import changed_at, content_of
from domain.freshness import Ask, FreshnessState, Held, Holding, Origin, Policy, SourceProblem, accepted_age
from domain.known import Known, Nature, held_of
from domain.listing import Shelf, held_under, members
from domain.lookup import Lookup
from domain.observation import Channel


@dataclass(frozen=True, slots=True)
class Terms:
    """What a source's knowledge of one kind of entity is measured with.

    Attributes:
        nature: what can be said of its snapshots.
        policy: how old they may be.
        can_be_asked: whether there is a way to ask, or it only sends.
    """

    nature: Nature
    policy: Policy
    can_be_asked: bool = True

    def held(self, shelf: Shelf, lookup: Lookup, heard: Coverage | None, now: datetime) -> Held:
        """How far what is kept under a number can be relied on."""
        return held_under(shelf, lookup, self.nature, heard, now, can_be_asked=self.can_be_asked)

    def max_age(self, ask: Ask, holding: Holding = Holding.STATE) -> timedelta:
        """The age that is decided against."""
        return accepted_age(holding, ask, self.policy)


@dataclass(frozen=True)
class Telling:
    """One shelf, seen at one moment for one caller."""

    source: str
    lookup: Lookup
    shelf: Shelf
    heard: Coverage | None
    terms: Terms
    ask: Ask
    now: datetime

    @cached_property
    def held(self) -> Held:
        """How far it can be relied on."""
        return self.terms.held(self.shelf, self.lookup, self.heard, self.now)

    def answer(self, state: FreshnessState, problem: SourceProblem | None = None) -> Answered:
        """What is kept, said to be in this state."""
        parts = tuple(self._part(known, state) for known in members(self.shelf, self.lookup))
        origins = {part.origin for part in parts}
        return Answered(
            source=self.source,
            parts=parts,
            verified_at=self.held.verified_at,
            origin=next(iter(origins)) if len(origins) == 1 else self._origin_of_nothing(),
            state=state,
            max_age=self.terms.max_age(self.ask, self.held.holding),
            problem=problem,
        )

    def read(self, verified_at: datetime, problem: SourceProblem | None = None) -> Answered:
        """What is kept after it was read for this request; suspect parts stay what they are."""
        parts = tuple(self._part_read(known) for known in members(self.shelf, self.lookup))
        is_fresh = all(part.state is FreshnessState.FRESH for part in parts) and problem is None
        return Answered(
            source=self.source,
            parts=parts,
            verified_at=verified_at,
            origin=Origin.API,
            state=FreshnessState.FRESH if is_fresh else FreshnessState.STALE,
            max_age=self.terms.max_age(self.ask),
            problem=problem,
        )

    def _origin_of_nothing(self) -> Origin:
        """How it is known that there is nothing, or nothing else: by asking, or because a feed told of nothing new."""
        listing = self.shelf.listing
        is_by_feed = listing is not None and self.held.verified_at != listing.verified_at
        return Origin.EVENT if is_by_feed else Origin.CACHE

    def _part(self, known: Known, state: FreshnessState) -> Part:
        held, current = held_of(known, self.terms.nature, self.heard, self.now), known.current
        age = held.age(self.now)
        is_fresh = age is not None and age <= self.terms.max_age(self.ask) and not held.is_suspect
        is_by_event = _is_told(known) or current is None or held.verified_at != current.true_at
        return Part(
            key=known.key,
            content=_content(known),
            as_of=self._as_of(known),
            verified_at=held.verified_at,
            origin=Origin.EVENT if is_by_event else Origin.CACHE,
            state=FreshnessState.FRESH if is_fresh else state,
            withdrawn=_withdrawn(known),
            earlier=_earlier(known),
        )

    def _part_read(self, known: Known) -> Part:
        held = held_of(known, self.terms.nature, self.heard, self.now)
        return Part(
            key=known.key,
            content=_content(known),
            as_of=self._as_of(known),
            verified_at=held.verified_at,
            origin=Origin.EVENT if _is_told(known) else Origin.API,
            state=FreshnessState.STALE if held.is_suspect else FreshnessState.FRESH,
            withdrawn=_withdrawn(known),
            earlier=_earlier(known),
        )

    def _as_of(self, known: Known) -> datetime | None:
        """A change that is said to lie in the future is of a clock that tells nothing."""
        as_of = changed_at(known)
        return None if as_of is not None and as_of > self.now + self.terms.nature.clock_tolerance else as_of


def _is_told(known: Known) -> bool:
    """Whether the newest that is known of it was told, and not asked for."""
    return known.current is None or known.current.channel is Channel.EVENT or bool(known.happened)


def _withdrawn(known: Known) -> tuple[Withdrawn, ...]:
    taken_back = dict(known.retracted)
    return tuple(
        Withdrawn(each.content, taken_back[each.identity])
        for each in known.occurrences
        if each.identity in taken_back and each.recorded_at <= taken_back[each.identity]
    )


def _earlier(known: Known) -> Entity | None:
    """The snapshot before the newest."""
    return next((version.content for version in known.latest[1:]), None)


def _content(known: Known) -> Entity:
    content = content_of(known)
    assert content is not None  # noqa: S101  # members have one
    return content
