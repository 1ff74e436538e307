"""A whole gateway in this process, asked over ASGI."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from app.main import create_app
from app.settings import configure
from app.wiring import build
from tests.callers import ANYBODY


async def ask(app: Any, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Any:
    """One request; returns status, headers and body."""
    payload = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    length = {"content-length": str(len(payload))} if payload else {}
    fields = {"host": "gateway", "content-type": "application/json"} | length | dict(headers or {})
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path.partition("?")[0],
        "raw_path": path.partition("?")[0].encode(),
        "query_string": path.partition("?")[2].encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in fields.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    sent: list[Any] = []
    received = asyncio.Queue[Any]()
    received.put_nowait({"type": "http.request", "body": payload, "more_body": False})

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, received.get, send)
    answer = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}, answer


def gateway(**table: Any) -> Any:
    """A gateway with these settings, and without a store: it asks each time."""
    return create_app(build(configure(ANYBODY | table, {}), "unix:///dev/null"))
