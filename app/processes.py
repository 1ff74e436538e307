"""Several gateways on one port, each a process of its own; one that dies is replaced.

What they share is the store: to each other they are what gateways on other machines are. Decision 19 says why this is
not uvicorn's own supervisor.
"""

import asyncio
import multiprocessing
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from socket import socket

import structlog

from app.listening import Address
from app.main import CLOSING_SECONDS
from app.serving import ENDING_SECONDS, Served, ServeError, serve
from cache.stopping import stop
from domain.errors import CasefoldError

STOPPED_BY = (signal.SIGINT, signal.SIGTERM)

ENDED_SECONDS = ENDING_SECONDS + CLOSING_SECONDS + 2
"""How long processes that are told to end may take; those that do not are killed."""

PAUSE_SECONDS = 5.0
"""How long it is waited before a process that did not come to serve is tried again."""

_SPAWN = multiprocessing.get_context("spawn")  # nothing is inherited: no lock, no socket, no Redis of the parent

log = structlog.get_logger()


def serve_by(count: int, address: Address, served: Served) -> None:
    """Run so many gateways until told to end; a single one in this very process.

    Raises:
        ServeError: one of the first did not come to serve; all others are ended, too.
    """
    log.info("gateway begins", address=str(address), processes=count)
    if count == 1:
        listeners = address.listeners()
        address.let_go()  # so that who comes too late is refused, once they are closed
        with suppress(KeyboardInterrupt):
            serve(served, listeners)
        return
    asyncio.run(_Processes(address, served).run(count))


class _Processes:
    """The processes of one port."""

    def __init__(self, address: Address, served: Served) -> None:
        self._address, self._served = address, served
        self._running: set[_Process] = set()

    async def run(self, count: int) -> None:
        """Keep so many running until told to end."""
        told_to_stop = asyncio.Event()
        for number in STOPPED_BY:
            asyncio.get_running_loop().add_signal_handler(number, told_to_stop.set)
        places = [asyncio.create_task(self._keep_one()) for _ in range(count)]
        stopping = asyncio.create_task(_set(told_to_stop))
        try:
            done, _ = await asyncio.wait([stopping, *places], return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                each.result()
        finally:
            await stop([stopping, *places])
            await self._end()

    async def _keep_one(self) -> None:
        """One process after another, for ever.

        Raises:
            ServeError: the first did not come to serve.
        """
        await self._run_one()
        while True:
            try:
                await self._run_one()
            except ServeError as error:
                log.error("a process did not start", reason=str(error))  # noqa: TRY400  # it is its own, not ours
                await asyncio.sleep(PAUSE_SECONDS)

    async def _run_one(self) -> None:
        """Run one until it ends.

        Raises:
            ServeError: it did not come to serve.
        """
        process = _Process(self._address, self._served)
        self._running.add(process)
        failure = await process.failure()
        await process.ended()
        self._running.remove(process)
        if failure is not None:
            raise ServeError(failure or f"a process ended with {process.code} before it served")
        log.error("a process died", of=process.pid, code=process.code)

    async def _end(self) -> None:
        self._address.let_go()
        for each in self._running:
            each.tell_to_end()
        with suppress(TimeoutError):
            async with asyncio.timeout(ENDED_SECONDS):
                await asyncio.gather(*(each.ended() for each in self._running))
        for each in self._running:
            each.kill()


class _Process:
    """One gateway, which begins at once."""

    def __init__(self, address: Address, served: Served) -> None:
        self._heard, told = _SPAWN.Pipe(duplex=False)
        listeners = address.listeners()
        self._process = _SPAWN.Process(target=_serve, args=(served, listeners, told), daemon=True)
        self._process.start()
        told.close()  # as the listeners, the process has its own now
        for each in listeners:
            each.close()

    @property
    def pid(self) -> int | None:
        """Its id."""
        return self._process.pid

    @property
    def code(self) -> int | None:
        """What it ended with; negative: the signal that killed it."""
        return self._process.exitcode

    async def failure(self) -> str | None:
        """Why it will never serve, empty if it could not even say that; null, once it does serve."""
        with self._heard:
            await _readable(self._heard.fileno())
            try:
                return self._heard.recv_bytes().decode() or None
            except EOFError:
                return ""

    async def ended(self) -> None:
        """Wait until it has ended."""
        await _readable(self._process.sentinel)
        self._process.join()

    def tell_to_end(self) -> None:
        """Have it finish what it began."""
        self._process.terminate()

    def kill(self) -> None:
        """End it, if it has not ended yet."""
        self._process.kill()
        self._process.join()


def _serve(served: Served, listeners: Sequence[socket], told: Connection) -> None:
    """What runs in each process."""
    parent = multiprocessing.parent_process()
    ends_with = None if parent is None else parent.sentinel
    with suppress(KeyboardInterrupt):  # it goes to all in the terminal
        try:
            serve(served, listeners, serves=partial(told.send_bytes, b""), ends_with=ends_with)
        except CasefoldError as error:
            told.send_bytes(str(error).encode())
            sys.exit(1)


async def _set(event: asyncio.Event) -> None:
    await event.wait()


async def _readable(file: int) -> None:
    """Wait until there is something to be read, or nothing ever will be."""
    loop, readable = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(file, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(file)
