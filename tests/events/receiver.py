"""Somebody who wants to be told: checks every signature with the published library, and remembers what came."""

import asyncio
import json
from contextlib import asynccontextmanager

from standardwebhooks.webhooks import Webhook

SECRET = "whsec_" + "R" * 32


class Receiver:
    def __init__(self):
        self.events, self.ids, self.calls = [], [], 0
        self.answer = lambda event: 204  # noqa: ARG005  # tests give others

    @asynccontextmanager
    async def open(self):
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/told?by=casefold"
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader, writer):
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().split("\r\n")
                headers = {
                    name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:] if line)
                }
                body = await reader.readexactly(int(headers["content-length"]))
                status = self._take(headers, body)
                writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n".encode())
                await writer.drain()
        except asyncio.IncompleteReadError:
            writer.close()

    def _take(self, headers, body):
        self.calls += 1
        Webhook(SECRET).verify(body, headers, json_parse=False)
        event = json.loads(body)
        assert headers["webhook-id"] == event["id"]
        assert headers["content-type"] == "application/cloudevents+json"
        status = self.answer(event)
        if status < 300:
            self.events.append(event)
        return status
