"""What can be listened to."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import strawberry

from domain.operational import OperationalEventType
from resolvers.context import Context
from resolvers.types.operational import OperationalEvent

Info = strawberry.Info[Context, None]


async def operational_events(
    info: Info, types: list[OperationalEventType] | None = None, customer_id: strawberry.ID | None = None
) -> AsyncIterator[OperationalEvent]:
    """Every event from now on that is of one of the types, and of the customer."""
    async with aclosing(info.context.gateway.operational_events()) as events:
        async for event in events:
            if (types is None or event.type in types) and customer_id in {None, event.customer_id}:
                yield event  # type: ignore[misc]  # the GraphQL type describes the domain value


@strawberry.type(description="Everything that can be listened to")
class Subscription:
    """The live half of the read door."""

    operational_events: AsyncIterator[OperationalEvent] = strawberry.subscription(
        resolver=operational_events,
        description="Curated business events, for a service platform that wants to be told.",
    )
