"""What was learned from deliveries, lane by lane: how far off estimates were.

Of each lane as many deliveries are kept as predictions look at, those with the latest estimates. A delivery counts
once, as it was told last. What is kept does not depend on the order in which it is learned, nor on how often, nor by
whom: the estimate, by which the oldest is dropped, stays the same when the moment of delivery is corrected.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cache.server import Script, Step
from cache.store import Store
from domain.clock import Clock
from domain.prediction import MEMORY, OLDEST, Lane, Residual

LEARN = Script("""
-- Keeps the newest telling of each delivery, and the deliveries with the latest estimates.
--
-- KEYS: what was told of each, by id; ids by estimate
-- ARGV: most that are kept, seconds to live, then id, estimate and telling of each; a later telling is greater
local most = tonumber(ARGV[1])
for position = 3, #ARGV, 3 do
  local id, estimate, telling = ARGV[position], ARGV[position + 1], ARGV[position + 2]
  local present = redis.call('HGET', KEYS[1], id)
  if not present or present < telling then
    redis.call('HSET', KEYS[1], id, telling)
    redis.call('ZADD', KEYS[2], estimate, id)
  end
end
for _, id in ipairs(redis.call('ZRANGE', KEYS[2], 0, -most - 1)) do
  redis.call('HDEL', KEYS[1], id)
  redis.call('ZREM', KEYS[2], id)
end
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[2])
return 1
""")

RECALL = Script("""
-- Reads what was told of each delivery of a lane.
--
-- KEYS: what was told of each, by id
-- Returns: id and telling of each
return redis.call('HGETALL', KEYS[1])
""")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

DIGITS = 17
"""Of a moment in microseconds, so that a later one is greater as text, too."""


LATELY = timedelta(minutes=1)
"""How long what was read of a lane is used without reading it again."""


@dataclass(frozen=True, slots=True)
class _Recalled:
    """What was read of a lane, and until when it is used."""

    residuals: tuple[Residual, ...]
    until: float


class Experience:
    """What one tenant's deliveries have taught.

    Args:
        store: what it is kept in.
        clock: what tells how long ago something was read.
        most: deliveries kept of each lane.
        most_recalled: lanes that this process has at hand.
    """

    def __init__(self, store: Store, clock: Clock, most: int = MEMORY, most_recalled: int = 1_000) -> None:
        self._store = store
        self._clock = clock
        self._most = most
        self._most_recalled = most_recalled
        self._recalled: dict[Lane, _Recalled] = {}

    async def learn(self, lessons: Iterable[tuple[Lane, Residual]]) -> None:
        """Keep what deliveries have taught, in one round trip.

        Raises:
            StoreFull: there is no room.
            StoreUnavailable: the store does not answer; it may be learned again.
        """
        learned: dict[Lane, list[Residual]] = {}
        for lane, residual in lessons:
            learned.setdefault(lane, []).append(residual)
        if learned:
            await self._store.server.run([self._step(lane, residuals) for lane, residuals in learned.items()])

    async def recall(self, lanes: Sequence[Lane]) -> dict[Lane, tuple[Residual, ...]]:
        """What is known of each lane, the latest delivery first; what cannot be read is left out.

        One round trip for those that were not asked for lately. One delivery more or less moves no window by much.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        now = self._clock.monotonic()
        unknown = [lane for lane in lanes if lane not in self._recalled or self._recalled[lane].until <= now]
        if unknown:
            kept = await self._store.server.run([Step(RECALL, [self._told(lane)], []) for lane in unknown])
            until = now + LATELY.total_seconds()
            for lane, found in zip(unknown, kept, strict=True):
                self._remember(lane, _Recalled(_residuals(found), until))
        return {lane: self._recalled[lane].residuals for lane in lanes if lane in self._recalled}

    def looked_at_until(self, lanes: Iterable[Lane]) -> datetime:
        """Until when what was read of all these lanes is used; now, if one could not be read."""
        now = self._clock.monotonic()
        left = min((self._recalled[lane].until - now if lane in self._recalled else 0.0 for lane in lanes), default=0.0)
        return self._clock.now() + timedelta(seconds=left)

    def _remember(self, lane: Lane, recalled: _Recalled) -> None:
        self._recalled.pop(lane, None)
        if len(self._recalled) >= self._most_recalled:
            del self._recalled[next(iter(self._recalled))]
        self._recalled[lane] = recalled

    def _told(self, lane: Lane) -> str:
        return f"{self._store.keys.experience(lane)}:told"

    def _estimated(self, lane: Lane) -> str:
        return f"{self._store.keys.experience(lane)}:estimated"

    def _step(self, lane: Lane, residuals: Iterable[Residual]) -> Step:
        told = (part for each in residuals for part in (each.id, _number(each.estimated_at), _encoded(each)))
        keys = [self._told(lane), self._estimated(lane)]
        return Step(LEARN, keys, [self._most, int(OLDEST.total_seconds()), *told])


def _number(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def _moment(number: int) -> datetime:
    return EPOCH + number * MICROSECOND


def _encoded(residual: Residual) -> str:
    """When it was told, when it was delivered, and the error, in microseconds."""
    told, delivered = _number(residual.told_at), _number(residual.delivered_at)
    return f"{told:0{DIGITS}} {delivered} {residual.error // MICROSECOND}"


def _decoded(name: bytes, telling: bytes) -> Residual:
    """The residual.

    Raises:
        ValueError: the bytes are none.
        OverflowError: nor do its numbers mean any moment.
    """
    told, delivered, error = map(int, telling.split())
    return Residual(name.decode(), _moment(delivered), error * MICROSECOND, _moment(told))


def _residuals(kept: Sequence[bytes]) -> tuple[Residual, ...]:
    found: list[Residual] = []
    for name, telling in zip(kept[::2], kept[1::2], strict=True):
        with suppress(ValueError, OverflowError):
            found.append(_decoded(name, telling))
    return tuple(sorted(found, key=lambda each: (each.delivered_at, each.id), reverse=True))
