"""A server that takes what is posted to it."""

import asyncio
from contextlib import asynccontextmanager


class Posted:
    """Subclasses take each request, and say with which status it is answered."""

    @asynccontextmanager
    async def open(self):
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()

    def take(self, path, headers, body):
        raise NotImplementedError

    async def _serve(self, reader, writer):
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode().split("\r\n")
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
                body = await reader.readexactly(int(headers["content-length"]))
                status = self.take(first.split()[1], headers, body)
                writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n".encode())
                await writer.drain()
        except asyncio.IncompleteReadError:
            writer.close()
