"""The schema as a subgraph of Apollo Federation 2: all of the plain schema, and the way in to its entities.

The types are those of the plain schema, which says nothing of federation. Their keys stand only in what the router is
told, see `docs/decisions/0017-federation.md`.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, NewType

import strawberry
from graphql import (
    ConstArgumentNode,
    ConstDirectiveNode,
    DefinitionNode,
    DocumentNode,
    GraphQLTypeResolver,
    NameNode,
    ObjectTypeDefinitionNode,
    StringValueNode,
    parse,
    print_ast,
)
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.union import StrawberryUnion

from resolvers import entities, schema
from resolvers.query import Query
from resolvers.types.case_view import CaseView
from resolvers.types.crm import Customer
from resolvers.types.erp import Order
from resolvers.types.tms import Shipment

SPECIFICATION = "https://specs.apollo.dev/federation/v2.0"
"""The first of the second generation has all we use, and every router understands it."""

SHAREABLE = ("PageInfo",)
"""Types of common specifications, which other subgraphs may have, too."""


class _EntityUnion(StrawberryUnion):
    """Knows the GraphQL types of domain values, which are no instances of Strawberry's types."""

    def get_type_resolver(self, type_map: object) -> GraphQLTypeResolver:  # noqa: ARG002  # Strawberry's signature
        return lambda entity, *_: entities.type_of(entity)


Representation = NewType("Representation", object)

REPRESENTATION = strawberry.scalar(
    name="_Any",
    description="An entity as another subgraph names it: `__typename`, and the field that is its key",
    parse_value=lambda representation: representation,
)

ENTITY = _EntityUnion(
    "_Entity",
    type_annotations=tuple(map(StrawberryAnnotation, (CaseView, Customer, Order, Shipment))),
    description="What other subgraphs may ask for by key",
)
"""The types that `entities.KEYS` names."""


@strawberry.type(name="_Service", description="What a router is told of this subgraph")
class Service:
    """See https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/subgraph-spec."""

    sdl: str = strawberry.field(description="The schema, with the keys of its entities")


async def named(info: strawberry.Info[Any, None], representations: list[Representation]) -> Any:  # noqa: ANN401  # a union of domain values
    """See `resolvers.entities`."""
    return await entities.entities(info, representations)


def service() -> Service:
    """See `sdl`."""
    return Service(sdl=sdl())


@strawberry.type(name="Query", description="Everything that can be asked, by clients and by a router")
class SubgraphQuery(Query):
    """The read door with the fields that routers use."""

    entities: list[Any] = strawberry.field(
        name="_entities",
        resolver=named,
        graphql_type=list[ENTITY | None],  # type: ignore[valid-type]  # a union that knows its types is a value
        description="Entities by key, in the order of the representations; upstream calls are batched across them. "
        "At most 50 of one type.",
    )
    service: Service = strawberry.field(name="_service", resolver=service, description="For composition.")


subgraph = schema.schema_of(SubgraphQuery, {Representation: REPRESENTATION})
"""To be served in place of the plain schema where a router stands before the gateway."""

SUBGRAPH = subgraph._schema  # noqa: SLF001  # as `resolvers.operation.CORE`


@cache
def sdl() -> str:
    """The plain schema with what federation has to know of it, in the schema definition language."""
    definitions = tuple(map(_marked, parse(schema.sdl()).definitions))
    return f"{_LINK}\n\n{print_ast(DocumentNode(definitions=definitions))}\n"


def _marked(definition: DefinitionNode) -> DefinitionNode:
    """The definition, with what federation has to know of it."""
    if isinstance(definition, ObjectTypeDefinitionNode) and (mark := _MARKS.get(definition.name.value)):
        return replace(definition, directives=(mark,))
    return definition


def _key(field: str) -> ConstDirectiveNode:
    fields = ConstArgumentNode(name=NameNode(value="fields"), value=StringValueNode(value=field))
    return ConstDirectiveNode(name=NameNode(value="key"), arguments=(fields,))


_LINK = f'extend schema @link(url: "{SPECIFICATION}", import: ["@key", "@shareable"])'
_MARKS: Mapping[str, ConstDirectiveNode] = {
    **{name: _key(field) for name, field in entities.KEYS.items()},
    **dict.fromkeys(SHAREABLE, ConstDirectiveNode(name=NameNode(value="shareable"), arguments=())),
}
