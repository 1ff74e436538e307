"""Parked letters in the terminal."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from app.beside import beside
from app.settings import Configuration
from cache.parking import Done
from domain.dead_letter import DeadLetter
from events.parked import DeadLetters

WIDTH = 90


@asynccontextmanager
async def opened(configuration: Configuration, tenant: str, *, outgoing: bool = False) -> AsyncIterator[DeadLetters]:
    """The parked letters of a tenant of a gateway that runs: those that came, or those that should go out.

    Raises:
        InvalidRequest: there is no such tenant.
        StoreUnavailable: its state cannot be used.
    """
    async with beside(configuration, tenant) as tenancy:
        yield tenancy.deliveries if outgoing else tenancy.dead_letters


def line(letter: DeadLetter) -> str:
    """One letter in one line."""
    when = letter.received_at.strftime("%a %d %b %H:%M:%S")
    return f"{letter.id:<16}{when}  {(letter.event_id or '-')[:40]}  x{letter.attempts}  {letter.reason[:WIDTH]}"


def done_line(done: Done) -> str:
    """What was done about one letter, in one line."""
    when = datetime.fromtimestamp(done.at / 1_000, UTC).strftime("%a %d %b %H:%M:%S")
    return f"{done.name:<16}{when}  {done.did}{f': {done.why}' if done.why else ''}"


def whole(letter: DeadLetter) -> str:
    """All that is known of one letter."""
    about = {
        "name": letter.id,
        "source": letter.source,
        "event": letter.event_id or "-",
        "received": letter.received_at.isoformat(),
        "attempts": str(letter.attempts),
        "correlation id": letter.correlation_id or "-",
        "reason": letter.reason,
    }
    head = "\n".join(f"{title:<16}{value}" for title, value in about.items())
    return f"{head}\n\n{letter.payload}"
