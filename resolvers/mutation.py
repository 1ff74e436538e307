"""What can be done."""

import strawberry

from domain.errors import InvalidRequest, ProblemCode
from domain.freshness import Ask
from domain.identity import EntityKind, SourceKind
from resolvers.context import Context
from resolvers.query import views
from resolvers.selection import selected_fields
from resolvers.types.case_view import CaseKey, CaseView

Info = strawberry.Info[Context, None]


@strawberry.type(description="Why something was not done, as data")
class UserError:
    """A mistake that a person can put right."""

    field: list[str] | None = strawberry.field(description="Path of the argument that is wrong")
    code: str
    message: str


@strawberry.type(description="The view, read now")
class RefreshCaseViewPayload:
    """What `refreshCaseView` answers."""

    case_view: CaseView | None
    user_errors: list[UserError]


async def refresh_case_view(
    info: Info, key: CaseKey, sources: list[SourceKind] | None = None
) -> RefreshCaseViewPayload:
    """Ask the systems of record now, whatever is known, and answer with the view."""
    gateway = info.context.gateway
    try:
        asked = key.read()
    except InvalidRequest as error:
        return _refused(error.field, "BAD_USER_INPUT", str(error))
    read_now = frozenset(EntityKind) if sources is None else gateway.kinds_of(sources)
    ask = Ask(read_now=read_now, max_age=None, deadline=gateway.longest)
    fields = selected_fields(info._raw_info, "caseView")  # noqa: SLF001  # as in `resolvers.query`
    [view] = await views(info.context, [asked], fields, ask)
    if view is None:
        return _refused("key", ProblemCode.NOT_FOUND.value, "no system knows this key")
    return RefreshCaseViewPayload(case_view=view, user_errors=[])


def _refused(field: str, code: str, message: str) -> RefreshCaseViewPayload:
    error = UserError(field=field.split("."), code=code, message=message)
    return RefreshCaseViewPayload(case_view=None, user_errors=[error])


@strawberry.type(description="Everything that can be done")
class Mutation:
    """The other half of the table of contents of the read door."""

    refresh_case_view: RefreshCaseViewPayload = strawberry.mutation(
        resolver=refresh_case_view,
        description="Ask the systems of record now, whatever the state says, and return the view; with `sources`, "
        "only systems of these kinds.",
    )
