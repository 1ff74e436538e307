"""One Redis, or a cluster of them: the few things that the store asks of it.

Short commands go over connections of their own kind: reads never queue behind writes, nor the announcements behind
either. A server that does not answer is remembered as down, so that nobody waits for it again until it does.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Self, TypeVar

import redis.exceptions
import structlog
from redis.asyncio import Redis, RedisCluster

from cache.connections import (
    ANSWER_SECONDS,
    CONNECTIONS,
    STORE_ERRORS,
    open_cluster,
    open_connections,
    open_subscriber,
    refuse_forgetful,
    store_failures,
)
from cache.stopping import stop
from domain.errors import StoreForgets, StoreFull, StoreUnavailable

LAG_SECONDS = 0.1
"""An answer that is later than late by so much may have waited for us, not we for it."""

PROBE_SECONDS = 0.2
"""How often a server that is down is asked whether it is back."""

T = TypeVar("T")

log = structlog.get_logger()


@dataclass(frozen=True)
class Script:
    """One atomic step, in Lua."""

    text: str

    @classmethod
    def named(cls, name: str) -> Self:
        """The script of a file beside this one."""
        return cls(Path(__file__).with_name(f"{name}.lua").read_text(encoding="utf-8"))

    @cached_property
    def sha(self) -> str:
        """What Redis calls it."""
        return hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Step:
    """A script with what it is run on."""

    script: Script
    keys: Sequence[str]
    args: Sequence[str | int | bytes]


class Server:
    """A Redis, or a cluster.

    Args:
        url: address for redis-py; of a cluster, that of any node.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._reads: Redis | RedisCluster = open_connections(url)
        self._writes: Redis | RedisCluster = open_connections(url)
        self._blocking: Redis | RedisCluster = open_subscriber(url)
        self._probing: asyncio.Task[None] | None = None
        self._read_places = asyncio.Semaphore(CONNECTIONS)
        self._write_places = asyncio.Semaphore(CONNECTIONS)
        self._step_places = asyncio.Semaphore(CONNECTIONS)
        self.is_open = False
        self.primaries = 1

    @property
    def is_up(self) -> bool:
        """Whether it answered lately."""
        return self.is_open and self._probing is None

    @property
    def is_cluster(self) -> bool:
        """Whether it is more than one, as far as that is known."""
        return isinstance(self._reads, RedisCluster)

    async def open(self) -> None:
        """Begin to use it; if it does not answer, go on trying in the background.

        Raises:
            StoreForgets: it answers, but may throw away what it is given.
        """
        try:
            await self._begin()
        except StoreForgets:
            raise
        except StoreUnavailable as error:
            self._went_down(error)

    async def aclose(self) -> None:
        """Close every connection."""
        self.is_open = False
        if self._probing is not None:
            await stop([self._probing])
        await self._reads.aclose()
        await self._writes.aclose()
        await self._blocking.aclose()

    async def read(self, keys: Sequence[str]) -> list[bytes | None]:
        """The values of all keys, in one round trip.

        Raises:
            StoreUnavailable: it does not answer.
        """
        reads: Any = self._reads
        get = reads.mget_nonatomic if isinstance(reads, RedisCluster) else reads.mget
        return list(await self._guarded(lambda: get(keys), self._read_places)) if keys else []

    async def run(self, steps: Sequence[Step]) -> list[Any]:
        """What each step returned, all sent in one round trip.

        Raises:
            StoreFull: it has no room; nothing of a step was done that is not reported as done.
            StoreUnavailable: it does not answer; a step may have been done or not.
        """
        results = await self._guarded(lambda: self._run(steps), self._write_places)
        if any(isinstance(result, redis.exceptions.NoScriptError) for result in results):
            for script in {step.script for step in steps}:
                load = partial(self._writes.script_load, script.text)
                await self._guarded(load, self._write_places)
            results = await self._run_again(steps, results)
        for result in results:
            if isinstance(result, BaseException):
                with store_failures():
                    raise result
        return results

    async def _run_again(self, steps: Sequence[Step], results: Sequence[Any]) -> list[Any]:
        """The results, those of steps whose script was not there replaced by a second try."""
        again = [isinstance(result, redis.exceptions.NoScriptError) for result in results]
        missed = [step for step, is_missed in zip(steps, again, strict=True) if is_missed]
        second = iter(await self._guarded(lambda: self._run(missed), self._write_places))
        return [next(second) if is_missed else result for result, is_missed in zip(results, again, strict=True)]

    async def write(self, values: Mapping[str, bytes], seconds: int) -> None:
        """Keep values for a while, whatever was there; in one round trip.

        Raises:
            StoreUnavailable: it does not answer, or has no room.
        """
        await self._guarded(lambda: self._write(values, seconds), self._write_places)

    async def publish(self, channel: str, message: str) -> None:
        """Say something to whoever listens.

        Raises:
            StoreUnavailable: it does not answer.
        """
        say = partial(self._writes.execute_command, "PUBLISH", channel, message)
        await self._guarded(say, self._write_places)

    async def command(self, *arguments: str) -> Any:  # noqa: ANN401  # whatever the command answers
        """One command that may block on the server, on a connection that waits for it.

        Raises:
            redis.exceptions.ResponseError: it was refused; the caller knows what that means.
            StoreUnavailable: it does not answer.
        """
        if not self.is_up:
            raise StoreUnavailable("it did not answer a moment ago")
        try:
            return await self._blocking.execute_command(*arguments)
        except redis.exceptions.ResponseError:
            raise
        except STORE_ERRORS as error:
            failure = StoreUnavailable("it cannot be reached")
            if not await self._answers():
                self._went_down(failure)
            raise failure from error

    async def _answers(self) -> bool:
        """Whether it was only this connection: one that waited may be closed by now, or we were too busy to make it."""
        try:
            with store_failures():
                await self._reads.ping()
        except StoreUnavailable:
            return False
        return True

    async def once(self, key: str, value: str) -> str:
        """The value of a key that is set once and for all; ours, if it was not set.

        Raises:
            StoreUnavailable: it does not answer, or has no room.
        """
        with store_failures():
            await self._writes.set(key, value, nx=True)
            found: Any = await self._writes.get(key)
        return str(found, "utf-8")

    def subscriber(self) -> Redis:
        """A connection to listen on; of a cluster, to any node: all of them hear everything."""
        return open_subscriber(self._url)

    async def _run(self, steps: Sequence[Step]) -> list[Any]:
        writes = self._writes
        if isinstance(writes, RedisCluster):  # its pipelines take no scripts
            return await asyncio.gather(*(self._run_one(writes, step) for step in steps), return_exceptions=True)
        async with writes.pipeline(transaction=False) as pipeline:
            for step in steps:
                pipeline.evalsha(step.script.sha, len(step.keys), *step.keys, *step.args)
            return list(await pipeline.execute(raise_on_error=False))

    async def _write(self, values: Mapping[str, bytes], seconds: int) -> None:
        async with self._writes.pipeline(transaction=False) as pipeline:
            for key, value in values.items():
                pipeline.set(key, value, ex=seconds)
            await pipeline.execute()

    async def _run_one(self, writes: RedisCluster, step: Step) -> Any:  # noqa: ANN401  # whatever the script returns
        async with self._step_places:
            return await writes.evalsha(step.script.sha, len(step.keys), *step.keys, *step.args)

    async def _guarded(self, command: Callable[[], Awaitable[T]], places: asyncio.Semaphore) -> T:
        """What the command answers. Waiting for a free connection is our own crowd, and says nothing of the server."""
        async with places:
            if not self.is_up:
                raise StoreUnavailable("it did not answer a moment ago")
            try:
                return await self._answer(command)
            except StoreFull:
                raise
            except StoreUnavailable as error:
                self._went_down(error)
                raise

    @staticmethod
    async def _answer(command: Callable[[], Awaitable[T]]) -> T:
        """The answer; if it was this process that was too busy to take it, at the second try.

        Every command may be repeated: what was done the first time is found done.
        """
        clock = asyncio.get_running_loop().time
        started = clock()
        try:
            with store_failures():
                return await command()
        except StoreFull:
            raise
        except StoreUnavailable:
            if clock() - started < ANSWER_SECONDS + LAG_SECONDS:
                raise
        with store_failures():
            return await command()

    def _went_down(self, error: StoreUnavailable) -> None:
        if self._probing is None:
            log.error("store down", reason=str(error))
            self._probing = asyncio.create_task(self._probe())

    async def _probe(self) -> None:
        while True:
            await asyncio.sleep(PROBE_SECONDS)
            try:
                await self._begin()
            except StoreForgets as error:
                log.error("store not used", reason=str(error))  # noqa: TRY400  # the reason says it all
            except StoreUnavailable:
                continue
            else:
                log.warning("store back")
                return

    async def _begin(self) -> None:
        """Make sure that it can be used."""
        with store_failures():
            info = await self._reads.info() if isinstance(self._reads, Redis) else {"cluster_enabled": 1}
            if info.get("cluster_enabled") and isinstance(self._reads, Redis):
                self._reads, self._writes = await _clustered(self._url, self._reads, self._writes)
                self._blocking = open_cluster(self._url, waits=True)
            if isinstance(self._reads, RedisCluster):
                await self._reads.initialize()
                self.primaries = len(self._reads.get_primaries())
            await self._writes.ping()
        await refuse_forgetful(self._writes)
        if not self.is_open and not info.get("aof_enabled", 1):
            log.warning("store not append-only", setting="appendonly", found="no", allowed="yes")
        self.is_open, self._probing = True, None


async def _clustered(url: str, *single: Redis | RedisCluster) -> tuple[RedisCluster, RedisCluster]:
    for client in single:
        await client.aclose()
    return open_cluster(url), open_cluster(url)
