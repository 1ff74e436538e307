"""The application: what is mounted where."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI
from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp
from strawberry.schema import BaseSchema

from app.http import eta, events, health, problems
from app.http.correlation import Correlation
from app.http.graphql import GraphQLDoor
from app.wiring import Wired
from resolvers.schema import schema

CLOSING_SECONDS = 5.0
"""How long closing may take: everything that matters is on disk already."""


def create_app(wired: Wired, *, has_worker: bool = True, exposed: BaseSchema = schema) -> ASGIApp:
    """The ASGI application of a gateway that has been put together.

    Args:
        wired: the gateway.
        has_worker: whether it settles what sources send, or leaves that to others.
        exposed: the schema at /graphql: the plain one, or that of a subgraph.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await wired.open(has_worker=has_worker)
        gc.collect()
        gc.freeze()  # what is there from the start stays; to look through it again costs up to 0.1 s each time
        try:
            yield
        finally:
            with suppress(TimeoutError):  # what does not end in time ends with the process
                await asyncio.wait_for(wired.aclose(), CLOSING_SECONDS)

    app = FastAPI(title="Casefold", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    door = GraphQLDoor(wired.gateway, exposed)
    app.add_route("/graphql", door)  # type: ignore[arg-type]  # Starlette takes ASGI apps, too
    app.router.routes.append(WebSocketRoute("/graphql", door))
    app.include_router(health.routes(wired.gateway))
    app.include_router(events.routes(wired.doors))
    app.include_router(eta.routes(wired.gateway))
    problems.install(app)
    return Correlation(app)
