"""Who waits for changes of what: announcements find those who are concerned, and nobody else is woken."""

import asyncio
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol


class Concerned(Protocol):
    """Somebody whom a change concerns."""

    def wake(self) -> None:
        """Something has changed."""


@dataclass(slots=True, eq=False)
class Overheard:
    """What was announced while something was read."""

    names: set[str] = field(default_factory=set)
    is_all: bool = False

    def any_of(self, names: Iterable[str]) -> bool:
        """Whether one of these may have changed meanwhile."""
        return self.is_all or not self.names.isdisjoint(names)


class Changes:
    """All that is waited for in this process; what nobody waits for costs one look into a dictionary."""

    def __init__(self) -> None:
        self._by_name: dict[str, set[Concerned]] = {}
        self._everybody: set[Concerned] = set()
        self._overheard: set[Overheard] = set()

    def __len__(self) -> int:
        """How many names are waited for."""
        return len(self._by_name)

    def interest(self) -> "Interest":
        """Begin to wait; for nothing yet."""
        interest = Interest(self)
        self.tell_missed(interest)
        return interest

    def tell_missed(self, concerned: Concerned) -> None:
        """Have somebody woken whenever anything may have changed."""
        self._everybody.add(concerned)

    def heard(self, names: Collection[str]) -> None:
        """These have changed."""
        for overheard in self._overheard:
            overheard.names.update(names)
        for name in names:
            for concerned in tuple(self._by_name.get(name, ())):
                concerned.wake()

    def missed(self) -> None:
        """Anything may have changed."""
        for overheard in self._overheard:
            overheard.is_all = True
        for concerned in tuple(self._everybody):
            concerned.wake()

    @contextmanager
    def overheard(self) -> Iterator[Overheard]:
        """Take down all that is announced meanwhile."""
        overheard = Overheard()
        self._overheard.add(overheard)
        try:
            yield overheard
        finally:
            self._overheard.discard(overheard)

    def concern(self, concerned: Concerned, names: Collection[str]) -> None:
        """Have somebody woken by these names, too."""
        for name in names:
            self._by_name.setdefault(name, set()).add(concerned)

    def spare(self, concerned: Concerned, names: Collection[str]) -> None:
        """Have somebody woken by these names no more."""
        for name in names:
            waiting = self._by_name[name]
            waiting.discard(concerned)
            if not waiting:
                del self._by_name[name]

    def forget(self, concerned: Concerned) -> None:
        """Somebody does not wait any more."""
        self._everybody.discard(concerned)


class Interest:
    """What one of them waits for."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._names: frozenset[str] = frozenset()
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """There is something to look at."""
        self._woken.set()

    def turn_to(self, names: frozenset[str]) -> bool:
        """Wait for changes of these names from now on; says whether some of them were not waited for before."""
        fresh = names - self._names
        self._changes.concern(self, fresh)
        self._changes.spare(self, self._names - names)
        self._names = names
        return bool(fresh)

    async def changed(self) -> None:
        """Wait until something was changed since this was last waited for."""
        await self._woken.wait()
        self._woken.clear()

    def close(self) -> None:
        """Wait for nothing any more."""
        self.turn_to(frozenset())
        self._changes.forget(self)
