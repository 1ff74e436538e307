"""What is kept, from as near as it may be taken: this process, else the store."""

from collections.abc import Mapping, Sequence
from typing import Any

from cache.announcements import Announcements
from cache.codec import decode_feed
from cache.near import NearCopies
from cache.server import Server
from cache.store import Store, Wanted
from domain.clock import Clock
from domain.errors import StoreUnavailable


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
        store.written = self.near.drop
        self.announcements = Announcements(
            store.server, store.keys.announcements(), clock, heard=self._heard, missed=self.near.drop_all
        )

    @property
    def server(self) -> Server:
        """Where the store is."""
        return self.store.server

    @property
    def is_up(self) -> bool:
        """Whether the store can be used; near copies are the last resort if not, and are said to be stale."""
        return self.server.is_up

    async def open(self) -> None:
        """Begin to use the store, and to hear of changes.

        Raises:
            StoreForgets: it may throw away what it is given.
        """
        await self.server.open()
        self.announcements.open()

    async def aclose(self) -> None:
        """Let go of everything."""
        await self.announcements.aclose()
        await self.server.aclose()

    def at_hand(self, wanted: Sequence[Wanted]) -> dict[str, Any]:
        """Those values that need not be fetched, by name; while the store is down, whatever there is."""
        if self.is_up and not self.announcements.is_live:
            return {}
        near = self.near
        return {each.name: near.copy_of(each.name) for each in wanted if each.name in near}

    async def recall(self, wanted: Sequence[Wanted]) -> Mapping[str, Any]:
        """All values by name, null for what is not kept; never raises: what cannot be read is not there."""
        found = self.at_hand(wanted)
        missing = [each for each in wanted if each.name not in found]
        if missing:
            found.update(await self._read(missing))
        return found

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

    def _heard(self, name: str, value: str) -> None:
        """A change: the copy goes, or, where the change is announced with its value, is replaced."""
        was_kept = name in self.near
        self.near.drop(name)
        if value and was_kept:
            self.near.keep(name, decode_feed(value.encode()), len(value))
