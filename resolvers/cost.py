"""What an operation costs, known before it runs: a bound, in points, from what it selects and how many it may get.

A document that is valid and within its limits is priced once, in time linear in its text; the price is a sum over the
few variables that say how many are asked for, so that a request only adds up. Points come from the tables below, never
from measurements: the same operation costs the same everywhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    get_operation_ast,
    is_list_type,
)

from domain.caller import Role
from resolvers.limits import MOST, in_order
from resolvers.permissions import sight_of
from resolvers.types.case_view import kinds_read

FIELD = 1
"""Points of any field, each time that it is written."""

KIND = 10
"""Points of each kind of entity that a field of a view has to look at: it may have to be asked from a system."""

REFUSAL = 10
"""Points of a request that is refused, for whatever reason: reading and checking it is work, too."""

EVERYTHING = sight_of(frozenset(Role))
"""What an operation costs does not depend on who asks."""

READS: Mapping[str, int] = {
    "Query.eta": 40,
    "Query.sources": 10,
    "Query.stalled": 20,
    "Query.deadLetters": 20,
    "Mutation.refreshCaseView": 100,
    "Mutation.retryDeadLetters": 20,
    "Mutation.discardDeadLetters": 10,
}
"""Points of a root field by itself: what it reads besides what is selected, and that it makes systems answer now."""

LIST = 3
"""How many a list is taken to have if nothing else is said."""

SIZES: Mapping[str, int] = {
    "Query.sources": 5,
    "CaseView.discrepancies": 5,
    "CaseView.answers": 4,
    "OrdersSection.nodes": 2,
    "Order.lines": 10,
    "Shipment.milestones": 15,
    "Fulfillment.lines": 10,
    "InventorySection.nodes": 10,
    "StalledConnection.byStage": 10,
    "TimelineConnection.edges": 1,
    "StalledConnection.edges": 1,
    "DeadLetterConnection.edges": 1,
}
"""How many a list is taken to have; the edges of a connection are multiplied where `first` is said."""

EACH = ("keys", "ids")
"""Arguments that are a list of what is asked for: the field and all below it count for each."""

PAGE = "first"
"""The argument that says how many are wanted: all below the field counts so often."""

DEGREE = 3
"""Most variables that are multiplied with each other; no valid operation has more."""


class Size(NamedTuple):
    """How many are asked for, as a variable says; `unsaid` if it is not given."""

    variable: str
    unsaid: int


Terms = dict[tuple[Size, ...], int]
"""Points by the sizes that they are multiplied with: a polynomial."""


@dataclass(frozen=True, slots=True)
class Price:
    """What an operation costs, whatever its variables.

    Attributes:
        terms: the polynomial.
        defaults: the sizes of variables that the operation itself gives a value.
    """

    terms: Terms
    defaults: Mapping[str, int] = field(default_factory=dict)

    def of(self, variables: Mapping[str, Any]) -> int:
        """The points for these variables, `MOST` at most."""
        if len(self.terms) == 1 and () in self.terms:
            return self.terms[()]
        terms = self.terms.items()
        return min(sum(points * prod(self._size(each, variables) for each in sizes) for sizes, points in terms), MOST)

    def _size(self, size: Size, variables: Mapping[str, Any]) -> int:
        value = variables.get(size.variable, self.defaults.get(size.variable))
        if isinstance(value, list):
            return len(value)
        return min(max(value, 0), MOST) if isinstance(value, int) else size.unsaid


def cost(
    document: DocumentNode, operation_name: str | None, variables: Mapping[str, Any], schema: GraphQLSchema
) -> int:
    """The points of one operation; who asks more than once keeps its `price`."""
    return price(document, operation_name, schema).of(variables)


def price(document: DocumentNode, operation_name: str | None, schema: GraphQLSchema) -> Price:
    """What one operation of a valid document costs; one that is not there costs nothing."""
    operation = get_operation_ast(document, operation_name)
    if operation is None:
        return Price({(): 0})
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    pricing = _Pricing(schema)
    for fragment in in_order(fragments):
        kind = schema.type_map.get(fragment.type_condition.name.value)
        pricing.fragments[fragment.name.value] = pricing.terms(fragment.selection_set, kind)
    root = schema.get_root_type(operation.operation)
    return Price(pricing.terms(operation.selection_set, root), dict(_defaults(operation)))


def _defaults(operation: OperationDefinitionNode) -> Iterator[tuple[str, int]]:
    for definition in operation.variable_definitions or ():
        match definition.default_value:
            case ListValueNode(values=values):
                yield definition.variable.name.value, len(values)
            case IntValueNode(value=value):
                yield definition.variable.name.value, int(value)


class _At(NamedTuple):
    """A selection set, what it is of, and what it is multiplied with."""

    selection_set: SelectionSetNode
    kind: GraphQLNamedType | None
    sizes: tuple[Size, ...] = ()
    times: int = 1

    def below(self, selection_set: SelectionSetNode, kind: GraphQLNamedType | None) -> "_At":
        return _At(selection_set, kind, self.sizes, self.times)

    def each_of(self, many: Size | int) -> "_At":
        """The same, so many times; what would be multiplied too often is out of reach."""
        if isinstance(many, int):
            return self._replace(times=min(self.times * many, MOST))
        if len(self.sizes) < DEGREE:
            return self._replace(sizes=tuple(sorted((*self.sizes, many))))
        return self._replace(times=MOST)


@dataclass(frozen=True, slots=True)
class _Pricing:
    """Prices one block after the other."""

    schema: GraphQLSchema
    fragments: dict[str, Terms] = field(default_factory=dict)

    def terms(self, selection_set: SelectionSetNode, kind: GraphQLNamedType | None) -> Terms:
        """What is selected costs this much, given what the fragments cost."""
        total: Terms = {(): 0}
        waiting = [_At(selection_set, kind)]
        while waiting:
            at = waiting.pop()
            for selection in at.selection_set.selections:
                if isinstance(selection, FieldNode):
                    waiting.extend(self._field(at, selection, total))
                elif isinstance(selection, InlineFragmentNode):
                    named = selection.type_condition
                    inner = self.schema.type_map.get(named.name.value) if named else at.kind
                    waiting.append(at.below(selection.selection_set, inner))
                elif isinstance(selection, FragmentSpreadNode):
                    _add(total, at, self.fragments.get(selection.name.value, {}))
        return total

    def _field(self, at: _At, node: FieldNode, total: Terms) -> Iterator[_At]:
        """Count one field; gives what is selected below it."""
        name = node.name.value
        known = getattr(at.kind, "fields", {}).get(name)
        here = at.each_of(_given(node, known, EACH)) if known else at
        _add(total, here, {(): _points(at.kind, name)})
        if node.selection_set and known:
            below = here.each_of(_given(node, known, (PAGE,))).each_of(_length(at.kind, name, known))
            yield below.below(node.selection_set, get_named_type(known.type))
        elif node.selection_set:
            yield here.below(node.selection_set, None)


def _add(total: Terms, at: _At, terms: Terms) -> None:
    for sizes, points in terms.items():
        many = at
        for size in sizes:
            many = many.each_of(size)
        total[many.sizes] = min(total.get(many.sizes, 0) + points * many.times, MOST)


def _points(kind: GraphQLNamedType | None, name: str) -> int:
    """Points of a field by itself."""
    if kind is None:
        return FIELD
    if kind.name == "CaseView":
        return FIELD + KIND * len(kinds_read(frozenset({name}), EVERYTHING))
    return FIELD + READS.get(f"{kind.name}.{name}", 0)


def _given(node: FieldNode, known: GraphQLField, names: tuple[str, ...]) -> Size | int:
    """How many a field is asked for by one of these arguments; 1 if it has none of them."""
    name = next((name for name in names if name in known.args), None)
    if name is None:
        return 1
    default = known.args[name].default_value
    unsaid = default if isinstance(default, int) else 1
    given = next((each.value for each in node.arguments or () if each.name.value == name), None)
    match given:
        case VariableNode():
            return Size(given.name.value, unsaid)
        case ListValueNode(values=values):
            return len(values)
        case IntValueNode(value=value):
            return min(max(int(value), 0), MOST)
        case _:
            return unsaid


def _length(kind: GraphQLNamedType | None, name: str, known: GraphQLField) -> int:
    """How many the list of a field is taken to have; 1 if it is none, or its arguments say."""
    if not is_list_type(get_nullable_type(known.type)) or any(each in known.args for each in EACH):
        return 1
    return SIZES.get(f"{kind.name if kind else ''}.{name}", LIST)


def printed(schema: GraphQLSchema) -> str:
    """The tables as they stand in docs/limits.md."""
    view = schema.type_map["CaseView"]
    rows = [("a request that is refused", REFUSAL), ("any field", FIELD)]
    rows += [(f"`CaseView.{name}`", points) for name in view.fields if (points := _points(view, name)) > FIELD]  # type: ignore[attr-defined]  # an object type
    rows += [(f"`{name}`", FIELD + points) for name, points in READS.items()]
    lists = [("any other list", LIST), *((f"`{name}`", many) for name, many in SIZES.items())]
    return "\n\n".join((_table("field", "points", rows), _table("list", "entries", lists))) + "\n"


def _table(what: str, number: str, rows: list[tuple[str, int]]) -> str:
    return "\n".join((f"| {what} | {number} |", "|---|--:|", *(f"| {name} | {many} |" for name, many in rows)))
