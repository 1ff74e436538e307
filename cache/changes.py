"""Who waits for changes of what: announcements find those who are concerned, and nobody else is woken."""

import asyncio
from collections.abc import Collection


class Changes:
    """All that is waited for in this process; what nobody waits for costs one look into a dictionary."""

    def __init__(self) -> None:
        self._by_name: dict[str, set[Interest]] = {}
        self._everybody: set[Interest] = set()

    def __len__(self) -> int:
        """How many names are waited for."""
        return len(self._by_name)

    def interest(self) -> "Interest":
        """Begin to wait; for nothing yet."""
        interest = Interest(self)
        self._everybody.add(interest)
        return interest

    def heard(self, name: str) -> None:
        """Something has changed."""
        for interest in self._by_name.get(name, ()):
            interest.wake()

    def missed(self) -> None:
        """Anything may have changed."""
        for interest in self._everybody:
            interest.wake()

    def concern(self, interest: "Interest", names: Collection[str]) -> None:
        """Have somebody woken by these names, too."""
        for name in names:
            self._by_name.setdefault(name, set()).add(interest)

    def spare(self, interest: "Interest", names: Collection[str]) -> None:
        """Have somebody woken by these names no more."""
        for name in names:
            concerned = self._by_name[name]
            concerned.discard(interest)
            if not concerned:
                del self._by_name[name]

    def forget(self, interest: "Interest") -> None:
        """Somebody does not wait any more."""
        self._everybody.discard(interest)


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
