"""Errors outside GraphQL: RFC 9457 problem details with the correlation id."""

from collections.abc import Mapping
from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

log = structlog.get_logger()


def problem(
    request: Request, status: int, detail: str | None = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """An `application/problem+json` answer."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "correlationId": request.state.correlation_id,
    }
    told = body | ({"detail": detail} if detail else {})
    return JSONResponse(told, status, dict(headers or {}), media_type="application/problem+json")


async def _expected(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR)
    detail = None if error.detail == HTTPStatus(error.status_code).phrase else error.detail
    return problem(request, error.status_code, detail, error.headers)


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("request failed", exc_info=error)
    return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR)


def install(app: FastAPI) -> None:
    """Answer every error of the app as problem details."""
    app.add_exception_handler(HTTPException, _expected)
    app.add_exception_handler(Exception, _unexpected)
