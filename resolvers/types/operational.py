"""What the business wants to be told."""

import strawberry

from domain import operational
from domain.operational import OperationalEventType
from resolvers.types.publish import published, published_enum

published_enum(OperationalEventType)


@published(operational.OperationalEvent, identifiers=["id", "shipment_id", "customer_id"])
class OperationalEvent:
    """One event, derived once from a change of what is known; the same change always has the same id."""

    cursor: str = strawberry.field(description="Opaque; listening after it, nothing is told again and nothing left out")


class OperationalEventNode:
    """An event together with the place after it."""

    __slots__ = ("_event", "cursor")

    def __init__(self, event: operational.OperationalEvent, cursor: str) -> None:
        self._event = event
        self.cursor = cursor

    def __getattr__(self, name: str) -> object:
        return getattr(self._event, name)
