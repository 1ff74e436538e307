"""The schema: the source of truth of the public contract, exported to schema.graphql."""

from pathlib import Path

import strawberry
from strawberry.schema.config import StrawberryConfig

from resolvers.mutation import Mutation
from resolvers.query import Query
from resolvers.subscription import Subscription
from resolvers.types.scalars import DURATION, Duration

EXPORTED = Path(__file__).with_name("schema.graphql")
"""The schema as clients get it; compared with the code by a test."""


schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    config=StrawberryConfig(scalar_map={Duration: DURATION}),
)


def sdl() -> str:
    """The schema in the schema definition language."""
    return schema.as_str() + "\n"
