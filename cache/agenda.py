"""What has to be thought about: entities of which something else is known, and orders whose time has come.

Every write of an entity puts it on the agenda, in the same atomic step; what was concluded, the rows of the stall board
and the events that come of it are written in another, which also says when the order has to be looked at again. So
nothing is forgotten when a process dies, and whatever is done twice ends the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cache.board import attributes_of, name_of_row, score_of
from cache.codec import encode_conclusions, encode_operational, encode_standing
from cache.keys import Keys, agenda_of_order, name_of_order
from cache.server import Script, Step
from cache.settling import KEPT_SECONDS, OUTGOING, digest_of
from cache.store import Store, Written
from domain.conclusions import Conclusions
from domain.operational import OperationalEvent
from domain.stages import Standing

Argument = str | int | bytes

CONCLUDE, TICK = Script.named("conclude"), Script.named("tick")


@dataclass(frozen=True, slots=True)
class Due:
    """One thing on the agenda.

    Attributes:
        name: what; see `cache.keys`.
        score: since when, exactly as it is stored: it is different once something has happened again.
    """

    name: bytes
    score: bytes


@dataclass(frozen=True, slots=True)
class Concluding:
    """What is to be written of one order.

    Attributes:
        present: what was there.
        after: what is to be there.
        news: what the outside is told.
    """

    present: Written | None
    after: Conclusions
    news: Sequence[OperationalEvent]

    @property
    def before(self) -> Conclusions:
        """What was concluded before, as far as it can be read."""
        kept = self.present.conclusions if self.present else None
        return kept or Conclusions(self.after.order_number)


class Agenda:
    """The agenda of one tenant.

    Args:
        store: what it is kept in.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def _keys(self) -> Keys:
        return self._store.keys

    @property
    def partitions(self) -> range:
        """One agenda each."""
        return range(self._keys.partitions)

    async def due(self, partition: int, now: datetime, most: int) -> list[Due]:
        """What is due, the longest waiting first.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        command = ("ZRANGE", self._keys.agenda(partition), "-inf", str(now.timestamp()), "BYSCORE")
        found = await self._store.server.command(*command, "LIMIT", "0", str(most), "WITHSCORES")
        return [Due(name, _spelled(score)) for name, score in _pairs(found)]

    async def done(self, partition: int, due: Sequence[Due]) -> None:
        """They were thought about; what has happened again meanwhile stays.

        Raises:
            StoreUnavailable: the store does not answer; they will be thought about again.
        """
        told = [part for each in due for part in (each.name, each.score)]
        if told:
            await self._store.server.run([Step(TICK, [self._keys.agenda(partition)], told)])

    async def conclude(self, written: Sequence[Concluding]) -> list[bool]:
        """Write what was concluded of orders; says of each whether it was, or somebody else wrote first.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        results = await self._store.server.run([self._step(each) for each in written])
        self._store.written([self._store.conclusions(each.after.order_number).name for each in written])
        return [bool(result[0]) for result in results]

    def _step(self, written: Concluding) -> Step:
        after, before = written.after, written.before
        partition = self._keys.partition(name_of_order(after.order_number))
        indexes = _Indexes(self._keys, partition)
        gone: list[Argument] = [part for each in before.standings for part in (name_of_row(each), *indexes.of(each))]
        come: list[Argument] = [
            part
            for each in after.standings
            for part in (name_of_row(each), score_of(each), encode_standing(each), *indexes.of(each))
        ]
        keys = [
            self._keys.conclusions(after.order_number),
            self._keys.agenda(partition),
            self._keys.board_rows(partition),
            self._keys.outgoing(partition),
            self._keys.told(partition),
            *indexes.keys,
        ]
        arguments: list[Argument] = [
            written.present.digest if written.present else "",
            self._kept(after),
            KEPT_SECONDS,
            agenda_of_order(after.order_number),
            "" if after.look_at is None else str(after.look_at.timestamp()),
            self._keys.announcements(),
            self._store.conclusions(after.order_number).name,
            OUTGOING,
            len(written.news),
            *(part for each in written.news for part in (each.id, encode_operational(each))),
            len(before.standings),
            *gone,
            len(after.standings),
            *come,
        ]
        return Step(CONCLUDE, keys, arguments)

    @staticmethod
    def _kept(conclusions: Conclusions) -> bytes:
        stored = encode_conclusions(conclusions)
        return digest_of(stored).encode() + stored if _is_worth_keeping(conclusions) else b""


class _Indexes:
    """The indexes of the board that a step touches, by their place among its keys.

    Args:
        keys: makes their keys.
        partition: where they are.
    """

    def __init__(self, keys: Keys, partition: int) -> None:
        self._make, self._partition = keys, partition
        self._places: dict[str, int] = {}

    @property
    def keys(self) -> list[str]:
        """All of them."""
        return list(self._places)

    def of(self, standing: Standing) -> list[Argument]:
        """How many a row is in, and which, counted as Lua counts."""
        keys = [self._make.board(self._partition, standing.stage, each) for each in attributes_of(standing)]
        return [len(keys), *(self._places.setdefault(key, FIXED_KEYS + len(self._places) + 1) for key in keys)]


FIXED_KEYS = 5
"""Keys of `conclude.lua` before the indexes."""


def _is_worth_keeping(conclusions: Conclusions) -> bool:
    return bool(conclusions.findings or conclusions.standings or conclusions.look_at)


def _pairs(found: Sequence[Any]) -> Iterable[tuple[bytes, bytes]]:
    """Names and scores: nested in the newer protocol, with scores as numbers, flat in the older one."""
    if found and isinstance(found[0], list | tuple):
        return [(name, score) for name, score in found]
    return zip(found[::2], found[1::2], strict=True)


def _spelled(score: bytes | float) -> bytes:
    return score if isinstance(score, bytes) else repr(score).encode()
