"""Keeps one redis-server running for as long as its owner lives, however either of them ends.

Run as a program: `python keeper.py REDIS_SERVER ARGUMENT...`. It ends the server when its standard input ends, which
the operating system sees to when the owner is gone. It inherits the owner's lock on the folder, so that nobody else
can take the folder before the server has let go of it.
"""

import ctypes
import os
import select
import signal
import subprocess
import sys

PATIENCE_SECONDS = 10
LOOK_SECONDS = 0.2
"""How often it looks whether the server is still there."""

PR_SET_PDEATHSIG = 1


def _end_with_keeper() -> None:
    """On Linux the server is told even if this program is killed; elsewhere its input ending has to do."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _is_owner_gone() -> bool:
    """Wait a moment for standard input to end."""
    ready, _, _ = select.select([sys.stdin], [], [], LOOK_SECONDS)
    return bool(ready) and not os.read(sys.stdin.fileno(), 1)


def _start(command: list[str]) -> "subprocess.Popen[bytes]":
    """Begin the server in a session of its own, which Ctrl-C does not reach: the owner ends first, in order."""
    return subprocess.Popen(  # noqa: S603  # the owner's own words
        command,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_end_with_keeper,  # noqa: PLW1509  # one thread
    )


def main(command: list[str]) -> int:
    """Run the command until standard input ends; start it again if it is killed.

    A server that ends by itself has said why, and would only do so again.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    server = _start(command)
    while not _is_owner_gone():
        code = server.poll()
        if code is not None and code >= 0:
            return code
        if code is not None:
            server = _start(command)
    server.terminate()
    try:
        return server.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        return server.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
