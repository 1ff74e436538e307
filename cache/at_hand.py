"""What one request has at hand of what is kept, and where the rest of it is."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cache.codec import Footprint
from cache.store import Store, Wanted
from domain.identity import CaseKey, EntityKey, entity_key
from domain.listing import Shelf
from domain.lookup import Question

Recall = Callable[[Sequence[Wanted]], Awaitable[Mapping[str, Any]]]
"""Reads values, by the names that announcements use; null for what is not kept."""


@dataclass(slots=True, eq=False)
class _Place:
    """Where everything is that is kept under a number.

    Attributes:
        question: which number, of which source.
        listing: what its source answered.
        links: which entities name the number themselves.
        feed: what has been heard of the source.
        entities: those that are listed or linked; null: that is not at hand yet.
    """

    question: Question
    listing: Wanted
    links: Wanted
    feed: Wanted
    entities: Mapping[EntityKey, Wanted] | None = None


class AtHand:
    """What one request has looked at.

    Args:
        store: where everything is kept.
        recall: reads it.

    Attributes:
        values: all of it, by the names that announcements use; null where nothing is kept.
    """

    def __init__(self, store: Store, recall: Recall) -> None:
        self.values: dict[str, Any] = {}
        self._store = store
        self._recall = recall
        self._places: dict[Question, _Place] = {}

    async def recall(
        self, keys: Iterable[CaseKey], questions: Iterable[Question], is_askable: Callable[[Question], bool]
    ) -> None:
        """Have at hand what views of these keys looked at last time: two round trips, however much it is.

        Entities that were not looked at then, though they are listed by now, cost a third.

        Args:
            keys: what is asked about.
            questions: what will be looked at in any case.
            is_askable: whether something that was looked at then still is a question to a configured source.
        """
        wanted = [self._store.footprint(key) for key in keys]
        await self._load(wanted)
        trodden: list[Footprint] = [each for each in (self.values[one.name] for one in wanted) if each is not None]
        again = [question for each in trodden for question in each.questions if is_askable(question)]
        await self.have(dict.fromkeys([*questions, *again]), [key for each in trodden for key in each.entities])

    async def have(self, questions: Iterable[Question], besides: Iterable[EntityKey] = ()) -> None:
        """Have at hand what is kept under these numbers, and these entities."""
        places = [self._place(question) for question in questions]
        kept = [wanted for place in places for wanted in (place.listing, place.links, place.feed)]
        await self._load([*kept, *map(self._store.entity, besides)])
        await self._load([wanted for place in places for wanted in self._entities(place).values()])

    def shelf(self, question: Question) -> Shelf | None:
        """What is kept under a number; null: not all of it is at hand yet."""
        values, place = self.values, self._place(question)
        entities = self._entities(place)
        if place.entities is None:
            return None
        try:
            known = [values[wanted.name] for wanted in entities.values()]
        except KeyError:
            return None
        return Shelf(values[place.listing.name], {each.key.id: each for each in known if each is not None})

    def feed(self, question: Question) -> tuple[str, Any]:
        """What has been heard of the source, and what announcements call that."""
        name = self._place(question).feed.name
        return name, self.values.get(name)

    def note(self, question: Question, shelf: Shelf) -> None:
        """This is kept under a number by now."""
        place = self._place(question)
        place.entities = None
        self.values[place.listing.name] = shelf.listing
        for known in shelf.known.values():
            self.values[self._store.entity(known.key).name] = known

    def footprint(self, key: CaseKey, questions: Iterable[Question]) -> Footprint | None:
        """What a view looked at that looked for this; null: at what it looked at last time, or at nothing."""
        looked_at = set(questions)
        entities = {each for question in looked_at for each in self._entities(self._place(question))}
        last = self.values.get(self._store.footprint(key).name)
        if not entities or (last and looked_at == set(last.questions) and entities == set(last.entities)):
            return None
        return Footprint(tuple(sorted(looked_at, key=repr)), tuple(sorted(entities, key=repr)))

    async def _load(self, wanted: Iterable[Wanted]) -> None:
        missing = {each.name: each for each in wanted if each.name not in self.values}
        if missing:
            self.values.update(await self._recall(list(missing.values())))

    def _place(self, question: Question) -> _Place:
        place = self._places.get(question)
        if place is None:
            store = self._store
            place = _Place(question, store.listing(question), store.links(question), store.feed(question.source))
            self._places[question] = place
        return place

    def _entities(self, place: _Place) -> Mapping[EntityKey, Wanted]:
        """The entities that are listed or linked there, as far as that is at hand."""
        if place.entities is not None:
            return place.entities
        values, store, (source, lookup) = self.values, self._store, place.question
        listing, linked = values.get(place.listing.name), values.get(place.links.name)
        ids = dict.fromkeys((*(listing.entities if listing else ()), *(linked or ())))
        keys = [entity_key(store.keys.tenant, source, lookup.kind, each) for each in ids]
        entities = {key: store.entity(key) for key in keys}
        if place.listing.name in values and place.links.name in values:
            place.entities = entities
        return entities
