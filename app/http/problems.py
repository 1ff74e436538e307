"""Errors outside GraphQL: RFC 9457 problem details with the correlation id."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from math import ceil

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from domain.errors import Forbidden, InvalidRequest, RequestError, StoreUnavailable, TooManyRequests, Unauthenticated

log = structlog.get_logger()

STATUSES: Mapping[type[Exception], HTTPStatus] = {
    InvalidRequest: HTTPStatus.BAD_REQUEST,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    StoreUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""What a refusal is in HTTP."""


def problem(
    request: Request,
    status: int,
    detail: str | None = None,
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, object] | None = None,
) -> JSONResponse:
    """An `application/problem+json` answer.

    Args:
        request: what cannot be answered otherwise.
        status: of HTTP.
        detail: what is wrong with this request.
        headers: that belong to the status.
        members: what else there is to say of it (RFC 9457, section 3.2).
    """
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "correlationId": request.state.correlation_id,
    }
    told = body | ({"detail": detail} if detail else {}) | dict(members or {})
    return JSONResponse(told, status, dict(headers or {}), media_type="application/problem+json")


async def _expected(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR)
    detail = None if error.detail == HTTPStatus(error.status_code).phrase else error.detail
    return problem(request, error.status_code, detail, error.headers)


async def _refused(request: Request, error: Exception) -> JSONResponse:
    status = next((status for kind, status in STATUSES.items() if isinstance(error, kind)), HTTPStatus.BAD_REQUEST)
    match error:
        case Unauthenticated():
            headers = {"WWW-Authenticate": "Bearer"}
        case TooManyRequests():
            headers = {"Retry-After": str(ceil(error.retry_after_seconds))}
        case _:
            headers = {}
    return problem(request, status, str(error), headers)


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("request failed", exc_info=error)
    return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR)


HANDLERS: Mapping[type[Exception], Callable[[Request, Exception], Awaitable[JSONResponse]]] = {
    HTTPException: _expected,
    RequestError: _refused,
    StoreUnavailable: _refused,
    Exception: _unexpected,
}
"""What answers each kind of error."""


async def tell(error: Exception, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer an error as an app does that they are installed on.

    Raises:
        Exception: the error, if nobody expects it, for whoever serves to log.
    """
    handler = next(HANDLERS[kind] for kind in type(error).__mro__ if kind in HANDLERS)
    response = await handler(Request(scope), error)
    await response(scope, receive, send)
    if handler is _unexpected:
        raise error


def install(app: FastAPI) -> None:
    """Answer every error of the app as problem details."""
    for kind, handler in HANDLERS.items():
        app.add_exception_handler(kind, handler)
