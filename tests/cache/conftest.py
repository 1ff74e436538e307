"""A store on the private redis-server."""

import pytest

from cache.keys import Keys
from cache.server import Server
from cache.store import Store


@pytest.fixture
async def server(redis, client):  # noqa: ARG001  # the client empties it
    server = Server(redis.url)
    await server.open()
    yield server
    await server.aclose()


@pytest.fixture(params=[1, 3], ids=["one partition", "three partitions"])
def store(request, server):
    return Store(server, Keys("main", request.param))
