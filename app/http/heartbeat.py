"""A stream that says now and then that it is there, and ends when the proof of who listens does."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

HEARTBEAT = b":\n\n"
"""A comment: clients of event streams pass over it."""

SECONDS = 12.0
"""How long a stream may be silent: shorter than what proxies wait for."""


async def with_heartbeats(events: AsyncGenerator[bytes], seconds_left: float | None) -> AsyncGenerator[bytes]:
    """The events, and heartbeats between them.

    Args:
        events: what is sent.
        seconds_left: after how long it ends; null: with the events.
    """
    clock = asyncio.get_running_loop()
    ends_at = None if seconds_left is None else clock.time() + seconds_left
    async with aclosing(events):
        coming = asyncio.ensure_future(anext(events, None))
        try:
            while ends_at is None or clock.time() < ends_at:
                wait = SECONDS if ends_at is None else min(SECONDS, ends_at - clock.time())
                await asyncio.wait([coming], timeout=wait)
                if not coming.done():
                    yield HEARTBEAT
                    continue
                event = coming.result()
                if event is None:
                    return
                yield event
                coming = asyncio.ensure_future(anext(events, None))
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)
