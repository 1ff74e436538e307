"""A gateway on a real socket, served as `casefold serve` serves it, and raw bytes that are sent to it."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import uvicorn

from app.main import create_app
from app.serving import OPTIONS
from app.settings import configure
from app.wiring import Wired, build
from tests.callers import ANYBODY

PATIENCE_SECONDS = 20
NOWHERE = "unix:///dev/null"


@dataclass
class Served:
    """Where it is, and what it is made of."""

    port: int
    wired: Wired

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def socket(self) -> str:
        return f"ws://127.0.0.1:{self.port}/graphql"

    async def answer(self, *parts: bytes, within: float = 5.0) -> bytes:
        """What is answered to these bytes; nothing, if the connection is cut before that can be read."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        reading = asyncio.ensure_future(reader.read(65_536))
        with suppress(OSError):
            for part in parts:
                writer.write(part)
                await writer.drain()
        with suppress(OSError):
            return await asyncio.wait_for(reading, within)
        return b""


@contextmanager
def served(redis_url: str = NOWHERE, **table: Any) -> Iterator[Served]:
    """A gateway with these settings; whoever asks may see everything, unless they say otherwise."""
    wired = build(configure(ANYBODY | table, {}), redis_url)
    server = uvicorn.Server(uvicorn.Config(create_app(wired), port=0, timeout_graceful_shutdown=1, **OPTIONS))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + PATIENCE_SECONDS
    while not server.started:
        assert time.monotonic() < until, "not started in time"
        time.sleep(0.01)
    try:
        yield Served(server.servers[0].sockets[0].getsockname()[1], wired)
    finally:
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive(), "it goes on, and takes what is sent in other tests"
