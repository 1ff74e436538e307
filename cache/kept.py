"""Answers that were given before, for as long as nothing that they rest on has changed.

Nothing is kept by time: an answer is dropped the moment a change of anything that it rests on is announced, as near
copies are. What only moves on in it, as ages do, is written anew by whoever made it.
"""

from collections import OrderedDict
from collections.abc import Collection, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from cache.changes import Changes

A = TypeVar("A")

OVERHEAD = 1_000
"""Bytes that an answer costs besides what it holds."""

BYTES_OF_A_NAME = 200
"""What it costs to be told of one change: the name, and its places."""

MOST_ASKED = 10_000
"""How many questions are remembered that were asked."""

MOST_SKIPPED = 64
"""After how many askings, at most, it is tried again to keep an answer that could not be kept."""


class _Kept(Generic[A]):
    """One answer; woken when it is none any more."""

    __slots__ = ("_home", "answer", "key", "names", "size")

    def __init__(self, home: "KeptAnswers[A]", key: Hashable, answer: A, names: Collection[str], size: int) -> None:
        self._home, self.key, self.answer, self.names, self.size = home, key, answer, names, size

    def wake(self) -> None:
        self._home.drop(self.key)


class _Missed:
    """Hears that anything may have changed."""

    __slots__ = ("_home",)

    def __init__(self, home: "KeptAnswers[A]") -> None:
        self._home = home

    def wake(self) -> None:
        self._home.drop_all()


@dataclass(slots=True)
class _Asked:
    """A question that was asked: how often it is to be asked before its answer is kept."""

    pause: int = 1
    left: int = 1


class KeptAnswers(Generic[A]):
    """Answers of one tenant within a bound in bytes; the longest unused go first.

    An answer is kept when it is asked for the second time: of what nobody asks again, nothing has to be kept. To find
    out what it rests on has its price, so after each time that it could not be kept the pause is twice as long.

    Args:
        changes: tells what has changed.
        max_bytes: about how much memory they may take; 0: none is kept.
    """

    def __init__(self, changes: Changes, max_bytes: int) -> None:
        self._changes = changes
        self.max_bytes = max_bytes
        self.used_bytes = 0
        self._kept: OrderedDict[Hashable, _Kept[A]] = OrderedDict()
        self._asked: OrderedDict[int, _Asked] = OrderedDict()
        changes.tell_missed(_Missed(self))

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> A | None:
        """The answer that is kept; null: none is."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        self._kept.move_to_end(key)
        return kept.answer

    def is_wanted(self, key: Hashable) -> bool:
        """Whether an answer would be kept: it was asked for before, and often enough if that was in vain."""
        asked = self._asked.get(hash(key)) or self._asked_first(key)
        asked.left -= 1
        return asked.left < 0

    def is_due(self, key: Hashable) -> bool:
        """Whether it is asked for the first time, or its answer would be kept."""
        asked = self._asked.get(hash(key))
        return asked is None or asked.left <= 0

    def give_up(self, key: Hashable) -> None:
        """An answer that is wanted cannot be kept this time."""
        asked = self._asked.get(hash(key)) or self._asked_first(key)
        asked.pause = asked.left = min(2 * asked.pause, MOST_SKIPPED)

    def _asked_first(self, key: Hashable) -> _Asked:
        asked = self._asked[hash(key)] = _Asked()
        if len(self._asked) > MOST_ASKED:
            self._asked.popitem(last=False)
        return asked

    def keep(self, key: Hashable, answer: A, size: int, names: Collection[str]) -> None:
        """Keep an answer until one of these names changes.

        Args:
            key: what was asked, and by whom it may be seen.
            answer: what is to be given again.
            size: of it, in bytes.
            names: what it rests on, as announcements call it.
        """
        self.drop(key)
        self._asked_first(key).left = 0
        cost = OVERHEAD + size + BYTES_OF_A_NAME * len(names)
        if cost > self.max_bytes:
            return
        kept = self._kept[key] = _Kept(self, key, answer, names, cost)
        self._changes.concern(kept, names)
        self.used_bytes += cost
        while self.used_bytes > self.max_bytes:
            self.drop(next(iter(self._kept)))

    def drop(self, key: Hashable) -> None:
        """It is no answer any more."""
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._changes.spare(kept, kept.names)
            self.used_bytes -= kept.size

    def drop_all(self) -> None:
        """Anything may have changed."""
        for key in tuple(self._kept):
            self.drop(key)
