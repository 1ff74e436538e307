"""What can be done."""

from collections.abc import Sequence

import strawberry

from domain import dead_letter
from domain.errors import InvalidRequest, ProblemCode
from domain.freshness import Ask
from domain.identity import EntityKind, SourceKind
from resolvers.context import Info
from resolvers.query import LARGEST_PAGE, views
from resolvers.selection import selected_fields
from resolvers.types.case_view import CaseKey, CaseView
from resolvers.types.dead_letter import DeadLetterOutcome

LONGEST_REASON = 500


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
    gateway.rates.refreshed(info.context.caller)
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


@strawberry.type(description="What became of each dead letter")
class DeadLettersPayload:
    """What `retryDeadLetters` and `discardDeadLetters` answer."""

    outcomes: list[DeadLetterOutcome]
    user_errors: list[UserError]

    @classmethod
    def of(cls, outcomes: Sequence[dead_letter.DeadLetterOutcome]) -> "DeadLettersPayload":
        """The outcomes as GraphQL shows them."""
        return cls(outcomes=list(outcomes), user_errors=[])  # type: ignore[arg-type]  # the GraphQL type describes the domain value


async def retry_dead_letters(info: Info, ids: list[strawberry.ID]) -> DeadLettersPayload:
    """Try to apply events again."""
    info.context.gateway.rates.operated(info.context.caller)
    mistake = _mistake_in(ids)
    if mistake is not None:
        return DeadLettersPayload(outcomes=[], user_errors=[mistake])
    return DeadLettersPayload.of(await info.context.gateway.dead_letters.retry(ids))


async def discard_dead_letters(info: Info, ids: list[strawberry.ID], reason: str) -> DeadLettersPayload:
    """Give events up."""
    info.context.gateway.rates.operated(info.context.caller)
    mistake = _mistake_in(ids) or _mistake_in_reason(reason)
    if mistake is not None:
        return DeadLettersPayload(outcomes=[], user_errors=[mistake])
    return DeadLettersPayload.of(await info.context.gateway.dead_letters.discard(ids, reason.strip()))


def _mistake_in(ids: Sequence[str]) -> UserError | None:
    if len(ids) <= LARGEST_PAGE:
        return None
    message = str(InvalidRequest(field="ids", found=f"{len(ids)} ids", allowed=f"at most {LARGEST_PAGE}"))
    return UserError(field=["ids"], code="BAD_USER_INPUT", message=message)


def _mistake_in_reason(reason: str) -> UserError | None:
    if 0 < len(reason.strip()) <= LONGEST_REASON:
        return None
    message = str(
        InvalidRequest(
            field="reason", found=f"{len(reason.strip())} characters", allowed=f"1 to {LONGEST_REASON}: it is kept"
        )
    )
    return UserError(field=["reason"], code="BAD_USER_INPUT", message=message)


@strawberry.type(description="Everything that can be done")
class Mutation:
    """The other half of the table of contents of the read door."""

    refresh_case_view: RefreshCaseViewPayload = strawberry.mutation(
        resolver=refresh_case_view,
        description="Ask the systems of record now, whatever the state says, and return the view; with `sources`, "
        "only systems of these kinds.",
    )
    retry_dead_letters: DeadLettersPayload = strawberry.mutation(
        resolver=retry_dead_letters, description="Try to apply events that failed, once more."
    )
    discard_dead_letters: DeadLettersPayload = strawberry.mutation(
        resolver=discard_dead_letters, description="Give events up; the reason is kept on record."
    )
