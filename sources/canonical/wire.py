"""The exchange: what is asked and how it is answered. The entities inside are the canonical models themselves."""

from typing import Annotated

from msgspec import Meta, Raw, Struct

from domain.identity import EntityKind, Scheme
from domain.model import Instant, Name


class WireLookup(Struct, rename="camel"):
    """One question: the entities of one kind that belong to each of these numbers."""

    entity: EntityKind
    scheme: Scheme
    values: Annotated[list[Name], Meta(min_length=1, max_length=500)]


class WireRequest(Struct, rename="camel"):
    """All questions of one call."""

    lookups: Annotated[list[WireLookup], Meta(min_length=1, max_length=500)]


class WireFound(Struct, rename="camel"):
    """One entity.

    Attributes:
        id: what the system itself calls it; unique among its entities of this kind.
        data: the canonical model of the kind.
        as_of: when the system itself last changed it, if it knows.
    """

    id: Name
    data: Raw
    as_of: Instant | None = None


class WireResult(Struct, rename="camel"):
    """The answer under one number; `found` is empty when there is nothing."""

    entity: EntityKind
    scheme: Scheme
    value: str
    found: list[Raw] = []


class WireAnswer(Struct, rename="camel"):
    """All answers of one call; a number that is missing was answered with "nothing there"."""

    results: list[WireResult]


class WireChange(Struct, rename="camel"):
    """A question whose answer may be different now."""

    entity: EntityKind
    scheme: Scheme
    value: Name


class WireChanges(Struct, rename="camel"):
    """What has changed since the moment asked for.

    Attributes:
        changes: for every changed entity, all the numbers by which it can be asked for; too many are harmless.
        until: the system's clock before which nothing is missing; Casefold asks from there next time.
        is_whole: false if there is more: Casefold asks again at once.
    """

    changes: list[WireChange]
    until: Instant
    is_whole: bool = True
