"""What is known of one entity of one source: a join over everything that was ever observed of it.

`merge` is commutative, associative and idempotent: any order, any number of repetitions and any interleaving of
events and answers end in the same state. So duplicates, replays and slow answers are harmless. Each part is a join of
its own; whatever else can be said is derived from the parts when they are read.
"""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import assert_never

import msgspec
from msgspec import Struct

from domain.entity import Entity
from domain.feed import Coverage
from domain.freshness import Held, Holding
from domain.identity import EntityKey
from domain.model import Model
from domain.observation import Absence, Channel, Hint, Observation, Occurrence, Retraction, Snapshot
from domain.statement import Statement, both, statements_in

LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
KEPT_VERSIONS = 2


@dataclass(frozen=True, slots=True)
class Nature:
    """Facts about one kind of entity of one source, declared by its adapter.

    Attributes:
        clock_tolerance: how far its moments may be off; what lies closer together may be in either order.
        lists_occurrences: whether a snapshot lists all that happened, so that what it does not list is gone.
    """

    clock_tolerance: timedelta = timedelta(seconds=2)
    lists_occurrences: bool = False


class Version(Struct, frozen=True, gc=False):
    """One content, and the newest moment at which the source had it; a content of nothing is an absence.

    Attributes:
        digest: of the content.
        moment: the source's time at which it was seen last.
        channel: how it came then.
        as_of: what the source said then of its last change.
        content: the state, or nothing.
        verified_at: our time at which the source was asked then; null: it told of its own accord.
    """

    digest: str
    moment: datetime
    channel: Channel
    as_of: datetime | None
    content: Entity | None
    verified_at: datetime | None = None

    @property
    def true_at(self) -> datetime:
        """Latest moment at which it is known to have been true: by our clock if we asked, else by the source's."""
        return self.verified_at or self.moment

    @property
    def rank(self) -> tuple[datetime, str, datetime, datetime]:
        """Which of two sightings of the same content counts: the newest; of equal moments, always the same one."""
        return (self.moment, self.channel.value, self.as_of or LONG_AGO, self.verified_at or LONG_AGO)

    @property
    def order(self) -> tuple[datetime, str]:
        """Which of two contents is newer; total, because digests of different contents differ."""
        return (self.moment, self.digest)


@dataclass(frozen=True, slots=True)
class Happening:
    """One occurrence in its newest revision."""

    identity: str
    recorded_at: datetime
    digest: str
    content: Model

    @property
    def rank(self) -> tuple[datetime, str]:
        """Which of two revisions counts."""
        return (self.recorded_at, self.digest)


class _Looked:
    """Room for what `domain.fold` makes of a state, which is no part of it."""

    __slots__ = ("look",)

    look: object


@dataclass(frozen=True, slots=True)
class Known(_Looked):
    """Everything known of one entity of one source, in normal form.

    Attributes:
        key: whose state it is.
        latest: the two newest snapshots of different content, newest first.
        hinted_at: the newest hint.
        occurrences: the newest revision of each, by identity.
        retracted: the newest retraction of each, by identity.
        statements: what was said of its delivery beforehand, in that order.
        kept_as: what the store calls this very state; empty: nothing tells that it is kept. No part of the state.
    """

    key: EntityKey
    latest: tuple[Version, ...] = ()
    hinted_at: datetime = LONG_AGO
    occurrences: tuple[Happening, ...] = ()
    retracted: tuple[tuple[str, datetime], ...] = ()
    statements: tuple[Statement, ...] = ()
    kept_as: str = field(default="", compare=False)

    @property
    def current(self) -> Version | None:
        """The newest snapshot, if there ever was one."""
        return self.latest[0] if self.latest else None

    @property
    def happened(self) -> tuple[Happening, ...]:
        """What happened and was not taken back, in no particular order of time."""
        retracted = dict(self.retracted)
        return tuple(each for each in self.occurrences if each.recorded_at > retracted.get(each.identity, LONG_AGO))

    def called(self, kept_as: str) -> "Known":
        """This very state, by what the store calls it."""
        return Known(self.key, self.latest, self.hinted_at, self.occurrences, self.retracted, self.statements, kept_as)

    def is_suspect(self, nature: Nature) -> bool:
        """Whether the newest snapshot may not be the truth.

        A hint is newer than it; or a different one came the other way, so close that clocks do not tell which is newer.
        """
        current = self.current
        if current is None or self.hinted_at > current.moment:
            return self.hinted_at > LONG_AGO
        return len(self.latest) > 1 and any(
            other.channel is not current.channel and current.moment - other.moment < nature.clock_tolerance
            for other in self.latest[1:]
        )


def known_of(observation: Observation) -> Known:
    """What a single observation makes known."""
    match observation:
        case Snapshot():
            seen = _seen(observation, observation.content)
            said = tuple(statements_in(observation.content, observation.moment))
            return Known(observation.key, latest=(seen,), statements=said)
        case Absence():
            return Known(observation.key, latest=(_seen(observation, None),))
        case Occurrence():
            happening = Happening(
                observation.identity, observation.recorded_at, _digest(observation.content), observation.content
            )
            said = tuple(statements_in(observation.content, observation.recorded_at))
            return Known(observation.key, occurrences=(happening,), statements=said)
        case Retraction():
            return Known(observation.key, retracted=((observation.identity, observation.recorded_at),))
        case Hint():
            return Known(observation.key, hinted_at=observation.hinted_at)
        case _:
            assert_never(observation)


def merge(one: Known, other: Known, nature: Nature) -> Known:
    """Everything that both know; each of them is in normal form, and so is this.

    Raises:
        ValueError: they are about different entities.
    """
    if one.key != other.key:
        raise ValueError(f"{one.key} and {other.key} are different entities")
    latest = _newest_two(one.latest, other.latest)
    is_covering = nature.lists_occurrences and bool(latest)
    horizon = latest[0].moment - nature.clock_tolerance if is_covering else LONG_AGO
    return Known(
        key=one.key,
        latest=latest,
        hinted_at=max(one.hinted_at, other.hinted_at),
        occurrences=_newest_revisions(one.occurrences, other.occurrences, horizon),
        retracted=_newest_retractions(one.retracted, other.retracted, horizon),
        statements=both(one.statements, other.statements),
    )


def held_of(known: Known, nature: Nature, heard: Coverage | None, now: datetime) -> Held:
    """What a read may rely on: the newest snapshot, verified when it was seen or as far as a gapless feed reaches.

    A feed covers what was seen since it is without a gap, and nothing that is suspect. An entity that is told of only
    by occurrences is not covered: we know what happened, not that nothing else did. What comes from the future is
    suspect: that clock tells nothing about age.
    """
    current = known.current
    if current is None:
        holding = Holding.STATE if known.occurrences else Holding.NOTHING
        return Held(holding, is_suspect=known.is_suspect(nature))
    true_at, latest = current.true_at, now + nature.clock_tolerance
    is_suspect = known.is_suspect(nature) or true_at > latest
    holding = Holding.ABSENCE if current.content is None else Holding.STATE
    return Held(holding, true_at if is_suspect else covered(true_at, heard, latest), is_suspect)


def covered(verified_at: datetime, heard: Coverage | None, latest: datetime) -> datetime:
    """Until when something is verified that was verified at a moment, given what the feed has heard since.

    Args:
        verified_at: when it was seen; given back itself where the feed adds nothing.
        heard: what the feed covers.
        latest: a watermark beyond this is of a clock that tells nothing.
    """
    if heard is None or verified_at < heard.continuous_since or heard.watermark > latest:
        return verified_at
    return max(verified_at, heard.watermark)


def digest_of(known: Known) -> str:
    """The state byte for byte, in a few bytes: equal states have equal digests, and only they."""
    return hashlib.sha256(msgspec.json.encode(replace(known, kept_as=""))).hexdigest()


def _newest_two(one: tuple[Version, ...], other: tuple[Version, ...]) -> tuple[Version, ...]:
    if not one or not other:
        return one or other
    if len(other) == 1 and one[0].digest == other[0].digest:  # it is as it was, by far the most frequent news
        return (_newer(one[0], other[0]), *one[1:])
    newest: dict[str, Version] = {}
    for version in (*one, *other):
        known = newest.get(version.digest)
        newest[version.digest] = version if known is None else _newer(known, version)
    return tuple(sorted(newest.values(), key=lambda version: version.order, reverse=True)[:KEPT_VERSIONS])


def _newer(one: Version, other: Version) -> Version:
    """Which of two sightings of the same content counts."""
    if one.moment != other.moment:
        return one if one.moment > other.moment else other
    return one if one.rank >= other.rank else other


def _newest_revisions(
    one: tuple[Happening, ...], other: tuple[Happening, ...], horizon: datetime
) -> tuple[Happening, ...]:
    """The newest of each; those up to a horizon are dropped, early or late ends the same, as it only rises."""
    if not one and not other:
        return ()
    newest: dict[str, Happening] = {}
    for happening in (*one, *other):
        known = newest.get(happening.identity)
        if known is None or happening.rank > known.rank:
            newest[happening.identity] = happening
    return tuple(newest[identity] for identity in sorted(newest) if newest[identity].recorded_at > horizon)


def _newest_retractions(
    one: tuple[tuple[str, datetime], ...], other: tuple[tuple[str, datetime], ...], horizon: datetime
) -> tuple[tuple[str, datetime], ...]:
    if not one and not other:
        return ()
    newest: dict[str, datetime] = {}
    for identity, recorded_at in (*one, *other):
        newest[identity] = max(newest.get(identity, recorded_at), recorded_at)
    return tuple(each for each in sorted(newest.items()) if each[1] > horizon)


def _seen(observation: Snapshot | Absence, content: Entity | None) -> Version:
    return Version(
        digest=_digest(content),
        moment=observation.moment,
        channel=observation.channel,
        as_of=observation.as_of if isinstance(observation, Snapshot) else None,
        content=content,
        verified_at=observation.verified_at,
    )


def _digest(content: Model | None) -> str:
    return hashlib.sha256(b"" if content is None else msgspec.json.encode(content)).hexdigest()
