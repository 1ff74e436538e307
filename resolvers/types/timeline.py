"""Everything that happened, page by page."""

import strawberry

from domain import timeline
from resolvers.types.page import PageInfo
from resolvers.types.publish import published


@published(timeline.TimelineEntry)
class TimelineEntry:
    """One thing that happened; recordedAt is when its system wrote it down, as far as it says."""


@strawberry.type(description="An entry and where it is in the list")
class TimelineEdge:
    """One of a page."""

    cursor: str
    node: TimelineEntry


@strawberry.type(description="Everything that happened, newest first")
class TimelineConnection:
    """One page."""

    edges: list[TimelineEdge]
    page_info: PageInfo
    total_count: int

    @classmethod
    def of(cls, page: timeline.TimelinePage, after: str | None) -> "TimelineConnection":
        """The page as GraphQL shows it."""
        edges = [
            TimelineEdge(cursor=each.cursor, node=each)  # type: ignore[arg-type]  # the GraphQL type describes the domain value
            for each in page.entries
        ]
        return cls(edges=edges, page_info=PageInfo.of(edges, after, has_more=page.has_more), total_count=page.total)
