"""Works off the inbox: a batch is settled, or parked, and only then acknowledged.

A worker that dies leaves its batch to others, who settle it again; that does no harm. One letter that cannot be settled
does not hold up its neighbours. When nearly everything would be parked, something is wrong here and not with the
letters: the worker stops instead, and says so.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import structlog

from cache.inbox import Entry, InboxStream
from cache.parking import Parked, Parking
from cache.server import Server
from domain.clock import Clock
from domain.errors import StoreError
from events.settle import Settled, Settling

BATCH = 200
WAIT = timedelta(seconds=1)
IDLE = timedelta(seconds=15)
"""How long a batch may be in a worker's hands before others take it."""

RECENT = 200
"""Letters by which it is judged whether nearly everything gets parked."""

MOST_PARKED_SHARE = 0.95

CONFLICT = Settled(reasons=("id: it was used before, for another event",))

log = structlog.get_logger()


class Worker:
    """One worker.

    Args:
        server: where the inbox is; while it is down, nothing is done.
        inbox: what there is to do.
        settling: how it is done.
        parking: where letters go that cannot be used.
        clock: when.
    """

    def __init__(self, server: Server, inbox: InboxStream, settling: Settling, parking: Parking, clock: Clock) -> None:
        self._server = server
        self._inbox = inbox
        self._settling = settling
        self._parking = parking
        self._clock = clock
        self._recent: deque[bool] = deque(maxlen=RECENT)
        self._task: asyncio.Task[None] | None = None
        self.is_stopped = False

    def open(self) -> None:
        """Begin to work."""
        self._task = asyncio.create_task(self._run())

    async def aclose(self) -> None:
        """Stop; what is under way will be done again."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def work(self, entries: Sequence[Entry]) -> None:
        """Settle a batch, letter by letter if it cannot be done at once, and acknowledge it.

        Raises:
            StoreError: the store could not be used; nothing is acknowledged.
        """
        usable = [entry for entry in entries if not entry.is_conflict]
        done = dict(zip((entry.number for entry in usable), await self._settled(usable), strict=True))
        settled = [done.get(entry.number, CONFLICT) for entry in entries]
        parked = [
            Parked(
                replace(entry.letter, attempts=entry.letter.attempts + 1), "; ".join(each.reasons), self._clock.now()
            )
            for entry, each in zip(entries, settled, strict=True)
            if each.reasons
        ]
        self._recent.extend(bool(each.reasons) for each in settled)
        if self._parks_nearly_everything():
            self.is_stopped = True
            log.error("worker stopped", reason="nearly everything would be parked", last=parked[-1].reason)
            return
        if parked:
            log.warning("parked", count=len(parked), reason=parked[0].reason)
            await self._parking.park(parked)
        await self._inbox.done(entries)

    async def _settled(self, entries: Sequence[Entry]) -> Sequence[Settled]:
        try:
            return await self._settling.settle([entry.letter for entry in entries])
        except StoreError:
            raise
        except Exception:
            log.exception("a batch could not be settled at once", count=len(entries))
        return [await self._settled_alone(entry) for entry in entries]

    async def _settled_alone(self, entry: Entry) -> Settled:
        try:
            return (await self._settling.settle([entry.letter]))[0]
        except StoreError:
            raise
        except Exception as error:
            log.exception("a letter could not be settled", source=entry.letter.source, id=entry.letter.id)
            return Settled(reasons=(f"{type(error).__name__} while it was settled",))

    def _parks_nearly_everything(self) -> bool:
        return len(self._recent) == RECENT and sum(self._recent) >= MOST_PARKED_SHARE * RECENT

    async def _run(self) -> None:
        is_open = False
        while not self.is_stopped:
            try:
                if not is_open:
                    await self._inbox.open()
                    is_open = True
                entries = await self._inbox.take_again(BATCH, IDLE) or await self._inbox.take(BATCH, WAIT)
                if entries:
                    await self.work(entries)
            except StoreError as error:
                log.warning("worker waits", reason=str(error))
                is_open = False
                await asyncio.sleep(WAIT.total_seconds() / 2)
            except Exception:
                log.exception("worker stumbled")
                is_open = False
                await asyncio.sleep(WAIT.total_seconds())
