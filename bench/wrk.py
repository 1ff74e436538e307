"""Load by wrk, which takes far less of its core than anything in Python; without it, by `bench.load`."""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from bench.load import Result, load

ASK = Path(__file__).with_name("ask.lua")
CONNECTIONS = 32
SEPARATOR = b"\0"


def is_there():
    return shutil.which("wrk") is not None


def loaded(name, port, requests, *, seconds, check):
    """Readers in a closed loop, each sending all requests in turn.

    Raises:
        RuntimeError: an answer failed.
    """
    if not is_there():
        return load(name, port, requests, readers=CONNECTIONS, seconds=seconds, check=check)
    with tempfile.NamedTemporaryFile() as file:
        file.write(SEPARATOR.join(requests))
        file.flush()
        told = _wrk(port, file.name, seconds)
    if told["failed"]:
        raise RuntimeError(f"{name}: {told['failed']} of {told['answers']} answers failed")
    late = (told[f"p{share}_us"] / 1e3 for share in (50, 95, 99))
    return Result(name, told["answers"], told["answers"] / told["us"] * 1e6, *late)


def _wrk(port, requests, seconds):
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", f"-s{ASK}", f"http://127.0.0.1:{port}/"]
    done = subprocess.run(command, env={"BENCH_REQUESTS": requests}, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])
