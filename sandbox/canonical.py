"""Casefold's own exchange, as the simulated ERP, WMS and CRM answer it: many questions in one call."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct

from domain.entity import Entity
from domain.identity import EntityKind, Scheme
from domain.links import references_of
from sandbox.history import Changed, Record
from sandbox.orders import Number

Answers = Mapping[EntityKind, frozenset[Scheme]]
"""What a system answers, and by which numbers it finds it."""

Find = Callable[[EntityKind, Number], Iterable[bytes]]
"""Looks into the world at the present moment."""


class Lookup(Struct):
    """One question: the entities of one kind under each of these numbers."""

    entity: EntityKind
    scheme: Scheme
    values: Annotated[list[str], Meta(min_length=1, max_length=500)]


class Question(Struct):
    """All questions of one call."""

    lookups: Annotated[list[Lookup], Meta(min_length=1, max_length=500)]

    @property
    def numbers(self) -> Iterable[Number]:
        """Every number that is asked for, once per lookup."""
        return ((lookup.scheme, value) for lookup in self.lookups for value in lookup.values)


class Result(Struct):
    """The answer under one number."""

    entity: EntityKind
    scheme: Scheme
    value: str
    found: list[Raw]


class Answer(Struct):
    """All answers of one call."""

    results: list[Result]


class Found(Struct, rename="camel"):
    """One entity."""

    id: str
    as_of: datetime
    data: Entity


class Change(Struct):
    """A question whose answer may be different now."""

    entity: EntityKind
    scheme: Scheme
    value: str


class Changes(Struct, rename="camel"):
    """What has changed, oldest first."""

    changes: list[Change]
    until: datetime
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A canonical entity as content of a record."""

    id: str
    entity: Entity

    def encoded(self, changed_at: datetime) -> bytes:
        """See `history.Content.encoded`."""
        return msgspec.json.encode(Found(id=self.id, as_of=changed_at, data=self.entity))


def record(kind: EntityKind, name: str, entity: Entity, numbers: Iterable[Number] = ()) -> Record:
    """An entity that is found under every number that it names, and under some that it does not."""
    named = frozenset((reference.scheme, reference.value) for reference in references_of(entity))
    return Record(kind, name, named.union(numbers), Shown(name, entity))


def answer(question: Question, answers: Answers, find: Find) -> bytes:
    """What a system says to all questions; by a number that it keeps no index of, it finds nothing."""
    results = [
        Result(lookup.entity, lookup.scheme, value, _found(lookup, value, answers, find))
        for lookup in question.lookups
        for value in lookup.values
    ]
    return msgspec.json.encode(Answer(results))


def changes(happened: Iterable[Changed], answers: Answers, now: datetime, limit: int) -> bytes:
    """Every number by which something is found that has changed.

    What changed in one moment is told together, so that whoever asks again from there misses nothing; a first moment
    that is larger than the limit is told all the same, so that whoever asks gets on.
    """
    told: dict[tuple[EntityKind, Scheme, str], None] = {}
    until, is_whole = now, True
    for at, moment in groupby(happened, key=lambda each: each.at):
        news = {
            (each.kind, *number): None
            for each in moment
            for number in sorted(each.numbers, key=lambda number: (number[0].value, number[1]))
            if number[0] in answers.get(each.kind, ())
        }
        if told and len(told) + len(news) > limit:
            until, is_whole = at, False
            break
        told |= news
    return msgspec.json.encode(Changes([Change(*each) for each in told], until, is_whole))


def _found(lookup: Lookup, value: str, answers: Answers, find: Find) -> list[Raw]:
    if lookup.scheme not in answers.get(lookup.entity, ()):
        return []
    return [Raw(body) for body in find(lookup.entity, (lookup.scheme, value))]
