"""Which fields of a type an operation looks at."""

from typing import Any, cast

from graphql import GraphQLObjectType, GraphQLResolveInfo, get_named_type
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_subfields
from graphql.execution.values import VariableValues


def selected_fields(info: GraphQLResolveInfo[Any]) -> frozenset[str]:
    """The fields asked of what this field returns: fragments followed, @skip and @include obeyed."""
    collected = collect_subfields(
        info.schema,
        {name: FragmentDetails(fragment) for name, fragment in info.fragments.items()},
        VariableValues(sources={}, coerced=cast("dict[str, Any]", info.variable_values)),
        info.operation,
        cast("GraphQLObjectType", get_named_type(info.return_type)),
        [FieldDetails(node, None) for node in info.field_nodes],
    )
    return frozenset(details[0].node.name.value for details in collected.grouped_field_set.values())
