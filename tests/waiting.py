"""Waiting for what happens in the background."""

import asyncio
from collections.abc import Callable


async def wait_until(holds: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait until something holds; fails if it never does."""
    for _ in range(int(seconds / 0.01)):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("waited in vain")
