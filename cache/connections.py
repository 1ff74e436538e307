"""Connections to Redis, set up for what they are used for, and every failure in our own words.

redis-py's defaults retry writes, hide a dead server for seconds and let a pool run dry with an error; none of that is
wanted here.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import redis.exceptions
from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from domain.errors import StoreForgets, StoreFull, StoreLate, StoreUnavailable

ANSWER_SECONDS = 0.25
"""Longest that one command may take: a dead store must not eat a view's time."""

CONNECTIONS = 32

KEEPING_POLICIES = frozenset({"noeviction", "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl"})
"""Eviction policies under which a key without an end is never thrown away."""

STORE_ERRORS = (redis.exceptions.RedisError, OSError)
"""Everything that redis-py raises when a command fails."""


def open_connections(url: str) -> Redis:
    """Connections for short commands: no retries, no waiting for the dead, callers queue for a free one."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=ANSWER_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    return Redis.from_pool(pool)


def open_cluster(url: str, *, waits: bool = False) -> RedisCluster:
    """The same for a cluster, by any of its nodes; its pools do not let callers queue, so somebody else has to.

    Args:
        url: address of any node.
        waits: for commands that block on the server.
    """
    return RedisCluster.from_url(
        url,
        max_connections=4 * CONNECTIONS,
        socket_timeout=None if waits else ANSWER_SECONDS,
        socket_connect_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


async def open_either(url: str) -> Redis | RedisCluster:
    """Connections for short commands, to what the address turns out to be.

    Raises:
        StoreUnavailable: it does not answer.
    """
    single = open_connections(url)
    try:
        with store_failures():
            info = await single.info("cluster")
    except StoreUnavailable:
        await single.aclose()
        raise
    if not info.get("cluster_enabled"):
        return single
    await single.aclose()
    cluster = open_cluster(url)
    with store_failures():
        return await cluster.initialize()


def open_subscriber(url: str) -> Redis:
    """A connection to listen on: it may wait as long as nothing is said."""
    return Redis.from_url(url, socket_timeout=None, socket_connect_timeout=ANSWER_SECONDS, retry=Retry(NoBackoff(), 0))


@contextmanager
def store_failures() -> Iterator[None]:
    """Translate what redis-py raises.

    Raises:
        StoreUnavailable: by kind; never with an address or a password.
    """
    try:
        yield
    except redis.exceptions.OutOfMemoryError as error:
        raise StoreFull from error
    except redis.exceptions.ResponseError as error:
        if "OOM" in str(error) or "maxmemory" in str(error):
            raise StoreFull from error
        raise StoreUnavailable("it refused a command") from error
    except redis.exceptions.AuthenticationError as error:
        raise StoreUnavailable("it refused our credentials") from error
    except (redis.exceptions.TimeoutError, TimeoutError) as error:
        raise StoreLate from error
    except STORE_ERRORS as error:
        raise StoreUnavailable("it cannot be reached") from error


async def refuse_forgetful(client: Redis | RedisCluster) -> None:
    """Make sure that the server keeps what it is given.

    Raises:
        StoreForgets: it may evict keys; names the setting, what was found and what is allowed.
        StoreUnavailable: it does not answer.
    """
    with store_failures():
        settings = await client.config_get("maxmemory-policy")
    policy = next(iter(settings.values()), None) or "nothing that the server would tell"
    if policy not in KEEPING_POLICIES:
        allowed = ", ".join(sorted(KEEPING_POLICIES))
        raise StoreForgets(f"maxmemory-policy: found {policy}, allowed: {allowed}")
