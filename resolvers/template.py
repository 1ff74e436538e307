"""An answer as bytes, with gaps for what is written anew each time: ages, moments that move on, and who asked when."""

import secrets
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timezone, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from domain.validity import EPOCH, NOW, TICK, Elapsed, Moment, Seconds

_GAP = f"gap {secrets.token_hex(16)}"
"""Stands for what is left out; nobody outside of this process knows it."""

_WRITTEN_GAP = msgspec.json.encode(_GAP)

Sinces = list[tuple[int, list[int]]]
"""Since when ages count, in microseconds since the epoch, each with the places where they stand."""


class Echo(str):
    """A text of the request that is told back; another one says another."""

    __slots__ = ()


class Blank(str):
    """Stands for a number that is said of each request anew; the text says which."""

    __slots__ = ()


def encoded(body: Any) -> bytes:  # noqa: ANN401  # any JSON value
    """An answer as it is told for the first time."""
    return msgspec.json.encode(body, enc_hook=_standing)


def _standing(value: Any) -> Any:  # noqa: ANN401  # JSON values
    """What something that moves is at present.

    Raises:
        TypeError: JSON has no such value.
    """
    match value:
        case Moment():
            return value.plain.isoformat()
        case Seconds():
            return value.plain
        case Echo():
            return str.__str__(value)
        case _:
            raise TypeError(f"no JSON of {type(value).__name__}")


class Age(msgspec.Struct, array_like=True, frozen=True):
    """An age, in seconds, until the present.

    Attributes:
        place: which chunk it is.
        since: in microseconds: since the epoch, or, of what moves with a clock, after what that shows.
        clock: with which it moves; empty: it stands still.
    """

    place: int
    since: int
    clock: str = ""


class Instant(msgspec.Struct, array_like=True, frozen=True):
    """A moment that moves on.

    Attributes:
        place: which chunk it is.
        clock: with which it moves.
        after: how far it is after that, in microseconds.
        zone: in which it is written.
    """

    place: int
    clock: str
    after: int
    zone: str


class Template(msgspec.Struct, array_like=True):
    """An answer with gaps, which other processes can fill as well.

    Attributes:
        chunks: the answer, every second chunk a gap.
        ages: those that are written anew.
        instants: likewise.
        echoes: where the correlation id stands.
        blanks: where numbers stand that are said of each request anew, by what they are called.
    """

    chunks: list[bytes]
    ages: list[Age]
    instants: list[Instant]
    echoes: list[int]
    blanks: dict[str, int]

    @classmethod
    def of(cls, body: Any) -> "Template | None":  # noqa: ANN401  # any JSON value
        """What is left of an answer without what moves in it, or stands for itself; null: it cannot be told again.

        Spans are written anew that are ages, from something until the present, and moments in a zone that can be named.
        """
        left_out: list[Any] = []

        def leave_out(value: Any) -> str:  # noqa: ANN401  # what `_standing` knows
            left_out.append(value)
            return _GAP

        fixed = msgspec.json.encode(body, enc_hook=leave_out).split(_WRITTEN_GAP)
        chunks = [b""] * (2 * len(fixed) - 1)
        chunks[::2] = fixed
        places = [(2 * n + 1, each) for n, each in enumerate(left_out)]
        ages = [_age(place, each.elapsed) for place, each in places if isinstance(each, Seconds)]
        instants = [_instant(place, each) for place, each in places if isinstance(each, Moment)]
        if None in ages or None in instants:
            return None
        return cls(
            chunks,
            [each for each in ages if each],
            [each for each in instants if each],
            echoes=[place for place, each in places if isinstance(each, Echo)],
            blanks={str.__str__(each): place for place, each in places if isinstance(each, Blank)},
        )

    @property
    def size(self) -> int:
        """Bytes of the answer without its gaps."""
        return sum(map(len, self.chunks))

    def has(self, text: str) -> bool:
        """Whether a text stands in it, outside of its gaps."""
        written = text.encode()
        return any(written in chunk for chunk in self.chunks)

    def sinces(self, clocks: Mapping[str, int]) -> Sinces:
        """Since when each age counts, with its places, once the clocks are set, all but the present."""
        places: defaultdict[int, list[int]] = defaultdict(list)
        for each in self.ages:
            places[each.since + clocks[each.clock] if each.clock else each.since].append(each.place)
        return list(places.items())

    def written(self, now: int, clocks: Mapping[str, int], sinces: Sinces, echo: str, **blanks: float) -> bytes:
        """The answer.

        Args:
            now: the present, in microseconds since the epoch.
            clocks: all others, likewise.
            sinces: what `sinces` says of these.
            echo: the correlation id of this request.
            blanks: what it is told besides, by name.
        """
        chunks = self.chunks.copy()
        for since, places in sinces:
            age = repr((now - since) / 1_000_000).encode()
            for place in places:
                chunks[place] = age
        for place in self.echoes:
            chunks[place] = b'"%b"' % echo.encode()
        for name, value in blanks.items():
            chunks[self.blanks[name]] = repr(value).encode()
        for instant in self.instants:
            shown = now if instant.clock == NOW else clocks[instant.clock]
            moment = (EPOCH + (shown + instant.after) * TICK).astimezone(_zone(instant.zone))
            chunks[instant.place] = msgspec.json.encode(moment.isoformat())
        return b"".join(chunks)


def _age(place: int, elapsed: Elapsed) -> Age | None:
    """A present that is shifted shifts since when it counts; null: it is not an age until the present."""
    until, since = elapsed.until, elapsed.since
    if not isinstance(until, Moment) or until.clock != NOW:
        return None
    shift = until.shift // TICK
    if isinstance(since, Moment):
        return Age(place, since.shift // TICK - shift, since.clock)
    return Age(place, microseconds(since) - shift)


def _instant(place: int, moment: Moment) -> Instant | None:
    """Null: its zone has neither a name nor an offset that stays."""
    zone = moment.plain.tzinfo
    name = moment.plain.strftime("%z") if isinstance(zone, timezone) else getattr(zone, "key", None)
    return None if name is None else Instant(place, moment.clock, moment.shift // TICK, name)


@lru_cache(maxsize=1_000)
def _zone(name: str) -> tzinfo | None:
    return datetime.strptime(name, "%z").tzinfo if name[0] in "+-" else ZoneInfo(name)


def microseconds(moment: datetime) -> int:
    """A moment as a number, since the epoch."""
    return (moment - EPOCH) // TICK
