"""Requests and responses that are there as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from starlette.types import Receive, Scope, Send

RawHeaders = list[tuple[bytes, bytes]]
"""Headers as ASGI has them, names in lower case."""


class Whole(NamedTuple):
    """A request.

    Attributes:
        scope: of its connection, as ASGI has it.
        headers: names in lower case.
        body: all of it.
    """

    scope: Scope
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """A response, as an ASGI application.

    Attributes:
        body: all of it.
        status: of HTTP.
        headers: all but its length.
    """

    body: bytes
    status: int
    headers: Mapping[str, str]

    @property
    def raw_headers(self) -> RawHeaders:
        """All of its headers."""
        given = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in self.headers.items()]
        return [*given, (b"content-length", b"%d" % len(self.body))]

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body})
