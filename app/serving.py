"""How the application is served: uvicorn, with a bound on everything that a stranger may send."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST_HEAD = 64 * 1024
"""Bytes of a request before its body."""

LARGEST_FRAME = 256 * 1024
"""Bytes of one message over a WebSocket."""

_STATUS = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
_TOO_LARGE = f"HTTP/1.1 {_STATUS.value} {_STATUS.phrase}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode()


class BoundedProtocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, but a request that never comes to its body does not fill memory."""

    _is_head = True
    _head = 0

    def data_received(self, data: bytes) -> None:
        """Take in what came."""
        self._head += len(data)
        super().data_received(data)
        if self._is_head and self._head > LARGEST_HEAD:
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def on_headers_complete(self) -> None:
        """The head ends here."""
        self._is_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """What comes next is the head of another request."""
        self._is_head, self._head = True, 0
        super().on_message_complete()


OPTIONS: Mapping[str, Any] = {
    "http": BoundedProtocol,
    "ws_max_size": LARGEST_FRAME,
    "log_config": None,
    "access_log": False,
    "server_header": False,
}
"""How uvicorn serves a gateway, wherever it listens."""
