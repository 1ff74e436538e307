"""The application: what is mounted where."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache

from fastapi import FastAPI
from starlette.routing import WebSocketRoute

from app.http import embed, eta, events, health, problems
from app.http.callers import Callers
from app.http.correlation import Correlation
from app.http.explorer import Explorer
from app.http.graphql import GraphQLDoor, StreamDoor
from app.http.headers import HeaderLimits
from app.http.pages import for_pages
from app.http.short_way import BothWays, ShortWay, StraightWay
from app.http.sockets import SocketDoor
from app.wiring import Wired

COLLECTED_AFTER = (10_000, 10, 10)
"""After how many objects more the garbage collector looks: what a request leaves behind is gone by itself by then, and
Python's own 700 would have it look through all that is at hand, which is no garbage, many times a second."""

CLOSING_SECONDS = 5.0
"""How long closing may take: everything that matters is on disk already."""


def create_app(wired: Wired, *, has_worker: bool = True) -> BothWays:
    """The ASGI application of a gateway that has been put together.

    Args:
        wired: the gateway.
        has_worker: whether it settles what sources send, or leaves that to others.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await wired.open(has_worker=has_worker)
        gc.collect()
        gc.set_threshold(*COLLECTED_AFTER)
        gc.freeze()  # what is there from the start stays; to look through it again costs up to 0.1 s each time
        try:
            yield
        finally:
            with suppress(TimeoutError):  # what does not end in time ends with the process
                await asyncio.wait_for(wired.aclose(), CLOSING_SECONDS)

    app = FastAPI(title="Casefold", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    callers, operations = Callers(wired.identity, wired.gateways), wired.operations
    largest = operations.documents.limits.body
    origins, door = wired.graphql.origins, GraphQLDoor(callers, operations, largest)
    app.add_route("/graphql", for_pages(door, origins))  # type: ignore[arg-type]  # Starlette takes ASGI apps, too
    app.add_route("/graphql/stream", for_pages(StreamDoor(callers, operations, largest), origins))  # type: ignore[arg-type]  # as above
    app.router.routes.append(WebSocketRoute("/graphql", SocketDoor(callers, operations, origins)))
    app.include_router(health.routes(wired.gateways.values()))
    app.include_router(events.routes(wired.doors))
    app.include_router(eta.routes(callers, operations))
    app.include_router(embed.routes(wired.identity))
    if wired.graphql.explorer:
        app.mount("/graphiql", Explorer())
    problems.install(app)
    is_observed = cache(app._native_telemetry.enabled)  # noqa: SLF001  # FastAPI's own way to ask
    straight = StraightWay(door, HeaderLimits(app), is_observed)
    return BothWays(ShortWay(wired.identity, wired.gateways), Correlation(straight))
