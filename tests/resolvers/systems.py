"""Systems that answer from a table, for tests of how the view asks: in memory, with every question counted."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cache.reader import Fetcher, Reader
from domain.call import Call
from domain.clock import SystemClock
from domain.errors import SourceError
from domain.identity import EntityKey, EntityKind, Reference, Scheme
from domain.lookup import Findings, Lookup
from domain.observation import Snapshot
from resolvers.context import Context, Gateway
from resolvers.schema import schema

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

    async def fetch(self, lookups: Sequence[Lookup], _: Call) -> Findings:
        self.asked.append(list(lookups))
        await asyncio.sleep(3_600 if self.hangs else self.delay_seconds)
        if self.failure:
            raise self.failure(self.name)
        return Findings(found={lookup: self._snapshots(lookup) for lookup in lookups})

    def _snapshots(self, lookup: Lookup) -> tuple[Snapshot, ...]:
        entities = self.knows.get((lookup.kind, lookup.by.scheme, lookup.by.value), [])
        return tuple(Snapshot(self._key(lookup.kind, entity), entity, None, MOMENT) for entity in entities)

    def _key(self, kind: EntityKind, entity: Any) -> EntityKey:
        number = getattr(entity, "number", None) or getattr(entity, "id", None) or entity.customer_id
        return EntityKey(tenant="main", source=self.name, kind=kind, id=number)

    @property
    def questions(self) -> set[str]:
        return {f"{each.kind.value} by {each.by.scheme.value} {each.by.value}" for call in self.asked for each in call}

    def forget_questions(self) -> None:
        self.asked.clear()


def reference(scheme: Scheme, value: str, issuer: str | None = None) -> Reference:
    return Reference(scheme=scheme, value=value, issuer=issuer)


@dataclass
class Desk:
    """A gateway over such systems."""

    systems: Sequence[System]
    longest: timedelta = timedelta(seconds=2)
    clock: Any = field(default_factory=SystemClock)

    def __post_init__(self) -> None:
        fetchers = [Fetcher(each.name, each.answers, each.max_batch, each.fetch) for each in self.systems]
        self.gateway = Gateway(reader=Reader(fetchers, self.clock), statuses=list, longest=self.longest)

    async def execute(self, document: str, **variables: Any) -> Any:
        context = Context(self.gateway, "c-1", None, self.clock.monotonic())
        return await schema.execute(document, variable_values=variables, context_value=context)

    async def view(self, fields: str, **key: str) -> Any:
        """The data of one view; fails on any GraphQL error."""
        document = f"query($key: CaseKey!) {{ caseView(key: $key) {{ {fields} }} }}"
        result = await self.execute(document, key=key)
        assert result.errors is None, result.errors
        return result.data["caseView"]
