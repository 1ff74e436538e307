"""An answer as bytes, with gaps for what is written anew each time: ages, moments that move on, and who asked when."""

import secrets
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from domain.validity import EPOCH, NOW, TICK, Moment, Seconds, moved, plain

_GAP = f"gap {secrets.token_hex(16)}"
"""Stands for what is left out; nobody outside of this process knows it."""

_WRITTEN_GAP = msgspec.json.encode(_GAP)


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


class Template:
    """An answer with gaps.

    Args:
        body: the answer; what moves in it stands for itself.
    """

    __slots__ = ("_ages", "_blanks", "_chunks", "_echoes", "_moments", "_sinces", "size")

    def __init__(self, body: Any) -> None:  # noqa: ANN401  # any JSON value
        left_out: list[Any] = []

        def leave_out(value: Any) -> str:  # noqa: ANN401  # what `_standing` knows
            left_out.append(value)
            return _GAP

        fixed = msgspec.json.encode(body, enc_hook=leave_out).split(_WRITTEN_GAP)
        self._chunks = [b""] * (2 * len(fixed) - 1)
        self._chunks[::2] = fixed
        self.size = sum(map(len, fixed))
        places = list(enumerate(left_out))
        self._ages = [(2 * n + 1, each) for n, each in places if isinstance(each, Seconds)]
        self._moments = [(2 * n + 1, each) for n, each in places if isinstance(each, Moment)]
        self._echoes = [2 * n + 1 for n, each in places if isinstance(each, Echo)]
        self._blanks = {str.__str__(each): 2 * n + 1 for n, each in places if isinstance(each, Blank)}
        self._sinces: list[tuple[int, list[int]]] = []

    def has(self, text: str) -> bool:
        """Whether a text stands in it, outside of its gaps."""
        written = text.encode()
        return any(written in chunk for chunk in self._chunks)

    @property
    def is_plain(self) -> bool:
        """Whether each span in it is an age: from something until the present."""
        return all(isinstance(each.elapsed.until, Moment) and each.elapsed.until.clock == NOW for _, each in self._ages)

    def set(self, clocks: Mapping[str, datetime]) -> None:
        """Set the clocks, all but the present: an age is one since then."""
        places: defaultdict[int, list[int]] = defaultdict(list)
        for place, each in self._ages:
            places[_since(each, clocks)].append(place)
        self._sinces = list(places.items())

    def written(self, now: int, clocks: Mapping[str, datetime], echo: str, **blanks: float) -> bytes:
        """The answer.

        Args:
            now: the present, in microseconds since the epoch.
            clocks: all others, as they were set.
            echo: the correlation id of this request.
            blanks: what it is told besides, by name.
        """
        chunks = self._chunks.copy()
        for since, places in self._sinces:
            age = repr((now - since) / 1_000_000).encode()
            for place in places:
                chunks[place] = age
        for place in self._echoes:
            chunks[place] = b'"%b"' % echo.encode()
        for name, value in blanks.items():
            chunks[self._blanks[name]] = repr(value).encode()
        if self._moments:
            present = {**clocks, NOW: EPOCH + now * TICK}
            for place, moment in self._moments:
                chunks[place] = msgspec.json.encode(moved(moment, present).isoformat())
        return b"".join(chunks)


def _since(seconds: Seconds, clocks: Mapping[str, datetime]) -> int:
    """Since when an age counts, in microseconds since the epoch; a present that is shifted shifts that."""
    until, since = seconds.elapsed.until, seconds.elapsed.since
    assert isinstance(until, Moment)  # noqa: S101  # see `is_plain`
    return microseconds(plain(moved(since, clocks)) - until.shift)


def microseconds(moment: datetime) -> int:
    """A moment as a number, since the epoch."""
    return (moment - EPOCH) // TICK
