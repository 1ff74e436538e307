"""Work that stands longer than it may."""

from datetime import datetime

import strawberry

from cache.board import BoardFilter, BoardPage, BoardRow
from domain.freshness import FreshnessState
from domain.stages import Stage
from resolvers.types.common import Money
from resolvers.types.page import PageInfo
from resolvers.types.publish import published_enum, shown
from resolvers.types.scalars import Duration

published_enum(Stage)
published_enum(FreshnessState)


@strawberry.input(description="Which work is asked for; what is left out does not matter.")
class StalledFilter:
    """See `cache.board.BoardFilter`."""

    stages: list[Stage] | None = strawberry.field(default=None, description="Between which steps it stands.")
    warehouse: str | None = strawberry.field(default=None, description="Code of the warehouse where it stands.")
    carrier: str | None = strawberry.field(
        default=None, description="Name or Standard Carrier Alpha Code of the carrier who has it, or should."
    )
    customer_id: strawberry.ID | None = strawberry.field(default=None, description="Who waits for it.")
    min_overdue: Duration | None = strawberry.field(default=None, description="Overdue for at least so long.")

    def read(self) -> BoardFilter:
        """The filter as the board has it."""
        return BoardFilter(
            stages=frozenset(self.stages or ()),
            warehouse=self.warehouse,
            carrier=self.carrier,
            customer_id=self.customer_id,
            min_overdue=self.min_overdue or BoardFilter().min_overdue,
        )


@strawberry.type(description="One piece of work that stands longer than it may")
class StalledItem:
    """One row of the board."""

    row: strawberry.Private[BoardRow]

    @shown
    def stage(self) -> Stage:
        """Between which two steps it stands."""
        return self.row.standing.stage

    @shown
    def since(self) -> datetime:
        """Since when it stands."""
        return self.row.standing.since

    @shown
    def expected_by(self) -> datetime:
        """By when it should have moved on: the stage's allowance, in working hours where it waits for a site."""
        return self.row.standing.expected_by

    @shown
    def overdue_seconds(self) -> float:
        """For how long it is overdue."""
        return self.row.overdue.total_seconds()

    @shown
    def order_number(self) -> str:
        """Whose work it is."""
        return self.row.standing.order_number

    @shown
    def shipment_id(self) -> strawberry.ID | None:
        """The shipment, if it is one that stands."""
        return None if self.row.standing.shipment_id is None else strawberry.ID(self.row.standing.shipment_id)

    @shown
    def customer_id(self) -> strawberry.ID | None:
        """Who waits for it."""
        return None if self.row.standing.customer_id is None else strawberry.ID(self.row.standing.customer_id)

    @shown
    def warehouse(self) -> str | None:
        """Where it stands, if it is in a warehouse."""
        return self.row.standing.warehouse

    @shown
    def carrier(self) -> str | None:
        """Who has it, or should."""
        return self.row.standing.carrier

    @shown
    def last_event(self) -> str | None:
        """The last that is known to have happened, as its source calls it."""
        return self.row.standing.last_event

    @shown
    def case_numbers(self) -> list[str]:
        """Service cases about it."""
        return list(self.row.standing.case_numbers)

    @shown
    def value_at_risk(self) -> Money | None:
        """What the order is worth."""
        return self.row.standing.value_at_risk  # type: ignore[return-value]  # the GraphQL type describes the domain value

    @shown
    def data_state(self) -> FreshnessState:
        """FRESH when the silence is real; STALE when the feed itself is behind: late data, not late goods."""
        return self.row.state


@strawberry.type(description="How much work stands at one stage")
class StageCount:
    """See `cache.board.StageCount`."""

    stage: Stage
    count: int
    oldest_since: datetime | None = strawberry.field(
        description="Since when that stands which is overdue longest; null: nothing does."
    )


@strawberry.type(description="Work that stands, and where it is in the list")
class StalledEdge:
    """One of a page."""

    cursor: str
    node: StalledItem


@strawberry.type(description="Work that stands longer than it may, longest overdue first")
class StalledConnection:
    """One page."""

    edges: list[StalledEdge]
    page_info: PageInfo
    total_count: int
    by_stage: list[StageCount] = strawberry.field(
        description="How much stands at each stage, whatever stages were asked for; only those where anything does."
    )

    @classmethod
    def of(cls, page: BoardPage, after: str | None) -> "StalledConnection":
        """The page as GraphQL shows it."""
        edges = [StalledEdge(cursor=each.cursor, node=StalledItem(row=each)) for each in page.rows]
        return cls(
            edges=edges,
            page_info=PageInfo.of(edges, after, has_more=page.has_more),
            total_count=page.total,
            by_stage=[
                StageCount(stage=each.stage, count=each.count, oldest_since=each.oldest_since) for each in page.by_stage
            ],
        )
