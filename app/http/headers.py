"""What no request may bring, whatever it is for: too many headers, or a body that has to be unfolded."""

from collections.abc import Iterable
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.http.problems import problem

MOST_HEADERS = 100

LARGEST_HEADERS = 32 * 1024
"""Bytes of all of them; a token may have a few thousand."""


class HeaderLimits:
    """ASGI middleware: refuses before anything is read or looked up."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        refused = _refused(scope) if scope["type"] == "http" else None
        if refused is None:
            await self._app(scope, receive, send)
            return
        await problem(Request(scope), *refused)(scope, receive, send)


def _refused(scope: Scope) -> tuple[HTTPStatus, str] | None:
    """Status and detail, if there is something that must not be."""
    found, size = len(scope["headers"]), _size(scope["headers"])
    if found > MOST_HEADERS:
        return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"headers: found {found}, allowed: {MOST_HEADERS}"
    if size > LARGEST_HEADERS:
        told = f"headers: found {size} bytes, allowed: {LARGEST_HEADERS}"
        return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, told
    if any(each.strip().lower() != "identity" for each in Headers(scope=scope).getlist("content-encoding")):
        return HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "content-encoding: allowed: none"
    return None


def _size(headers: Iterable[tuple[bytes, bytes]]) -> int:
    return sum(len(name) + len(value) for name, value in headers)
