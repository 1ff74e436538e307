"""Workers as a process of their own."""

import asyncio
import signal
from contextlib import suppress

from app.settings import Configuration
from app.wiring import build

STOPPED_BY = (signal.SIGINT, signal.SIGTERM)
LOOK_SECONDS = 0.5


async def work(configuration: Configuration, redis_url: str) -> bool:
    """Settle what is sent until told to stop; says whether it was, and did not stop by itself.

    One tenant's worker that has stopped leaves those of the others at work.
    """
    wired = build(configuration, redis_url)
    told_to_stop = asyncio.Event()
    for number in STOPPED_BY:
        asyncio.get_running_loop().add_signal_handler(number, told_to_stop.set)
    await wired.open(has_pollers=False)
    try:
        while not wired.is_stopped:
            with suppress(TimeoutError):
                await asyncio.wait_for(told_to_stop.wait(), LOOK_SECONDS)
                return True
        return False
    finally:
        await wired.aclose()
