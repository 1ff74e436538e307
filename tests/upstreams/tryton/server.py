"""Runs a real, seeded Tryton on this machine.

Installing takes a minute or so and is done once; seeding takes about two and is done once a day, because Tryton uses
the real date for what is due. Every server gets a database of its own: a copy of the seeded file.
"""

import base64
import configparser
import fcntl
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "requirements.txt"
SEED = HERE / "seed.py"
DEFAULT_CACHE = HERE.parents[2] / ".cache"

DATABASE = "acme"
LOOPBACK = "127.0.0.1"
START_SECONDS = 60
STOP_SECONDS = 10

Progress = Callable[[str], None]

WITH_ITS_PARENT = """
import ctypes, os, runpy, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGTERM)
if os.getppid() != int(sys.argv[1]):
    sys.exit()
sys.argv = sys.argv[2:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""Runs a Python program that ends when its parent does (Linux: PR_SET_PDEATHSIG is 1)."""


class TrytonError(RuntimeError):
    """Tryton could not be installed, seeded or started."""


@dataclass(frozen=True, slots=True)
class Tryton:
    """A running server.

    Attributes:
        base_url: address with database, as the adapter's settings take it.
        rest_key: of a user who may read all that was seeded.
        manifest: what was seeded, see `seed.py`.
    """

    base_url: str
    rest_key: str
    manifest: Mapping[str, Any]

    @property
    def orders(self) -> Mapping[str, Mapping[str, Any]]:
        """The seeded orders by label, e.g. `in-transit`."""
        return {order["label"]: order for order in self.manifest["orders"]}

    def read(
        self, model: str, domain: Sequence[object], fields: Iterable[str], **context: object
    ) -> list[dict[str, Any]]:
        """Ask it directly, without the adapter."""
        params = [("f", name) for name in fields]
        params += [("d", _encode(domain)), ("o", _encode([["id", "ASC"]]))]
        headers = {"X-Tryton-Context": _encode({"company": self.manifest["company"], **context})}
        records: list[dict[str, Any]] = self._call("GET", model, params=params, headers=headers)
        return records

    def press(self, model: str, record: int, button: str) -> None:
        """Do what a user does with a button."""
        self._call("POST", f"{model}/{record}/{button}", json={})

    def make(self, model: str, **values: object) -> None:
        """Make a record."""
        self._call("POST", model, json=values)

    def write(self, model: str, record: int, **values: object) -> None:
        """Change fields of one record alone."""
        self._call("PUT", f"{model}/{record}", json=values)

    def choices(self, model: str, field: str) -> set[str]:
        """The values that a selection can have, as it publishes them."""
        selection = self._call("POST", f"{model}/fields_get", json={"fields_names": [field]})[field]["selection"]
        return {value for value, _ in selection if value}

    def _call(self, method: str, path: str, headers: Mapping[str, str] | None = None, **options: Any) -> Any:  # JSON
        sent = {"Authorization": f"Bearer {self.rest_key}"} | dict(headers or {})
        url = f"{self.base_url}/rest/model/{path}"
        return httpx.request(method, url, headers=sent, timeout=60, **options).raise_for_status().json()


def say(line: str) -> None:
    """Progress for a terminal."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201  # it is what the user waits for


@contextmanager
def running_tryton(port: int = 0, progress: Progress = say) -> Iterator[Tryton]:
    """A freshly copied, seeded Tryton.

    Args:
        port: where it listens on loopback; 0: any free port.
        progress: told what takes long.

    Raises:
        TrytonError: with the end of the log of what failed.
    """
    installed, seeded = prepared(progress)
    with TemporaryDirectory(prefix="casefold-tryton-") as folder:
        home = Path(folder)
        shutil.copy(seeded / f"{DATABASE}.sqlite", home)
        port = port or _free_port()
        config = _config(seeded / "trytond.conf", home, port)
        with _served(installed, config, port):
            manifest = json.loads((seeded / "manifest.json").read_text())
            base_url = f"http://{LOOPBACK}:{port}/{DATABASE}"
            yield Tryton(base_url=base_url, rest_key=manifest["rest_key"], manifest=manifest)


def prepared(progress: Progress = say) -> tuple[Path, Path]:
    """The environment that Tryton is installed in, and the folder with today's seeded database; made if missing."""
    cache = Path(os.environ.get("CASEFOLD_CACHE_DIR") or DEFAULT_CACHE) / "tryton"
    cache.mkdir(parents=True, exist_ok=True)
    today = datetime.now().astimezone().date().isoformat().encode()
    installed = cache / f"installed-{_digest(REQUIREMENTS.read_bytes())}"
    seeded = cache / f"seeded-{_digest(SEED.read_bytes(), REQUIREMENTS.read_bytes(), today)}"
    with _locked(cache / "lock", progress):
        _once(installed, progress, "Installing Tryton", _install)
        _once(seeded, progress, "Seeding Tryton", lambda folder: _seed(installed, folder))
        for other in {*cache.glob("installed-*"), *cache.glob("seeded-*")} - {installed, seeded}:
            shutil.rmtree(other, ignore_errors=True)
    return installed, seeded


def _digest(*contents: bytes) -> str:
    return hashlib.sha256(b"\0".join(contents)).hexdigest()[:16]


@contextmanager
def _locked(path: Path, progress: Progress) -> Iterator[None]:
    """One process at a time; the lock goes with the process that holds it."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("Waiting for another run that prepares Tryton ...")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _once(folder: Path, progress: Progress, what: str, make: Callable[[Path], None]) -> None:
    """Make the folder unless it is whole already; a half made one is made again."""
    done = folder / "done"
    if done.exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    progress(f"{what} (once) ...")
    started = time.monotonic()
    make(folder)
    done.touch()
    progress(f"{what}: {time.monotonic() - started:.0f} s")


def _install(folder: Path) -> None:
    venv.create(folder, symlinks=True, with_pip=True)
    pip = (folder / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    _run((*pip, "--no-deps", "-r", REQUIREMENTS), folder / "install.log")


def _seed(installed: Path, folder: Path) -> None:
    _run((installed / "bin" / "python", SEED, "--dir", folder), folder / "seed.log")


def _run(command: Sequence[str | Path], log: Path) -> None:
    with log.open("wb") as file:
        status = subprocess.run(command, stdout=file, stderr=subprocess.STDOUT, check=False).returncode
    if status:
        raise TrytonError(f"{Path(command[0]).name} ended with {status}:\n{_tail(log)}")


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-2_000:]


def _config(template: Path, home: Path, port: int) -> Path:
    """The configuration that the database was seeded with, for another folder and port."""
    config = configparser.ConfigParser()
    config.read(template)
    config["database"]["path"] = str(home)
    config["web"]["listen"] = f"{LOOPBACK}:{port}"
    path = home / "trytond.conf"
    with path.open("w") as file:
        config.write(file)
    return path


@contextmanager
def _served(installed: Path, config: Path, port: int) -> Iterator[None]:
    log = config.with_name("trytond.log")
    program = (installed / "bin" / "trytond", "-c", config, "-d", DATABASE)
    command = (installed / "bin" / "python", "-c", WITH_ITS_PARENT, str(os.getpid()), *program)
    with log.open("wb") as file, subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT) as server:
        try:
            _wait(server, port, log)
            yield
        finally:
            server.terminate()
            try:
                server.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Until it answers; whatever it answers."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            httpx.get(f"http://{LOOPBACK}:{port}/{DATABASE}/", timeout=5)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise TrytonError(f"Tryton does not answer:\n{_tail(log)}")


def _encode(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port
