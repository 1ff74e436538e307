"""Answers that are given again: what was asked before by somebody who may see the same, and has not changed since.

Nothing of a request is skipped but the reading and the writing: who asks is proved, counted and accounted for as
always.
"""

from collections.abc import Mapping
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
from resolvers.template import Blank, Sinces, Template, microseconds

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

    names: tuple[str, ...]
    template: Template
    validity: Validity
    feeds: Mapping[str, datetime]
    cost: int
    asked: tuple[CaseKey, ...]
    shown: frozenset[CaseKey]
    audited: frozenset[str]
    _ends: int = 0
    _heard: Mapping[str, Feed] = field(default_factory=dict)
    _clocks: Mapping[str, int] = field(default_factory=dict)
    _sinces: Sinces = field(default_factory=list)

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
            near = memory.near
            return self.goes_on({name: near.copy_of(name) for name in self.feeds if name in near}, now)
        return now < self._ends

    def stands(self, now: int) -> bool:
        """Whether it still is the answer if its feeds are where they were."""
        return now < self._ends

    def goes_on(self, heard: Mapping[str, Feed | None], now: int) -> bool:
        """Whether it is the answer by what its feeds have heard; its clocks are set by that."""
        going = {name: feed for name, feed in heard.items() if feed is not None and moves_on(feed, self.feeds[name])}
        if len(going) < len(self.feeds):
            return False
        clocks = {name: feed.watermark for name, feed in going.items() if feed.watermark is not None}
        if not self.validity.holds({**clocks, NOW: EPOCH + now * TICK}):
            return False
        ends_at = self.validity.ends_at(clocks)
        self._ends = NEVER if ends_at is None else microseconds(ends_at)
        self._heard, self._clocks = going, {name: microseconds(watermark) for name, watermark in clocks.items()}
        self._sinces = self.template.sinces(self._clocks)
        return True

    def served(self, gateway: Gateway, caller: Caller, address: str | None, echo: str) -> "Served | None":
        """The answer to who asks now; null: it has to be found anew.

        Raises:
            TooManyRequests: it is asked too often.
        """
        now = microseconds(gateway.reader.clock.now())
        return self.told(now, gateway, caller, address, echo) if self.holds(gateway.reader.memory, now) else None

    def told(self, now: int, gateway: Gateway, caller: Caller, address: str | None, echo: str) -> "Served":
        """The answer as it is, to who asks now.

        Raises:
            TooManyRequests: it is asked too often.
        """
        clock = gateway.reader.clock
        began_at = clock.monotonic()
        budget = gateway.rates.again(caller, self.cost, address, self.asked)
        if self.audited:
            gateway.audit.saw(caller, self.audited, self.shown, echo)
        body = self.template.written(
            now,
            self._clocks,
            self._sinces,
            echo,
            servedInMs=round((clock.monotonic() - began_at) * 1_000, 3),
            remaining=budget.remaining,
            resetSeconds=budget.reset_seconds,
        )
        return Served(body, budget)


def kept_answer(
    body: Mapping[str, Any], grounds: Grounds, context: Context, *, cost: int, audited: frozenset[str]
) -> KeptAnswer | None:
    """What can be given again of an answer; null: it has to be found anew each time.

    Args:
        body: the answer; what moves in it stands for itself.
        grounds: what it rests on.
        context: for whom it was found.
        cost: what it costs each time.
        audited: what has to be accounted for.
    """
    template = Template.of(_with_blanks(body)) if grounds.is_settled else None
    if template is None or template.has(context.correlation_id):
        return None
    shown = frozenset(context.shown)
    return KeptAnswer(
        tuple(grounds.values), template, grounds.validity, grounds.feeds, cost, tuple(context.asked), shown, audited
    )


def _with_blanks(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """An answer without what `extensions` tell of one request."""
    told = body["extensions"]["casefold"]
    budget = {**told["budget"], "remaining": Blank("remaining"), "resetSeconds": Blank("resetSeconds")}
    return {**body, "extensions": {"casefold": {**told, "servedInMs": Blank("servedInMs"), "budget": budget}}}


class Served(NamedTuple):
    """An answer as bytes, and what the caller has left."""

    body: bytes
    budget: Budget
