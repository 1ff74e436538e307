"""What is told of a number: from what is held of it to an answer with its age, its origin and its state."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.case_view import Answered, Part, Withdrawn
from domain.feed import Coverage
from domain.fold import look_of
from domain.freshness import Ask, FreshnessState, Held, Holding, Origin, Policy, SourceProblem, accepted_age
from domain.known import Known, Nature, held_of
from domain.listing import Shelf, held_under, members
from domain.lookup import Lookup


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

    def max_age(self, ask: Ask, holding: Holding = Holding.STATE) -> timedelta:
        """The age that is decided against."""
        return accepted_age(holding, ask, self.policy)


@dataclass(slots=True, eq=False)
class Telling:
    """One shelf, seen at one moment for one caller."""

    source: str
    lookup: Lookup
    shelf: Shelf
    heard: Coverage | None
    terms: Terms
    ask: Ask
    now: datetime

    _parts: Sequence[tuple[Known, Held]] = field(init=False)
    _held: Held | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        nature, heard, now = self.terms.nature, self.heard, self.now
        self._parts = [(known, held_of(known, nature, heard, now)) for known in members(self.shelf, self.lookup)]

    def of(self, shelf: Shelf, now: datetime) -> "Telling":
        """The same of another shelf, at another moment."""
        return Telling(self.source, self.lookup, shelf, self.heard, self.terms, self.ask, now)

    @property
    def held(self) -> Held:
        """How far it can be relied on."""
        if self._held is None:
            self._held = held_under(
                self.shelf,
                self.lookup,
                self.terms.nature,
                self.heard,
                self.now,
                can_be_asked=self.terms.can_be_asked,
                parts=[held for _, held in self._parts],
            )
        return self._held

    def answer(self, state: FreshnessState, problem: SourceProblem | None = None) -> Answered:
        """What is kept, said to be in this state; parts may be fresher than the whole."""
        parts = tuple(
            [
                self._part(known, held, self._state_of(held, state), _origin_of(known, held))
                for known, held in self._parts
            ]
        )
        return Answered(
            source=self.source,
            parts=parts,
            verified_at=self.held.verified_at,
            origin=self._origin_of_all(parts),
            state=state,
            max_age=self.terms.max_age(self.ask, self.held.holding),
            problem=problem,
        )

    def read(self, verified_at: datetime, problem: SourceProblem | None = None) -> Answered:
        """What is kept after it was read for this request; suspect parts stay what they are."""
        parts = tuple(
            self._part(
                known,
                held,
                FreshnessState.STALE if held.is_suspect else FreshnessState.FRESH,
                Origin.EVENT if look_of(known).is_told else Origin.API,
            )
            for known, held in self._parts
        )
        is_fresh = problem is None and not any(held.is_suspect for _, held in self._parts)
        return Answered(
            source=self.source,
            parts=parts,
            verified_at=verified_at,
            origin=Origin.API,
            state=FreshnessState.FRESH if is_fresh else FreshnessState.STALE,
            max_age=self.terms.max_age(self.ask),
            problem=problem,
        )

    def _part(self, known: Known, held: Held, state: FreshnessState, origin: Origin) -> Part:
        look = look_of(known)
        assert look.content is not None  # noqa: S101  # members have one
        return Part(
            key=known.key,
            content=look.content,
            as_of=self._believed(look.changed_at),
            verified_at=held.verified_at,
            origin=origin,
            state=state,
            withdrawn=_withdrawn(known),
            earlier=known.latest[1].content if len(known.latest) > 1 else None,
        )

    def _state_of(self, held: Held, state: FreshnessState) -> FreshnessState:
        """Of one part of what is said to be in a state."""
        if state is FreshnessState.FRESH or held.is_within(self.terms.max_age(self.ask), self.now):
            return FreshnessState.FRESH
        return state

    def _believed(self, changed_at: datetime | None) -> datetime | None:
        """A change that is said to lie in the future is of a clock that tells nothing."""
        if changed_at is None or changed_at > self.now + self.terms.nature.clock_tolerance:
            return None
        return changed_at

    def _origin_of_all(self, parts: Sequence[Part]) -> Origin:
        if parts and all(part.origin is parts[0].origin for part in parts):
            return parts[0].origin
        return self._origin_of_nothing()

    def _origin_of_nothing(self) -> Origin:
        """How it is known that there is nothing, or nothing else: by asking, or because a feed told of nothing new."""
        listing = self.shelf.listing
        is_by_feed = listing is not None and self.held.verified_at != listing.verified_at
        return Origin.EVENT if is_by_feed else Origin.CACHE


def _origin_of(known: Known, held: Held) -> Origin:
    """Whether it is known by what was told: the state itself, or that nothing was since it was seen."""
    is_told = look_of(known).is_told or known.current is None or held.verified_at is not known.current.true_at
    return Origin.EVENT if is_told else Origin.CACHE


def _withdrawn(known: Known) -> tuple[Withdrawn, ...]:
    if not known.retracted:
        return ()
    taken_back = dict(known.retracted)
    return tuple(
        Withdrawn(each.content, taken_back[each.identity])
        for each in known.occurrences
        if each.identity in taken_back and each.recorded_at <= taken_back[each.identity]
    )
