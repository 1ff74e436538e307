"""The sandbox as an ASGI application: systems that can be broken, and the switches to break them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.clock import Clock, SystemClock
from sandbox.control import SYSTEMS, WELL, Advance, Control, Faults
from sandbox.desks import KEYS, Endpoint, Reply, Request, endpoints
from sandbox.elsewhere import ExtraTracker, parcel_script
from sandbox.sending import Sending, Troubles, senders
from sandbox.world import World, WorldClock

DRIP_SECONDS = 0.2

LONGEST_ADVANCE = timedelta(days=366)
"""All stories are over long before."""

PAGE_FOR_PEOPLE = b"<!doctype html><title>Sign in</title><h1>Your session is over. Please sign in.</h1>"


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who is told: where, and what follows the name of a system in the id of its source there."""

    url: str
    suffix: str = "-sandbox"


def create_sandbox(
    *,
    seed: int = 7,
    rate: float = 0.0,
    anchor: datetime | None = None,
    trackers: Sequence[ExtraTracker] = (),
    keys: Mapping[str, str] = KEYS,
    clock: Clock | None = None,
    receiver: Receiver | None = None,
) -> ASGIApp:
    """All simulated systems over one world.

    Args:
        seed: the same seed and anchor make the same world.
        rate: steps of the world per real second, on average; 0: it stands still until it is told to advance.
        anchor: the moment at which the world starts, aware; else now. Fractions of a second are dropped.
        trackers: parcels that the carriers know besides.
        keys: credentials of `erp`, `wms`, `crm` and `easypost`.
        clock: real time.
        receiver: who is told of everything that happens; null: nobody.
    """
    real = clock or SystemClock()
    start = (anchor or real.now()).astimezone(UTC).replace(microsecond=0)
    world = _world(seed, start, tuple(trackers))
    time = WorldClock(start, world.speed(rate), real)
    control = Control()
    doors = [
        Route(endpoint.path, Door(endpoint, control), methods=[endpoint.method])
        for endpoint in endpoints(world, time, keys)
    ]
    sending = Sending(world, time, receiver.url, senders(receiver.suffix), seed) if receiver else None
    return Router([*doors, *Switches(world, time, control, sending).routes()], lifespan=_while(sending))


def _while(sending: Sending | None) -> Callable[[Router], AbstractAsyncContextManager[None]]:
    """Send as long as the application runs."""

    @asynccontextmanager
    async def lifespan(_: Router) -> AsyncIterator[None]:
        task = asyncio.create_task(sending.run()) if sending else None
        yield
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    return lifespan


@lru_cache(maxsize=4)
def _world(seed: int, anchor: datetime, trackers: tuple[ExtraTracker, ...]) -> World:
    """The same arguments make the same world, so that tests may share what it has already worked out."""
    return World(seed, anchor, [parcel_script(tracker, anchor) for tracker in trackers])


class Door:
    """One endpoint behind HTTP: counted, and as faulty as its system is told to be."""

    def __init__(self, endpoint: Endpoint, control: Control) -> None:
        self._endpoint = endpoint
        self._control = control

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as an ASGI application."""
        reply = self._endpoint.answer(await _request(scope, receive))
        self._control.count(self._endpoint.system, self._endpoint.name, reply.entities, _correlation_id(scope))
        if self._control.faults(self._endpoint.system) == WELL and not reply.delay_seconds:
            await _send(send, reply.status, reply.body)
        else:
            await _unless_gone(self._answer_faultily(reply, send), receive)

    async def _answer_faultily(self, reply: Reply, send: Send) -> None:
        """A late answer tells what was true when the question came."""
        system = self._endpoint.system
        while self._control.faults(system).hang:
            await self._control.until_changed(system)
        faults = self._control.faults(system)
        await asyncio.sleep(reply.delay_seconds + faults.delay_ms / 1_000)
        if faults.status:
            await _send_status(send, faults.status, faults.retry_after)
        elif faults.malformed == "html":
            await _send(send, HTTPStatus.OK, PAGE_FOR_PEOPLE, b"text/html")
        else:
            body = reply.body[: len(reply.body) // 2] if faults.malformed else reply.body
            await _send(send, reply.status, body, pause_seconds=DRIP_SECONDS if faults.drip else 0.0)


async def _request(scope: Scope, receive: Receive) -> Request:
    body, is_whole = b"", False
    while not is_whole:
        message = await receive()
        body += message.get("body", b"")
        is_whole = not message.get("more_body", False)
    headers = dict(scope["headers"])
    return Request(
        authorization=headers.get(b"authorization", b"").decode("latin-1"),
        path=scope["path_params"],
        query=dict(parse_qsl(scope["query_string"].decode("latin-1"))),
        body=body,
    )


def _correlation_id(scope: Scope) -> str:
    """Which of the caller's requests a call is for."""
    sent: bytes = dict(scope["headers"]).get(b"x-correlation-id", b"")
    return sent.decode("latin-1")


async def _unless_gone(answering: Awaitable[None], receive: Receive) -> None:
    """Answer, but stop as soon as the caller has hung up."""
    answer, departure = asyncio.ensure_future(answering), asyncio.ensure_future(_departure(receive))
    try:
        await asyncio.wait((answer, departure), return_when=asyncio.FIRST_COMPLETED)
    finally:
        departure.cancel()
        answer.cancel()
    if answer.done():
        answer.result()


async def _departure(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send_status(send: Send, status: int, retry_after: int) -> None:
    is_later = status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
    headers = ((b"retry-after", str(retry_after).encode()),) if is_later else ()
    await _send(send, status, b'{"error":"simulated fault"}', headers=headers)


async def _send(
    send: Send,
    status: int,
    body: bytes,
    content_type: bytes = b"application/json",
    *,
    headers: Sequence[tuple[bytes, bytes]] = (),
    pause_seconds: float = 0.0,
) -> None:
    about = [(b"content-type", content_type), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": int(status), "headers": about})
    if pause_seconds:
        for place in range(len(body)):
            await send({"type": "http.response.body", "body": body[place : place + 1], "more_body": True})
            await asyncio.sleep(pause_seconds)
        body = b""
    await send({"type": "http.response.body", "body": body})


class Switches:
    """The control endpoints; nobody has to log in."""

    def __init__(self, world: World, clock: WorldClock, control: Control, sending: Sending | None) -> None:
        self._sending = sending
        self._world = world
        self._clock = clock
        self._control = control

    def routes(self) -> Sequence[Route]:
        """Their addresses; the fixed ones come before the one with a parameter."""
        return (
            _route("PUT", "/control", self._heal),
            _route("GET", "/control/world", self._show_world),
            _route("POST", "/control/advance", self._advance),
            _route("GET", "/control/counters", self._show_counters),
            _route("DELETE", "/control/counters", self._reset_counters),
            _route("GET", "/control/events", self._show_sending),
            _route("PUT", "/control/events", self._set_troubles),
            _route("GET", "/control/{system}", self._show_faults),
            _route("PUT", "/control/{system}", self._set_faults),
        )

    async def _heal(self, _: HttpRequest) -> Response:
        self._control.heal()
        if self._sending is not None:
            self._sending.troubles = Troubles()
        return _json({system: self._control.faults(system) for system in SYSTEMS})

    async def _show_world(self, _: HttpRequest) -> Response:
        now = self._clock.now()
        done = self._world.steps_done(now)
        return _json(
            {
                "seed": self._world.seed,
                "anchor": self._world.anchor,
                "now": now,
                "steps": {"done": done, "left": len(self._world.steps) - done},
                "orders": [script.plan.number for script in self._world.scripts],
            }
        )

    async def _advance(self, request: HttpRequest) -> Response:
        advance = msgspec.json.decode(await request.body(), type=Advance)
        if not timedelta(0) <= advance.by <= LONGEST_ADVANCE:
            raise msgspec.ValidationError(f"from PT0S to P{LONGEST_ADVANCE.days}D - at `$.by`")
        self._clock.advance(advance.by)
        return _json({"now": self._clock.now()})

    async def _show_counters(self, request: HttpRequest) -> Response:
        return _json(self._control.counters(request.query_params.get("correlationId")))

    async def _reset_counters(self, _: HttpRequest) -> Response:
        self._control.reset_counters()
        return _json(self._control.counters())

    async def _show_sending(self, _: HttpRequest) -> Response:
        if self._sending is None:
            return _json({"error": "nothing is sent: there is no receiver"}, HTTPStatus.NOT_FOUND)
        return _json({"troubles": self._sending.troubles, "sent": self._sending.sent})

    async def _set_troubles(self, request: HttpRequest) -> Response:
        if self._sending is not None:
            self._sending.troubles = msgspec.json.decode(await request.body(), type=Troubles)
        return await self._show_sending(request)

    async def _show_faults(self, request: HttpRequest) -> Response:
        system = request.path_params["system"]
        return _json(self._control.faults(system)) if system in SYSTEMS else _no_such(system)

    async def _set_faults(self, request: HttpRequest) -> Response:
        system = request.path_params["system"]
        if system not in SYSTEMS:
            return _no_such(system)
        self._control.set_faults(system, msgspec.json.decode(await request.body(), type=Faults))
        return _json(self._control.faults(system))


def _route(method: str, path: str, switch: Callable[[HttpRequest], Awaitable[Response]]) -> Route:
    """A body that cannot be used is answered with what is wrong with it."""

    async def checked(request: HttpRequest) -> Response:
        try:
            return await switch(request)
        except msgspec.DecodeError as error:
            return _json({"error": str(error)}, HTTPStatus.BAD_REQUEST)

    return Route(path, checked, methods=[method])


def _no_such(system: str) -> Response:
    return _json({"error": f"no system {system[:100]!r}; there are {', '.join(SYSTEMS)}"}, HTTPStatus.NOT_FOUND)


def _json(content: object, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")
