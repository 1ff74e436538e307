"""Copies of what was read lately, in this process.

A copy is dropped the moment that a change of it is announced, so it is at most one announcement behind; it never
expires. Hot reads take `copy_of` directly; the rest of the world sees an aiocache cache, so that its plugins work here.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from aiocache.base import BaseCache
from aiocache.serializers import NullSerializer

OVERHEAD = 600
"""Bytes that a copy costs besides what it holds: its place, its name, its outermost objects."""

UNFOLDING = 6
"""How much more memory values take as objects than as bytes, measured by `python -m bench.size`."""


@dataclass(slots=True, eq=False)
class Ticket:
    """A read that is under way: what is announced meanwhile must not be kept."""

    dropped: set[str] = field(default_factory=set)
    is_void: bool = False


class NearCopies(BaseCache):  # type: ignore[misc]  # aiocache has no types
    """Copies within a bound in bytes; the longest unused go first.

    Args:
        max_bytes: about how much memory they may take.
    """

    NAME = "near"

    def __init__(self, max_bytes: int) -> None:
        super().__init__(serializer=NullSerializer(), timeout=0)
        self.max_bytes = max_bytes
        self.used_bytes = 0
        self.evicted = 0
        self._copies: OrderedDict[str, tuple[Any, int]] = OrderedDict()
        self._tickets: set[Ticket] = set()

    def __len__(self) -> int:
        return len(self._copies)

    def __contains__(self, name: str) -> bool:
        return name in self._copies

    def copy_of(self, name: str) -> Any:  # noqa: ANN401  # whatever was kept
        """What is kept under a name, which may be that there is nothing; raises KeyError if nothing is kept."""
        value, _ = self._copies[name]
        self._copies.move_to_end(name)
        return value

    def copies_of(self, names: Iterable[str]) -> dict[str, Any]:
        """What is kept under these names, of those under which something is."""
        copies, found = self._copies, {}
        for name in names:
            kept = copies.get(name)
            if kept is not None:
                copies.move_to_end(name)
                found[name] = kept[0]
        return found

    def begin(self) -> Ticket:
        """Before something is read that will be kept."""
        ticket = Ticket()
        self._tickets.add(ticket)
        return ticket

    def end(self, ticket: Ticket, read: Iterable[tuple[str, Any, int]]) -> None:
        """Keep what was read, each with its size in bytes as it was read, unless it changed meanwhile."""
        self._tickets.discard(ticket)
        if ticket.is_void:
            return
        kept = [each for each in read if each[0] not in ticket.dropped]
        self.drop([name for name, _, _ in kept])
        for name, value, size in kept:
            self._add(name, value, OVERHEAD + UNFOLDING * size)

    def keep(self, name: str, value: Any, size: int) -> None:  # noqa: ANN401  # whatever is to be kept
        """Keep one copy."""
        self.drop([name])
        self._add(name, value, OVERHEAD + UNFOLDING * size)

    def _add(self, name: str, value: Any, cost: int) -> None:  # noqa: ANN401  # whatever is to be kept
        if cost > self.max_bytes:
            return
        self._copies[name] = (value, cost)
        self.used_bytes += cost
        while self.used_bytes > self.max_bytes:
            _, (_, freed) = self._copies.popitem(last=False)
            self.used_bytes -= freed
            self.evicted += 1

    def drop(self, names: Collection[str], spared: Collection[Ticket] = ()) -> None:
        """They have changed; but what is read with a ticket that is spared may be kept."""
        for ticket in self._tickets:
            if ticket not in spared:
                ticket.dropped.update(names)
        for name in names:
            _, cost = self._copies.pop(name, (None, 0))
            self.used_bytes -= cost

    def drop_all(self) -> None:
        """Anything may have changed."""
        for ticket in self._tickets:
            ticket.is_void = True
        self._copies.clear()
        self.used_bytes = 0

    async def _get(self, key: str, encoding: str | None = None, _conn: object = None) -> object:  # noqa: ARG002  # aiocache's signature
        return self.copy_of(key) if key in self else None

    async def _set(self, key: str, value: object, *_: object, **__: object) -> bool:
        self.keep(key, value, 0)
        return True

    async def _delete(self, key: str, _conn: object = None) -> int:
        was_there = key in self
        self.drop([key])
        return int(was_there)

    async def _exists(self, key: str, _conn: object = None) -> bool:
        return key in self

    async def _clear(self, namespace: str | None = None, _conn: object = None) -> bool:  # noqa: ARG002  # as above
        self.drop_all()
        return True
