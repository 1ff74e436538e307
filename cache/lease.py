"""One at a time, over all gateways: whoever holds the lease does it, the others wait for the result.

A lease is short and is not renewed. If it runs out, or its holder dies, something is done twice and nothing is lost.
"""

from collections.abc import Sequence
from uuid import uuid4

from cache.server import Script, Server, Step

TAKE, RELEASE = Script.named("lease"), Script.named("release")


class Leases:
    """The leases of one process."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._token = uuid4().hex

    async def take(self, keys: Sequence[str], seconds: float) -> list[bool]:
        """Which of them are ours now, or were already.

        Raises:
            StoreUnavailable: the store does not answer, or has no room.
        """
        milliseconds = int(seconds * 1_000)
        taken = await self._server.run([Step(TAKE, [key], [self._token, milliseconds]) for key in keys])
        return [bool(each) for each in taken]

    async def release(self, keys: Sequence[str]) -> None:
        """Give back those that are still ours.

        Raises:
            StoreUnavailable: the store does not answer; they run out by themselves.
        """
        await self._server.run([Step(RELEASE, [key], [self._token]) for key in keys])
