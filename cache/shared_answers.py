"""Answers that one process has found, for all others: in the store, and given only while all they rest on is as it was.

What an answer rests on is looked at by the very command that gives it, so it is never older than the store. Nobody has
to drop it: one that rests on something else is not given any more, and goes after a while. This takes a single Redis:
the nodes of a cluster cannot look at each other's keys.
"""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from struct import pack
from typing import Any, Generic, TypeVar

import msgspec

from cache.changes import Changes, Overheard
from cache.codec import decode_feed, encode_feed, encode_ids, encode_listing
from cache.grounds import Grounds
from cache.keys import DIGITS, Keys
from cache.server import Script, Step
from cache.stopping import stop
from cache.store import Store, Written
from domain.errors import StoreError
from domain.feed import Feed
from domain.known import Known
from domain.listing import Listing

A = TypeVar("A")

ANSWERS = Script.named("answers")

KEPT_SECONDS = 600
"""How long an answer stays in the store; it may be none any more long before."""

MOST_GROUNDS = 2_000
"""On how many values an answer may rest that is given to others; a script has no room for many more."""


@dataclass(frozen=True, slots=True)
class Found:
    """An answer that still is one.

    Attributes:
        answer: as it was shared.
        feeds: what the feeds have heard whose watermarks are in it, in their order.
        overheard: what has been announced since it was looked for.
    """

    answer: bytes
    feeds: tuple[Feed | None, ...]
    overheard: Overheard


@dataclass(frozen=True, slots=True)
class _Sought(Generic[A]):
    """An answer that is looked for, how it is read, and what will have been read."""

    read: Callable[[Found], A | None]
    outcome: "asyncio.Future[A | None]"


class SharedAnswers(Generic[A]):
    """Those of one tenant.

    Args:
        store: where they are.
        changes: tells what has changed.
        generation: what answers are made with, see `app.generation`; other processes that have another one are
            strangers. Null: none are shared.
    """

    def __init__(self, store: Store, changes: Changes, generation: str | None) -> None:
        self._store = store
        self._changes = changes
        self._generation = generation
        self._sought: dict[str, _Sought[A]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_looking = False

    @property
    def is_on(self) -> bool:
        """Whether any are shared."""
        return self._generation is not None and not self._store.server.is_cluster and self._store.keys.partitions == 1

    def name_of(self, audience: bytes, body: bytes) -> str:
        """What an answer is called: a digest of all that decides what it is.

        Args:
            audience: who may see it.
            body: of the request.
        """
        parts = b"\0".join([(self._generation or "").encode(), audience, body])
        return hashlib.sha256(parts).hexdigest()[:DIGITS]

    async def find(self, name: str, read: Callable[[Found], A | None]) -> A | None:
        """The answer of this name; whoever looks for the same is told the same, which is read once.

        What is looked for while something else is, is looked for together after that.

        Args:
            name: of the answer.
            read: makes it out of what was found, in the very moment that it is found; null: it is none.
        """
        sought = self._sought.get(name)
        if sought is None:
            sought = self._sought[name] = _Sought(read, asyncio.get_running_loop().create_future())
            if not self._is_looking:
                self._is_looking = True
                self._begin(self._look())
        return await asyncio.shield(sought.outcome)

    def share(self, name: str, answer: bytes, grounds: Grounds) -> bool:
        """Give an answer to others; says whether that can be done. Nobody waits for it."""
        written = _written(self._store.keys, grounds)
        if written is None:
            return False
        self._begin(self._write(name, pack(">I", len(written)) + written + answer))
        return True

    async def aclose(self) -> None:
        """Share no more."""
        await stop(self._tasks)

    def _begin(self, work: Any) -> None:  # noqa: ANN401  # a coroutine
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _look(self) -> None:
        """Look for all that are sought, until none is."""
        under_way: dict[str, _Sought[A]] = {}
        try:
            await asyncio.sleep(0)  # whoever asks in the same moment comes along
            while self._sought:
                under_way, self._sought = self._sought, {}
                await self._find(under_way)
        finally:
            self._is_looking = False
            for sought in (*under_way.values(), *self._sought.values()):
                if not sought.outcome.done():
                    sought.outcome.set_result(None)

    async def _find(self, sought: Mapping[str, _Sought[A]]) -> None:
        step = Step(ANSWERS, [self._store.keys.answer(name) for name in sought], [])
        with self._changes.overheard() as overheard, suppress(StoreError):
            [results] = await self._store.server.run([step])
            for each, result in zip(sought.values(), results, strict=True):
                each.outcome.set_result(each.read(_found(result, overheard)) if result else None)

    async def _write(self, name: str, value: bytes) -> None:
        with suppress(StoreError):
            await self._store.server.write({self._store.keys.answer(name): value}, KEPT_SECONDS)


def _found(result: list[bytes | None], overheard: Overheard) -> Found:
    answer, *heard = result
    return Found(answer or b"", tuple(decode_feed(each) if each else None for each in heard), overheard)


def _written(keys: Keys, grounds: Grounds) -> bytes | None:
    """What an answer rests on, as `answers.lua` wants it; null: it rests on what is not in the store as it was seen."""
    digests: dict[str, str] = {}
    others: dict[str, str] = {}
    for name, value in grounds.values.items():
        digest = _digest(value)
        if digest is None:
            others[keys.named(name)] = _stored(value)
        else:
            digests[keys.named(name)] = digest
    if "" in digests.values() or len(digests) + len(others) > MOST_GROUNDS:
        return None
    feeds = [keys.named(name) for name in grounds.feeds]
    return msgspec.msgpack.encode([*_unzipped(digests), *_unzipped(others), feeds])


def _digest(value: object) -> str | None:
    """The digest that a value begins with in the store; empty: it was never there; null: it has none."""
    match value:
        case Known():
            return value.kept_as
        case Written():
            return value.digest
        case _:
            return None


def _stored(value: object) -> str:
    """A value that begins with no digest, as it is in the store; empty: there is none."""
    match value:
        case None:
            return ""
        case Listing():
            return encode_listing(value).decode()
        case Feed():
            return encode_feed(value).decode()
        case tuple():
            return encode_ids(value).decode()
        case _:
            raise TypeError(f"nothing of {type(value).__name__} is looked at")


def _unzipped(versions: Mapping[str, str]) -> tuple[list[str], list[str]]:
    return list(versions), list(versions.values())
