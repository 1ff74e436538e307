"""The schema: the source of truth of the public contract, exported to schema.graphql."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.types.scalar import ScalarDefinition

from resolvers.mutation import Mutation
from resolvers.query import Query
from resolvers.subscription import Subscription
from resolvers.types.scalars import DURATION, Duration

EXPORTED = Path(__file__).with_name("schema.graphql")
"""The schema as clients get it; compared with the code by a test."""


def schema_of(query: type, scalars: Mapping[object, ScalarDefinition] = MappingProxyType({})) -> strawberry.Schema:
    """The schema with this root of all questions.

    Args:
        query: the root.
        scalars: those that it has besides.
    """
    return strawberry.Schema(
        query=query,
        mutation=Mutation,
        subscription=Subscription,
        config=StrawberryConfig(scalar_map={Duration: DURATION, **scalars}),
    )


schema = schema_of(Query)


def sdl() -> str:
    """The schema in the schema definition language."""
    return schema.as_str() + "\n"
