"""On what, and with what, something was measured."""

import json
import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

from bench.node import FOLDER, is_there
from bench.wrk import CONNECTIONS
from bench.wrk import is_there as has_wrk

PACKAGES = ("uvicorn", "uvloop", "strawberry-graphql", "fastapi", "httpx", "aiocache", "msgspec")
MODULES = ("mercurius", "graphql-jit", "@apollo/server", "@graphql-hive/gateway")


def described():
    """Lines that belong above every table of the race."""
    where = f"server on one core; on another {_load()} with {CONNECTIONS} connections, Redis and the systems of record"
    return [*basis(), *_node(), where]


def basis():
    """Lines that belong above every table."""
    busy, cores = os.getloadavg()[0], os.cpu_count()
    return [
        f"{_processor()}, {cores} cores, {platform.system()} {platform.release()}; load when it began: {busy:.1f}",
        f"Python {platform.python_version()}, {', '.join(f'{name} {version(name)}' for name in PACKAGES)}",
    ]


def _load():
    return "wrk" if has_wrk() else "bench.load (there is no wrk here, so the fastest are understated)"


def _processor():
    told = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.split(":", 1)[1].strip() for line in told if line.startswith("model name")), platform.machine())


def _node():
    if not is_there():
        return []
    told = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return [f"node {told}, {', '.join(f'{name} {_version(name)}' for name in MODULES)}"]


def _version(module):
    return json.loads((FOLDER / "node_modules" / module / "package.json").read_text())["version"]
