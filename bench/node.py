"""Peers that run on node: installed once, as the lock file says, beside the other things that can be made again."""

import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

from bench.processes import CACHE, SERVER_CORE, process

SOURCES = Path(__file__).parent / "peers" / "node"
FOLDER = CACHE / "node"
SUPERGRAPH = "supergraph.graphql"
NOWHERE = "http://127.0.0.1:1"
"""The address of the systems in the supergraph, until it is known where they are."""


def is_there():
    """Whether there is node, and npm to install with."""
    return bool(shutil.which("node") and shutil.which("npm"))


def is_installed():
    """Whether peers can be started; installs them first, if there is node to do it with."""
    if not is_there():
        print("Mercurius, Apollo Server and Hive Gateway are skipped: they need node and npm")
        return False
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not _is_current():
        _install()
    return True


def _is_current():
    """Whether what is there was installed from these very files."""
    return (FOLDER / SUPERGRAPH).exists() and all(_is_same(each, FOLDER / each.name) for each in _sources())


def _is_same(source, copy):
    return copy.exists() and copy.read_bytes() == source.read_bytes()


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
