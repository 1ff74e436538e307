"""What was learned while the store could not take it, until it can.

A reader who was told something must not be told older things afterwards because the store missed it. So it is held
here, joined with whatever the store says, and settled as soon as the store takes it again.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence

import structlog

from cache.store import Store
from domain.identity import EntityKey
from domain.known import Known, Nature, merge
from domain.listing import Listing
from domain.lookup import Question

MOST = 10_000
"""Entities, and listings, that are held; beyond that the longest held are dropped, and it is logged."""

log = structlog.get_logger()


class Unsettled:
    """What one process still has to settle."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: OrderedDict[EntityKey, tuple[Known, Nature]] = OrderedDict()
        self._listings: OrderedDict[Question, Listing] = OrderedDict()
        self._by_name: dict[str, EntityKey | Question] = {}
        self.dropped = 0

    def __bool__(self) -> bool:
        return bool(self._by_name)

    def add(self, seen: Sequence[tuple[Known, Nature]], listings: Mapping[Question, Listing]) -> None:
        """Hold what was seen and listed."""
        for known, nature in seen:
            held = self._known.get(known.key)
            self._known[known.key] = (known if held is None else merge(held[0], known, nature), nature)
            self._by_name[self._store.entity(known.key).name] = known.key
        for question, listing in listings.items():
            self._listings[question] = _newer(self._listings.get(question), listing)
            self._by_name[self._store.listing(question).name] = question
        self._bound()

    def over(self, name: str, value: object) -> object:
        """The value as the store has it, joined with what it does not have yet."""
        place = self._by_name.get(name)
        match place:
            case None:
                return value
            case EntityKey():
                known, nature = self._known[place]
                return merge(value, known, nature) if isinstance(value, Known) else known
            case _:
                return _newer(value if isinstance(value, Listing) else None, self._listings[place])

    async def settle(self) -> None:
        """Let the store have it.

        Raises:
            StoreError: it still does not take it.
        """
        known, listings = dict(self._known), dict(self._listings)
        await self._store.settle(list(known.values()), listings)
        for key, each in known.items():
            if self._known.get(key) is each:
                self._forget(key)
        for question, listing in listings.items():
            if self._listings.get(question) is listing:
                self._forget(question)

    def _forget(self, place: EntityKey | Question) -> None:
        if isinstance(place, EntityKey):
            del self._known[place]
            del self._by_name[self._store.entity(place).name]
        else:
            del self._listings[place]
            del self._by_name[self._store.listing(place).name]

    def _bound(self) -> None:
        before = self.dropped
        while len(self._known) > MOST:
            self._forget(next(iter(self._known)))
            self.dropped += 1
        while len(self._listings) > MOST:
            self._forget(next(iter(self._listings)))
            self.dropped += 1
        if before == 0 < self.dropped:
            log.error("unsettled dropped", most=MOST)


def _newer(one: Listing | None, other: Listing) -> Listing:
    return other if one is None or other.moment >= one.moment else one
