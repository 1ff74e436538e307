"""`python -m sandbox`: all simulated systems in one process, on one port, on this machine only."""

import json
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Annotated

import msgspec
import typer
import uvicorn

from sandbox.elsewhere import ExtraTracker, read_trackers
from sandbox.server import Receiver, create_sandbox

HOST = "127.0.0.1"


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def serve(
    *,
    port: Annotated[int, typer.Option(help="Port to listen on; 0: any free one.")] = 8001,
    seed: Annotated[int, typer.Option(help="The world is the same for the same seed and anchor.")] = 7,
    rate: Annotated[float, typer.Option(min=0, help="Steps of the world per second; 0: a still world.")] = 0.0,
    anchor: Annotated[
        datetime | None,
        typer.Option(parser=_moment, metavar="ISO 8601", help="Moment at which the world starts; else now."),
    ] = None,
    trackers: Annotated[Path | None, typer.Option(help="File of parcels that the carriers know besides.")] = None,
    events_to: Annotated[str | None, typer.Option(help="Gateway that is told of everything that happens.")] = None,
    stop_with_stdin: Annotated[bool, typer.Option(help="End when standard input ends.")] = False,
) -> None:
    """Run the simulated TMS, WMS, ERP, CRM and claims desk. The first line printed is their address as JSON."""
    listener = _listen(port)
    app = create_sandbox(
        seed=seed,
        rate=rate,
        anchor=anchor,
        trackers=_read(trackers) if trackers else (),
        receiver=Receiver(events_to) if events_to else None,
    )
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=1))
    if stop_with_stdin:
        Thread(target=_stop_with_stdin, args=(server,), daemon=True).start()
    typer.echo(json.dumps({"url": f"http://{HOST}:{listener.getsockname()[1]}"}))
    sys.stdout.flush()
    server.run(sockets=[listener])


def _listen(port: int) -> socket.socket:
    """Connections are accepted by the kernel from here on, so that the address may be printed."""
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        typer.echo(f"sandbox: port {port}: {error.strerror}", err=True)
        raise typer.Exit(1) from error


def _read(trackers: Path) -> tuple[ExtraTracker, ...]:
    try:
        return tuple(read_trackers(trackers.read_bytes()))
    except (OSError, msgspec.DecodeError) as error:
        typer.echo(f"sandbox: {trackers}: {error}", err=True)
        raise typer.Exit(1) from error


def _stop_with_stdin(server: uvicorn.Server) -> None:
    """So that whoever started it cannot leave it behind, however that process ends."""
    sys.stdin.buffer.read()
    server.should_exit = True


if __name__ == "__main__":
    typer.run(serve)
