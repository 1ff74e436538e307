"""Near copies of what this process writes itself: replaced by what was written, instead of dropped and read again.

The answer to a write and its announcement come over two connections, in either order, and others may write in between.
So announcements say which version they are of, and a copy replaces another one only if no other version of it was
announced, read or written here since the write began: a near copy is at most one announcement behind, as ever.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cache.codec import encode_listing
from cache.near import NearCopies, Ticket
from domain.known import Known
from domain.listing import Listing


class Copy(NamedTuple):
    """A value as it was written.

    Attributes:
        value: for readers.
        size: in bytes, as it is stored.
        version: as it is announced.
    """

    value: Any
    size: int
    version: str


@dataclass(slots=True, eq=False)
class OwnWrite:
    """A write that is under way.

    Attributes:
        kept: names of those copies that there were when it began; what nobody reads here is not kept.
        ticket: which of them were read, or written by others here, meanwhile.
        heard: the version of each that was announced last.
        written: what was written.
    """

    kept: frozenset[str]
    ticket: Ticket
    heard: dict[str, str] = field(default_factory=dict)
    written: dict[str, Copy] = field(default_factory=dict)


class OwnWrites:
    """All of them that are under way.

    Args:
        near: the copies.
    """

    def __init__(self, near: NearCopies) -> None:
        self._near = near
        self._under_way: set[OwnWrite] = set()

    def begin(self, names: Iterable[str]) -> OwnWrite:
        """Before things of these names are written."""
        write = OwnWrite(frozenset(name for name in names if name in self._near), self._near.begin())
        self._under_way.add(write)
        return write

    def end(self, write: OwnWrite) -> None:
        """Keep what was written, unless there may be something newer."""
        self._under_way.discard(write)
        copies = [
            (name, copy.value, copy.size)
            for name, copy in write.written.items()
            if name in write.kept and write.heard.get(name, copy.version) == copy.version
        ]
        self._near.end(write.ticket, copies)

    def wrote(self, write: OwnWrite, copies: Mapping[str, Copy | None]) -> None:
        """The store has these; null: it is not known what the store has."""
        self._near.drop(copies, [write.ticket])
        write.written.update((name, copy) for name, copy in copies.items() if copy is not None)

    def announced(self, versions: Mapping[str, str]) -> list[str]:
        """Things have changed, maybe by one of these; gives those of which there was a copy that had to go."""
        near = self._near
        news = {
            name: version
            for name, version in versions.items()
            if not (name in near and _is_as_new(near.copy_of(name), version))
        }
        gone = [name for name in news if name in near]
        for write in self._under_way:
            write.heard.update(news)
        near.drop(news, [write.ticket for write in self._under_way])
        return gone


def _is_as_new(copy: object, announced: str) -> bool:
    """Whether a copy is what is announced, or newer."""
    match copy:
        case Known():
            return copy.kept_as == announced
        case Listing():
            return encode_listing(copy) >= announced.encode()
        case _:
            return False
