"""What a command needs that works on the state of a gateway that runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.settings import Configuration
from app.state import running_state
from app.wiring import Wired, build
from domain.errors import StoreUnavailable


@asynccontextmanager
async def beside(configuration: Configuration) -> AsyncIterator[Wired]:
    """A gateway put together beside one that runs, with the same state, that neither serves nor works.

    Raises:
        StoreUnavailable: the state cannot be used.
    """
    wired = build(configuration, running_state(configuration.gateway))
    await wired.gateway.reader.memory.open()
    try:
        if not wired.settling.store.server.is_up:
            raise StoreUnavailable("it does not answer")
        yield wired
    finally:
        await wired.aclose()
