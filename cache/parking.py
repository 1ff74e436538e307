"""Letters that could not be used, with the reason: kept until somebody looks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from cache.inbox import Letter, counts, pairs
from cache.server import Script, Server, Step

PARK, REPARK, FORGET = (Script.named(name) for name in ("park", "repark", "forget"))

MOST_PARKED = 10_000
"""Parked letters that are kept; of more, the oldest go."""

PAGE = 200
"""Letters that are read at once."""


@dataclass(frozen=True, slots=True)
class Parked:
    """A letter that could not be used.

    Attributes:
        letter: as it came.
        reason: what is wrong, naming the field, what kind of thing was found and what is allowed; never a value.
        parked_at: our clock.
    """

    letter: Letter
    reason: str
    parked_at: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """What was done about a parked letter.

    Attributes:
        name: what it was called.
        at: milliseconds of Redis's clock since 1970.
        did: what was done.
        why: the reason given.
    """

    name: str
    at: int
    did: str
    why: str


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Parked)


class Parking:
    """The parked letters of one tenant; each has a name that begins with a number, the later the greater.

    Args:
        server: where they are.
        prefix: makes the keys: the inbox's own.
    """

    def __init__(self, server: Server, prefix: str) -> None:
        self._server = server
        self._letters, self._order = f"{prefix}:parked", f"{prefix}:parked-order"
        self._counts, self._last = f"{prefix}:parked-by-source", f"{prefix}:parked-last"
        self._record = f"{prefix}:parked-record"

    async def park(self, parked: Sequence[Parked]) -> None:
        """Keep letters that could not be used.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        keys = [self._letters, self._order, self._counts, self._last]
        await self._server.run(
            [Step(PARK, keys, [MOST_PARKED, each.letter.source, _encoder.encode(each)]) for each in parked]
        )

    async def park_again(self, parked: Mapping[str, Parked]) -> None:
        """Replace what is said of letters, as far as they are still there.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        steps = [Step(REPARK, [self._letters], [name, _encoder.encode(each)]) for name, each in parked.items()]
        await self._server.run(steps)

    async def newest(self, most: int, before: int | None = None, source: str | None = None) -> dict[str, Parked]:
        """The latest, newest first, by name.

        Args:
            most: how many.
            before: only those with smaller numbers.
            source: only those of this source.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        names: list[str] = []
        highest = "+inf" if before is None else f"({before}"
        while len(names) < most:
            page = await self._page(highest)
            names += [name for name in page if source is None or source_of(name) == source]
            if len(page) < PAGE:
                break
            highest = f"({number_of(page[-1])}"
        return await self.named(names[:most])

    async def named(self, names: Sequence[str]) -> dict[str, Parked]:
        """Those of these names that there are.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        found = await self._server.command("HMGET", self._letters, *names) if names else []
        return {name: _decoder.decode(each) for name, each in zip(names, found, strict=True) if each}

    async def forget(self, names: Sequence[str], did: str, why: str) -> list[str]:
        """Keep them no longer, and put on record why; says which of them there were.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        keys = [self._letters, self._order, self._counts, self._record]
        [found] = await self._server.run([Step(FORGET, keys, [did, why, *names])])
        return [name.decode() for name in found]

    async def note(self, name: str, did: str, why: str) -> None:
        """Put on record what was done about a letter that stays.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        fields = ("name", name, "did", did, "why", why)
        await self._server.command("XADD", self._record, "MAXLEN", "~", str(MOST_PARKED), "*", *fields)

    async def record(self, most: int) -> list[Done]:
        """What was done about parked letters, newest first.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        found = await self._server.command("XREVRANGE", self._record, "+", "-", "COUNT", str(most))
        told = [(int(number.split(b"-")[0]), dict(pairs(fields))) for number, fields in found]
        return [Done(each[b"name"].decode(), at, each[b"did"].decode(), each[b"why"].decode()) for at, each in told]

    async def counts(self) -> dict[str, int]:
        """How many there are of each source.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        return counts(await self._server.command("HGETALL", self._counts))

    async def _page(self, highest: str) -> list[str]:
        command = ("ZREVRANGEBYSCORE", self._order, highest, "-inf", "LIMIT", "0", str(PAGE))
        return [name.decode() for name in await self._server.command(*command)]


def number_of(name: str) -> int:
    """What a name begins with."""
    return int(name.partition("-")[0])


def source_of(name: str) -> str:
    """Who sent the letter of this name."""
    return name.partition("-")[2]
