"""Events that could not be applied."""

from typing import cast

import strawberry

from domain import dead_letter
from domain.dead_letter import DeadLetterResult
from domain.discretion import redacted
from resolvers.context import Info
from resolvers.types.page import PageInfo
from resolvers.types.publish import published, published_enum, shown

published_enum(DeadLetterResult)


@published(dead_letter.DeadLetter, without=["payload"], identifiers=["id"])
class DeadLetter:
    """An event, or a system's own message, that was taken but could not be applied."""

    @shown
    def payload(self, info: Info, *, reveal: bool = False) -> str:
        """Its shape: the keys, and what each value is; with `reveal` as it came, which the audit log keeps."""
        letter = cast("dead_letter.DeadLetter", self)
        if not reveal:
            return redacted(letter.payload)
        info.context.revealed.add(letter.id)
        return letter.payload


@published(dead_letter.DeadLetterOutcome, identifiers=["id"])
class DeadLetterOutcome:
    """What became of a dead letter; `message` says why it still fails."""


@strawberry.type(description="A dead letter and where it is in the list")
class DeadLetterEdge:
    """One of a page."""

    cursor: str
    node: DeadLetter


@strawberry.type(description="Dead letters, newest first")
class DeadLetterConnection:
    """One page."""

    edges: list[DeadLetterEdge]
    page_info: PageInfo
    total_count: int

    @classmethod
    def of(cls, page: dead_letter.DeadLetterPage, after: str | None) -> "DeadLetterConnection":
        """The page as GraphQL shows it."""
        edges = [
            DeadLetterEdge(cursor=each.id, node=each)  # type: ignore[arg-type]  # the GraphQL type describes the domain value
            for each in page.letters
        ]
        return cls(edges=edges, page_info=PageInfo.of(edges, after, has_more=page.has_more), total_count=page.total)
