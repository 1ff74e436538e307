"""How the application is served: uvicorn, with bounds and a short way."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from socket import socket
from typing import Any

import structlog
import uvicorn

from app.main import create_app
from app.settings import Configuration
from app.short_protocol import ShortProtocol
from app.telemetry import start_logging
from app.wiring import build
from domain.errors import CasefoldError

ENDING_SECONDS = 5
"""How long requests under way may go on when the gateway is told to end."""

LARGEST_FRAME = 256 * 1024
"""Bytes of one message over a WebSocket."""

OPTIONS: Mapping[str, Any] = {
    "loop": "uvloop",
    "http": ShortProtocol,
    "ws_max_size": LARGEST_FRAME,
    "log_config": None,
    "access_log": False,
    "server_header": False,
}
"""How uvicorn serves a gateway, wherever it listens."""

log = structlog.get_logger()


class ServeError(CasefoldError):
    """The gateway did not come to serve."""


@dataclass(frozen=True, slots=True)
class Served:
    """What is served.

    Attributes:
        configuration: settings that were read and checked.
        redis_url: where state is kept.
        has_worker: whether what sources send is settled here.
    """

    configuration: Configuration
    redis_url: str
    has_worker: bool = True


def serve(
    served: Served,
    listeners: Sequence[socket],
    *,
    serves: Callable[[], None] = lambda: None,
    ends_with: int | None = None,
) -> None:
    """Run a gateway in this process until it is told to end.

    Args:
        served: what.
        listeners: where; they are closed at the end.
        serves: told once it listens.
        ends_with: a file that can be read once nobody is there any more for whom to serve; null: there is none.

    Raises:
        ServeError: it does not come to serve.
    """
    start_logging(served.configuration.gateway)
    app = create_app(build(served.configuration, served.redis_url), has_worker=served.has_worker)
    config = uvicorn.Config(app, timeout_graceful_shutdown=ENDING_SECONDS, **OPTIONS)
    server = _Server(config, serves, ends_with)
    try:
        server.run(list(listeners))
    except SystemExit as error:
        raise ServeError("the gateway does not start; its log says why") from error


class _Server(uvicorn.Server):
    """uvicorn's, which says when it listens, and ends when nobody is there any more who began it."""

    def __init__(self, config: uvicorn.Config, serves: Callable[[], None], ends_with: int | None) -> None:
        super().__init__(config)
        self._serves, self._ends_with = serves, ends_with

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        if self._ends_with is not None:
            asyncio.get_running_loop().add_reader(self._ends_with, self._left_alone, self._ends_with)
        log.info("gateway listens")
        self._serves()

    def _left_alone(self, file: int) -> None:
        asyncio.get_running_loop().remove_reader(file)
        self.should_exit = True
