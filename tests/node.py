"""Programs from npm, installed on first use: what a folder's `package-lock.json` pins, and nothing else."""

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

CACHE = Path(__file__).parents[1] / ".cache"
OLDEST_USED = 20
"""The oldest Node.js that all clients still support."""

INSTALL_SECONDS = 300
FIRST_USE_SECONDS = 400
"""What a test may take that finds nothing installed."""


def installed(pinned: Path) -> Path:
    """A folder with the `node_modules` that `pinned` asks for; scripts are put beside them to be run.

    Skips the test where there is no Node.js, or the registry cannot be reached.
    """
    if (missing := _missing()) is not None:
        pytest.skip(missing)
    lock = (pinned / "package-lock.json").read_bytes()
    folder = CACHE / f"{pinned.name}-{hashlib.sha256(lock).hexdigest()[:12]}"
    with _alone(folder):
        if not (folder / "done").exists():
            _install(pinned, folder)
    return folder


def _missing() -> str | None:
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "there is no Node.js with npm on this machine"
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, timeout=20, check=True).stdout
    is_old = int(version.strip().lstrip("v").split(".")[0]) < OLDEST_USED
    return f"Node.js is {version.strip()}; the clients need {OLDEST_USED} or newer" if is_old else None


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process installs, the others wait."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _install(pinned: Path, folder: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(pinned / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    told = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    if told.returncode != 0:
        pytest.skip(f"npm could not install {pinned.name}: {told.stderr.strip()[-300:]}")
    (folder / "done").touch()
