"""What a caller is told when a question fails: expected errors in their own words, others only by an id."""

import re
from collections.abc import Iterable
from typing import Any

import structlog
from graphql import GraphQLError, GraphQLFormattedError

from domain.errors import (
    EntityUnavailable,
    Forbidden,
    RequestError,
    StoreUnavailable,
    TooManyRequests,
    Unauthenticated,
)
from resolvers.echo import shown

log = structlog.get_logger()

SUGGESTION = re.compile(r" Did you mean [^?]*\?")
CODES: tuple[tuple[type[RequestError], str], ...] = (
    (Unauthenticated, "UNAUTHENTICATED"),
    (Forbidden, "FORBIDDEN"),
    (TooManyRequests, "RATE_LIMITED"),
    (RequestError, "BAD_USER_INPUT"),
)


def told(errors: Iterable[GraphQLError], correlation_id: str, *, suggests: bool = True) -> list[GraphQLFormattedError]:
    """The errors as the caller reads them: each with a code and the correlation id, none with anything of the inside.

    Args:
        errors: what happened.
        correlation_id: of the request.
        suggests: whether the caller may learn names of the schema that are like the ones it used.
    """
    return [_told(error, correlation_id, suggests=suggests) for error in errors]


def _told(error: GraphQLError, correlation_id: str, *, suggests: bool) -> GraphQLFormattedError:
    # Without a path nothing was executed: the document or a variable is wrong, and the message says how.
    cause = error.original_error if error.path else None
    match cause:
        case None | GraphQLError():
            message = error.message if suggests else SUGGESTION.sub("", error.message)
            own = {"code": "BAD_USER_INPUT", **(error.extensions or {})}
            return _formatted(error, shown(message), own, correlation_id)
        case RequestError():
            return _formatted(error, str(cause), {"code": code_of(cause)}, correlation_id)
        case EntityUnavailable():
            return _formatted(error, str(cause), {"code": cause.code.value}, correlation_id)
        case StoreUnavailable():
            return _formatted(error, str(cause), {"code": "STORE_UNAVAILABLE"}, correlation_id)
        case _:
            log.error("resolver failed", exc_info=cause, correlation_id=correlation_id)
            return _formatted(error, "Something went wrong here.", {"code": "INTERNAL_ERROR"}, correlation_id)


def code_of(error: RequestError) -> str:
    """The error's name for machines."""
    return next(code for kind, code in CODES if isinstance(error, kind))


def _formatted(error: GraphQLError, message: str, own: dict[str, Any], correlation_id: str) -> GraphQLFormattedError:
    plain = GraphQLError(message, nodes=error.nodes, source=error.source, positions=error.positions, path=error.path)
    return {**plain.formatted, "extensions": {**own, "correlationId": correlation_id}}
