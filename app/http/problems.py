"""Errors outside GraphQL: RFC 9457 problem details with the correlation id."""

from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

log = structlog.get_logger()


def problem(request: Request, status: int, detail: str | None = None) -> JSONResponse:
    """An `application/problem+json` answer."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "correlationId": request.state.correlation_id,
    }
    return JSONResponse(body | ({"detail": detail} if detail else {}), status, media_type="application/problem+json")


async def _expected(request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.INTERNAL_SERVER_ERROR
    return problem(request, status)


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("request failed", exc_info=error)
    return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR)


def install(app: FastAPI) -> None:
    """Answer every error of the app as problem details."""
    app.add_exception_handler(HTTPException, _expected)
    app.add_exception_handler(Exception, _unexpected)
