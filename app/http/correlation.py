"""Every request has a correlation id: the caller's if it is well formed, else a new one."""

import re
from random import Random
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Correlation-ID"
_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,127}")
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
"""W3C Trace Context, version 00."""

_RANDOM = Random()  # noqa: S311  # an id has to be another one each time, and no secret


class Correlation:
    """ASGI middleware: puts `correlation_id` and `traceparent` into the request's state and answers with the id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        correlation_id = note(scope)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = correlation_id
            await send(message)

        with structlog.contextvars.bound_contextvars(correlation_id=correlation_id):
            await self._app(scope, receive, send_with_id)


def correlation_id_of(given: str) -> str:
    """The caller's id if it is well formed, else a new one of 32 hexadecimal digits."""
    return given if given and _WELL_FORMED.fullmatch(given) else f"{_RANDOM.getrandbits(128):032x}"


def note(scope: Scope) -> str:
    """Read or make the ids of a request and keep them in its state."""
    headers = Headers(scope=scope)
    given, trace = headers.get(HEADER, ""), headers.get("traceparent", "")
    state: dict[str, Any] = scope.setdefault("state", {})
    state["correlation_id"] = correlation_id_of(given)
    state["traceparent"] = trace if _TRACEPARENT.fullmatch(trace) else None
    return str(state["correlation_id"])
