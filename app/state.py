"""Where state is kept: the Redis of the settings, or one of the gateway's own."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.settings import Settings
from cache.embedded import EmbeddedRedis
from cache.server import Server
from domain.errors import StoreUnavailable

FOLDER = "redis"


@contextmanager
def kept_state(settings: Settings) -> Iterator[str]:
    """The address of the Redis that keeps the state, which runs as long as the context if it is our own.

    Raises:
        StoreInUse: another gateway holds the data folder.
        StoreUnavailable: our own Redis does not start.
    """
    if settings.redis_url is not None:
        yield settings.redis_url.get_secret_value()
        return
    with EmbeddedRedis(settings.data_dir / FOLDER) as redis:
        yield redis.url


def running_state(settings: Settings) -> str:
    """The address of the Redis of a gateway that runs.

    Raises:
        StoreUnavailable: it has one of its own, and does not run.
    """
    if settings.redis_url is not None:
        return settings.redis_url.get_secret_value()
    redis = EmbeddedRedis(settings.data_dir / FOLDER)
    if not redis.socket.exists():
        raise StoreUnavailable(f"no gateway runs on {settings.data_dir}")
    return redis.url


async def prove(redis_url: str) -> None:
    """Make sure that a Redis that answers keeps what it is given; one that does not answer yet is waited for.

    Raises:
        StoreForgets: it may throw away what it is given.
    """
    server = Server(redis_url)
    try:
        await server.open()
    finally:
        await server.aclose()
