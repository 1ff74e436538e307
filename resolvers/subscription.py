"""What can be listened to."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import strawberry

from cache.errands import Glance
from domain.errors import Forbidden, UnknownCase
from domain.operational import OperationalEventType
from resolvers.context import Info
from resolvers.permissions import hears
from resolvers.query import refuse_unbound, with_the_rest
from resolvers.reading import names_of_findings, read_for
from resolvers.showing import Showing, Shown
from resolvers.types.case_view import CONCLUDED, CaseKey, CaseView, kinds_read
from resolvers.types.freshness import FreshnessInput, ask_of
from resolvers.types.operational import OperationalEvent, OperationalEventNode


async def case_view_changed(
    info: Info, key: CaseKey, freshness: FreshnessInput | None = None
) -> AsyncIterator[CaseView]:
    """See `cache.watch`; what shows nothing that was not shown before is left out."""
    context, showing = info.context, Showing.of(info._raw_info)  # noqa: SLF001  # as in `resolvers.query`
    gateway, caller, fields = context.gateway, context.caller, showing.fields
    asked, ask = key.read(), gateway.rates.floored(caller, ask_of(freshness, gateway.longest))
    refuse_unbound(caller)
    gateway.rates.asked(caller, context.address, [asked])

    async def look(glance: Glance) -> CaseView | None:
        stated = await read_for(caller, glance, [asked], kinds_read(fields, context.sight))
        if fields & CONCLUDED:
            glance.wait_for(names_of_findings(gateway, stated))
        return (await with_the_rest(context, stated, fields))[0]

    shown: Shown | None = None
    subject = (asked, fields, ask, context.sight, caller.keys, caller.customer)
    async with aclosing(gateway.watches.views(subject, ask, context.correlation_id, look)) as views:
        async for view in views:
            if view is None:
                gateway.rates.missed(caller, context.address, [asked])
                raise UnknownCase
            now = showing.shown(view)
            if shown is None or now.is_news_after(shown):
                shown = now
                context.shown.add(asked)
                yield view


async def operational_events(
    info: Info,
    types: list[OperationalEventType] | None = None,
    customer_id: strawberry.ID | None = None,
    after: str | None = None,
) -> AsyncIterator[OperationalEvent]:
    """Every event that is of one of the types, and of the customer; see `cache.outbox.Broadcast`."""
    context = info.context
    if context.caller.keys is not None:
        raise Forbidden("operationalEvents", "a token that is not bound to single cases")
    whose = {customer_id, context.caller.customer} - {None}
    async with aclosing(context.gateway.operational_events.listen(after)) as events:
        async for heard in events:
            event = heard.event
            if (
                (types is None or event.type in types)
                and whose <= {event.customer_id}
                and hears(context.sight, event.type)
            ):
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
