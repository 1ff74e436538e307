"""Every request has a correlation id: the caller's if it is well formed, else a new one."""

import re
from random import Random
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Correlation-ID"
_NAME = HEADER.lower().encode()
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
                message["headers"] = [*message.get("headers", ()), (_NAME, correlation_id.encode())]
            await send(message)

        bound = structlog.contextvars.bind_contextvars(correlation_id=correlation_id)
        try:
            await self._app(scope, receive, send_with_id)
        finally:
            structlog.contextvars.reset_contextvars(**bound)


def correlation_id_of(given: str) -> str:
    """The caller's id if it is well formed, else a new one of 32 hexadecimal digits."""
    return given if given and _WELL_FORMED.fullmatch(given) else f"{_RANDOM.getrandbits(128):032x}"


def note(scope: Scope) -> str:
    """Read or make the ids of a request and keep them in its state."""
    given = correlation_id_of(_header(scope, _NAME))
    trace = _header(scope, b"traceparent")
    state: dict[str, Any] = scope.setdefault("state", {})
    state["correlation_id"] = given
    state["traceparent"] = trace if trace and _TRACEPARENT.fullmatch(trace) else None
    return given


def _header(scope: Scope, name: bytes) -> str:
    """The first header of a name; empty: there is none."""
    return next((value for each, value in scope["headers"] if each == name), b"").decode("latin-1")
