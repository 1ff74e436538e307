"""Parked letters in the terminal."""

import getpass
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

from app.beside import beside
from app.identity import audit
from app.settings import Configuration
from app.telemetry import visible
from cache.parking import Done
from domain.caller import Caller, Role
from domain.dead_letter import DeadLetter
from domain.discretion import redacted
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


async def revealed(dead_letters: DeadLetters, name: str, tenant: str) -> DeadLetter | None:
    """A letter for whoever sits at this terminal, as it came: put on record, and in the audit log, first.

    Raises:
        StoreUnavailable: the store does not answer; then nothing is shown.
    """
    caller = Caller(client="casefold parked", subject=_user(), tenant=tenant, roles=frozenset({Role.OPS}))
    found = await dead_letters.revealed(name, f"at a terminal, by {audit.pseudonym(caller.subject)}")
    if found is not None:
        audit.revealed(caller, [name], uuid4().hex)
    return found


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container whose user has no name
        return str(os.getuid())


def line(letter: DeadLetter) -> str:
    """One letter in one line."""
    when = letter.received_at.strftime("%a %d %b %H:%M:%S")
    return f"{letter.id:<16}{when}  {visible(letter.event_id or '-')[:40]}  x{letter.attempts}  {letter.reason[:WIDTH]}"


def done_line(done: Done) -> str:
    """What was done about one letter, in one line."""
    when = datetime.fromtimestamp(done.at / 1_000, UTC).strftime("%a %d %b %H:%M:%S")
    return f"{done.name:<16}{when}  {done.did}{f': {done.why}' if done.why else ''}"


def whole(letter: DeadLetter, *, is_revealed: bool = False) -> str:
    """All that is known of one letter; of what is in it the shape, unless it is revealed."""
    about = {
        "name": letter.id,
        "source": letter.source,
        "event": visible(letter.event_id or "-"),
        "received": letter.received_at.isoformat(),
        "attempts": str(letter.attempts),
        "correlation id": letter.correlation_id or "-",
        "reason": letter.reason,
    }
    head = "\n".join(f"{title:<16}{value}" for title, value in about.items())
    payload = visible(letter.payload, kept="\n\t") if is_revealed else redacted(letter.payload)
    return f"{head}\n\n{payload}"
