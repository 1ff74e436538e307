"""A real Apollo Gateway as a process of its own, installed under `.cache/federation` on first use."""

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DEFAULT_CACHE = HERE.parents[1] / ".cache"
PROGRAM = "gateway.mjs"
OLDEST_NODE = 20

PATIENCE_SECONDS = 20
INSTALLING_SECONDS = 300


def unusable() -> str | None:
    """Why no gateway can be run here; null: it can."""
    if not (shutil.which("node") and shutil.which("npm")):
        return f"the gateway is a node program: node {OLDEST_NODE} or newer, with npm, is not on PATH"
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(said.removeprefix("v").split(".")[0]) < OLDEST_NODE:
        return f"the gateway needs node {OLDEST_NODE} or newer, found {said}"
    return None


@contextmanager
def running_gateway(subgraphs: Mapping[str, str]) -> Iterator[Any]:
    """What the gateway says once it runs before these subgraphs, or why it cannot: see `gateway.mjs`."""
    program = installed() / PROGRAM
    command = ["node", str(program), *(f"{name}={url}" for name, url in subgraphs.items())]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout:
        try:
            line = process.stdout.readline()
            assert line, "the gateway did not start; what it said is above"
            yield json.loads(line)
        finally:
            process.stdin.close()  # it ends with it
            process.wait(PATIENCE_SECONDS)


def installed() -> Path:
    """The folder with the program and its packages, exactly those of the lock file."""
    folder = Path(os.environ.get("CASEFOLD_CACHE_DIR") or DEFAULT_CACHE) / "federation"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:  # tests run side by side
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_current(folder):
            _install(folder)
        shutil.copy(HERE / PROGRAM, folder / PROGRAM)  # node looks for packages beside the program
    return folder


def _is_current(folder: Path) -> bool:
    done = folder / "node_modules" / ".installed"
    return done.exists() and done.read_bytes() == (HERE / "package-lock.json").read_bytes()


def _install(folder: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder / name)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=INSTALLING_SECONDS)
    shutil.copy(HERE / "package-lock.json", folder / "node_modules" / ".installed")
