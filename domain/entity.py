"""What every entity of a case carries besides its own facts."""

from typing import Annotated

from msgspec import Meta

from domain.identity import Reference
from domain.model import Model, Name, Text

SourceStatus = Annotated[Name, Meta(description="The status in the source's own word")]
LONGEST_URL = 2_000
Url = Annotated[str, Meta(pattern="^https?://", max_length=LONGEST_URL, description="Where a person can look it up")]


class Entity(Model):
    """One thing that a system of record knows.

    `references` are the numbers that its record names besides the ones in its own fields: they lead to the
    entities of other systems.
    """

    references: Annotated[
        tuple[Reference, ...], Meta(max_length=500, description="Other numbers that the record names")
    ] = ()


__all__ = ["Entity", "Name", "SourceStatus", "Text", "Url"]
