"""A real redis-server, private to the run."""

import pytest

from cache.connections import open_connections
from cache.embedded import EmbeddedRedis


@pytest.fixture(scope="session")
def redis(tmp_path_factory):
    with EmbeddedRedis(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture
async def client(redis):
    client = open_connections(redis.url)
    await client.flushall()
    yield client
    await client.aclose()
