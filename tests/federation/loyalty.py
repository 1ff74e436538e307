"""A second subgraph, which nobody told anything of Casefold but names of types: the loyalty programme of the shop."""

import strawberry
from strawberry.federation.schema_directives import Key
from strawberry.federation.types import FieldSet

BEST = ("C-1001", "C-1002", "C-1003", "C-9999")
WRAPPED = ("SO-1001", "SO-1002", "SO-1003", "SO-9999")


@strawberry.federation.type(keys=["id"])
class Customer:
    id: strawberry.ID

    @strawberry.field
    def points(self) -> int:
        return int(self.id.removeprefix("C-")) * 10


@strawberry.federation.type(keys=["number"])
class Order:
    number: str

    @strawberry.field
    def wrapping(self) -> str:
        return f"paper for {self.number}"


@strawberry.federation.type(keys=[Key(fields=FieldSet("id"), resolvable=False)])
class Shipment:
    id: strawberry.ID


@strawberry.federation.type(keys=[Key(fields=FieldSet("id"), resolvable=False)])
class CaseView:
    id: strawberry.ID


@strawberry.federation.type(shareable=True)
class PageInfo:
    """As the connections specification has it, in every subgraph that follows it."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type
class Query:
    """Its lists may hold null: what Casefold does not know has none of the fields that it promises."""

    @strawberry.field
    def best_customers(self) -> list[Customer | None]:
        return [Customer(id=strawberry.ID(each)) for each in BEST]

    @strawberry.field
    def end(self) -> PageInfo:
        return PageInfo(has_next_page=False, has_previous_page=False, start_cursor=None, end_cursor=None)

    @strawberry.field
    def wrapped_orders(self) -> list[Order | None]:
        return [Order(number=each) for each in WRAPPED]

    @strawberry.field
    def promised_parcels(self, ids: list[strawberry.ID]) -> list[Shipment | None]:
        return [Shipment(id=each) for each in ids]

    @strawberry.field
    def complaints(self, ids: list[strawberry.ID]) -> list[CaseView | None]:
        return [CaseView(id=each) for each in ids]


schema = strawberry.federation.Schema(query=Query, federation_version="2.3")
