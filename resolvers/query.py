"""The questions that can be asked."""

from collections.abc import Sequence
from typing import Annotated

import strawberry
from msgspec.structs import replace

from cache.board import BoardFilter
from domain import case_view, identity
from domain.caller import Caller
from domain.discretion import told_to
from domain.errors import Forbidden, InvalidRequest
from domain.freshness import Ask
from resolvers.context import Context, Info
from resolvers.eta import eta
from resolvers.reading import is_unbound_bot, kept_findings, orders_of, read, with_estimates
from resolvers.selection import selected_fields
from resolvers.types.case_view import CONCLUDED, ESTIMATED, CaseKey, CaseView, kinds_read, kinds_shown
from resolvers.types.dead_letter import DeadLetterConnection
from resolvers.types.eta import EtaAnswer
from resolvers.types.freshness import FreshnessInput, ask_of
from resolvers.types.source_status import SourceStatus
from resolvers.types.stalled import StalledConnection, StalledFilter

MAX_KEYS = 50
"""How many views one request may ask for."""

PAGE, LARGEST_PAGE = 25, 100
"""How many entries a page has if nothing else is said, and at most."""


async def single_view(info: Info, key: CaseKey, freshness: FreshnessInput | None = None) -> CaseView | None:
    """See `cache.trail.read_cases`."""
    return (await _views(info, [key], freshness))[0]


async def several_views(
    info: Info, keys: list[CaseKey], freshness: FreshnessInput | None = None
) -> list[CaseView | None]:
    """See `cache.trail.read_cases`; the keys are asked together."""
    if len(keys) > MAX_KEYS:
        raise InvalidRequest(field="keys", found=f"{len(keys)} keys", allowed=f"at most {MAX_KEYS}")
    return await _views(info, keys, freshness)


async def sources(info: Info) -> list[SourceStatus]:
    """See `domain.source_status`."""
    return [SourceStatus.of(status) for status in await info.context.gateway.statuses()]


async def operational_events_cursor(info: Info) -> str:
    """See `cache.outbox.Broadcast`."""
    return await info.context.gateway.operational_events.now()


async def dead_letters(
    info: Info, source: str | None = None, first: int = PAGE, after: str | None = None
) -> DeadLetterConnection:
    """See `domain.dead_letter`."""
    if not 0 < first <= LARGEST_PAGE:
        raise InvalidRequest(field="first", found=str(first), allowed=f"1 to {LARGEST_PAGE}")
    page = await info.context.gateway.dead_letters.page(first, after, source)
    return DeadLetterConnection.of(page, after)


async def stalled(
    info: Info,
    stalled_filter: Annotated[StalledFilter | None, strawberry.argument(name="filter")] = None,
    first: int = PAGE,
    after: str | None = None,
) -> StalledConnection:
    """See `cache.board`."""
    if not 0 < first <= LARGEST_PAGE:
        raise InvalidRequest(field="first", found=str(first), allowed=f"1 to {LARGEST_PAGE}")
    asked = BoardFilter() if stalled_filter is None else stalled_filter.read()
    return StalledConnection.of(await info.context.gateway.board.page(asked, first, after), after)


async def _views(info: Info, keys: Sequence[CaseKey], freshness: FreshnessInput | None) -> list[CaseView | None]:
    fields = selected_fields(info._raw_info)  # noqa: SLF001  # Strawberry's own view of the selection forgets @skip
    asked = [key.read() for key in keys]
    return await views(info.context, asked, fields, ask_of(freshness, info.context.gateway.longest))


async def views(
    context: Context, keys: Sequence[identity.CaseKey], fields: frozenset[str], ask: Ask
) -> list[CaseView | None]:
    """The views of several cases, as far as these fields of them need.

    Raises:
        Forbidden: a bot asks for more than an answer, and is not bound to a customer or to cases.
    """
    refuse_unbound(context.caller)
    if not context.sight.kinds and not fields & CONCLUDED:
        return [_nothing_to_see(context, key) for key in keys]
    stated = await read(context, keys, kinds_read(fields, context.sight), ask)
    return await with_the_rest(context, stated, fields)


def refuse_unbound(caller: Caller) -> None:
    """Refuse a view to who may only ask for answers.

    Raises:
        Forbidden: it is a bot that is not bound to a customer or to cases.
    """
    if is_unbound_bot(caller):
        raise Forbidden("a view", "a token that is bound to a customer or to cases; without, `eta` with a postal code")


async def with_the_rest(
    context: Context, stated: Sequence[case_view.CaseView | None], fields: frozenset[str]
) -> list[CaseView | None]:
    """Views with all that these fields need besides what systems state, as far as the caller may see it."""
    gateway, sight = context.gateway, context.sight
    shown = kinds_shown(fields) & sight.kinds
    kept = await kept_findings(context, stated) if fields & CONCLUDED else {}
    now = context.now()
    counting = await with_estimates(context, stated, now) if fields & ESTIMATED else stated

    def shown_of(stated: case_view.CaseView, counting: case_view.CaseView) -> CaseView:
        known = tuple(finding for number in orders_of(stated) for finding in kept.get(number, ()))
        return CaseView(
            view=replace(
                counting, sections=told_to(counting.sections, sight.kinds, has_signatures=sight.has_signatures)
            ),
            stated=stated.sections,
            asked=shown,
            seen_at=now,
            gateway=gateway,
            sight=sight,
            kept=known,
        )

    pairs = zip(stated, counting, strict=True)
    return [None if one is None or other is None else shown_of(one, other) for one, other in pairs]


def _nothing_to_see(context: Context, key: identity.CaseKey) -> CaseView:
    """For who may see no section at all nobody is asked; not even whether the key is known is told."""
    return CaseView(
        view=case_view.CaseView(id=case_view.view_id(context.caller.tenant, key), key=key, sections={}),
        stated={},
        asked=frozenset(),
        seen_at=context.now(),
        gateway=context.gateway,
        sight=context.sight,
    )


@strawberry.type(description="Everything that can be asked")
class Query:
    """The table of contents of the read door."""

    case_view: CaseView | None = strawberry.field(
        resolver=single_view, description="The single case view. Null when no system knows the key."
    )
    case_views: list[CaseView | None] = strawberry.field(
        resolver=several_views,
        description="Up to 50 views in one request, in the order of the keys; upstream calls are batched across them.",
    )
    eta: EtaAnswer | None = strawberry.field(
        resolver=eta,
        description="The answer to 'where is it, when does it arrive', small enough for a bot. With a postal code, "
        "only if it goes there: null for what does not, as for what no system knows.",
    )
    sources: list[SourceStatus] = strawberry.field(
        resolver=sources, description="Health of every system of record: circuit, latency, errors."
    )
    stalled: StalledConnection = strawberry.field(
        resolver=stalled, description="Work that stands longer than it may, longest overdue first."
    )
    dead_letters: DeadLetterConnection = strawberry.field(
        resolver=dead_letters,
        description="Events that were taken but could not be applied, newest first; for operators.",
    )
    operational_events_cursor: str = strawberry.field(
        resolver=operational_events_cursor,
        description="Where the operational events are now: who begins to listen after it loses nothing even before the "
        "first event.",
    )
