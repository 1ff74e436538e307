"""Systems that answer from a table, for tests of how the view asks: in memory, with every question counted."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self, cast

from graphql import GraphQLSchema

from app.rates import Allowed, Rates
from cache.board import Board
from cache.experience import Experience
from cache.kept import KeptAnswers
from cache.keys import Keys
from cache.memory import Memory
from cache.reader import Reader
from cache.server import Server
from cache.shared_answers import SharedAnswers
from cache.store import Store
from cache.upstream import Fetcher, Upstream
from cache.watch import Watches
from domain.call import Call
from domain.caller import Caller
from domain.clock import SystemClock
from domain.errors import SourceError
from domain.feed import FeedNature
from domain.freshness import Policy
from domain.identity import CaseKey, EntityKey, EntityKind, Reference, Scheme
from domain.known import Nature
from domain.lookup import Findings, Lookup
from domain.observation import Snapshot
from domain.source_status import SourceStatus
from domain.telling import Terms
from domain.timeline import Roles
from resolvers.context import Context, DeadLetters, Gateway
from resolvers.documents import Documents
from resolvers.operation import CORE, Operations, Request
from tests.callers import EVERYTHING
from tests.waiting import wait_until

MOMENT = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


@dataclass
class System:
    """One source: what it knows by (kind, scheme, number), how it can be asked, and how it fails."""

    name: str
    answers: Mapping[EntityKind, tuple[Scheme, ...]]
    knows: dict[tuple[EntityKind, Scheme, str], Any] = field(default_factory=dict)
    failure: Callable[[str], SourceError] | None = None
    hangs: bool = False
    delay_seconds: float = 0.0
    max_batch: int = 100
    asked: list[list[Lookup]] = field(default_factory=list)
    nature: Nature = field(default_factory=Nature)
    changes: Any = None
    clock: Any = None

    def upstream(self, policy: Policy) -> Upstream:
        fetcher = Fetcher(self.name, self.answers, self.max_batch, self.fetch)
        terms = {kind: Terms(self.nature, policy) for kind in self.answers}
        return Upstream(
            self.name,
            terms,
            (fetcher,),
            feed=FeedNature(is_polled=self.changes is not None),
            covers=frozenset(self.answers) if self.changes is not None else frozenset(),
            changes=self.changes,
            patience=timedelta(seconds=2),
        )

    async def fetch(self, lookups: Sequence[Lookup], _: Call) -> Findings:
        self.asked.append(list(lookups))
        await asyncio.sleep(3_600 if self.hangs else self.delay_seconds)
        if self.failure:
            raise self.failure(self.name)
        return Findings(found={lookup: self._snapshots(lookup) for lookup in lookups})

    def _snapshots(self, lookup: Lookup) -> tuple[Snapshot, ...]:
        entities, now = self.knows.get((lookup.kind, lookup.by.scheme, lookup.by.value), []), self.clock.now()
        return tuple(
            Snapshot(self._key(lookup.kind, entity), entity, MOMENT, now, verified_at=now) for entity in entities
        )

    def _key(self, kind: EntityKind, entity: Any) -> EntityKey:
        number = getattr(entity, "number", None) or getattr(entity, "id", None)
        number = number or getattr(entity, "customer_id", None) or entity.sku
        return EntityKey(tenant="main", source=self.name, kind=kind, id=number)

    @property
    def questions(self) -> set[str]:
        return {f"{each.kind.value} by {each.by.scheme.value} {each.by.value}" for call in self.asked for each in call}

    def forget_questions(self) -> None:
        self.asked.clear()


def reference(scheme: Scheme, value: str, issuer: str | None = None) -> Reference:
    return Reference(scheme=scheme, value=value, issuer=issuer)


@dataclass
class Result:
    data: Any
    errors: Any
    extensions: Any
    status: int


@dataclass
class Kept:
    """An audit log that is looked at."""

    lines: list[tuple[str, frozenset[str], frozenset[str]]] = field(default_factory=list)

    def saw(self, caller: Caller, what: Collection[str], keys: Collection[CaseKey], correlation_id: str) -> None:
        assert correlation_id
        self.lines.append((caller.client, frozenset(what), frozenset(key.value for key in keys)))

    def revealed(self, caller: Caller, names: Collection[str], correlation_id: str) -> None:
        assert correlation_id
        self.lines.append((caller.client, frozenset({"letter"}), frozenset(names)))


@dataclass
class Desk:
    """A gateway over such systems."""

    systems: Sequence[System]
    longest: timedelta = timedelta(seconds=2)
    clock: Any = field(default_factory=SystemClock)
    policy: Policy = field(default_factory=lambda: Policy(timedelta(seconds=60)))
    redis_url: str = "unix:///dev/null"
    caller: Caller = EVERYTHING
    panels_see_signatures: bool = False
    served_as: Roles = field(default_factory=dict)
    audit: Kept = field(default_factory=Kept)
    near_bytes: int = 1_000_000
    answer_bytes: int = 1_000_000
    generation: str | None = None

    def __post_init__(self) -> None:
        self.memory = Memory(Store(Server(self.redis_url), Keys("main")), self.clock, self.near_bytes)
        for each in self.systems:
            each.clock = self.clock
        upstreams = [each.upstream(self.policy) for each in self.systems]
        self.reader = Reader(upstreams, self.memory, self.clock)
        self.gateway = Gateway(
            self.reader,
            self._statuses,
            self.longest,
            lambda _: frozenset({EntityKind.ORDER}),
            cast("DeadLetters", None),
            cast("Any", None),
            Board(self.memory, self.reader.upstreams, self.clock),
            Experience(self.memory.store, self.clock),
            Watches(self.reader),
            Rates(Allowed(floors={}, misses="1000000 per minute"), self.clock),
            self.audit,
            KeptAnswers(self.memory.changes, self.answer_bytes),
            SharedAnswers(self.memory.store, self.memory.changes, self.generation),
            roles=self.served_as,
            panels_see_signatures=self.panels_see_signatures,
        )

    async def __aenter__(self) -> Self:
        """With a store; without, everything is asked for each time."""
        await self.memory.server.open()
        await self.memory.open()
        await wait_until(lambda: self.memory.announcements.is_live)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.gateway.watches.aclose()
        await self.gateway.shared.aclose()
        await self.reader.aclose()
        await self.memory.aclose()
        await self.memory.server.aclose()

    async def _statuses(self) -> list[SourceStatus]:
        return []

    async def execute(self, document: str, core: GraphQLSchema = CORE, **variables: Any) -> Any:
        """The answer to who asks: `data` and `errors` are null where there are none."""
        context = Context(self.gateway, self.caller, "c-1", None, self.clock.monotonic())
        answer = await Operations(core, Documents(core)).execute(Request(document, variables), context)
        return Result(answer.body.get("data"), answer.body.get("errors"), answer.body["extensions"], answer.status)

    async def view(self, fields: str, **key: str) -> Any:
        """The data of one view; fails on any GraphQL error."""
        document = f"query($key: CaseKey!) {{ caseView(key: $key) {{ {fields} }} }}"
        result = await self.execute(document, key=key)
        assert result.errors is None, result.errors
        return result.data["caseView"]
