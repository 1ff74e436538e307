"""Which entities belong to a number, as far as it is known, and how far that can be relied on.

Two things tell: what the source listed when it was asked, and what entities say themselves, which may be newer.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.entity import Entity
from domain.feed import Coverage
from domain.fold import content_of
from domain.freshness import Held, Holding
from domain.identity import EntityKind, Reference, Scheme
from domain.known import Known, Nature, covered, held_of
from domain.links import IDENTIFIED_BY, references_of
from domain.lookup import Lookup
from domain.observation import Absence, Channel, Hint

LOOKED_UP_BY: Mapping[EntityKind, frozenset[Scheme]] = {
    EntityKind.SERVICE_CASE: frozenset({Scheme.CASE, Scheme.SO}),
    EntityKind.CUSTOMER: frozenset({Scheme.CUSTOMER}),
    EntityKind.ORDER: frozenset({Scheme.SO, Scheme.PO, Scheme.TRACKING, Scheme.INVOICE, Scheme.SHIPMENT_ID}),
    EntityKind.SHIPMENT: frozenset({Scheme.SHIPMENT_ID, Scheme.TRACKING, Scheme.BOL, Scheme.SO}),
    EntityKind.FULFILLMENT: frozenset({Scheme.DELIVERY, Scheme.SO, Scheme.TRACKING, Scheme.SHIPMENT_ID}),
    EntityKind.INVENTORY: frozenset({Scheme.SKU}),
    EntityKind.INVOICE: frozenset({Scheme.INVOICE, Scheme.SO}),
    EntityKind.CREDIT: frozenset({Scheme.CUSTOMER}),
    EntityKind.RETURN: frozenset({Scheme.RMA, Scheme.SO}),
    EntityKind.CLAIM: frozenset({Scheme.CLAIM, Scheme.SO, Scheme.TRACKING, Scheme.SHIPMENT_ID}),
}
"""By which of its numbers an entity is found. Others would list half the company: all orders of an article."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a source answered when it was asked for a number; of two, the newer counts.

    Attributes:
        moment: the source's time of the answer.
        verified_at: our time at which it was asked.
        entities: ids of what it listed, in its order; none: there is nothing.
    """

    moment: datetime
    verified_at: datetime
    entities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """All that is kept under one number.

    Attributes:
        listing: the newest answer; null: the source was never asked.
        known: the entities that the listing or their own snapshots put there, by id; in the order of the listing.
    """

    listing: Listing | None = None
    known: Mapping[str, Known] = field(default_factory=dict)

    @property
    def words(self) -> Mapping[str, Hashable]:
        """What was said of each entity, whenever that was: asking the same again and being told the same adds none."""
        return {name: _words(each) for name, each in self.known.items()}


def _words(known: Known) -> Hashable:
    contents = tuple(version.digest for version in known.latest)
    return (contents, known.hinted_at, known.occurrences, known.retracted)


def linked_to(known: Known | None) -> frozenset[Reference]:
    """The numbers under which an entity is found by what it says itself; a newer snapshot unlearns older ones."""
    content = None if known is None else content_of(known)
    return frozenset() if content is None or known is None else references_of(content, LOOKED_UP_BY[known.key.kind])


def members(shelf: Shelf, lookup: Lookup) -> tuple[Known, ...]:
    """The entities that belong to the number."""
    return tuple([known for known in shelf.known.values() if _is_member(known, shelf, lookup)])


def _is_member(known: Known, shelf: Shelf, lookup: Lookup) -> bool:
    content, current, listing = content_of(known), known.current, shelf.listing
    if content is None:
        return False
    if listing is None or current is None or current.moment > listing.moment:
        return not _has_moved(content, lookup)
    if known.key.id in listing.entities:
        return True
    # What an event told of does not vanish because one answer leaves it out; see `missing`.
    return current.channel is Channel.EVENT and not _has_moved(content, lookup)


def _has_moved(content: Entity, lookup: Lookup) -> bool:
    """Whether the entity names other numbers of this scheme by now, and not this one."""
    named = references_of(content, frozenset({lookup.by.scheme}))
    return bool(named) and not any(lookup.by.may_be(name) for name in named)


def held_under(
    shelf: Shelf,
    lookup: Lookup,
    nature: Nature,
    heard: Coverage | None,
    now: datetime,
    *,
    can_be_asked: bool = True,
    parts: Sequence[Held] | None = None,
) -> Held:
    """How far what is kept under a number can be relied on: as far as its weakest part.

    That nothing is missing is known from a listing, from a number that names one entity, or not at all: what events
    told of a number says nothing about what they did not tell of it. `parts` is what is held of each of its members,
    if that was found out already.
    """
    if parts is None:
        parts = [held_of(known, nature, heard, now) for known in members(shelf, lookup)]
    if shelf.listing is not None:
        verified_at = covered(shelf.listing.verified_at, heard, now + nature.clock_tolerance)
        return _weakest([Held(Holding.STATE, verified_at), *parts]) if parts else Held(Holding.ABSENCE, verified_at)
    if parts:
        is_complete = not can_be_asked or lookup.by.scheme in IDENTIFIED_BY.get(lookup.kind, ())
        together = _weakest(parts)
        return together if is_complete else Held(together.holding, together.verified_at, is_suspect=True)
    if any(known.current for known in shelf.known.values()):
        return _weakest([held_of(known, nature, heard, now) for known in shelf.known.values()])
    return Held()


def _weakest(parts: Sequence[Held]) -> Held:
    """All of them together; at least one."""
    moments = [part.verified_at for part in parts if part.verified_at is not None]
    verified_at = min(moments) if len(moments) == len(parts) else None
    return Held(parts[0].holding, verified_at, any(part.is_suspect for part in parts))


def missing(shelf: Shelf, listed: Collection[str], lookup: Lookup, moment: datetime) -> tuple[Absence | Hint, ...]:
    """What an answer says about the entities that it leaves out.

    One answer that leaves out what events told of does not delete it: it is a hint. The next one does.
    """
    return tuple(
        Absence(known.key, moment) if known.hinted_at > _moment(known) else Hint(known.key, moment)
        for known in shelf.known.values()
        if known.current
        and known.current.channel is Channel.EVENT
        and known.key.id not in listed
        and _is_member(known, shelf, lookup)
    )


def _moment(known: Known) -> datetime:
    assert known.current is not None  # noqa: S101  # members have one
    return known.current.moment
