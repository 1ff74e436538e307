"""A selection as Python source: one function for each object, `value` in, JSON values out.

    def write_Order_1(value):
        return {'number': v if type(v := value.number) is str else text(v), 'status': ...}

Nothing that a caller wrote stands in it but names of the answer's fields, as literals. What else a selection depends
on, the arguments of fields above all, has a name in it and is bound when it is used: the same selection asked for with
other arguments is the same source.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple, cast

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    OperationDefinitionNode,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_subfields
from graphql.execution.values import VariableValues, get_argument_values
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from resolvers.permissions import Sight
from resolvers.projection.leaves import SCALARS, Leaf, member_of

MOST_FIELDS = 10_000
"""Fields of the largest selection that is compiled, fragments spread: a short document can stand for a long source."""

VALUE, ITEM = "v", "item"
"""What a value is called in the source once it was read, and one of a list."""


class NotCompilableError(Exception):
    """The selection has something that only the general executor can do; the message says what."""


class Asked(NamedTuple):
    """An operation, as far as the selections in it depend on it.

    Attributes:
        schema: what it is asked of.
        fragments: that it may spread.
        variables: their values.
        operation: itself.
        sight: what who asks may see.
    """

    schema: GraphQLSchema
    fragments: dict[str, FragmentDetails]
    variables: VariableValues
    operation: OperationDefinitionNode
    sight: Sight

    def collected(self, kind: GraphQLObjectType, details: list[FieldDetails]) -> Mapping[str, list[FieldDetails]]:
        """What is selected of an object, by the names in the answer."""
        return collect_subfields(
            self.schema, self.fragments, self.variables, self.operation, kind, details
        ).grouped_field_set


@dataclass(frozen=True, slots=True)
class Source:
    """The source of a selection.

    Attributes:
        text: functions, each after those that it calls.
        entry: name of the last of them.
        bound: what it names that differs from selection to selection.
        fields: how many fields it was made of.
        selected: those of the object itself.
    """

    text: str
    entry: str
    bound: Mapping[str, Any]
    fields: int
    selected: frozenset[str]


def source_of(asked: Asked, kind: GraphQLObjectType, details: list[FieldDetails]) -> Source:
    """The source of what is selected of an object.

    Args:
        asked: the operation.
        kind: the type of the object.
        details: the fields that return it, one below the other in one answer.

    Raises:
        NotCompilableError: there is something in it that only the general executor can do.
    """
    writing = _Writing(asked)
    entry = writing.function(kind, details)
    selected = frozenset(each[0].node.name.value for each in asked.collected(kind, details).values())
    text = "".join(f"def {name}(value):\n    return {body}\n" for body, name in writing.functions.items())
    return Source(text, entry, writing.bound, writing.fields, selected)


@dataclass(slots=True)
class _Writing:
    """The source as far as it is written.

    Attributes:
        asked: the operation.
        functions: their names, by what they return.
        bound: see `Source`.
        fields: see `Source`.
    """

    asked: Asked
    functions: dict[str, str] = field(default_factory=dict)
    bound: dict[str, Any] = field(default_factory=dict)
    fields: int = 0

    def function(self, kind: GraphQLObjectType, details: list[FieldDetails]) -> str:
        """The name of the function that writes what is selected of a type; the same for the same."""
        collected = self.asked.collected(kind, details)
        self.fields += len(collected)
        if self.fields > MOST_FIELDS:
            raise NotCompilableError(f"more than {MOST_FIELDS} fields")
        entries = [f"{key!r}: {self._field(kind, each)}" for key, each in collected.items()]
        return self.functions.setdefault("{" + ", ".join(entries) + "}", f"write_{kind.name}_{len(self.functions)}")

    def _field(self, kind: GraphQLObjectType, details: list[FieldDetails]) -> str:
        """What is written of a field."""
        name = details[0].node.name.value
        if name == "__typename":
            return repr(kind.name)
        if self.asked.sight.withholds(kind.name, name):
            return "None"
        found = kind.fields[name]
        return self._some_or_null(found.type, f"({VALUE} := {self._read(kind, found, details[0])})", VALUE, details)

    def _read(self, kind: GraphQLObjectType, found: GraphQLField, details: FieldDetails) -> str:
        """Where the value of a field comes from."""
        definition: Any = found.extensions.get("strawberry-definition")
        resolver = resolver_of(definition)
        if resolver is None:
            return f"value.{definition.python_name}"
        name = f"read_{kind.name}_{definition.python_name}"
        if found.args:
            name = f"{name}_{len(self.bound)}"
            resolver = partial(resolver, **self._arguments(found, definition, details))
        self.bound[name] = resolver
        return f"{name}(value)"

    def _arguments(self, found: GraphQLField, definition: StrawberryField, details: FieldDetails) -> dict[str, Any]:
        try:
            given = get_argument_values(found, details.node, self.asked.variables)
        except GraphQLError as error:
            raise NotCompilableError("an argument is refused") from error
        config = self.asked.schema._strawberry_schema  # type: ignore[attr-defined]  # noqa: SLF001  # Strawberry's own way to it
        return convert_arguments(given, definition.arguments, config.schema_converter.scalar_registry, config.config)

    def _some_or_null(self, kind: GraphQLOutputType, bound: str, value: str, details: list[FieldDetails]) -> str:
        """What is written of a value; see `Leaf.expression`."""
        if isinstance(kind, GraphQLNonNull):
            some = self._some(kind.of_type, bound, value, details)
            is_checked = not isinstance(kind.of_type, GraphQLObjectType)
            return some if is_checked else f"{some} if {bound} is not None else refused({value})"
        return f"None if {bound} is None else {self._some(kind, value, value, details)}"

    def _some(self, kind: Any, bound: str, value: str, details: list[FieldDetails]) -> str:  # noqa: ANN401  # any but non-null
        match kind:
            case GraphQLList():
                item = self._some_or_null(kind.of_type, ITEM, ITEM, details)
                fits = f"type({bound}) is tuple or type({value}) is list"
                return f"[{item} for {ITEM} in {value}] if {fits} else refused({value})"
            case GraphQLObjectType():
                return f"{self.function(kind, details)}({value})"
            case GraphQLScalarType() | GraphQLEnumType():
                return self._leaf(kind).expression(bound, value)
            case _:
                raise NotCompilableError(f"{kind} is abstract")

    def _leaf(self, kind: GraphQLLeafType) -> Leaf:
        if kind.name in SCALARS:
            return SCALARS[kind.name]
        if not isinstance(kind, GraphQLEnumType):
            raise NotCompilableError(f"{kind} is not known")
        name = f"enum_{kind.name}"
        self.bound[name] = cast("Any", kind).wrapped_cls
        return member_of(name)


def resolver_of(definition: Any) -> Callable[..., Any] | None:  # noqa: ANN401  # Strawberry's definition of a field
    """What a field is computed by; null: it is an attribute.

    Raises:
        NotCompilableError: only the general executor can do it.
    """
    if not isinstance(definition, StrawberryField):
        raise NotCompilableError("a field is not of Strawberry's")
    if definition.base_resolver is None:
        return None
    if definition.is_async or definition.base_resolver.info_parameter is not None:
        raise NotCompilableError(f"{definition.python_name} waits, or depends on the request")
    return cast("Callable[..., Any]", definition.base_resolver.wrapped_func)
