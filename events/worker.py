"""Works off the inbox: a batch is settled, or parked, and only then acknowledged.

A worker that dies leaves its batch to others, who settle it again; that does no harm. One letter that cannot be settled
does not hold up its neighbours. When nearly everything would be parked, something is wrong here and not with the
letters: the worker stops instead, and says so.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import timedelta

import structlog
from msgspec.structs import replace

from cache.inbox import Entry, InboxStream, Letter
from cache.parking import Parked, Parking
from cache.server import Server
from cache.stopping import stop
from domain.clock import Clock
from domain.dead_letter import kept_reason
from domain.errors import StoreError
from events.settle import Settled, Settling

BATCH = 200
"""Letters that are settled in one step."""

IN_HAND = 1_000
"""Letters, about, that a worker takes at once; those of one entry stay together."""

TRIM_EVERY = timedelta(minutes=1)
WAIT = timedelta(seconds=1)
IDLE = timedelta(seconds=15)
"""How long a batch may be in a worker's hands before others take it."""

RECENT = 200
"""Letters by which it is judged whether nearly everything gets parked."""

MOST_PARKED_SHARE = 0.95

CONFLICT = Settled(reasons=("id: it was used before, for another event",))

STOPPED = "nearly everything would be parked"

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
        self._most = 1
        self._trim_at = clock.monotonic()
        self.is_stopped = False

    def open(self) -> None:
        """Begin to work."""
        self._task = asyncio.create_task(self._run())

    async def aclose(self) -> None:
        """Stop; what is under way will be done again."""
        if self._task is not None:
            await stop([self._task])

    async def work(self, entries: Sequence[Entry]) -> None:
        """Settle a batch, letter by letter if it cannot be done at once, and acknowledge it.

        Raises:
            StoreError: the store could not be used; nothing is acknowledged.
        """
        letters = [letter for entry in entries for letter in entry.letters]
        settled = [each for chunk in _chunks(letters) for each in await self._settled(chunk)]
        conflicts = [letter for entry in entries for letter in entry.conflicts]
        outcomes = [*zip(letters, settled, strict=True), *((letter, CONFLICT) for letter in conflicts)]
        parked = [self._parked(letter, each.reasons) for letter, each in outcomes if each.reasons]
        self._recent.extend(bool(each.reasons) for _, each in outcomes)
        if self._parks_nearly_everything():
            self.is_stopped = True
            log.error("worker stopped", tenant=self._settling.tenant, reason=STOPPED, last=parked[-1].reason)
            return
        if parked:
            log.warning("parked", count=len(parked), reason=parked[0].reason)
            await self._parking.park(parked)
        await self._inbox.done(entries)

    def _parked(self, letter: Letter, reasons: Sequence[str]) -> Parked:
        return Parked(replace(letter, attempts=letter.attempts + 1), kept_reason(reasons), self._clock.now())

    async def _settled(self, letters: Sequence[Letter]) -> Sequence[Settled]:
        try:
            return await self._settling.settle(letters)
        except StoreError:
            raise
        except Exception:
            log.exception("a batch could not be settled at once", count=len(letters))
        return [await self._settled_alone(letter) for letter in letters]

    async def _settled_alone(self, letter: Letter) -> Settled:
        try:
            return (await self._settling.settle([letter]))[0]
        except StoreError:
            raise
        except Exception as error:
            log.exception("a letter could not be settled", source=letter.source, id=letter.id)
            return Settled(reasons=(f"{type(error).__name__} while it was settled",))

    def _parks_nearly_everything(self) -> bool:
        return len(self._recent) == RECENT and sum(self._recent) >= MOST_PARKED_SHARE * RECENT

    async def _trim(self) -> None:
        """Keep the journal within its bounds, now and then."""
        if self._clock.monotonic() >= self._trim_at:
            self._trim_at = self._clock.monotonic() + TRIM_EVERY.total_seconds()
            await self._inbox.trim(self._clock.now())
            log.info("settled so far", tenant=self._settling.tenant, **asdict(self._settling.facts))

    async def _run(self) -> None:
        is_open = False
        while not self.is_stopped:
            try:
                if not is_open:
                    await self._inbox.open()
                    is_open = True
                await self._trim()
                entries = await self._inbox.take_again(self._most, IDLE) or await self._inbox.take(self._most, WAIT)
                if entries:
                    self._most = _most_next(entries)
                    await self.work(entries)
            except StoreError as error:
                log.warning("worker waits", reason=str(error))
                is_open = False
                await asyncio.sleep(WAIT.total_seconds() / 2)
            except Exception:
                log.exception("worker stumbled")
                is_open = False
                await asyncio.sleep(WAIT.total_seconds())


def _chunks(letters: Sequence[Letter]) -> Iterable[Sequence[Letter]]:
    return (letters[start : start + BATCH] for start in range(0, len(letters), BATCH))


def _most_next(entries: Sequence[Entry]) -> int:
    """How many entries to take next, if they are as large as these."""
    each = sum(entry.size for entry in entries) / len(entries)
    return max(1, int(IN_HAND / each))
