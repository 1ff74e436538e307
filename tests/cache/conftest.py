"""A real redis-server, private to the run."""

import pytest

from cache.connections import open_connections
from cache.embedded import EmbeddedRedis
from cache.keys import Keys
from cache.store import Store


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    with EmbeddedRedis(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture
async def client(server):
    client = open_connections(server.url)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture(params=[1, 3], ids=["one partition", "three partitions"])
def store(request, client):
    return Store(client, Keys("main", request.param))
