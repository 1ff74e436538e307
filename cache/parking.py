"""Letters that could not be used, with the reason: kept until somebody looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from cache.inbox import Letter, counts, pairs
from cache.server import Script, Server, Step

PARK, FORGET = Script.named("park"), Script.named("forget")

MOST_PARKED = 10_000
"""Parked letters that are kept; of more, the oldest go."""


@dataclass(frozen=True, slots=True)
class Parked:
    """A letter that could not be used.

    Attributes:
        letter: as it came.
        reason: what is wrong, naming the field, what was found and what is allowed.
        parked_at: our clock.
    """

    letter: Letter
    reason: str
    parked_at: datetime


_decoder = msgspec.msgpack.Decoder(Parked)


class Parking:
    """The parked letters of one tenant.

    Args:
        server: where they are.
        prefix: makes the key: the inbox's own.
    """

    def __init__(self, server: Server, prefix: str) -> None:
        self._server = server
        self._stream, self._counts = f"{prefix}:parked", f"{prefix}:parked-by-source"

    async def park(self, parked: Sequence[Parked]) -> None:
        """Keep letters that could not be used.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        keys = [self._stream, self._counts]
        await self._server.run(
            [Step(PARK, keys, [MOST_PARKED, each.letter.source, msgspec.msgpack.encode(each)]) for each in parked]
        )

    async def newest(self, most: int) -> dict[str, Parked]:
        """The latest, newest first, by the name under which each can be asked for again.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        found = await self._server.command("XREVRANGE", self._stream, "+", "-", "COUNT", str(most))
        return {number.decode(): _decoder.decode(dict(pairs(fields))[b"parked"]) for number, fields in found}

    async def named(self, names: Sequence[str]) -> dict[str, Parked]:
        """Those of these names that there are.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        answers = [await self._server.command("XRANGE", self._stream, name, name) for name in names]
        return {
            name: _decoder.decode(dict(pairs(each[0][1]))[b"parked"])
            for name, each in zip(names, answers, strict=True)
            if each
        }

    async def forget(self, names: Sequence[str]) -> int:
        """Keep them no longer; says how many there were.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        return int((await self._server.run([Step(FORGET, [self._stream, self._counts], names)]))[0]) if names else 0

    async def counts(self) -> dict[str, int]:
        """How many there are of each source.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        return counts(await self._server.command("HGETALL", self._counts))
