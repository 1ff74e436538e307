"""Compiles what registered documents select of views, for everybody who may ask, before anybody does.

A selection that depends on a variable is compiled for the variable's default. Where it has none, only who asks can say.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from graphql import (
    GraphQLAbstractType,
    GraphQLError,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues, get_variable_values

from domain.errors import Forbidden
from resolvers.admission import Admission
from resolvers.documents import Document
from resolvers.permissions import Sight
from resolvers.projection.execution import COMPILED_FROM
from resolvers.projection.plans import PLANS, Plans
from resolvers.projection.source import Asked


def warm(schema: GraphQLSchema, documents: Iterable[Document], sights: Iterable[Sight], plans: Plans = PLANS) -> None:
    """Compile what these documents select, and price them.

    Args:
        schema: what they are asked of.
        documents: that are registered.
        sights: what those may see who may ask.
        plans: where the compiled selections are kept, for good.
    """
    askers = list(sights)
    for document in documents:
        for name, operation in document.operations.items():
            if not document.errors:
                document.price(name, schema)
                _warm(schema, document, operation, askers, plans)


def _warm(
    schema: GraphQLSchema,
    document: Document,
    operation: OperationDefinitionNode,
    askers: Iterable[Sight],
    plans: Plans,
) -> None:
    variables, unknown = _defaults(schema, operation)
    fragments = {name: FragmentDetails(node) for name, node in document.fragments.items()}
    for sight in askers:
        asked = Asked(schema, fragments, variables, operation, sight)
        try:
            Admission(schema, sight, frozenset()).admitted(document, operation, variables.coerced)
            selected = list(_Selected(asked).of_root())
        except (Forbidden, GraphQLError):
            continue  # who sees so little may not ask it; or a variable without a default says what it asks for
        for kind, details in selected:
            if unknown.isdisjoint(plans.decisive([each.node for each in details], fragments)):
                plans.of(asked, kind, details, for_good=True)


def _defaults(schema: GraphQLSchema, operation: OperationDefinitionNode) -> tuple[VariableValues, frozenset[str]]:
    """The variables that have a value when none is given, and the names of those that need one."""
    values = VariableValues(sources={}, coerced={})
    unknown = set()
    for definition in operation.variable_definitions or ():
        found = get_variable_values(schema, [definition], {})
        if isinstance(found, VariableValues):
            values.sources.update(found.sources)
            values.coerced.update(found.coerced)
        else:
            unknown.add(definition.variable.name.value)
    return values, frozenset(unknown)


@dataclass(frozen=True, slots=True)
class _Selected:
    """Finds where the general executor will hand over."""

    asked: Asked

    def of_root(self) -> Iterator[tuple[GraphQLObjectType, list[FieldDetails]]]:
        """Each type that is handed over at, and the fields that return it."""
        asked = self.asked
        root = cast("GraphQLObjectType", asked.schema.get_root_type(asked.operation.operation))
        collected = collect_fields(asked.schema, asked.fragments, asked.variables, root, asked.operation)
        yield from self._of_fields(root, collected.grouped_field_set)

    def _of_fields(
        self, kind: GraphQLObjectType, fields: Mapping[str, list[FieldDetails]]
    ) -> Iterator[tuple[GraphQLObjectType, list[FieldDetails]]]:
        for details in fields.values():
            found = kind.fields.get(details[0].node.name.value)
            for returned in self._objects(found.type) if found else ():
                yield from self._of_object(returned, details)

    def _of_object(
        self, kind: GraphQLObjectType, details: list[FieldDetails]
    ) -> Iterator[tuple[GraphQLObjectType, list[FieldDetails]]]:
        if kind.name in COMPILED_FROM:
            yield kind, details
            return
        asked = self.asked
        collected = collect_subfields(asked.schema, asked.fragments, asked.variables, asked.operation, kind, details)
        yield from self._of_fields(kind, collected.grouped_field_set)

    def _objects(self, kind: GraphQLOutputType) -> Iterable[GraphQLObjectType]:
        match get_named_type(kind):
            case GraphQLObjectType() as found:
                return (found,)
            case found if isinstance(found, GraphQLAbstractType):
                return self.asked.schema.get_possible_types(found)
            case _:
                return ()
