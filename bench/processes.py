"""Servers as processes of their own, each on its core."""

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

UPSTREAM_PORT, GATEWAY_PORT, PEER_PORT = 9801, 9802, 9803
SERVER_CORE, LOAD_CORE = 0, 1


@contextmanager
def process(arguments, port, core, **environment):
    pinned = lambda: os.sched_setaffinity(0, {core})  # noqa: E731
    child = subprocess.Popen([sys.executable, *arguments], env=os.environ | environment, preexec_fn=pinned)  # noqa: PLW1509
    try:
        _wait_for(port)
        yield child
    finally:
        child.terminate()
        child.wait(10)


def _wait_for(port):
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"nothing listens on port {port}")


def upstream(delay_ms):
    return process(["-m", "bench.upstream", str(UPSTREAM_PORT), str(delay_ms)], UPSTREAM_PORT, LOAD_CORE)


def served(app, port, **environment):
    return process(
        ["-m", "uvicorn", app, "--port", str(port), "--log-level", "warning", "--no-access-log"],
        port,
        SERVER_CORE,
        BENCH_UPSTREAM=f"http://127.0.0.1:{UPSTREAM_PORT}",
        **environment,
    )
