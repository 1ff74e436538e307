"""The peer that Casefold began as: Strawberry's own FastAPI router, with its caches on, over values in the process."""

import json
import os
from dataclasses import make_dataclass
from pathlib import Path
from typing import Any

import msgspec
import strawberry
from fastapi import FastAPI
from graphql import GraphQLList, GraphQLNonNull, GraphQLObjectType, build_schema
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.fastapi import GraphQLRouter
from strawberry.schema.config import StrawberryConfig

from bench.questions import IN_CHARGE

SDL = Path(__file__).with_name("node") / "schema.graphql"
SCALARS = {"ID": strawberry.ID, "String": str, "Int": int, "Float": float}


def _typed(described, types):
    """The annotation of a type of the SDL."""
    if isinstance(described, GraphQLNonNull):
        inner = described.of_type
        return list[_typed(inner.of_type, types)] if isinstance(inner, GraphQLList) else _named(inner, types)
    return _typed(GraphQLNonNull(described), types) | None


def _named(described, types):
    if not isinstance(described, GraphQLObjectType):
        return SCALARS[described.name]
    if described.name not in types:
        fields = [(name, _typed(each.type, types)) for name, each in described.fields.items()]
        types[described.name] = strawberry.type(make_dataclass(described.name, fields))
    return types[described.name]


def _kept(system, kind):
    document = json.loads((Path(os.environ["BENCH_ANSWERS"]) / f"{system}.json").read_bytes())
    return msgspec.convert(document, kind)


def _query():
    types: dict[str, Any] = {}
    root = build_schema(SDL.read_text()).query_type.fields
    kinds = {system: _named(root[system].type, types) for system in IN_CHARGE}
    return strawberry.type(type("Query", (), {name: _field(_kept(name, kind), kind) for name, kind in kinds.items()}))


def _field(value, kind):
    def resolve(number: str):  # noqa: ARG001  # there is one case
        return value

    resolve.__annotations__["return"] = kind
    return strawberry.field(resolver=resolve)


schema = strawberry.Schema(
    _query(), config=StrawberryConfig(auto_camel_case=False), extensions=[ParserCache(), ValidationCache()]
)
app = FastAPI()
app.include_router(GraphQLRouter(schema), prefix="/graphql")
