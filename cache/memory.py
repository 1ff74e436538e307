"""What is kept, from as near as it may be taken: this process, else the store."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any

from msgspec.structs import replace

from cache.announcements import Announcements
from cache.changes import Changes
from cache.codec import decode_feed, encode_feed
from cache.near import NearCopies
from cache.own_writes import Copy, OwnWrites
from cache.server import Server
from cache.stopping import stop
from cache.store import Store, Wanted
from cache.unsettled import Unsettled
from domain.clock import Clock
from domain.errors import StoreError, StoreUnavailable
from domain.feed import Feed
from domain.identity import EntityKey
from domain.known import Known, Nature, merge
from domain.listing import Listing
from domain.lookup import Question

CATCH_UP_SECONDS = 0.5
"""How often the store is offered what it could not take."""


class Memory:
    """The store of one tenant, with near copies before it.

    Args:
        store: where everything is kept.
        clock: for how long nothing was announced.
        near_bytes: about how much memory near copies may take.
    """

    def __init__(self, store: Store, clock: Clock, near_bytes: int) -> None:
        self.store = store
        self.near = NearCopies(near_bytes)
        self._own_writes = OwnWrites(self.near)
        self.changes = Changes()
        self.unsettled = Unsettled(store)
        self._catching_up: asyncio.Task[None] | None = None
        self._is_fitted = False
        store.written = self._written
        self.announcements = Announcements(
            store.server, store.keys.announcements(), clock, heard=self._heard, missed=self._missed
        )

    @property
    def server(self) -> Server:
        """Where the store is."""
        return self.store.server

    @property
    def is_up(self) -> bool:
        """Whether the store can be used; near copies are the last resort if not, and are said to be stale."""
        return self._is_fitted and self.server.is_up

    @property
    def is_current(self) -> bool:
        """Whether what is at hand is what the store has: every change is heard, and none waits to be kept."""
        return self.is_up and self.announcements.is_live and not self.unsettled

    async def open(self) -> None:
        """Begin to use the store, and to hear of changes; who made its server has opened it."""
        await self._fit()
        self.announcements.open()
        self._catching_up = asyncio.create_task(self._catch_up())

    async def aclose(self) -> None:
        """Let go of the store; its server is not ours alone."""
        if self._catching_up is not None:
            await stop([self._catching_up])
        await self.announcements.aclose()

    def at_hand(self, wanted: Sequence[Wanted]) -> dict[str, Any]:
        """Those values that need not be fetched, by name; while the store is down, whatever there is."""
        if self.is_up and not self.announcements.is_live:
            return {}
        return self.near.copies_of(each.name for each in wanted)

    def has(self, name: str, value: object) -> bool:
        """Whether this very value is at hand."""
        return name in self.near and self.near.copy_of(name) is value

    def take_over(self, heard: Mapping[str, Feed | None]) -> None:
        """Have at hand what feeds have heard, by their names, which was just read; newer copies stay."""
        for name, feed in heard.items():
            if name not in self.near:
                self.near.keep(name, feed, len(encode_feed(feed)) if feed else 0)

    async def recall(self, wanted: Sequence[Wanted]) -> Mapping[str, Any]:
        """All values by name, null for what is not kept; never raises: what cannot be read is not there."""
        found = self.at_hand(wanted)
        missing = [each for each in wanted if each.name not in found]
        if missing:
            found.update(await self._read(missing))
        if self.unsettled:
            return {name: self.unsettled.over(name, value) for name, value in found.items()}
        return found

    async def recall_anew(self, wanted: Sequence[Wanted]) -> Mapping[str, Any]:
        """All values by name, from the store itself.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        values = await self.store.read(wanted)
        return {each.name: value for each, (value, _) in zip(wanted, values, strict=True)}

    async def settle(
        self,
        seen: Sequence[tuple[Known, Nature]],
        listings: Mapping[Question, Listing],
        before: Mapping[EntityKey, Known],
    ) -> Mapping[EntityKey, Known]:
        """Merge what was seen into what is known, see `Store.settle`; never raises: what the store misses is held."""
        store, changes, own = self.store, self.changes, self._own_writes
        write = own.begin(
            each.name for each in (*(store.entity(known.key) for known, _ in seen), *map(store.listing, listings))
        )

        def written(copies: Mapping[str, Copy | None]) -> None:
            own.wrote(write, copies)
            changes.heard(copies)

        try:
            return await store.settle(seen, listings, before=before, written=written)
        except StoreError:
            self.unsettled.add(seen, listings)
        finally:
            own.end(write)
        now = dict(before)
        for known, nature in seen:
            now[known.key] = merge(now[known.key], known, nature) if known.key in now else known
        return now

    async def _catch_up(self) -> None:
        """A store that is full says nothing when it has room again."""
        while True:
            await asyncio.sleep(CATCH_UP_SECONDS)
            await self._fit()
            if self.unsettled and self.is_up:
                with suppress(StoreError):
                    await self.unsettled.settle()

    async def _fit(self) -> None:
        """Spread the keys as they were spread at the very first time: over the nodes that there were then."""
        if not self._is_fitted and self.server.is_up:
            keys = self.store.keys
            with suppress(StoreError):
                partitions = await self.server.once(keys.meta(), str(self.server.primaries))
                self.store.keys = replace(keys, partitions=int(partitions))
                self._is_fitted = True

    async def _read(self, wanted: Sequence[Wanted]) -> Mapping[str, Any]:
        ticket = self.near.begin()
        kept: list[tuple[str, Any, int]] = []
        try:
            values = await self.store.read(wanted)
            kept = [(each.name, value, size) for each, (value, size) in zip(wanted, values, strict=True)]
        except StoreUnavailable:
            return dict.fromkeys(each.name for each in wanted) | self.at_hand(wanted)
        finally:
            self.near.end(ticket, kept)
        return {name: value for name, value, _ in kept}

    def _heard(self, versions: Mapping[str, str]) -> None:
        """Changes: the copies go, or, those of feeds, are replaced: they are announced with their values."""
        for name in self._own_writes.announced(versions):
            if name.startswith("F "):
                self.near.keep(name, decode_feed(versions[name].encode()), len(versions[name]))
        self.changes.heard(versions)

    def _written(self, names: Collection[str]) -> None:
        """Changes of our own: nobody here waits for their announcement."""
        self.near.drop(names)
        self.changes.heard(names)

    def _missed(self) -> None:
        self.near.drop_all()
        self.changes.missed()
