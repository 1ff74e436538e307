"""The application: what is mounted where."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp

from app.http import events, health, problems
from app.http.correlation import Correlation
from app.http.graphql import GraphQLDoor
from app.wiring import Wired


def create_app(wired: Wired) -> ASGIApp:
    """The ASGI application of a gateway that has been put together."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await wired.open()
        try:
            yield
        finally:
            await wired.aclose()

    app = FastAPI(title="Casefold", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.add_route("/graphql", GraphQLDoor(wired.gateway))  # type: ignore[arg-type]  # Starlette takes ASGI apps, too
    app.include_router(health.routes(wired.gateway))
    app.include_router(events.routes(wired.doors))
    problems.install(app)
    return Correlation(app)
