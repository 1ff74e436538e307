"""Answers that are given again: what was asked before by somebody who may see the same, and has not changed since.

Nothing of a request is skipped but the reading and the writing: who asks is proved, counted and accounted for as
always.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from cache.grounds import Grounds, moves_on
from cache.memory import Memory
from domain.caller import Caller
from domain.feed import Feed
from domain.identity import CaseKey
from domain.validity import EPOCH, NOW, TICK, Validity
from resolvers.context import Budget, Context, Gateway
from resolvers.template import Blank, Template, microseconds

AGAIN = frozenset({"caseView", "caseViews", "eta", "__typename"})
"""Fields of the query whose answers rest on what announcements tell of."""

LONGEST_QUESTION = 32 * 1024
"""Bytes of a request whose answer may be kept."""

NEVER = 2**63


@dataclass(slots=True, eq=False)
class KeptAnswer:
    """An answer that can be given again.

    Attributes:
        names: what it rests on, as announcements call it.
        template: the answer.
        validity: until when nothing else of it changes than what is written anew.
        feeds: the feeds whose watermarks are in it, by name, each with the beginning of its gapless stretch.
        cost: what it costs each time.
        asked: the cases that are asked for.
        shown: those of which something is shown.
        audited: what has to be accounted for.
    """

    names: Collection[str]
    template: Template
    validity: Validity
    feeds: Mapping[str, datetime]
    cost: int
    asked: tuple[CaseKey, ...]
    shown: frozenset[CaseKey]
    audited: frozenset[str]
    _ends: int = 0
    _heard: dict[str, Feed] = field(default_factory=dict)
    _clocks: dict[str, datetime] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes of the answer."""
        return self.template.size

    def holds(self, memory: Memory, now: int) -> bool:
        """Whether it still is the answer: every feed has gone on without a gap, and no moment is reached that counts.

        Args:
            memory: what is known.
            now: the present, in microseconds since the epoch.
        """
        if not memory.is_current:
            return False
        if not self._ends or (self._heard and not all(map(memory.has, self._heard, self._heard.values()))):
            return self._take_over(memory, EPOCH + now * TICK)
        return now < self._ends

    def served(self, gateway: Gateway, caller: Caller, address: str | None, echo: str) -> "Served | None":
        """The answer to who asks now; null: it has to be found anew.

        Raises:
            TooManyRequests: it is asked too often.
        """
        reader, rates = gateway.reader, gateway.rates
        began_at = reader.clock.monotonic()
        now = microseconds(reader.clock.now())
        if not self.holds(reader.memory, now):
            return None
        budget = rates.again(caller, self.cost, address, self.asked)
        if self.audited:
            gateway.audit.saw(caller, self.audited, self.shown, echo)
        body = self.template.written(
            now,
            self._clocks,
            echo,
            servedInMs=round((reader.clock.monotonic() - began_at) * 1_000, 3),
            remaining=budget.remaining,
            resetSeconds=budget.reset_seconds,
        )
        return Served(body, budget)

    def _take_over(self, memory: Memory, now: datetime) -> bool:
        """Set the clocks by what feeds have heard, if it still holds then."""
        found = {name: memory.near.copy_of(name) for name in self.feeds if name in memory.near}
        heard = {name: feed for name, feed in found.items() if feed is not None and moves_on(feed, self.feeds[name])}
        if len(heard) < len(self.feeds):
            return False
        clocks = {name: feed.watermark for name, feed in heard.items()}
        if not self.validity.holds({**clocks, NOW: now}):
            return False
        self._heard, self._clocks = heard, clocks
        ends_at = self.validity.ends_at(clocks)
        self._ends = NEVER if ends_at is None else microseconds(ends_at)
        self.template.set(clocks)
        return True


def kept_answer(
    body: Mapping[str, Any], grounds: Grounds, context: Context, *, cost: int, audited: frozenset[str]
) -> KeptAnswer | None:
    """What can be kept of an answer; null: it has to be found anew each time.

    Args:
        body: the answer; what moves in it stands for itself.
        grounds: what it rests on.
        context: for whom it was found.
        cost: what it costs each time.
        audited: what has to be accounted for.
    """
    memory, template = context.gateway.reader.memory, Template(_with_blanks(body))
    if not grounds.hold(memory) or not template.is_plain or template.has(context.correlation_id):
        return None
    shown = frozenset(context.shown)
    kept = KeptAnswer(
        tuple(grounds.values), template, grounds.validity, grounds.feeds, cost, tuple(context.asked), shown, audited
    )
    return kept if kept.holds(memory, microseconds(context.gateway.reader.clock.now())) else None


def _with_blanks(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """An answer without what `extensions` tell of one request."""
    told = body["extensions"]["casefold"]
    budget = {**told["budget"], "remaining": Blank("remaining"), "resetSeconds": Blank("resetSeconds")}
    return {**body, "extensions": {"casefold": {**told, "servedInMs": Blank("servedInMs"), "budget": budget}}}


class Served(NamedTuple):
    """An answer as bytes, and what the caller has left."""

    body: bytes
    budget: Budget
