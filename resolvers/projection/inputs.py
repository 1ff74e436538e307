"""Variables and arguments, read without asking the schema what they may be each time.

Only what is plainly right is read here, and to the same values as graphql-core and Strawberry read it. Of all else
they say what is wrong with it, or what it means.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, NamedTuple, cast

from graphql import (
    ArgumentNode,
    FieldNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    VariableNode,
    is_required_argument,
    is_required_input_field,
)
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import VariableValues
from graphql.utilities.coerce_input_value import coerce_default_value, coerce_input_literal
from strawberry.types.arguments import StrawberryArgument, convert_argument
from strawberry.types.base import StrawberryList, StrawberryOptional
from strawberry.types.field import StrawberryField

Reader = Callable[[Any], Any]
"""What was given in, the value that it means out; any error: it is not plainly right."""

PLAIN = frozenset({str, int, float, bool})
"""Types of arguments that are what GraphQL makes of them."""


class NotPlainError(ValueError):
    """What was given is not plainly right."""


class Variable(NamedTuple):
    """One variable of an operation.

    Attributes:
        name: its name.
        read: reads what was given.
        unsaid: its value when nothing was; `Undefined`: it has none.
        is_required: whether something has to be given.
    """

    name: str
    read: Reader
    unsaid: Any
    is_required: bool


def variables_of(schema: GraphQLSchema, operation: OperationDefinitionNode) -> tuple[Variable, ...]:
    """The variables of a valid operation."""
    return tuple(_variables(schema, operation))


def _variables(schema: GraphQLSchema, operation: OperationDefinitionNode) -> Iterator[Variable]:
    for each in operation.variable_definitions or ():
        signature: Any = get_variable_signature(schema, each)
        unsaid = coerce_default_value(signature) if each.default_value else Undefined
        is_required = unsaid is Undefined and isinstance(signature.type, GraphQLNonNull)
        yield Variable(signature.name, reader_of(signature.type), unsaid, is_required)


def read(variables: Sequence[Variable], given: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the variables.

    Args:
        variables: of the operation.
        given: as JSON.

    Raises:
        Exception: they are not plainly right.
    """
    values = {}
    for name, read_one, unsaid, is_required in variables:
        if name in given:
            values[name] = read_one(given[name])
        elif is_required:
            raise NotPlainError(name)
        elif unsaid is not Undefined:
            values[name] = unsaid
    return values


def reader_of(kind: GraphQLInputType) -> Reader:
    """Reads JSON values of a type."""
    if isinstance(kind, GraphQLNonNull):
        return partial(_required, _reader_of_some(kind.of_type))
    return partial(_optional, _reader_of_some(kind))


def _required(some: Reader, value: object) -> Any:  # noqa: ANN401  # as `Reader`
    if value is None:
        raise NotPlainError
    return some(value)


def _optional(some: Reader, value: object) -> Any:  # noqa: ANN401  # as `Reader`
    return None if value is None else some(value)


def _reader_of_some(kind: GraphQLInputType) -> Reader:
    if isinstance(kind, GraphQLList):
        return partial(_items, reader_of(kind.of_type))
    if isinstance(kind, GraphQLInputObjectType):
        return _object_reader_of(kind)
    return cast("GraphQLLeafType", kind).coerce_input_value


def _items(item: Reader, value: object) -> list[Any]:
    """The items of a list; that one value is a list of one is left to graphql-core."""
    if not isinstance(value, list):
        raise NotPlainError
    return [item(each) for each in value]


@lru_cache
def _object_reader_of(kind: GraphQLInputObjectType) -> Reader:
    fields = []
    for name, each in kind.fields.items():
        is_required = is_required_input_field(each)
        unsaid = Undefined if is_required else coerce_default_value(each)
        fields.append((each.out_name or name, Variable(name, reader_of(each.type), unsaid, is_required)))
    return partial(_object, kind, fields)


def _object(kind: GraphQLInputObjectType, fields: Sequence[tuple[str, Variable]], value: object) -> Any:  # noqa: ANN401  # what the type makes of it
    if not isinstance(value, dict):
        raise NotPlainError
    made, found = {}, 0
    for out_name, (name, read_one, unsaid, is_required) in fields:
        if name in value:
            made[out_name] = read_one(value[name])
            found += 1
        elif is_required:
            raise NotPlainError(name)
        elif unsaid is not Undefined:
            made[out_name] = unsaid
    if found < len(value) or (kind.is_one_of and (len(made) != 1 or None in made.values())):
        raise NotPlainError
    return kind.out_type(made)


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a field, as its resolver has it.

    Attributes:
        name: in Python.
        said: reads it, given the values of the variables; `Undefined`: it is left out.
        converted: makes of that what its resolver takes.
    """

    name: str
    said: Reader
    converted: Reader


def arguments_of(schema: GraphQLSchema, found: GraphQLField, node: FieldNode) -> tuple[Argument, ...]:
    """The arguments of a field that its resolver may be given.

    Args:
        schema: where it is.
        found: the field.
        node: where it is asked for.
    """
    definition: StrawberryField = found.extensions["strawberry-definition"]
    names = schema._strawberry_schema.config.name_converter  # type: ignore[attr-defined]  # noqa: SLF001  # Strawberry's own way to it
    given = {each.name.value: each for each in node.arguments or ()}
    return tuple(
        Argument(each.python_name, _said(found.args[name], given.get(name)), _converter(schema, each))
        for each in definition.arguments
        for name in (names.from_argument(each),)
    )


def values_of(arguments: Sequence[Argument], variables: Mapping[str, Any]) -> dict[str, Any]:
    """What a resolver is given.

    Args:
        arguments: of its field.
        variables: their values.

    Raises:
        Exception: they are not plainly right.
    """
    said = ((each, each.said(variables)) for each in arguments)
    return {each.name: each.converted(value) for each, value in said if value is not Undefined}


def _said(argument: GraphQLArgument, node: ArgumentNode | None) -> Reader:
    is_required = is_required_argument(argument)
    unsaid = Undefined if is_required else coerce_default_value(argument)
    match node:
        case None:
            return partial(_unsaid, unsaid)
        case ArgumentNode(value=VariableNode(name=name)):
            return partial(_variable, name.value, unsaid, isinstance(argument.type, GraphQLNonNull))
        case _:
            return partial(_literal, node, argument.type)


def _unsaid(unsaid: object, _: object) -> object:
    return unsaid


def _variable(name: str, unsaid: object, is_never_null: bool, variables: Mapping[str, Any]) -> Any:  # noqa: ANN401, FBT001  # as `Reader`
    value = variables.get(name, unsaid)
    if is_never_null and (value is None or value is Undefined):
        raise NotPlainError(name)
    return value


def _literal(node: ArgumentNode, kind: GraphQLInputType, variables: Mapping[str, Any]) -> Any:  # noqa: ANN401  # as `Reader`
    value = coerce_input_literal(node.value, kind, VariableValues(sources={}, coerced=dict(variables)))
    if value is Undefined:
        raise NotPlainError
    return value


def _converter(schema: GraphQLSchema, argument: StrawberryArgument) -> Reader:
    """What Strawberry makes of an argument."""
    kind: Any = argument.type
    kind = kind.of_type if isinstance(kind, StrawberryOptional) else kind
    if kind in PLAIN:
        return _as_it_is
    own = schema._strawberry_schema  # type: ignore[attr-defined]  # noqa: SLF001  # as above
    registry, config = own.schema_converter.scalar_registry, own.config
    if isinstance(kind, StrawberryList) and (made := _made_at_once(kind.of_type)):
        return partial(_optional, partial(_items, made))
    if made := _made_at_once(kind):
        return partial(_optional, made)
    return partial(convert_argument, type_=argument.type, scalar_registry=registry, config=config)


def _as_it_is(value: object) -> object:
    return value


def _made_at_once(kind: Any) -> Reader | None:  # noqa: ANN401  # any type of Strawberry's
    """See `resolvers.types.inputs`."""
    definition = getattr(kind, "__strawberry_definition__", None)
    made = getattr(definition, "from_input", None)
    return None if made is None else lambda given: made(kind, given, None)
