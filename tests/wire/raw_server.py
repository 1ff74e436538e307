"""An HTTP server that misbehaves exactly as told: raw TCP on loopback, one behaviour per request.

A behaviour is a coroutine that is given the connection's writer after a whole request was read:

    async with RawServer(behaviour) as server:
        ... call server.url ...; server.requests, server.connections, server.open

A list of behaviours is used one by one; the last is kept for all later requests.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Self

Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]


class RawServer:
    def __init__(self, behaviours: Behaviour | Sequence[Behaviour]) -> None:
        self._behaviours = list(behaviours) if isinstance(behaviours, Sequence) else [behaviours]
        self._open: set[asyncio.StreamWriter] = set()
        self._all_closed = asyncio.Event()
        self._all_closed.set()
        self.requests: list[bytes] = []
        self.connections = 0
        self.url = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in list(self._open):
            writer.transport.abort()
        await self._server.wait_closed()
        await asyncio.sleep(0)

    @property
    def open(self) -> int:
        return len(self._open)

    async def closed(self, within: float) -> bool:
        """Whether every connection is closed by then."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._all_closed.wait()
        return not self._open

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        self._all_closed.clear()
        try:
            while request := await self._request(reader):
                self.requests.append(request)
                behave = self._behaviours[min(len(self.requests), len(self._behaviours)) - 1]
                work = asyncio.ensure_future(behave(writer))
                gone = asyncio.ensure_future(reader.read(1))
                await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
                if gone.done():
                    work.cancel()
                    break
                gone.cancel()
                await asyncio.gather(gone, return_exceptions=True)
                work.result()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._open.discard(writer)
            if not self._open:
                self._all_closed.set()
            writer.close()

    async def _request(self, reader: asyncio.StreamReader) -> bytes:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return b""
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        return head + await reader.readexactly(length)


def answer(status: int = 200, body: bytes = b"{}", **headers: str) -> Behaviour:
    """A whole, well-formed answer."""
    fields = {"content-type": "application/json", "content-length": str(len(body))}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = f"HTTP/1.1 {status} X\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return raw(head.encode() + b"\r\n" + body)


def raw(data: bytes, *, then_close: bool = False, then_reset: bool = False) -> Behaviour:
    """These bytes, whatever they mean."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        if then_reset:
            writer.transport.abort()
        elif then_close:
            writer.close()

    return behave


async def hang(_: asyncio.StreamWriter) -> None:
    """Accept, and never answer."""
    await asyncio.sleep(3_600)


def drip(head: bytes, every: float = 0.02) -> Behaviour:
    """These bytes at once, then one byte at a time for ever."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(b"a")
            await writer.drain()
            await asyncio.sleep(every)

    return behave


def endless(head: bytes, chunk: bytes) -> Behaviour:
    """These bytes, then the chunk over and over, as fast as it is taken."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(chunk)
            await writer.drain()

    return behave
