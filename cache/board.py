"""The stall board: where work stands longer than it may, longest overdue first.

Rows are kept in order of when they are overdue, once for each stage and once more for each combination of attributes
that can be asked for, so that a page and the counts cost the same however much work there is.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, product
from typing import Any
from urllib.parse import quote, unquote

from cache.codec import decode_standing
from cache.keys import spelled
from cache.memory import Memory
from cache.server import Script, Step
from cache.store import Store
from cache.upstream import Upstream
from domain.clock import Clock
from domain.errors import InvalidRequest
from domain.freshness import FreshnessState
from domain.identity import EntityKey, Reference, Scheme
from domain.known import held_of
from domain.lookup import Lookup
from domain.stages import Stage, Standing

BOARD = Script.named("board")

SECOND = 2.0**32

Attributes = tuple[tuple[str, str], ...]
"""Names and values by which rows are asked for; none: all rows."""


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """Which rows are asked for.

    Attributes:
        stages: of these; empty: all.
        warehouse: code of the warehouse.
        carrier: name or Standard Carrier Alpha Code of the carrier.
        customer_id: who waits for it.
        min_overdue: overdue for at least so long.
    """

    stages: frozenset[Stage] = frozenset()
    warehouse: str | None = None
    carrier: str | None = None
    customer_id: str | None = None
    min_overdue: timedelta = timedelta(0)

    @property
    def attributes(self) -> Attributes:
        """What a row has to have, besides its stage."""
        asked = {"warehouse": self.warehouse, "carrier": self.carrier, "customer": self.customer_id}
        return tuple((name, value) for name, value in asked.items() if value is not None)


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One row.

    Attributes:
        cursor: its place; stays valid when rows before it come and go.
        standing: what stands.
        overdue: for how long.
        state: FRESH when the silence is real, STALE when what is known of it is older than it may be.
    """

    cursor: str
    standing: Standing
    overdue: timedelta
    state: FreshnessState


@dataclass(frozen=True, slots=True)
class StageCount:
    """How much work stands at a stage, and since when that which is overdue longest."""

    stage: Stage
    count: int
    oldest_since: datetime | None


@dataclass(frozen=True, slots=True)
class BoardPage:
    """Some rows, and how many there are."""

    rows: tuple[BoardRow, ...] = ()
    total: int = 0
    has_more: bool = False
    by_stage: tuple[StageCount, ...] = ()


@dataclass(slots=True)
class _Found:
    """What the partitions have answered."""

    counts: dict[Stage, int] = field(default_factory=dict)
    oldest: dict[Stage, Standing] = field(default_factory=dict)
    rows: list[tuple[float, str, Standing]] = field(default_factory=list)


BEGINNING = ("", "")
"""The place before the first row."""

EVER = timedelta(days=3_650)
MOST_OF_A_CUSTOMER = 200
"""Orders that are thought about because something of their customer has changed."""


def attributes_of(standing: Standing) -> list[Attributes]:
    """By which combinations of attributes a row can be asked for."""
    told = (
        ("warehouse", {standing.warehouse}),
        ("carrier", {standing.carrier, standing.scac}),
        ("customer", {standing.customer_id}),
    )
    choices = [[(), *(((name, value),) for value in sorted(filter(None, values)))] for name, values in told]
    return [tuple(chain.from_iterable(each)) for each in product(*choices)]


def name_of_row(standing: Standing) -> str:
    """Which row it is: the same work at the same stage is the same row."""
    return spelled(standing.order_number, standing.stage.value, standing.source, standing.entity)


def score_of(standing: Standing) -> str:
    """When it is overdue, in seconds; rows of the same second are put in an order that is always the same."""
    return repr(int(standing.expected_by.timestamp()) + zlib.crc32(name_of_row(standing).encode()) / SECOND)


class Board:
    """The stall board of one tenant.

    Args:
        memory: what it is kept in.
        upstreams: by configured id, to tell whether what is known is as it should be.
        clock: when.
    """

    def __init__(self, memory: Memory, upstreams: Mapping[str, Upstream], clock: Clock) -> None:
        self._memory = memory
        self._upstreams = upstreams
        self._clock = clock

    @property
    def _store(self) -> Store:
        return self._memory.store

    async def page(self, asked: BoardFilter, first: int, after: str | None = None) -> BoardPage:
        """Some rows, longest overdue first, and how many there are.

        Args:
            asked: which.
            first: how many.
            after: the cursor of the row before.

        Raises:
            InvalidRequest: the cursor is none.
            StoreUnavailable: the store does not answer.
        """
        now = self._clock.now()
        found = await self._look(asked, first, _place(after), now)
        rows = sorted(found.rows, key=lambda each: each[:2])
        states = await self._states([standing for _, _, standing in rows[:first]], now)
        return BoardPage(
            rows=tuple(
                BoardRow(_cursor(score, name), standing, now - standing.expected_by, state)
                for (score, name, standing), state in zip(rows[:first], states, strict=True)
            ),
            total=sum(count for stage, count in found.counts.items() if not asked.stages or stage in asked.stages),
            has_more=len(rows) > first,
            by_stage=tuple(
                StageCount(stage, found.counts[stage], found.oldest[stage].since if stage in found.oldest else None)
                for stage in Stage
                if found.counts.get(stage)
            ),
        )

    async def orders_of(self, customer_id: str) -> set[str]:
        """Numbers of the orders of a customer whose work stands anywhere, overdue or not; of some, if they are many.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        asked = BoardFilter(customer_id=customer_id, min_overdue=-EVER)
        found = await self._look(asked, MOST_OF_A_CUSTOMER, BEGINNING, self._clock.now())
        return {standing.order_number for _, _, standing in found.rows}

    async def _look(self, asked: BoardFilter, first: int, place: tuple[str, str], now: datetime) -> _Found:
        steps = [self._step(partition, asked, first, place, now) for partition in range(self._store.keys.partitions)]
        found = _Found()
        for answer in await self._store.server.run(steps):
            _take(answer, found)
        return found

    def _step(self, partition: int, asked: BoardFilter, first: int, place: tuple[str, str], now: datetime) -> Step:
        keys, attributes = self._store.keys, asked.attributes
        indexes = [keys.board(partition, stage, attributes) for stage in Stage]
        latest = (now - asked.min_overdue).timestamp()
        shown = [int(not asked.stages or stage in asked.stages) for stage in Stage]
        return Step(BOARD, [keys.board_rows(partition), *indexes], [repr(latest), *place, first + 1, *shown])

    async def _states(self, standings: Sequence[Standing], now: datetime) -> list[FreshnessState]:
        """Whether what is known of each is as fresh as its policy wants it."""
        feeds = [self._store.feed(each.source) for each in standings]
        entities = [self._store.entity(self._key(each)) for each in standings]
        kept = await self._memory.recall([*feeds, *entities])
        return [
            self._state(standing, kept[entity.name], kept[feed.name], now)
            for standing, entity, feed in zip(standings, entities, feeds, strict=True)
        ]

    def _state(self, standing: Standing, known: Any, feed: Any, now: datetime) -> FreshnessState:  # noqa: ANN401  # as `Wanted` reads them
        upstream = self._upstreams.get(standing.source)
        terms = upstream.terms.get(standing.kind) if upstream else None
        if upstream is None or terms is None or known is None:
            return FreshnessState.STALE
        lookup = Lookup(kind=standing.kind, by=Reference(scheme=Scheme.SO, value=standing.order_number))
        held = held_of(known, terms.nature, upstream.heard(lookup, feed), now)
        age = held.age(now)
        is_fresh = age is not None and age <= terms.policy.max_age and not held.is_suspect
        return FreshnessState.FRESH if is_fresh else FreshnessState.STALE

    def _key(self, standing: Standing) -> EntityKey:
        return EntityKey(tenant=self._store.keys.tenant, source=standing.source, kind=standing.kind, id=standing.entity)


def _take(answer: Sequence[Any], found: _Found) -> None:
    """What one partition has answered, see `board.lua`."""
    counts, rows = answer[: 2 * len(Stage)], answer[2 * len(Stage) :]
    for stage, count, oldest in zip(Stage, counts[::2], counts[1::2], strict=True):
        found.counts[stage] = found.counts.get(stage, 0) + count
        standing = decode_standing(oldest)
        if standing and (stage not in found.oldest or standing.expected_by < found.oldest[stage].expected_by):
            found.oldest[stage] = standing
    for score, name, stored in zip(rows[::3], rows[1::3], rows[2::3], strict=True):
        if standing := decode_standing(stored):
            found.rows.append((float(score), name.decode(), standing))


def _cursor(score: float, name: str) -> str:
    return quote(f"{score!r} {name}", safe="")


def _place(cursor: str | None) -> tuple[str, str]:
    """Score and name after which a page begins."""
    if cursor is None:
        return BEGINNING
    score, _, name = unquote(cursor).partition(" ")
    try:
        return (repr(float(score)), name)
    except ValueError as error:
        raise InvalidRequest(field="after", found=repr(cursor[:64]), allowed="a cursor of an earlier page") from error
