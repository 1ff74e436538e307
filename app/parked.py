"""Parked letters in the terminal."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.settings import Settings
from app.state import running_state
from cache.inbox import InboxStream
from cache.keys import Keys
from cache.parking import Parked, Parking
from cache.server import Server
from domain.errors import StoreUnavailable
from domain.identity import MAIN_TENANT

WIDTH = 90


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[tuple[InboxStream, Parking]]:
    """The inbox and the parking of a gateway that runs.

    Raises:
        StoreUnavailable: its store cannot be used.
    """
    server = Server(running_state(settings))
    await server.open()
    try:
        if not server.is_up:
            raise StoreUnavailable("it does not answer")
        prefix = Keys(MAIN_TENANT).inbox()
        yield InboxStream(server, prefix), Parking(server, prefix)
    finally:
        await server.aclose()


def line(name: str, parked: Parked) -> str:
    """One letter in one line."""
    letter = parked.letter
    when = parked.parked_at.strftime("%a %d %b %H:%M:%S")
    return f"{name:<22}{when}  {letter.source}  {letter.id[:40]}  x{letter.attempts}  {parked.reason[:WIDTH]}"


def whole(name: str, parked: Parked) -> str:
    """All that is known of one letter."""
    letter = parked.letter
    about = {
        "name": name,
        "source": letter.source,
        "id": letter.id,
        "received": letter.received_at.isoformat(),
        "parked": parked.parked_at.isoformat(),
        "attempts": str(letter.attempts),
        "correlation id": letter.correlation_id,
        "reason": parked.reason,
    }
    head = "\n".join(f"{title:<16}{value}" for title, value in about.items())
    return f"{head}\n\n{letter.body.decode(errors='replace')}"
