"""The short way to an answer that was given before: before routing, middleware and parsing, and with all that matters.

Who asks is proved, the limits are charged, what has to be is written to the audit log, and each answer has a
correlation id of its own. Whatever is not quite usual goes the long way, which refuses in words.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.callers import Identity
from app.http.correlation import correlation_id_of
from app.http.graphql import JSON, VARY, media_type_header
from app.http.headers import LARGEST_HEADERS, MOST_HEADERS
from domain.errors import RequestError
from resolvers.again import Served
from resolvers.context import Gateway

UNUSUAL = frozenset({b"content-encoding", b"origin", b"transfer-encoding", b"expect", b"upgrade"})
"""Headers with which a request goes the long way."""

_ACCEPTED = {each.encode(): each for each in (JSON, f"{JSON}; charset=utf-8", f"{JSON};charset=utf-8")}
_VARY = VARY["Vary"].encode()


class _Usual(NamedTuple):
    """What matters of the headers of a usual request."""

    accept: bytes
    proof: Mapping[str, str]
    correlation_id: bytes


@dataclass(frozen=True, slots=True)
class ShortWay:
    """ASGI middleware: answers `POST /graphql` where an answer is kept.

    Args:
        app: the long way.
        identity: proves who asks.
        gateways: what is asked, by tenant.
        largest_body: bytes of a request.
    """

    app: ASGIApp
    identity: Identity
    gateways: Mapping[str, Gateway]
    largest_body: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] != "/graphql" or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        usual = _usual(scope["headers"])
        if usual is None:
            await self.app(scope, receive, send)
            return
        message = await receive()
        if not await self._is_answered(usual, message, scope, send):
            await self.app(scope, _again(message, receive), send)

    async def _is_answered(self, usual: _Usual, message: Message, scope: Scope, send: Send) -> bool:
        """Answer, if that can be done in short."""
        media_type = media_type_header(usual.accept)
        if message["type"] != "http.request" or message.get("more_body") or media_type is None:
            return False
        echo = correlation_id_of(usual.correlation_id.decode("latin-1"))
        try:
            served = await self._served(usual, message["body"], scope["client"], echo)
        except RequestError:
            return False
        if served is None:
            return False
        await send({"type": "http.response.start", "status": 200, "headers": _headers(served, media_type, echo)})
        await send({"type": "http.response.body", "body": served.body})
        return True

    async def _served(self, usual: _Usual, body: bytes, client: tuple[str, int] | None, echo: str) -> Served | None:
        caller = await self.identity.caller(usual.proof)
        gateway = self.gateways.get(caller.tenant)
        kept = None if gateway is None else gateway.kept.get((caller.audience, body))
        if gateway is None or kept is None:
            return None
        address = client[0] if client else None
        served: Served | None = kept.served(gateway, caller, address, echo)
        return served


def _usual(headers: list[tuple[bytes, bytes]]) -> _Usual | None:
    """What matters of the headers; null: they are not quite usual."""
    if len(headers) > MOST_HEADERS:
        return None
    accept, correlation_id, is_json, size = b"*/*", b"", False, 0
    proof: dict[str, str] = {}
    for name, value in headers:
        size += len(name) + len(value)
        if name in UNUSUAL:
            return None
        if name == b"content-type":
            if value not in _ACCEPTED:
                return None
            is_json = True
        elif name == b"accept":
            accept = value
        elif name in {b"authorization", b"x-api-key"}:
            if proof:
                return None
            proof[name.decode()] = value.decode("latin-1")
        elif name == b"x-correlation-id":
            correlation_id = value
    return _Usual(accept, proof, correlation_id) if is_json and size <= LARGEST_HEADERS else None


def _headers(served: Served, media_type: bytes, echo: str) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-type", media_type),
        (b"content-length", b"%d" % len(served.body)),
        (b"cache-control", b"no-store"),
        (b"vary", _VARY),
        (b"x-correlation-id", echo.encode()),
        *served.budget.raw_headers,
    ]


def _again(message: Message, receive: Receive) -> Receive:
    """The same as `receive`, from the beginning."""
    waiting = [message]

    async def received() -> Message:
        return waiting.pop() if waiting else await receive()

    return received
