"""Which fields of a type an operation looks at."""

from typing import Any, cast

from graphql import GraphQLObjectType, GraphQLResolveInfo, get_named_type
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_subfields
from graphql.execution.values import VariableValues


class KnownSelection(GraphQLResolveInfo[Any]):
    """What a resolver is told of a field whose selection was looked at before.

    Attributes:
        selected: the fields that are asked of what it returns; null: they have to be looked for.
    """

    selected: frozenset[str] | None = None


def selected_fields(info: GraphQLResolveInfo[Any], *path: str, of: str | None = None) -> frozenset[str]:
    """The fields asked of what this field returns: fragments followed, @skip and @include obeyed.

    Args:
        info: of the field.
        path: fields to go down first; what is asked of the last of them is meant.
        of: which type, where the field returns one of several.
    """
    if isinstance(info, KnownSelection) and info.selected is not None and not path and of is None:
        return info.selected
    returned = info.schema.type_map[of] if of else get_named_type(info.return_type)
    kind = cast("GraphQLObjectType", returned)
    fields = _fields(info, kind, [FieldDetails(node, None) for node in info.field_nodes])
    for step in path:
        kind = cast("GraphQLObjectType", get_named_type(kind.fields[step].type))
        fields = _fields(info, kind, fields.get(step, []))
    return frozenset(fields)


def _fields(
    info: GraphQLResolveInfo[Any], kind: GraphQLObjectType, asked: list[FieldDetails]
) -> dict[str, list[FieldDetails]]:
    collected = collect_subfields(
        info.schema,
        {name: FragmentDetails(fragment) for name, fragment in info.fragments.items()},
        VariableValues(sources={}, coerced=cast("dict[str, Any]", info.variable_values)),
        info.operation,
        kind,
        asked,
    )
    fields: dict[str, list[FieldDetails]] = {}
    for details in collected.grouped_field_set.values():
        fields.setdefault(details[0].node.name.value, []).extend(details)
    return fields
