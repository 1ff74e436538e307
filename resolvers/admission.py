"""Which fields an operation asks for, and whether the caller may have them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
)
from graphql.execution.values import VariableValues, get_directive_values, get_variable_values

from domain.caller import Role
from domain.errors import Forbidden
from resolvers.documents import KEPT, Document
from resolvers.permissions import Sight, allowed_to, audited

Coordinate = tuple[str, str]
"""A type and one of its fields."""

Variables = Mapping[str, Any]

INTROSPECTION = frozenset({"__schema", "__type", "_service"})
"""Fields of the root that tell the schema."""

ROOTS = frozenset({"Query", "Mutation", "Subscription"})


def coordinates_of(
    schema: GraphQLSchema,
    document: Document,
    operation: OperationDefinitionNode,
    variables: VariableValues | None = None,
) -> frozenset[Coordinate]:
    """Every field that a valid operation asks for; each fragment is looked at once.

    Args:
        schema: what it is valid against.
        document: where it and its fragments are.
        operation: which.
        variables: what @skip and @include depend on; null: as if everything was included.
    """
    root = cast("GraphQLNamedType", schema.get_root_type(operation.operation))
    found: set[Coordinate] = set()
    waiting: list[tuple[GraphQLNamedType, SelectionSetNode]] = [(root, operation.selection_set)]
    done: set[str] = set()
    while waiting:
        kind, selection = waiting.pop()
        for node in selection.selections:
            if not _is_included(node, variables):
                continue
            if isinstance(node, FieldNode):
                found.add((kind.name, node.name.value))
            waiting += _below(schema, document, kind, node, done)
    return frozenset(found)


@lru_cache(maxsize=KEPT)
def _written(schema: GraphQLSchema, document: Document, name: str | None) -> frozenset[Coordinate]:
    """All that an operation may ask for, whatever its variables."""
    return coordinates_of(schema, document, document.operation(name))


def _below(
    schema: GraphQLSchema, document: Document, kind: GraphQLNamedType, node: SelectionNode, done: set[str]
) -> Iterator[tuple[GraphQLNamedType, SelectionSetNode]]:
    match node:
        case FieldNode(selection_set=SelectionSetNode() as selection):
            field = schema.get_field(cast("Any", kind), node.name.value)
            if field is not None:
                yield get_named_type(field.type), selection
        case InlineFragmentNode():
            condition = node.type_condition
            yield (cast("Any", schema.get_type(condition.name.value)) if condition else kind), node.selection_set
        case FragmentSpreadNode() if node.name.value not in done:
            done.add(node.name.value)
            fragment = document.fragments[node.name.value]
            yield cast("Any", schema.get_type(fragment.type_condition.name.value)), fragment.selection_set


def _is_included(node: SelectionNode, variables: VariableValues | None) -> bool:
    if variables is None or not node.directives:
        return True
    skip = get_directive_values(GraphQLSkipDirective, node, variables)
    include = get_directive_values(GraphQLIncludeDirective, node, variables)
    return not (skip and skip["if"]) and not (include and not include["if"])


@dataclass(frozen=True, slots=True)
class Admission:
    """What a caller is let in with.

    Attributes:
        schema: what is asked.
        sight: what the caller may see.
        introspects: roles whose callers may look at the schema.
    """

    schema: GraphQLSchema
    sight: Sight
    introspects: frozenset[Role]

    def admitted(
        self, document: Document, operation: OperationDefinitionNode, variables: Variables
    ) -> frozenset[Coordinate]:
        """Every field that an operation asks for, or more, if that does not matter.

        Raises:
            Forbidden: it asks for what the caller may not see, where null would not be a valid answer; the first such
                field is named.
        """
        asked = _written(self.schema, document, operation.name.value if operation.name else None)
        forbidden = _forbidden(self, asked)
        if document.is_conditional and (forbidden or audited(self.sight, asked)):
            known = get_variable_values(self.schema, operation.variable_definitions or (), dict(variables))
            if isinstance(known, list):
                return asked  # they do not fit, and will be refused for that
            asked = coordinates_of(self.schema, document, operation, known)
            forbidden = _forbidden(self, asked)
        if forbidden:
            kind, field = min(forbidden)
            allowed = self.introspects if field in INTROSPECTION else allowed_to(kind, field, ["Section"])
            roles = ", ".join(sorted(role.value for role in allowed))
            raise Forbidden(f"{kind}.{field}", f"one of the roles {roles}" if roles else "a gateway that allows it")
        return asked

    def is_forbidden(self, kind: str, field: str) -> bool:
        """Whether a caller may not have a field, and null would not do."""
        if field in INTROSPECTION:
            return not self.introspects & self.sight.roles
        return self.sight.withholds(kind, field) and self._is_needed(kind, field)

    def _is_needed(self, kind: str, field: str) -> bool:
        """Whether null is not allowed for a field, or it is one that everything else depends on."""
        found = self.schema.get_field(cast("Any", self.schema.get_type(kind)), field)
        return kind in ROOTS or (found is not None and isinstance(found.type, GraphQLNonNull))


@lru_cache(maxsize=KEPT)
def _forbidden(admission: Admission, asked: frozenset[Coordinate]) -> frozenset[Coordinate]:
    return frozenset((kind, field) for kind, field in asked if admission.is_forbidden(kind, field))
