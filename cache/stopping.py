"""Ends tasks for good."""

import asyncio
from collections.abc import Iterable

AGAIN_SECONDS = 0.1


async def stop(tasks: Iterable["asyncio.Task[None]"]) -> None:
    """Cancel tasks until they are done; what they fail with on the way out is of no interest any more.

    Once is not enough: `asyncio.wait_for` of Python 3.11, on which redis-py relies, loses a cancellation that comes
    just when what it waits for is done.
    """
    running = {task for task in tasks if not task.done()}
    while running:
        for task in running:
            task.cancel()
        done, running = await asyncio.wait(running, timeout=AGAIN_SECONDS)
        for task in done:
            if not task.cancelled():
                task.exception()
