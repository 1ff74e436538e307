"""An HTTP server that misbehaves exactly as told: raw TCP on loopback, one behaviour per request.

A behaviour is a coroutine that is given the connection as soon as a whole request was read:

    async with RawServer(behaviour) as server:
        ... call server.url ...; server.requests, server.connections, server.open

A list of behaviours is used one by one; the last is kept for all later requests. A behaviour ends when its connection
does.
"""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Self, cast

Behaviour = Callable[["Connection"], Awaitable[None]]
CLOSE_WITH_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER for no time at all: what was not sent yet is thrown away, and the other side told so."""


class RawServer:
    def __init__(self, behaviours: Behaviour | Sequence[Behaviour]) -> None:
        self._behaviours = list(behaviours) if isinstance(behaviours, Sequence) else [behaviours]
        self._connections: set[Connection] = set()
        self._all_closed = asyncio.Event()
        self.requests: list[bytes] = []
        self.connections = 0
        self.url = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.get_running_loop().create_server(lambda: Connection(self), "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for connection in self._connections:
            connection.reset()
        await self._server.wait_closed()
        await self.closed(within=1)

    @property
    def open(self) -> int:
        return len(self._connections)

    async def closed(self, within: float) -> bool:
        """Whether every connection is closed by then."""
        if self._connections:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._all_closed.wait(), within)
        return not self._connections

    def opened(self, connection: "Connection") -> None:
        self.connections += 1
        self._connections.add(connection)
        self._all_closed.clear()

    def lost(self, connection: "Connection") -> None:
        self._connections.discard(connection)
        if not self._connections:
            self._all_closed.set()

    def asked(self, request: bytes) -> Behaviour:
        self.requests.append(request)
        return self._behaviours[min(len(self.requests), len(self._behaviours)) - 1]


class Connection(asyncio.Protocol):
    """What a behaviour writes to."""

    def __init__(self, server: RawServer) -> None:
        self._server = server
        self._received = b""
        self._behaving: set[asyncio.Future[None]] = set()
        self._has_room = asyncio.Event()
        self._has_room.set()

    def write(self, data: bytes) -> None:
        self._transport.write(data)

    async def drain(self) -> None:
        """Wait until more can be written."""
        await asyncio.sleep(0)  # the end of the connection must get its turn
        await self._has_room.wait()

    def close(self) -> None:
        self._transport.close()

    def reset(self) -> None:
        """Break the connection off with RST instead of FIN."""
        sock = cast("socket.socket", self._transport.get_extra_info("socket"))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, CLOSE_WITH_RESET)
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._server.opened(self)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while request := _whole_request(self._received):
            self._received = self._received[len(request) :]
            behaving = asyncio.ensure_future(self._server.asked(request)(self))
            self._behaving.add(behaving)
            behaving.add_done_callback(self._behaving.discard)

    def pause_writing(self) -> None:
        self._has_room.clear()

    def resume_writing(self) -> None:
        self._has_room.set()

    def connection_lost(self, _: Exception | None) -> None:
        for behaving in self._behaving:
            behaving.cancel()
        self._server.lost(self)


def _whole_request(received: bytes) -> bytes:
    """The first request in what was received; nothing as long as a part is missing."""
    head, end, body = received.partition(b"\r\n\r\n")
    lengths = (line[15:] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    length = int(next(lengths, b"0"))
    return head + end + body[:length] if end and len(body) >= length else b""


def answer(status: int = 200, body: bytes = b"{}", **headers: str) -> Behaviour:
    """A whole, well-formed answer."""
    fields = {"content-type": "application/json", "content-length": str(len(body))}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = f"HTTP/1.1 {status} X\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return raw(head.encode() + b"\r\n" + body)


def raw(data: bytes, *, then_close: bool = False, then_reset: bool = False) -> Behaviour:
    """These bytes, whatever they mean."""

    async def behave(connection: Connection) -> None:
        connection.write(data)
        await connection.drain()
        if then_reset:
            connection.reset()
        elif then_close:
            connection.close()

    return behave


async def hang(_: Connection) -> None:
    """Accept, and never answer."""
    await asyncio.Event().wait()


def drip(head: bytes, every: float = 0.02) -> Behaviour:
    """These bytes at once, then one byte at a time for ever."""

    async def behave(connection: Connection) -> None:
        connection.write(head)
        while True:
            connection.write(b"a")
            await asyncio.sleep(every)

    return behave


def endless(head: bytes, chunk: bytes) -> Behaviour:
    """These bytes, then the chunk over and over, as fast as it is taken."""

    async def behave(connection: Connection) -> None:
        connection.write(head)
        while True:
            connection.write(chunk)
            await connection.drain()

    return behave
