"""How much one caller may ask for in a while, and what happens to who asks for more.

Every check is a look at counters in this process, so that nobody waits for it; `cache.counts` says how gateways count
together. What is refused is not counted: who goes on asking is not kept out for longer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from math import ceil
from typing import NamedTuple

import structlog
from limits import RateLimitItem
from limits import parse as parse_rate

from cache.counts import Count, Name, Sharing, Window
from cache.keys import Keys
from domain.caller import Caller, Role
from domain.clock import Clock
from domain.errors import TooManyRequests
from domain.freshness import Ask
from domain.identity import MAIN_TENANT, CaseKey
from resolvers.limits import Mode

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """How much a caller may ask for; each in the notation of `limits`, e.g. "60 per 10 minutes".

    Attributes:
        requests: requests of one client, at each gateway where the span is shorter than ten seconds.
        cost: points of all operations of one client.
        asked: how often one client asks for the same key.
        misses: keys that no system knows, of one client, and of one address.
        refreshes: how often one client makes systems of record answer now.
        operations: what one client of operators does: retries, discards, replays.
        floors: the youngest that one may insist on, by role; of several roles the youngest counts.
        mode: what happens beyond.
    """

    requests: str = "200 per second"
    cost: str = "1000000 per minute"
    asked: str = "120 per minute"
    misses: str = "60 per 10 minutes"
    refreshes: str = "60 per minute"
    operations: str = "30 per minute"
    floors: Mapping[Role, timedelta] = field(default_factory=lambda: FLOORS)
    mode: Mode = Mode.ENFORCE


FLOORS: Mapping[Role, timedelta] = {
    Role.AGENT: timedelta(seconds=1),
    Role.FINANCE: timedelta(seconds=1),
    Role.PANEL: timedelta(seconds=5),
    Role.BOT: timedelta(seconds=30),
    Role.OPS: timedelta(0),
}
"""Where nothing else is set: a person who waits gets what is there now, a program what was there a moment ago."""


class Budget(NamedTuple):
    """What a client has left.

    Attributes:
        limit: points in a whole span.
        remaining: points until it ends.
        reset_seconds: when that is.
    """

    limit: int
    remaining: int
    reset_seconds: float

    @property
    def headers(self) -> dict[str, str]:
        """It as HTTP says it: `draft-ietf-httpapi-ratelimit-headers`, as of its tenth version."""
        return {"RateLimit-Policy": self.policy.decode(), "RateLimit": self.left.decode()}

    @property
    def policy(self) -> bytes:
        """What the first header says."""
        return b'"cost";q=%d' % self.limit

    @property
    def left(self) -> bytes:
        """What the second header says."""
        return b'"cost";r=%d;t=%d' % (self.remaining, round(self.reset_seconds))


class Rates:
    """Counts what callers ask for, and refuses what is too much.

    Args:
        allowed: how much.
        clock: what tells the time.
        redis_url: where gateways count together; null: this one counts alone.
    """

    def __init__(self, allowed: Allowed, clock: Clock, redis_url: str | None = None) -> None:
        self._allowed, self._clock = allowed, clock
        names = ("requests", "cost", "asked", "misses", "refreshes", "operations")
        windows = [Window(name, rate(getattr(allowed, name))) for name in names]
        self._requests, self._cost, self._asked, self._misses, self._refreshes, self._operations = windows
        self.sharing = Sharing(redis_url, Keys(MAIN_TENANT).rates(), windows) if redis_url else None

    def open(self) -> None:
        """Begin to count together with other gateways."""
        if self.sharing is not None:
            self.sharing.open()

    async def aclose(self) -> None:
        """Stop it."""
        if self.sharing is not None:
            await self.sharing.aclose()

    def charge(self, caller: Caller, cost: int) -> Budget:
        """Count one request and its cost.

        Args:
            caller: who asks.
            cost: points of its operation, see `resolvers.cost`.

        Raises:
            TooManyRequests: it asks too often, or for too much.
        """
        return self._charge(caller, cost, self._now())

    def again(self, caller: Caller, cost: int, address: str | None, keys: Sequence[CaseKey]) -> Budget:
        """Both `charge` and `asked`, for an answer that is there already."""
        now = self._now()
        budget = self._charge(caller, cost, now)
        self._ask(caller, address, keys, now)
        return budget

    def _charge(self, caller: Caller, cost: int, now: float) -> Budget:
        name = caller.payer
        requests, spent = self._requests.of(name, now), self._cost.of(name, now)
        if requests.total >= self._requests.amount:
            self._exceeded(requests, now)
        if spent.total + cost > self._cost.amount:
            self._exceeded(spent, now)
        requests.add()
        spent.add(cost)
        limit = self._cost.amount
        return Budget(limit, max(limit - spent.total, 0), self._cost.ends_in(now))

    def asked(self, caller: Caller, address: str | None, keys: Sequence[CaseKey]) -> None:
        """Count that some cases are asked for; before they are read.

        Args:
            caller: who asks.
            address: from where; null: unknown.
            keys: for what.

        Raises:
            TooManyRequests: for one of them too often, or for too many that no system knows.
        """
        self._ask(caller, address, keys, self._now())

    def _ask(self, caller: Caller, address: str | None, keys: Sequence[CaseKey], now: float) -> None:
        for seeker in _seekers(caller, address):
            missed = self._misses.present(seeker, now)
            if missed is not None and missed.total >= self._misses.amount:
                self._exceeded(missed, now)
        names = [(*caller.payer, key.scheme.name, key.value) for key in keys]
        for count in [self._held(self._asked, name, now) for name in names]:
            count.add()

    def missed(self, caller: Caller, address: str | None, keys: Sequence[CaseKey]) -> None:
        """Count that no system knows some keys, or that the caller may not know them; what is asked next is refused."""
        now = self._now()
        for seeker in _seekers(caller, address) if keys else ():
            self._misses.of(seeker, now).add(len(keys))

    def refreshed(self, caller: Caller) -> None:
        """Count that systems of record are made to answer now.

        Raises:
            TooManyRequests: it is done too often.
        """
        self._take(self._refreshes, caller)

    def operated(self, caller: Caller) -> None:
        """Count one deed of an operator: letters tried again or given up, a journal replayed.

        Raises:
            TooManyRequests: it is done too often.
        """
        self._take(self._operations, caller)

    def floored(self, caller: Caller, ask: Ask) -> Ask:
        """What a caller accepts, no younger than its roles may insist on."""
        if ask.max_age is None or self._allowed.mode is Mode.LOG:
            return ask
        floor = min((self._allowed.floors.get(role, FLOORS[role]) for role in caller.roles), default=timedelta(0))
        return ask if ask.max_age >= floor else replace(ask, max_age=floor)

    def _take(self, window: Window, caller: Caller) -> None:
        self._held(window, caller.payer, self._now()).add()

    def _held(self, window: Window, name: Name, now: float, amount: int = 1) -> Count:
        """The count of a name, if it may grow by so much."""
        count = window.of(name, now)
        if count.total + amount > window.amount:
            self._exceeded(count, now)
        return count

    def _exceeded(self, count: Count, now: float) -> None:
        window = count.window
        if not count.is_exceeded:  # once is enough: who floods us must not flood the log
            count.is_exceeded = True
            log.warning("limit exceeded", limit=window.limit, allowed=str(window.item), client=count.name[1])
        if self._allowed.mode is Mode.ENFORCE:
            raise TooManyRequests(str(window), ceil(window.ends_in(now)))

    def _now(self) -> float:
        return self._clock.now().timestamp()


def rate(text: str) -> RateLimitItem:
    """A rate as settings write it.

    Raises:
        ValueError: it is none.
    """
    item = parse_rate(text)
    if item.amount < 1:
        raise ValueError("found none at all")
    return item


def _seekers(caller: Caller, address: str | None) -> list[Name]:
    """Who may be trying numbers: the client, and whoever is at the address."""
    return [caller.payer] if address is None else [caller.payer, (caller.tenant, "(address)", address)]
