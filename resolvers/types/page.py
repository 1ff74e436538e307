"""Lists that are read page by page, as the Cursor Connections Specification has it."""

from collections.abc import Sequence
from typing import Protocol

import strawberry


class Edge(Protocol):
    """An entry of a list, with its place."""

    cursor: str


@strawberry.type(description="Where a page lies in its list")
class PageInfo:
    """See https://relay.dev/graphql/connections.htm, section 5."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None

    @classmethod
    def of(cls, edges: "Sequence[Edge]", after: str | None, *, has_more: bool) -> "PageInfo":
        """Of a page that begins after a cursor."""
        return cls(
            has_next_page=has_more,
            has_previous_page=after is not None,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        )
