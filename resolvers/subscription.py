"""What can be listened to."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import strawberry

from cache.errands import Glance
from cache.trail import read_cases
from domain.errors import UnknownCase
from domain.operational import OperationalEventType
from resolvers.context import Info
from resolvers.query import with_the_rest
from resolvers.reading import names_of_findings
from resolvers.showing import Showing, Shown
from resolvers.types.case_view import CONCLUDED, CaseKey, CaseView, kinds_read
from resolvers.types.freshness import FreshnessInput, ask_of
from resolvers.types.operational import OperationalEvent, OperationalEventNode


async def case_view_changed(
    info: Info, key: CaseKey, freshness: FreshnessInput | None = None
) -> AsyncIterator[CaseView]:
    """See `cache.watch`; what shows nothing that was not shown before is left out."""
    gateway, showing = info.context.gateway, Showing.of(info._raw_info)  # noqa: SLF001  # as in `resolvers.query`
    asked, ask, fields = key.read(), ask_of(freshness, gateway.longest), showing.fields

    async def look(glance: Glance) -> CaseView | None:
        stated = await read_cases(glance, [asked], kinds_read(fields))
        if fields & CONCLUDED:
            glance.wait_for(names_of_findings(gateway, stated))
        return (await with_the_rest(gateway, stated, fields))[0]

    shown: Shown | None = None
    subject = (asked, fields, ask)
    async with aclosing(gateway.watches.views(subject, ask, info.context.correlation_id, look)) as views:
        async for view in views:
            if view is None:
                raise UnknownCase
            now = showing.shown(view)
            if shown is None or now.is_news_after(shown):
                shown = now
                yield view


async def operational_events(
    info: Info,
    types: list[OperationalEventType] | None = None,
    customer_id: strawberry.ID | None = None,
    after: str | None = None,
) -> AsyncIterator[OperationalEvent]:
    """Every event that is of one of the types, and of the customer; see `cache.outbox.Broadcast`."""
    async with aclosing(info.context.gateway.operational_events.listen(after)) as events:
        async for heard in events:
            event = heard.event
            if (types is None or event.type in types) and customer_id in {None, event.customer_id}:
                yield OperationalEventNode(event, heard.cursor)  # type: ignore[misc]  # the GraphQL type describes it


@strawberry.type(description="Everything that can be listened to")
class Subscription:
    """The live half of the read door."""

    case_view_changed: AsyncIterator[CaseView] = strawberry.subscription(
        resolver=case_view_changed,
        description="First the view as known now (stale sections marked), then again after every change that the view "
        "shows. A section of which nothing is known yet is UNAVAILABLE without a problem while its system is asked. "
        "Ends with NOT_FOUND when no system knows the key.",
    )
    operational_events: AsyncIterator[OperationalEvent] = strawberry.subscription(
        resolver=operational_events,
        description="Curated business events, for a service platform that wants to be told: from now on, or after the "
        "`cursor` of an event, or of `operationalEventsCursor`. Ends with CURSOR_EXPIRED when what came after it is "
        "not kept any more, and with FELL_BEHIND, and the cursor to go on from, for who is too slow.",
    )
