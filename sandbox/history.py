"""Histories: every state that an entity goes through, encoded once, and looked up by moment."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Protocol

from domain.identity import EntityKind
from sandbox.facts import Script, Step
from sandbox.orders import Number, OrderState


class Content(Protocol):
    """What a system says of one entity; compares equal as long as it says the same."""

    def encoded(self, changed_at: datetime) -> bytes:
        """As it stands on the wire.

        Args:
            changed_at: when the entity became so.
        """


@dataclass(frozen=True, slots=True)
class Record:
    """One entity as a system shows it now.

    Attributes:
        kind: what it is.
        id: what the system calls it.
        numbers: every number under which it is found.
        content: what is said of it.
    """

    kind: EntityKind
    id: str
    numbers: frozenset[Number]
    content: Content


View = Callable[[Sequence[OrderState]], Iterable[Record]]
"""What a system shows of some orders."""


@dataclass(frozen=True, slots=True)
class State:
    """One state of an entity, ready to be sent."""

    numbers: frozenset[Number]
    body: bytes


@dataclass(slots=True)
class History:
    """The states of one entity, oldest first."""

    _since: list[datetime] = field(default_factory=list)
    _states: list[State] = field(default_factory=list)
    _latest: Content | None = None

    def at(self, moment: datetime) -> State | None:
        """The state at a moment; null before there was one."""
        place = bisect_right(self._since, moment)
        return self._states[place - 1] if place else None

    def append(self, at: datetime, record: Record) -> None:
        """Note what is shown from a moment on, unless it is the same as before."""
        if record.content != self._latest:
            self._since.append(at)
            self._states.append(State(record.numbers, record.content.encoded(at)))
            self._latest = record.content


@dataclass(frozen=True, slots=True)
class Changed:
    """That entities of a kind may look different from a moment on, and every number that may lead to them."""

    at: datetime
    kind: EntityKind
    numbers: frozenset[Number]


@dataclass(frozen=True, slots=True)
class News:
    """How an entity looks from a moment on."""

    at: datetime
    kind: EntityKind
    id: str
    body: bytes


class Ledger:
    """The entities that follow from the same scripts; their histories are written when somebody first looks.

    Args:
        scripts: the stories that matter to them.
        views: how each kind is shown.
        opened_at: since when there are those that need no order, such as customers and stock.
    """

    def __init__(self, scripts: Sequence[Script], views: Mapping[EntityKind, View], opened_at: datetime) -> None:
        self._scripts = scripts
        self._views = views
        self._opened_at = opened_at

    @property
    def kinds(self) -> Iterable[EntityKind]:
        """What kinds of entity are in it."""
        return self._views

    def find(self, kind: EntityKind, number: Number, moment: datetime) -> Iterable[bytes]:
        """The entities of a kind that carry a number at a moment."""
        for history in self._histories[kind].values():
            state = history.at(moment)
            if state is not None and number in state.numbers:
                yield state.body

    def news(self, kind: EntityKind, since: datetime, until: datetime) -> Iterable[News]:
        """What looks different after a moment and up to another, the latest of each entity."""
        for name, history in self._histories[kind].items():
            state, before = history.at(until), history.at(since)
            if state is not None and state is not before:
                yield News(until, kind, name, state.body)

    def touched(self, since: datetime, until: datetime) -> Iterable[tuple[datetime, EntityKind]]:
        """Which kinds may have changed from a moment on and up to another, both included, and when."""
        first, last = bisect_left(self._moments, since), bisect_right(self._moments, until)
        return ((at, kind) for at, fact in self._facts[first:last] for kind in fact.touches & self._views.keys())

    @cached_property
    def _facts(self) -> Sequence[Step]:
        return sorted((step for script in self._scripts for step in script.steps), key=lambda step: step.at)

    @cached_property
    def _moments(self) -> Sequence[datetime]:
        return [step.at for step in self._facts]

    @cached_property
    def _histories(self) -> Mapping[EntityKind, Mapping[str, History]]:
        histories: dict[EntityKind, dict[str, History]] = {kind: {} for kind in self._views}
        orders = [OrderState(script.plan) for script in self._scripts]
        steps = [(step, order) for script, order in zip(self._scripts, orders, strict=True) for step in script.steps]
        self._note(histories, orders, self._opened_at, self._views)
        for step, order in sorted(steps, key=lambda each: each[0].at):
            step.fact.happen(order, step.at)
            self._note(histories, orders, step.at, step.fact.touches & self._views.keys())
        return histories

    def _note(
        self,
        histories: Mapping[EntityKind, dict[str, History]],
        orders: Sequence[OrderState],
        at: datetime,
        kinds: Iterable[EntityKind],
    ) -> None:
        for kind in kinds:
            for record in self._views[kind](orders):
                histories[kind].setdefault(record.id, History()).append(at, record)
