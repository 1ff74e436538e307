"""Peers that run on node: installed once, as the lock file says, beside the other things that can be made again."""

import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

from bench.processes import CACHE, SERVER_CORE, process

SOURCES = Path(__file__).parent / "peers" / "node"
FOLDER = CACHE / "node"
LOCK = "package-lock.json"
SUPERGRAPH = "supergraph.graphql"
NOWHERE = "http://127.0.0.1:1"
"""The address of the systems in the supergraph, until it is known where they are."""


def is_installed():
    """Whether peers can be started; installs them first, if there is node to do it with."""
    if not (shutil.which("node") and shutil.which("npm")):
        print("Mercurius, Apollo Server and Hive Gateway are skipped: they need node and npm")
        return False
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not _is_current():
        _install()
    return True


def _is_current():
    """Whether what is there was installed from these very files."""
    return all((FOLDER / each.name).exists() and (FOLDER / each.name).read_bytes() == each.read_bytes() for each in _sources()) and (FOLDER / SUPERGRAPH).exists()


def _sources():
    return [each for each in SOURCES.iterdir() if each.is_file()]


def _install():
    (FOLDER / SUPERGRAPH).unlink(missing_ok=True)
    for each in _sources():
        shutil.copy(each, FOLDER)
    print("Installing Mercurius, Apollo Server and Hive Gateway ...")
    _run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    _run("npx", "mesh-compose", "-c", "mesh.config.mjs", "-o", SUPERGRAPH)


def _run(*command):
    environment = os.environ | {"BENCH_UPSTREAM": NOWHERE}
    done = subprocess.run(command, cwd=FOLDER, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout[-2_000:]}{done.stderr[-2_000:]}")


def server(script, place):
    """A script of that folder, as a server."""
    return process(["node", script], place.port, SERVER_CORE, folder=FOLDER, NODE_ENV="production", **place.environment)


@contextmanager
def hive(place):
    """Hive Gateway, over the supergraph with the address that systems have now."""
    supergraph = FOLDER / f"supergraph-{place.port}.graphql"
    supergraph.write_text((FOLDER / SUPERGRAPH).read_text().replace(NOWHERE, place.environment["BENCH_UPSTREAM"]))
    command = ["node_modules/.bin/hive-gateway", "supergraph", supergraph.name, "-c", "gateway.config.mjs"]
    try:
        with process(
            [*command, "--port", str(place.port)],
            place.port,
            SERVER_CORE,
            folder=FOLDER,
            NODE_ENV="production",
            **place.environment,
        ) as served:
            yield served
    finally:
        supergraph.unlink()
