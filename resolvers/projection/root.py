"""The root of a query, carried out without the general executor: variables, arguments, resolvers, and their values.

Only what is asked of views and answers is, whose resolvers wait and whose values are projected. Any other query, and
whatever is not plainly right with this one, is left to the general executor before anything is begun. What goes wrong
later is left to it as it is, a value or an error: it says where, in which words, and what is null for it.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from inspect import isawaitable
from typing import Any, NamedTuple, cast

from graphql import (
    DirectiveNode,
    ExecutionResult,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_named_type,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_fields
from graphql.execution.values import VariableValues
from graphql.pyutils import Path, gather_with_cancel, is_awaitable
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from resolvers.context import Context
from resolvers.documents import KEPT, Document
from resolvers.limits import selections_of
from resolvers.projection.execution import COMPILED_FROM, ProjectingExecution, leave, plan_of
from resolvers.projection.inputs import Argument, NotPlainError, Variable, arguments_of, read, values_of, variables_of
from resolvers.projection.leaves import refused
from resolvers.projection.plans import Plan, Project
from resolvers.projection.source import Asked
from resolvers.selection import KnownSelection

TYPENAME = "__typename"

Resolver = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class RootField:
    """A field of the root.

    Attributes:
        details: where it is asked for.
        found: what it is.
        kind: the object that it answers with, or several of.
        path: where its answer goes.
        definition: what it is for Strawberry.
        resolve: finds its value.
        arguments: that this may be given.
    """

    details: list[FieldDetails]
    found: GraphQLField
    kind: GraphQLObjectType
    path: Path
    definition: StrawberryField
    resolve: Resolver
    arguments: Sequence[Argument]


@dataclass(frozen=True, slots=True, eq=False)
class Root:
    """The root of a query.

    Attributes:
        schema: what is asked.
        kind: its type.
        document: where it is.
        operation: itself.
        fragments: that it may spread.
        variables: that it has.
        fields: what it asks for, by their names in the answer; null: `__typename`.
    """

    schema: GraphQLSchema
    kind: GraphQLObjectType
    document: Document
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDetails]
    variables: Sequence[Variable]
    fields: Mapping[str, RootField | None]


class _Asked(NamedTuple):
    """A field of the root, as it is asked for this time."""

    field: RootField
    arguments: Mapping[str, Any]
    plan: Plan


def carried_out(
    schema: GraphQLSchema,
    document: Document,
    operation: OperationDefinitionNode,
    given: Mapping[str, Any],
    context: Context,
) -> Awaitable[ExecutionResult] | None:
    """The answer to an operation; null: only the general executor can find it.

    Args:
        schema: what is asked.
        document: a valid one.
        operation: which of its operations.
        given: the variables, as JSON.
        context: who asks.
    """
    if operation.operation is not OperationType.QUERY:
        return None
    root = root_of(schema, document, operation.name.value if operation.name else None)
    if root is not None:
        try:
            variables = read(root.variables, given)
            asked = _asked(root, variables, context)
        except Exception:  # noqa: BLE001, S110  # whatever it is, the general executor says what is wrong
            pass
        else:
            return _Carrying(root, given, variables, context).result(asked)
    leave("Query")
    return None


def _asked(root: Root, variables: dict[str, Any], context: Context) -> dict[str, _Asked]:
    """The fields, by their names in the answer.

    Raises:
        Exception: an argument is not plainly right, or the caller may not have a field.
    """
    values, sight = VariableValues(sources={}, coerced=variables), context.sight
    asked = Asked(root.schema, root.fragments, values, root.operation, sight)
    fields = {}
    for name, field in root.fields.items():
        if field is not None:
            if sight.withholds(root.kind.name, field.details[0].node.name.value):
                raise NotPlainError(name)
            arguments = values_of(field.arguments, variables)
            fields[name] = _Asked(field, arguments, plan_of(asked, field.kind, field.details))
    return fields


@dataclass(slots=True, eq=False)
class _Carrying:
    """Carries one query out.

    Attributes:
        root: what is asked for.
        given: the variables, as JSON.
        variables: their values.
        context: who asks.
        general: the general executor, as soon as it has to stand in; it has the errors.
    """

    root: Root
    given: Mapping[str, Any]
    variables: dict[str, Any]
    context: Context
    general: ProjectingExecution | None = None

    async def result(self, asked: Mapping[str, _Asked]) -> ExecutionResult:
        """The answer."""
        try:
            data = await self._data(asked)
        except GraphQLError as error:
            self._stand_in().collected_errors.add(error, None)
            data = None
        return ExecutionResult(data, self.general.collected_errors.errors or None if self.general else None)

    async def _data(self, asked: Mapping[str, _Asked]) -> dict[str, Any]:
        """The answers to all fields, which are asked side by side.

        Raises:
            GraphQLError: one is null that may not be.
        """
        data = dict.fromkeys(self.root.fields, self.root.kind.name)
        waiting = [self._answered(each) for each in asked.values()]
        found = [await waiting[0]] if len(waiting) == 1 else await gather_with_cancel(*waiting)
        data.update(zip(asked, found, strict=True))
        return data

    async def _answered(self, asked: _Asked) -> Any:  # noqa: ANN401  # any JSON value
        field, arguments, plan = asked
        info = self._told(field, plan)
        try:
            value = await field.resolve(info=Info(_raw_info=info, _field=field.definition), **arguments)
        except Exception as error:  # noqa: BLE001  # `resolvers.errors` tells the expected from the others
            return self._failed(field, error)
        if plan.project is not None:
            try:
                return _written(field.found.type, plan.project, value)
            except Exception:  # noqa: BLE001, S110  # whatever it is, the general executor says what and where
                pass
        return await self._completed(field, info, value)

    async def _completed(self, field: RootField, info: KnownSelection, value: object) -> Any:  # noqa: ANN401  # any JSON value
        try:
            executor = self._stand_in()
            completed = executor.complete_value(field.found.type, field.details, info, field.path, value, None)
            return await completed if isawaitable(completed) else completed
        except Exception as error:  # noqa: BLE001  # as above
            return self._failed(field, error)

    def _failed(self, field: RootField, error: Exception) -> None:
        """Null in the place of a field.

        Raises:
            GraphQLError: it may not be null.
        """
        self._stand_in().handle_field_error(error, field.found.type, field.details, field.path)

    def _stand_in(self) -> ProjectingExecution:
        """The general executor, of which nothing was asked yet."""
        if self.general is None:
            root, name = self.root, self.root.operation.name
            built = ProjectingExecution.build(
                root.schema,
                cast("Any", root.document.tree),
                context_value=self.context,
                raw_variable_values=dict(self.given),
                operation_name=name.value if name else None,
            )
            self.general = cast("ProjectingExecution", built)  # the variables are known to be right
        return self.general

    def _told(self, field: RootField, plan: Plan) -> KnownSelection:
        """What a resolver is told."""
        root = self.root
        told = KnownSelection(
            field.details[0].node.name.value,
            [each.node for each in field.details],
            field.found.type,
            root.kind,
            field.path,
            root.schema,
            cast("Any", root.document.fragments),
            None,
            root.operation,
            cast("Any", self.variables),  # as Strawberry has them
            self.context,
            is_awaitable,
            None,
            cast("Any", None),  # no resolver begins what nobody waits for
        )
        told.selected = plan.selected
        return told


def _written(kind: GraphQLOutputType, project: Project, value: Any) -> Any:  # noqa: ANN401  # a domain value in, JSON out
    """What is answered with a value.

    Raises:
        Exception: it does not fit its type.
    """
    if isinstance(kind, GraphQLNonNull):
        return refused(value) if value is None else _written(kind.of_type, project, value)
    if value is None:
        return None
    if isinstance(kind, GraphQLList):
        return [_written(kind.of_type, project, each) for each in value] if type(value) is list else refused(value)
    return project(value)


class _OtherError(Exception):
    """Only the general executor can do it."""


@lru_cache(maxsize=KEPT)
def root_of(schema: GraphQLSchema, document: Document, name: str | None) -> Root | None:
    """The root of a query; null: there is something in it that only the general executor can do.

    Args:
        schema: what is asked.
        document: a valid one.
        name: of the operation.
    """
    operation = document.operation(name)
    if any(_root_directives(document, operation)):
        return None
    kind = cast("GraphQLObjectType", schema.query_type)
    fragments = {name: FragmentDetails(node) for name, node in document.fragments.items()}
    nothing = VariableValues(sources={}, coerced={})
    collected = collect_fields(schema, fragments, nothing, kind, operation).grouped_field_set
    try:
        fields = {name: _field(schema, kind, name, details) for name, details in collected.items()}
    except _OtherError:
        return None
    return Root(schema, kind, document, operation, fragments, variables_of(schema, operation), fields)


def _root_directives(document: Document, operation: OperationDefinitionNode) -> Iterator[Sequence[DirectiveNode]]:
    """The directives of everything that an operation has at its root: what is asked for depends on them."""
    waiting, done = [operation.selection_set], set()
    while waiting:
        for node in selections_of(waiting.pop()):
            yield node.directives or ()
            if isinstance(node, FragmentSpreadNode) and node.name.value not in done:
                done.add(node.name.value)
                waiting.append(document.fragments[node.name.value].selection_set)


def _field(schema: GraphQLSchema, root: GraphQLObjectType, name: str, details: list[FieldDetails]) -> RootField | None:
    """A field of the root; null: the name of its type.

    Raises:
        _OtherError: only the general executor can answer it.
    """
    node = details[0].node
    if node.name.value == TYPENAME:
        return None
    found = root.fields.get(node.name.value)
    kind = get_named_type(found.type) if found else None
    if found is None or not isinstance(kind, GraphQLObjectType) or kind.name not in COMPILED_FROM:
        raise _OtherError
    definition: StrawberryField = found.extensions["strawberry-definition"]
    resolver = definition.base_resolver
    if resolver is None or not definition.is_async or definition.extensions or resolver.info_parameter is None:
        raise _OtherError
    path = Path(None, name, root.name)
    arguments = arguments_of(schema, found, node)
    return RootField(details, found, kind, path, definition, cast("Resolver", resolver.wrapped_func), arguments)
