"""The schema: the source of truth of the public contract, exported to schema.graphql."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext
from strawberry.types.scalar import ScalarDefinition

from resolvers.documents import KeptDocuments
from resolvers.errors import MaskedErrors
from resolvers.mutation import Mutation
from resolvers.projection import ProjectingExecution
from resolvers.query import Query
from resolvers.served import Served
from resolvers.subscription import Subscription
from resolvers.types.scalars import DURATION, Duration

EXPORTED = Path(__file__).with_name("schema.graphql")
"""The schema as clients get it; compared with the code by a test."""


class QuietSchema(strawberry.Schema):
    """Strawberry logs the whole document with every error; `MaskedErrors` reports what is worth reporting."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Log nothing."""


def schema_of(query: type, scalars: Mapping[object, ScalarDefinition] = MappingProxyType({})) -> QuietSchema:
    """The schema with this root of all questions.

    Args:
        query: the root.
        scalars: those that it has besides.
    """
    return QuietSchema(
        query=query,
        mutation=Mutation,
        subscription=Subscription,
        execution_context_class=ProjectingExecution,
        config=StrawberryConfig(scalar_map={Duration: DURATION, **scalars}),
        extensions=[MaskedErrors, KeptDocuments, Served],
    )


schema = schema_of(Query)


def sdl() -> str:
    """The schema in the schema definition language."""
    return schema.as_str() + "\n"
