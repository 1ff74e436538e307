"""Counts how often something happened in the present span of time: here at once, and over all gateways soon after.

Nobody waits for Redis to be counted. Each process counts for itself and tells the others in the background whenever a
further tenth of a limit is used up; what it gets back is what all of them have counted. Spans begin with the clock, not
with who comes first, so that what several gateways have counted can be added. Without Redis each counts alone.

The windows and the counting in Redis are those of `limits`; its own store in memory is not used: it has no bound, and
looks through everything that it holds after every hit.
"""

import asyncio
import hashlib
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from limits import RateLimitItem
from limits.aio.storage import RedisStorage
from redis.asyncio import Redis, RedisCluster

from cache.connections import open_either, store_failures
from cache.keys import spelled
from cache.stopping import stop
from domain.errors import StoreError

SHARE_SECONDS = 0.5
"""How often the others are told."""

SHORTEST_SHARED = 10
"""Seconds of the shortest span that is shared: shorter ones are over before the others could heed them."""

STEPS = 10
"""In how many parts a limit is told to the others: by so much of it may each gateway be behind."""

MOST_NAMES = 100_000
"""How many names one window counts; beyond, those that came first are forgotten."""

AT_ONCE = 16
"""Commands to Redis that are under way at once."""

Name = tuple[Hashable, ...]
"""Who or what is counted, part by part."""

log = structlog.get_logger()


@dataclass(slots=True, eq=False)
class Count:
    """How often something happened in one span, as far as it is known here.

    Attributes:
        window: which limit.
        name: what is counted.
        number: which span.
        total: here and, when they were last heard, elsewhere.
        untold: how much of it the others do not know yet.
        is_exceeded: whether it was noticed that the limit is reached.
    """

    window: "Window"
    name: Name
    number: int
    total: int = 0
    untold: int = 0
    is_exceeded: bool = False

    def add(self, amount: int = 1) -> None:
        """Count so many more."""
        self.total += amount
        self.untold += amount
        if self.untold >= self.window.step:
            self.window.due.add(self)


@dataclass(slots=True, eq=False)
class Window:
    """One limit, and the counts of the present span; all of them end together.

    Attributes:
        limit: which one, as settings and messages name it.
        item: how many in what span.
        number: which span, counted from the epoch.
        counts: by name.
        due: those that the others should be told of.
        amount: how many.
        seconds: in what span.
        step: how many at a time the others are told of.
        begins: when the present span began, in seconds since the epoch.
        ends: when it is over.
    """

    limit: str
    item: RateLimitItem
    number: int = 0
    begins: float = 0.0
    ends: float = 0.0
    counts: dict[Name, Count] = field(default_factory=dict)
    due: set[Count] = field(default_factory=set)
    amount: int = field(init=False)
    seconds: int = field(init=False)
    step: float = field(init=False)

    def __post_init__(self) -> None:
        self.amount, self.seconds = self.item.amount, self.item.get_expiry()
        self.step = max(self.amount / STEPS, 1) if self.seconds >= SHORTEST_SHARED else float("inf")

    def __str__(self) -> str:
        return f"{self.limit}: {self.item}"

    def ends_in(self, now: float) -> float:
        """Seconds until counting begins anew; `now` in seconds since the epoch."""
        return self.seconds - now % self.seconds

    def of(self, name: Name, now: float) -> Count:
        """The count of a name in the present span."""
        if not self.begins <= now < self.ends:
            self._begin_anew(now)
        return self.counts.get(name) or self._begun(name)

    def present(self, name: Name, now: float) -> Count | None:
        """The count of a name in the present span; null: nothing was counted."""
        if not self.begins <= now < self.ends:
            self._begin_anew(now)
        return self.counts.get(name)

    def _begin_anew(self, now: float) -> None:
        self.number, self.counts, self.due = int(now // self.seconds), {}, set()
        self.begins, self.ends = float(self.number * self.seconds), float((self.number + 1) * self.seconds)

    def _begun(self, name: Name) -> Count:
        if len(self.counts) >= MOST_NAMES:
            del self.counts[next(iter(self.counts))]
        count = self.counts[name] = Count(self, name, self.number)
        return count


class SharedCounts(RedisStorage):
    """The counters of `limits` in Redis, over connections of our own.

    Args:
        client: the connections.
        prefix: what every key begins with.
    """

    STORAGE_SCHEME: list[str] = []  # noqa: RUF012  # the library's own annotation; empty: not to be found by an address

    def __init__(self, client: Redis | RedisCluster, prefix: str) -> None:
        self.client = client
        super().__init__("redis://", implementation="redispy", key_prefix=prefix)

    def configure_bridge(self) -> None:
        """Use the connections that there are."""
        bridge: Any = self.bridge
        bridge.storage, bridge.connection_getter = self.client, lambda _: self.client


class Sharing:
    """Tells other gateways what is counted here, and takes over what they have counted.

    Args:
        url: address of the Redis that all of them use.
        prefix: what every key begins with.
        windows: what is counted.
    """

    def __init__(self, url: str, prefix: str, windows: Sequence[Window]) -> None:
        self._url, self._prefix, self._windows = url, prefix, windows
        self._shared: SharedCounts | None = None
        self._task: asyncio.Task[None] | None = None
        self.failures = 0
        """How often in a row Redis could not be told."""

    def open(self) -> None:
        """Begin to tell."""
        self._task = asyncio.create_task(self._run())

    async def aclose(self) -> None:
        """Stop, and close the connections."""
        if self._task is not None:
            await stop([self._task])
        if self._shared is not None:
            await self._shared.client.aclose()

    async def share(self) -> None:
        """Tell everything that is due.

        Raises:
            StoreError: Redis cannot be told; what it was not told of stays due.
        """
        if self._shared is None:
            self._shared = SharedCounts(await open_either(self._url), self._prefix)
        due = [count for window in self._windows for count in window.due]
        for start in range(0, len(due), AT_ONCE):
            few = (self._tell(self._shared, count) for count in due[start : start + AT_ONCE])
            for failure in filter(None, await asyncio.gather(*few, return_exceptions=True)):
                raise failure

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(SHARE_SECONDS)
            try:
                await self.share()
            except StoreError as error:
                self._failed(error)
            else:
                self._went_well()

    @staticmethod
    async def _tell(shared: SharedCounts, count: Count) -> None:
        """Add what the others do not know of one count; take over what all have together."""
        window = count.window
        told, count.untold = count.untold, 0
        window.due.discard(count)
        key = spelled(window.limit, str(count.number), digest(count.name))
        try:
            with store_failures():
                everywhere = await shared.incr(key, window.seconds, told)
        except StoreError:
            count.untold += told
            window.due.add(count)
            raise
        count.total = everywhere + count.untold

    def _failed(self, error: StoreError) -> None:
        if not self.failures:
            log.error("limits not shared", reason=str(error))
        self.failures += 1

    def _went_well(self) -> None:
        if self.failures:
            log.warning("limits shared again", missed=self.failures)
        self.failures = 0


def digest(name: Name) -> str:
    """A name as a key may hold it: some are addresses of people."""
    text = spelled(*(str(part) for part in name))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
