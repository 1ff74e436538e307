"""What every test may use: a real redis-server, private to the run."""

import pytest

from app.identity.audit import keep_audit
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


@pytest.fixture(autouse=True)
def _audit_log():
    """Where its lines went in one test is nowhere in the next."""
    yield
    keep_audit(is_kept=True)
