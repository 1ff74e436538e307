"""What was proved lately: checking a signature on every request would cost more than answering it from memory."""

from datetime import timedelta

from domain.caller import Caller
from domain.clock import Clock

HELD = timedelta(minutes=1)
MOST = 10_000
"""Callers; each about 1 kB."""


class Proven:
    """Callers by the digest of their proof, until it ends, and for a minute at most; the oldest go first.

    A dictionary, and no library: a bound and an end for each are all it takes, and every request passes here.
    """

    def __init__(self, clock: Clock, most: int = MOST) -> None:
        self._clock, self._most = clock, most
        self._callers: dict[bytes, tuple[float, Caller]] = {}

    def get(self, digest: bytes) -> Caller | None:
        """Who has proved so, if that still counts."""
        held = self._callers.get(digest)
        return held[1] if held is not None and self._clock.monotonic() < held[0] else None

    def put(self, digest: bytes, caller: Caller) -> None:
        """Remember who has."""
        self._callers.pop(digest, None)
        if len(self._callers) >= self._most:
            del self._callers[next(iter(self._callers))]
        self._callers[digest] = (self._clock.monotonic() + self._seconds(caller), caller)

    def forget(self) -> None:
        """Have everybody prove it again."""
        self._callers.clear()

    def _seconds(self, caller: Caller) -> float:
        left = HELD if caller.expires_at is None else min(HELD, caller.expires_at - self._clock.now())
        return left.total_seconds()
