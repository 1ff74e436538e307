"""Letters that could not be used, with the reason: kept until somebody looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from cache.inbox import Letter, pairs
from cache.server import Script, Server, Step

PARK = Script.named("park")

MOST_PARKED = 10_000
"""Parked letters that are kept, about; the oldest go first."""


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
        self._stream = f"{prefix}:parked"

    async def park(self, parked: Sequence[Parked]) -> None:
        """Keep letters that could not be used.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        steps = [Step(PARK, [self._stream], [MOST_PARKED, msgspec.msgpack.encode(each)]) for each in parked]
        await self._server.run(steps)

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
        return int(await self._server.command("XDEL", self._stream, *names)) if names else 0

    async def count(self) -> int:
        """How many there are.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        return int(await self._server.command("XLEN", self._stream))
