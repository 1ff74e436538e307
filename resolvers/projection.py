"""Writes what lies below a view without walking it field by field through the general executor.

Everything below a `CaseView` is already in memory, so its selection is compiled once, for the values that its arguments
have, into nested functions over the domain values. The general executor stays in charge of the root: arguments,
variables, errors. A selection that cannot be compiled, a value that does not fit its type, or an argument that is
refused, is left to it, too.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import partial
from operator import attrgetter
from typing import Any, cast

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    Node,
    VariableNode,
    Visitor,
    visit,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_subfields
from graphql.execution.values import get_argument_values
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from domain.errors import CasefoldError
from domain.validity import Moment
from resolvers.context import Context
from resolvers.permissions import Sight

Project = Callable[[Any], Any]

COMPILED_FROM = frozenset({"CaseView", "EtaAnswer", "Order", "Shipment", "Customer"})
"""The types at which the general executor hands over: what a field of the root, or a subgraph, answers with."""

KEPT_PLANS = 500
"""How many compiled selections a process keeps."""


class NotCompilableError(Exception):
    """The selection has something that only the general executor can do."""


class DoesNotFitError(Exception):
    """A value is not of its declared type; the general executor will say where."""


class ProjectingExecution(StrawberryGraphQLCoreExecutionContext):
    """The general executor, with the short way below a view."""

    def complete_object_value(  # noqa: PLR0917  # graphql-core's signature
        self,
        return_type: GraphQLObjectType,
        field_details_list: list[FieldDetails],
        info: Any,  # noqa: ANN401  # graphql-core's signature
        path: Path,
        result: Any,  # noqa: ANN401  # as above
        position_context: Any,  # noqa: ANN401  # as above
    ) -> Any:  # noqa: ANN401  # as above
        """Project the value, or leave it to the general executor."""
        if return_type.name in COMPILED_FROM and (project := self._plan(return_type, field_details_list)) is not None:
            with suppress(DoesNotFitError, CasefoldError):
                return project(result)
        return super().complete_object_value(return_type, field_details_list, info, path, result, position_context)

    def execute_field(  # graphql-core's signature
        self,
        parent_type: GraphQLObjectType,
        source: Any,  # noqa: ANN401  # as above
        field_details_list: list[FieldDetails],
        path: Path,
        position_context: Any,  # noqa: ANN401  # as above
    ) -> Any:  # noqa: ANN401  # as above
        """Null for what the caller may not see; an operation that has it where null is not allowed was refused."""
        if self._sight.withholds(parent_type.name, field_details_list[0].node.name.value):
            return None
        return super().execute_field(parent_type, source, field_details_list, path, position_context)

    @property
    def _sight(self) -> Sight:
        context: Context = self.context_value
        return context.sight

    def _plan(self, return_type: GraphQLObjectType, field_details_list: list[FieldDetails]) -> Project | None:
        # The parsed document is kept as long as the plan, so the identity of its nodes names the selection;
        # below a union one selection is asked of several types.
        nodes = [details.node for details in field_details_list]
        given = self.variable_values.coerced
        decisive = ((name, repr(given.get(name))) for name in self._decisive(nodes))
        key = (self._sight, return_type.name, *map(id, nodes), *decisive)
        kept = _PLANS.get(key)
        if kept is None:
            kept = (self.operation, nodes, self._compiled(return_type, field_details_list))
            _PLANS[key] = kept
            if len(_PLANS) > KEPT_PLANS:
                _PLANS.popitem(last=False)
        return kept[2]

    def _decisive(self, nodes: Sequence[FieldNode]) -> tuple[str, ...]:
        """The variables that a selection depends on: in arguments, and through @skip and @include."""
        key = tuple(map(id, nodes))
        kept = _DECISIVE.get(key)
        if kept is None:
            kept = (nodes, tuple(sorted(_variables_in(nodes, self.fragments))))
            _DECISIVE[key] = kept
            if len(_DECISIVE) > KEPT_PLANS:
                _DECISIVE.popitem(last=False)
        return kept[1]

    def _compiled(self, return_type: GraphQLObjectType, field_details_list: list[FieldDetails]) -> Project | None:
        try:
            return self._object(return_type, field_details_list)
        except NotCompilableError:
            return None

    def _object(self, kind: GraphQLObjectType, field_details_list: list[FieldDetails]) -> Project:
        collected = collect_subfields(
            self.schema, self.fragments, self.variable_values, self.operation, kind, field_details_list
        )
        fields = tuple((key, *self._field(kind, details)) for key, details in collected.grouped_field_set.items())

        def project(value: Any) -> Any:  # noqa: ANN401  # a domain value in, JSON values out
            return {key: write(read(value)) for key, read, write in fields}

        return project

    def _field(self, kind: GraphQLObjectType, details: list[FieldDetails]) -> tuple[Project, Project]:
        name = details[0].node.name.value
        if name == "__typename":
            return lambda _: kind.name, lambda typename: typename
        if self._sight.withholds(kind.name, name):
            return _nothing, _itself
        field = kind.fields[name]
        definition = field.extensions.get("strawberry-definition")
        return _reader(definition, self._arguments(field, definition, details[0])), self._writer(field.type, details)

    def _arguments(self, field: GraphQLField, definition: Any, details: FieldDetails) -> Mapping[str, Any]:  # noqa: ANN401  # as `_reader`
        if not field.args:
            return {}
        try:
            given = get_argument_values(field, details.node, self.variable_values)
        except GraphQLError:
            raise NotCompilableError from None
        config = self.schema._strawberry_schema  # type: ignore[attr-defined]  # noqa: SLF001  # Strawberry's own way to it
        return convert_arguments(given, definition.arguments, config.schema_converter.scalar_registry, config.config)

    def _writer(self, kind: GraphQLOutputType, details: list[FieldDetails]) -> Project:
        if isinstance(kind, GraphQLNonNull):
            return _required(self._writer_of_some(kind.of_type, details))
        return _optional(self._writer_of_some(kind, details))

    def _writer_of_some(self, kind: Any, details: list[FieldDetails]) -> Project:  # noqa: ANN401  # any but non-null
        match kind:
            case GraphQLList():
                item = self._writer(kind.of_type, details)
                return lambda values: [item(value) for value in values]
            case GraphQLObjectType():
                return self._object(kind, details)
            case GraphQLScalarType() | GraphQLEnumType():
                return _leaf(kind)
            case _:
                raise NotCompilableError


_PLANS: OrderedDict[Hashable, tuple[Any, Any, Project | None]] = OrderedDict()
_DECISIVE: OrderedDict[Hashable, tuple[Any, tuple[str, ...]]] = OrderedDict()


def _variables_in(nodes: Iterable[Node], fragments: Mapping[str, FragmentDetails]) -> set[str]:
    """Names of the variables that stand anywhere in these nodes, or in a fragment that they spread."""
    finder = _Variables()
    for node in nodes:
        visit(node, finder)
    done: set[str] = set()
    while fresh := finder.spreads - done:
        done |= fresh
        for name in fresh:
            visit(fragments[name].definition, finder)
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


def _reader(field: Any, arguments: Mapping[str, Any]) -> Project:  # noqa: ANN401  # Strawberry's definition of the field
    if not isinstance(field, StrawberryField):
        raise NotCompilableError
    if field.base_resolver is None:
        return attrgetter(field.python_name)
    if field.is_async or field.base_resolver.info_parameter is not None:
        raise NotCompilableError
    resolver = cast("Project", field.base_resolver.wrapped_func)
    return partial(resolver, **arguments) if arguments else resolver


def _required(write: Project) -> Project:
    def written(value: Any) -> Any:  # noqa: ANN401  # as `Project`
        if value is None:
            raise DoesNotFitError
        return write(value)

    return written


def _optional(write: Project) -> Project:
    return lambda value: None if value is None else write(value)


def _leaf(kind: GraphQLLeafType) -> Project:
    """How a leaf is written: as its GraphQL type does, but without asking it each time."""
    if isinstance(kind, GraphQLEnumType):
        return lambda member: member.name if isinstance(member, Enum) else _refuse()
    python, write = _SCALARS.get(kind.name, (object, kind.serialize))
    return lambda value: write(value) if isinstance(value, python) else _refuse()


def _nothing(_: Any) -> None:  # noqa: ANN401  # as `Project`
    """What is written of what is withheld."""


def _refuse() -> Any:  # noqa: ANN401  # never returns
    raise DoesNotFitError


def _itself(value: Any) -> Any:  # noqa: ANN401  # as `Project`
    return value


_SCALARS: Mapping[str, tuple[Any, Project]] = {
    "String": (str, _itself),
    "ID": (str, _itself),
    "Int": (int, _itself),
    "Float": (float, _itself),
    "Boolean": (bool, _itself),
    "Decimal": (Decimal, str),
    "DateTime": (datetime, lambda moment: moment if type(moment) is Moment else moment.isoformat()),
    "Date": (date, date.isoformat),
}
"""Scalars whose values are of one type: how each is written."""
