"""Compiled selections, kept by what was selected of which type, for whom, and by the variables that it depends on."""

from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import CodeType
from typing import Any, cast
from weakref import WeakValueDictionary

import structlog
from graphql import FieldNode, FragmentSpreadNode, GraphQLObjectType, Node, VariableNode, Visitor, visit
from graphql.execution.collect_fields import FieldDetails, FragmentDetails

from resolvers.projection.leaves import NAMES
from resolvers.projection.source import Asked, NotCompilableError, Source, source_of

Project = Callable[[Any], Any]
"""A domain value in, JSON values out."""

KEPT_PLANS, KEPT_FIELDS = 500, 50_000
"""How many compiled selections of strangers a process keeps, and fields in all of them: some 400 bytes each."""

LONGEST_KEPT = 2_000
"""Characters of the values of variables for which a selection is kept."""

log = structlog.get_logger()


@dataclass(slots=True, eq=False)
class Plan:
    """A selection that was compiled, or cannot be.

    Attributes:
        kept_alive: nodes of its document; as long as it is kept, no others have their identity.
        project: writes a value; null: only the general executor can.
        source: what it was compiled from.
        code: the source, compiled.
        is_told: whether the log says already that the general executor had to stand in for it.
    """

    kept_alive: Any
    project: Project | None
    source: Source | None = None
    code: CodeType | None = None
    is_told: bool = False

    @property
    def size(self) -> int:
        """The fields of its source."""
        return self.source.fields if self.source else 0

    @property
    def selected(self) -> frozenset[str] | None:
        """The fields of the type itself that are selected; null: they have to be looked for."""
        return self.source.selected if self.source else None


@dataclass(slots=True)
class Plans:
    """The compiled selections of a process; what is not used for the longest time goes first.

    Attributes:
        made: how many were compiled.
        left: how often something was left to the general executor, by what it was.
        fields: how many fields those have that are not kept for good.
    """

    made: int = 0
    left: Counter[str] = field(default_factory=Counter)
    fields: int = 0
    _kept: OrderedDict[Hashable, Plan] = field(default_factory=OrderedDict)
    _for_good: dict[Hashable, Plan] = field(default_factory=dict)
    _decisive: OrderedDict[Hashable, tuple[Any, tuple[str, ...]]] = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        return len(self._kept) + len(self._for_good)

    def of(self, asked: Asked, kind: GraphQLObjectType, details: list[FieldDetails], *, for_good: bool = False) -> Plan:
        """The plan for what is selected of a type.

        Args:
            asked: the operation.
            kind: the type; below a union one selection is asked of several.
            details: the fields that return it.
            for_good: whether its document is registered.
        """
        nodes = [each.node for each in details]
        values = self._values(asked, nodes)
        key = (asked.sight, kind.name, *map(id, nodes), *values)
        plan = self._for_good.get(key) or self._kept.get(key)
        if plan is None:
            plan = self._made(asked, kind, details)
            if for_good:
                self._for_good[key] = plan
            elif sum(map(len, filter(None, values))) <= LONGEST_KEPT:
                self._keep(key, plan)
        elif key in self._kept:
            self._kept.move_to_end(key)
        return plan

    def stand_in(self, plan: Plan, kind: str, reason: str) -> None:
        """Note that the general executor has to stand in for a plan; the log is told once of each plan."""
        self.left[kind] += 1
        if not plan.is_told:
            plan.is_told = True
            log.warning("left to the general executor", type=kind, reason=reason)

    def decisive(self, nodes: Sequence[FieldNode], fragments: Mapping[str, FragmentDetails]) -> tuple[str, ...]:
        """The variables that a selection depends on: in arguments, and through @skip and @include."""
        key = tuple(map(id, nodes))
        kept = self._decisive.get(key)
        if kept is None:
            kept = (nodes, tuple(sorted(_variables_below(nodes, fragments))))
            self._decisive[key] = kept
            if len(self._decisive) > KEPT_PLANS:
                self._decisive.popitem(last=False)
        return kept[1]

    def _values(self, asked: Asked, nodes: Sequence[FieldNode]) -> tuple[str | None, ...]:
        """What the decisive variables are; null: not given, which is not the same as given as null."""
        given = asked.variables.coerced
        return tuple(repr(given[name]) if name in given else None for name in self.decisive(nodes, asked.fragments))

    def _made(self, asked: Asked, kind: GraphQLObjectType, details: list[FieldDetails]) -> Plan:
        nodes = (asked.operation, [each.node for each in details])
        self.made += 1
        try:
            source = source_of(asked, kind, details)
        except NotCompilableError as error:
            plan = Plan(nodes, None)
            log.warning("selection not compiled", type=kind.name, reason=str(error))
            plan.is_told = True
            return plan
        code = _code(source.text)
        return Plan(nodes, _bound(code, source), source, code)

    def _keep(self, key: Hashable, plan: Plan) -> None:
        self._kept[key] = plan
        self.fields += plan.size
        while len(self._kept) > KEPT_PLANS or self.fields > KEPT_FIELDS:
            _, oldest = self._kept.popitem(last=False)
            self.fields -= oldest.size


PLANS = Plans()
"""Those of this process."""


def _code(text: str) -> CodeType:
    """A source, compiled; the same as long as there is a plan of it, whatever is bound to it there."""
    code = _CODE.get(text)
    if code is None:
        code = _CODE[text] = compile(text, "<selection>", "exec", dont_inherit=True)
    return code


_CODE: WeakValueDictionary[str, CodeType] = WeakValueDictionary()


def _bound(code: CodeType, source: Source) -> Project:
    """The function that a source is of, with what it names."""
    namespace: dict[str, Any] = {"__builtins__": {}, **NAMES, **source.bound}
    exec(code, namespace)  # noqa: S102  # we wrote it: see `resolvers.projection.source`
    return cast("Project", namespace[source.entry])


def _variables_below(nodes: Iterable[FieldNode], fragments: Mapping[str, FragmentDetails]) -> set[str]:
    """Names of the variables that stand in the selections of these fields, or in a fragment that they spread.

    Their own arguments are the resolver's: the same is written of whichever case was asked for.
    """
    finder = _Variables()
    for node in nodes:
        if node.selection_set is not None:
            visit(node.selection_set, finder)
    done: set[str] = set()
    while fresh := finder.spreads - done:
        done |= fresh
        for name in fresh:
            visit(cast("Node", fragments[name].definition), finder)
    return finder.names


class _Variables(Visitor):
    """Collects the variables and the fragments that are named in what it visits."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.spreads: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        """A variable is used."""
        self.names.add(node.name.value)

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
        """A fragment is used."""
        self.spreads.add(node.name.value)
