"""Programs beside this one, each on its core; what they say is kept in a file of their own."""

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent.parent
CACHE = HERE / ".cache" / "bench"
SERVER_CORE, LOAD_CORE = 0, min(1, (os.cpu_count() or 1) - 1)
GATEWAY_PORT = 9802
START_SECONDS, END_SECONDS = 30.0, 15.0


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def process(command, port, *cores, folder=HERE, **environment):
    """A program that listens on a port, until the block ends; it stays on these cores."""
    told = CACHE / "logs" / f"{port}.log"
    told.parent.mkdir(parents=True, exist_ok=True)
    pinned = lambda: os.sched_setaffinity(0, cores)  # noqa: E731
    with told.open("wb") as log:
        told_to = {"stdout": log, "stderr": log, "env": os.environ | environment}
        child = subprocess.Popen(command, cwd=folder, preexec_fn=pinned, **told_to)  # noqa: PLW1509  # no threads here
        try:
            _wait_for(port, child, told)
            yield child
        finally:
            _end(child)


def python(*arguments):
    return [sys.executable, *arguments]


def _wait_for(port, child, told):
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and child.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"nothing listens on port {port}: {told.read_text(errors='replace')[-2_000:]}")


def _end(child):
    child.terminate()
    try:
        child.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


@contextmanager
def upstream(delay_ms, answers=None):
    """The systems of record; gives their port.

    Args:
        delay_ms: what each call takes.
        answers: folder of what they say to those who ask by GET.
    """
    port = free_port()
    told = {"BENCH_ANSWERS": str(answers)} if answers else {}
    with process(python("-m", "bench.upstream", str(port), str(delay_ms)), port, LOAD_CORE, **told):
        yield port
