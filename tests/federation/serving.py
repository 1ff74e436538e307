"""Casefold before simulated systems and a subgraph beside it, on real sockets, with everything heard that is sent to them."""

import json
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from strawberry.asgi import GraphQL

from app.demo import _sources
from app.main import create_app
from app.settings import configure
from app.wiring import build
from tests.federation import loyalty
from tests.federation.gateway import running_gateway

PATIENCE_SECONDS = 20


@dataclass
class Heard:
    """An ASGI app, and the headers and GraphQL documents that were sent to it."""

    app: Any
    headers: list[Mapping[str, str]] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def heard() -> Any:
            message = await receive()
            if message["type"] == "http.request" and message["body"]:
                self.bodies.append(json.loads(message["body"]))
            return message

        if scope["type"] == "http":
            self.headers.append({name.decode(): value.decode() for name, value in scope["headers"]})
        await self.app(scope, heard, send)

    def forget(self) -> None:
        self.headers.clear()
        self.bodies.clear()


@dataclass
class Federated:
    """A gateway before both subgraphs."""

    told: Any
    casefold: Heard
    sandbox: str

    def ask(self, document: str, variables: Any = None, **headers: str) -> Any:
        """The whole answer, errors and all."""
        self.casefold.forget()
        return call(self.told["url"], {"query": document, "variables": variables or {}}, **headers)

    @property
    def representations(self) -> list[Any]:
        """For each request for entities that Casefold has got: what it named."""
        variables = [body["variables"] for body in self.casefold.bodies if "_entities" in body["query"]]
        return [each["representations"] for each in variables]

    def calls(self, correlation_id: str) -> dict[str, dict[str, int]]:
        """How often each address of each system was called for a request."""
        counted = call(f"{self.sandbox}/control/counters?correlationId={correlation_id}")
        return {
            system: {name: each["calls"] for name, each in endpoints.items()}
            for system, endpoints in counted.items()
            if endpoints
        }

    def break_system(self, system: str, **fault: Any) -> None:
        call(f"{self.sandbox}/control/{system}", fault, method="PUT")

    def heal(self) -> None:
        call(f"{self.sandbox}/control", {}, method="PUT")


@contextmanager
def federated() -> Iterator[Federated]:
    with ExitStack() as stack:
        sandbox = stack.enter_context(_sandbox())
        configuration = configure(
            {
                "anonymous": ["agent"],
                "graphql": {"federation": True, "introspection": ["agent"]},
                "sources": _sources(sandbox, ()),
            },
            {},
        )
        wired = build(configuration, "unix:///dev/null")  # without a store: every question is counted
        casefold = Heard(create_app(wired, has_worker=False))
        subgraphs = {"casefold": casefold, "loyalty": GraphQL(loyalty.schema)}
        urls = {name: f"{stack.enter_context(served(app))}/graphql" for name, app in subgraphs.items()}
        yield Federated(stack.enter_context(running_gateway(urls)), casefold, sandbox)


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Where this app can be asked."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + PATIENCE_SECONDS
    while not server.started:
        assert time.monotonic() < until, "not started in time"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)


@contextmanager
def _sandbox() -> Iterator[str]:
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--rate", "0", "--seed", "7", "--stop-with-stdin"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield str(json.loads(process.stdout.readline())["url"])
        process.stdin.close()


def call(url: str, body: Any = None, method: str | None = None, **headers: str) -> Any:
    data = None if body is None else json.dumps(body).encode()
    fields = {"content-type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, data, fields, method=method)
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as response:
        return json.loads(response.read() or b"null")
