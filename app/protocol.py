"""HTTP as uvicorn speaks it, with a bound on everything that a stranger may send, and on how slowly."""

from asyncio import TimerHandle, Transport
from enum import Enum
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST_HEAD = 64 * 1024
"""Bytes of a request before its body."""


class Part(Enum):
    """What of a request has begun to come."""

    HEAD = "HEAD"
    BODY = "BODY"


PATIENCE_SECONDS: dict[Part, float] = {Part.HEAD: 10.0, Part.BODY: 30.0}
"""How long all of a part may take: the first head since the connection was made, a further one since its first byte."""


def _refusal(status: HTTPStatus) -> bytes:
    return f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode()


_TOO_LARGE = _refusal(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
_TOO_SLOW = _refusal(HTTPStatus.REQUEST_TIMEOUT)


class BoundedProtocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, but a request that never ends fills no memory, and holds no connection for long.

    A request that comes in one piece, as nearly all do, sets no timer.
    """

    _part: Part | None = Part.HEAD
    _head = 0
    _timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._awaits(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what came."""
        self._part = self._part or Part.HEAD
        self._head += len(data)
        super().data_received(data)
        if self._part is Part.HEAD and self._head > LARGEST_HEAD:
            self.transport.write(_TOO_LARGE)
            self.transport.close()
        self._watch()

    def on_message_begin(self) -> None:
        """A head begins here, maybe right after another request."""
        self._part = Part.HEAD
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head ends here."""
        self._head_came()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """What comes next is the head of another request."""
        self._came_whole()
        super().on_message_complete()

    def _head_came(self) -> None:
        self._awaits(Part.BODY)

    def _came_whole(self) -> None:
        self._awaits(None)
        self._head = 0

    def _awaits(self, part: Part | None) -> None:
        self._part = part
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _watch(self) -> None:
        if self._part is not None and self._timer is None and not self.transport.is_closing():
            self._timer = self.loop.call_later(PATIENCE_SECONDS[self._part], self._lose_patience)

    def _lose_patience(self) -> None:
        self._timer = None
        if self.flow.read_paused:  # it is we who do not read on
            self._watch()
            return
        if not self._is_answering():
            self.transport.write(_TOO_SLOW)
        self.transport.close()

    def _is_answering(self) -> bool:
        """Whether a further answer would be taken for a part of one that was begun, or for the next."""
        if self.cycle is None:
            return False
        return self.cycle.response_started if self._part is Part.BODY else not self.cycle.response_complete
