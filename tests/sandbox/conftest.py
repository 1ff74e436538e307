import socket
from collections.abc import AsyncIterator, Iterator
from threading import Thread

import httpx
import pytest
import uvicorn

from domain.clock import ManualClock
from sandbox.server import create_sandbox
from tests.sandbox.looking import ANCHOR


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """A still world without a network in between."""
    app = create_sandbox(anchor=ANCHOR, clock=ManualClock(ANCHOR))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox") as client:
        yield client


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    """A still world behind a real port."""
    server = uvicorn.Server(uvicorn.Config(create_sandbox(anchor=ANCHOR), lifespan="off", log_level="error"))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = server.force_exit = True
    thread.join()


@pytest.fixture
async def wire(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """The sandbox over TCP, healthy again afterwards."""
    async with httpx.AsyncClient(base_url=url, timeout=5) as client:
        yield client
        await client.put("/control")
